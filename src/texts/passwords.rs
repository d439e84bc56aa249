//! What is wrong with a password, for the person who chose it.

use super::Texts;
use crate::domain::password::{MAX_BYTES, PasswordProblem};

impl Texts {
    /// A sentence.
    #[must_use]
    pub fn password_problem(self, problem: PasswordProblem) -> String {
        match problem {
            PasswordProblem::TooShort(n) => self.page_password_too_short(n),
            PasswordProblem::TooLong => self.page_password_too_long(MAX_BYTES),
            PasswordProblem::WhiteSpace => self.page_password_white_space(),
            PasswordProblem::TooFewClasses(n) => self.page_password_too_few_classes(n),
            PasswordProblem::IsEmail => self.page_password_is_email(),
            PasswordProblem::Common => self.page_password_common(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_says_what_the_domain_says_and_no_other_language_does() {
        for problem in [
            PasswordProblem::TooShort(8),
            PasswordProblem::TooLong,
            PasswordProblem::WhiteSpace,
            PasswordProblem::TooFewClasses(3),
            PasswordProblem::IsEmail,
            PasswordProblem::Common,
        ] {
            assert_eq!(Texts::default().password_problem(problem), problem.to_string());
            for texts in Texts::all().skip(1) {
                assert_ne!(texts.password_problem(problem), problem.to_string());
            }
        }
    }
}
