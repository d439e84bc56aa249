//! What a new password must be, and the hash that is kept of it.

use std::{borrow::Cow, collections::HashSet};

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::domain::email::key_of;

/// Longest password, in bytes of its [`one_spelling`]; hashing a megabyte would stall the server.
pub const MAX_BYTES: usize = 1024;

/// The 3,000 most common passwords of six characters and more, most common first (ASVS 5.0,
/// 6.2.4). From the list that the zxcvbn project publishes (MIT).
const COMMON: &str = include_str!("common_passwords.txt");

/// The hash of a password, as it is stored. It stays out of Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash as it is stored.
    #[must_use]
    pub const fn new(stored: String) -> Self {
        Self(stored)
    }

    /// To compare a password with, and to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PasswordHash {
    fn from(stored: &str) -> Self {
        Self(stored.to_owned())
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A password in the one spelling (NFC) that is judged, hashed and compared: whether a keyboard
/// sends `ä` as one character or as two is nothing that anybody can see or choose (NIST SP
/// 800-63B-4, 3.1.1.2). Nothing else about it is changed (ASVS 6.2.8).
#[must_use]
pub fn one_spelling(password: &str) -> Cow<'_, str> {
    if is_nfc(password) { password.into() } else { password.nfc().collect::<String>().into() }
}

/// The shop's rules. The defaults are the ones of Adobe's manual; Magento's code has 8
/// characters and 3 classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub min_length: usize,
    /// Fewest of the four classes digit, capital, small letter, other.
    pub min_classes: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 6, min_classes: 1 }
    }
}

/// What is wrong with a password; each is a sentence for the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Too short.
    #[error("Use at least {0} characters.")]
    TooShort(usize),
    /// Longer than [`MAX_BYTES`].
    #[error("Use at most {MAX_BYTES} bytes.")]
    TooLong,
    /// Spaces, tabs, line ends anywhere.
    #[error("Do not use spaces.")]
    WhiteSpace,
    /// Too few character classes.
    #[error("Use at least {0} of these: digits, capital letters, small letters, other characters.")]
    TooFewClasses(usize),
    /// The e-mail address itself.
    #[error("Do not use your e-mail address.")]
    IsEmail,
    /// On the list of common passwords.
    #[error("This password is among the most common ones. Choose another.")]
    Common,
}

impl PasswordPolicy {
    /// Everything that is wrong with `password` for the customer with this e-mail address.
    #[must_use]
    pub fn problems(self, password: &str, email: &str) -> Vec<PasswordProblem> {
        let password = &*one_spelling(password);
        let mut problems = Vec::new();
        if password.len() > MAX_BYTES {
            // Nothing else is looked at: the length is what makes looking expensive.
            return vec![PasswordProblem::TooLong];
        }
        if password.chars().count() < self.min_length {
            problems.push(PasswordProblem::TooShort(self.min_length));
        }
        if password.chars().any(char::is_whitespace) {
            problems.push(PasswordProblem::WhiteSpace);
        }
        if classes(password) < self.min_classes {
            problems.push(PasswordProblem::TooFewClasses(self.min_classes));
        }
        if !email.is_empty() && key_of(password) == key_of(email) {
            problems.push(PasswordProblem::IsEmail);
        }
        if is_common(password) {
            problems.push(PasswordProblem::Common);
        }
        problems
    }
}

fn classes(password: &str) -> usize {
    let has = |test: fn(char) -> bool| usize::from(password.chars().any(test));
    has(|c| c.is_ascii_digit())
        + has(|c| c.is_ascii_uppercase())
        + has(|c| c.is_ascii_lowercase())
        + has(|c| !c.is_ascii_alphanumeric())
}

fn is_common(password: &str) -> bool {
    let password = password.to_lowercase();
    COMMON.lines().any(|common| common == password)
}

/// How many passwords the list of common ones holds.
#[must_use]
pub fn common_count() -> usize {
    COMMON.lines().collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EMAIL: &str = "roni_cost@example.com";

    fn problems(password: &str) -> Vec<PasswordProblem> {
        PasswordPolicy::default().problems(password, EMAIL)
    }

    #[test]
    fn the_manuals_rule_is_the_default() {
        assert_eq!(problems("vivid7"), []);
        assert_eq!(problems("abc"), [PasswordProblem::TooShort(6)]);
        assert_eq!(problems("open sea"), [PasswordProblem::WhiteSpace]);
        assert_eq!(problems("öäüßéè"), []);
    }

    #[test]
    fn magentos_rules_can_be_configured() {
        let strict = PasswordPolicy { min_length: 8, min_classes: 3 };
        assert_eq!(strict.problems("vividsea7", EMAIL), [PasswordProblem::TooFewClasses(3)]);
        assert_eq!(strict.problems("Vividsea7", EMAIL), []);
    }

    #[test]
    fn the_email_address_is_no_password() {
        assert_eq!(problems("Roni_Cost@example.COM"), [PasswordProblem::IsEmail]);
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        assert_eq!(common_count(), 3000);
        for common in ["123456", "Password", "qwerty", "LETMEIN"] {
            assert_eq!(problems(common), [PasswordProblem::Common], "{common}");
        }
    }

    #[test]
    fn a_megabyte_is_refused_at_once() {
        assert_eq!(problems(&"x ".repeat(600_000)), [PasswordProblem::TooLong]);
        assert_eq!(problems(&"x7".repeat(512)), []);
    }

    #[test]
    fn one_password_has_one_spelling() {
        assert_eq!(one_spelling("a\u{308}o\u{308}u\u{308}"), "äöü");
        for kept in ["vivid7", "äöü", "Ⅷ ﬁ Ａ", "\0\u{202e}"] {
            assert_eq!(one_spelling(kept), kept, "what only looks alike stays apart");
        }
        assert_eq!(problems("a\u{308}o\u{308}u\u{308}"), [PasswordProblem::TooShort(6)]);
        assert_eq!(problems(&"a\u{308}".repeat(512)), []);
        assert_eq!(problems(&"a\u{308}".repeat(513)), [PasswordProblem::TooLong]);
    }

    proptest! {
        #[test]
        fn never_panics(password in any::<String>(), email in any::<String>()) {
            let _ = PasswordPolicy::default().problems(&password, &email);
        }
    }
}
