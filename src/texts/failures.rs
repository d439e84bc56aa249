//! What the database did not do, in words.

use super::Texts;
use crate::store::StoreError;

impl Texts {
    /// What happened to the data, and what to do next. What the database itself said stays as it is.
    #[must_use]
    pub fn failure(self, error: &StoreError) -> String {
        match error {
            StoreError::Unreachable(said) => self.failure_unreachable(said),
            StoreError::Unusable(said) => self.failure_unusable(said),
            StoreError::Busy => self.failure_busy(),
            StoreError::NotWritten(reason) => self.failure_not_written(reason),
            StoreError::Damaged(reason) => self.failure_damaged(reason),
            StoreError::InTheWay => self.failure_in_the_way(),
            StoreError::Cancelled => self.failure_cancelled(),
            StoreError::Unknown(reason) => self.failure_unknown(reason),
            StoreError::DuplicateEmail => self.failure_duplicate_email(),
            StoreError::NotAllowed(reason) => self.failure_not_allowed(reason),
            StoreError::NotCopied(said) => self.failure_not_copied(said),
            StoreError::Other(reason) => self.failure_other(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_says_what_the_error_says_and_every_language_has_the_reason() {
        let said = || "said".to_owned();
        for error in [
            StoreError::Unreachable(said()),
            StoreError::Unusable(said()),
            StoreError::Busy,
            StoreError::NotWritten(said()),
            StoreError::Damaged(said()),
            StoreError::InTheWay,
            StoreError::Cancelled,
            StoreError::Unknown(said()),
            StoreError::DuplicateEmail,
            StoreError::NotAllowed(said()),
            StoreError::NotCopied(said()),
            StoreError::Other(said()),
        ] {
            assert_eq!(Texts::default().failure(&error), error.to_string());
            let has_reason = error.to_string().contains("said");
            assert!(Texts::all().all(|texts| texts.failure(&error).contains("said") == has_reason), "{error}");
        }
    }
}
