//! Calls of an integration to the shop's web API, as they went.

use jiff::Timestamp;

use crate::{domain::safe_text::SafeText, tui::tour::script::Call};

/// A program that holds an access token of a customer.
pub trait Integration {
    /// What the shop calls it.
    fn name(&self) -> &str;

    /// Method and path of a call.
    fn request(&self, call: Call) -> String;

    /// Calls the shop; what it answered.
    ///
    /// # Errors
    /// Why there was no answer, as a sentence.
    fn call(&mut self, call: Call) -> impl Future<Output = Result<Answered, String>>;
}

/// What the shop answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Such as 200.
    pub status: u16,
    /// Such as `OK`.
    pub reason: String,
    /// What it said, without secrets.
    pub said: SafeText,
}

/// A call, answered or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLine {
    /// When.
    pub at: Timestamp,
    /// Method and path.
    pub request: String,
    /// What came of it.
    pub answer: Option<Answered>,
}

/// The calls of an integration, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Who calls.
    pub who: SafeText,
    /// What was called for.
    pub lines: Vec<CallLine>,
    /// Whether they are what the screen shows now, in place of the console.
    pub shown: bool,
}
