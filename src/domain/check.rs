//! What a look over a shop finds: one check, one line, and what to do about it.

use std::path::Path;

use jiff::Timestamp;

use crate::domain::{outbox::QueueState, website::Website};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// It works, but somebody should look at it.
    Warning,
    /// Something does not work, or is not safe.
    Wrong,
}

impl Verdict {
    /// The word for programs; stable.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// One check. Its texts are ours, with paths and other people's words in them as they are: they are
/// cleaned where they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in one word; stable.
    pub name: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, in one line.
    pub text: String,
    /// What to do; none where nothing is to be done.
    pub advice: Option<String>,
}

impl Check {
    /// As it should be.
    #[must_use]
    pub fn fine(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Fine, text: text.into(), advice: None }
    }

    /// To be looked at.
    #[must_use]
    pub fn warning(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warning, text: text.into(), advice: Some(advice.into()) }
    }

    /// To be put right.
    #[must_use]
    pub fn wrong(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Wrong, text: text.into(), advice: Some(advice.into()) }
    }
}

/// What a shop's database says of its shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopState {
    /// Time of the newest entry of the audit log, or of the newest customer: no clock may be
    /// before it.
    pub newest: Option<Timestamp>,
    /// The queue of mails.
    pub queue: QueueState,
    /// When whoever delivers mails was last heard of; none when nobody does.
    pub worker_heard: Option<Timestamp>,
    /// Fingerprint of the key that this database's links are made with; none = no link was made yet.
    pub token_key: Option<String>,
    /// Websites.
    pub websites: Vec<Website>,
}

/// Who, by the mode of a file, can do anything with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its owner alone.
    Owner,
    /// Its group as well.
    Group,
    /// Everybody on the machine.
    Everybody,
}

impl Reach {
    /// Reads a mode.
    #[must_use]
    pub const fn of_mode(mode: u32) -> Self {
        match (mode & 0o070, mode & 0o007) {
            (0, 0) => Self::Owner,
            (_, 0) => Self::Group,
            _ => Self::Everybody,
        }
    }
}

/// A path as a shell takes it.
#[must_use]
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_says_who_can_reach_a_file() {
        for (mode, reach) in [
            (0o100_600, Reach::Owner),
            (0o400, Reach::Owner),
            (0o640, Reach::Group),
            (0o2770, Reach::Group),
            (0o604, Reach::Everybody),
            (0o777, Reach::Everybody),
        ] {
            assert_eq!(Reach::of_mode(mode), reach, "{mode:o}");
        }
    }
}
