//! What a look over a shop finds: one check, one line, and what to do about it.

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
