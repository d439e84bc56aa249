//! The words of the pages, one file per language.
//!
//! A new language is a file beside `texts/en.toml` and an entry in [`ALL`].

use serde::Deserialize;

use crate::domain::password::{MAX_BYTES, PasswordProblem};

/// Languages with their files; the first takes the place of those that are missing.
const ALL: [(&str, &str); 1] = [("en", include_str!("texts/en.toml"))];

/// A file of texts that is not as it should be: a mistake of ours.
#[derive(Debug, thiserror::Error)]
#[error("The texts of the storefront for \"{language}\" cannot be read: {why}")]
pub struct TextsBroken {
    language: &'static str,
    why: String,
}

/// All languages.
#[derive(Debug)]
pub(super) struct Library {
    first: Texts,
    others: Vec<Texts>,
}

impl Library {
    pub(super) fn read() -> Result<Self, TextsBroken> {
        let read = |(language, text): (&'static str, &str)| {
            let texts: Result<Texts, _> = toml::from_str(text);
            texts.map_err(|error| TextsBroken { language, why: error.to_string() })
        };
        let [first, others @ ..] = ALL;
        Ok(Self { first: read(first)?, others: others.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// The texts for `language` (`de`, `de-AT`), or English ones when there are none.
    pub(super) fn of(&self, language: &str) -> &Texts {
        let main = language.split(['-', '_']).next().unwrap_or_default();
        self.others.iter().find(|texts| texts.language.eq_ignore_ascii_case(main)).unwrap_or(&self.first)
    }
}

/// The words of one language. Blanks look like `{n}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// Its code, as pages name it.
    pub(super) language: String,
    pub(super) common: Common,
    pub(super) sign_in: SignIn,
    pub(super) account: Account,
    pub(super) forgot: Forgot,
    pub(super) reset: Reset,
    pub(super) password: Password,
    pub(super) errors: Errors,
}

/// What several pages say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Common {
    pub(super) email: String,
    pub(super) website: String,
    pub(super) to_sign_in: String,
}

/// The sign-in page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    pub(super) title: String,
    pub(super) password: String,
    pub(super) button: String,
    pub(super) forgot: String,
}

/// The account page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) title: String,
    pub(super) name: String,
    pub(super) button: String,
}

/// Asking for a link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    pub(super) title: String,
    pub(super) intro: String,
    pub(super) button: String,
    pub(super) sent_title: String,
    pub(super) sent: String,
}

/// Choosing a new password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    pub(super) title: String,
    pub(super) intro: String,
    pub(super) password: String,
    pub(super) password_again: String,
    pub(super) button: String,
    pub(super) differ: String,
    pub(super) done_title: String,
    pub(super) done: String,
    pub(super) dead: String,
    pub(super) ask_again: String,
}

/// What is wrong with a password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    too_short: String,
    too_long: String,
    white_space: String,
    too_few_classes: String,
    is_email: String,
    common: String,
}

/// What came in the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Errors {
    pub(super) title: String,
    pub(super) way_on: String,
    pub(super) malformed: String,
    pub(super) no_token: String,
    pub(super) not_an_integration: String,
    pub(super) wrong_password: String,
    pub(super) forged: String,
    pub(super) not_found: String,
    pub(super) wrong_method: String,
    pub(super) too_slow: String,
    pub(super) link_dead: String,
    pub(super) too_large: String,
    pub(super) wrong_type: String,
    pub(super) no_address: String,
    pub(super) misdirected: String,
    pub(super) too_often: String,
    pub(super) busy: String,
    pub(super) unavailable: String,
    pub(super) broken: String,
}

impl Texts {
    /// What is wrong with a password, for the person who chose it.
    pub(super) fn problem(&self, problem: PasswordProblem) -> String {
        let texts = &self.password;
        match problem {
            PasswordProblem::TooShort(n) => fill(&texts.too_short, "{n}", n),
            PasswordProblem::TooLong => fill(&texts.too_long, "{n}", MAX_BYTES),
            PasswordProblem::WhiteSpace => texts.white_space.clone(),
            PasswordProblem::TooFewClasses(n) => fill(&texts.too_few_classes, "{n}", n),
            PasswordProblem::IsEmail => texts.is_email.clone(),
            PasswordProblem::Common => texts.common.clone(),
        }
    }
}

/// A number cannot hold another blank, so one pass is all there is.
fn fill(text: &str, blank: &str, number: usize) -> String {
    text.replace(blank, &number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_and_nothing_else() {
        let library = Library::read().unwrap();
        assert_eq!(library.of("en").language, "en");
        for (language, text) in ALL {
            assert_eq!(library.of(language).language, language);
            let values: toml::Table = toml::from_str(text).unwrap();
            let sections = values.values().filter_map(toml::Value::as_table);
            for (key, value) in sections.flatten() {
                let value = value.as_str().unwrap();
                assert!(!value.trim().is_empty(), "{language}: {key} is empty");
                let blanks = usize::from(["too_short", "too_long", "too_few_classes"].contains(&key.as_str()));
                assert_eq!(value.matches("{n}").count(), blanks, "{language}: {key}");
                assert_eq!(value.matches(['{', '}']).count(), 2 * blanks, "{language}: {key}");
            }
        }
    }

    #[test]
    fn unknown_languages_are_english() {
        let library = Library::read().unwrap();
        for language in ["en", "en-GB", "EN_us", "xx", "", "-"] {
            assert_eq!(library.of(language).language, "en");
        }
    }

    #[test]
    fn problems_name_their_numbers() {
        let library = Library::read().unwrap();
        let texts = library.of("en");
        assert_eq!(texts.problem(PasswordProblem::TooShort(8)), "Use at least 8 characters.");
        for problem in [PasswordProblem::TooLong, PasswordProblem::TooFewClasses(3)] {
            assert!(!texts.problem(problem).contains('{'));
            assert_eq!(texts.problem(problem), problem.to_string());
        }
    }
}
