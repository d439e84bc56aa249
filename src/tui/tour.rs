//! A tour: a script that is played through the console, for recordings and for people who watch.
//!
//! ```text
//! script -> Tour -> keys, time -> Stage (update, effects, mail worker) -> Picture -> Audience
//!            ^                      the clock goes only when told            |
//!            +------------------- texts that are waited for -----------------+
//! ```
//!
//! Nothing on the screen is made up: the console, the service, the database, the mail worker and the
//! shop's web API are the real ones. Only the time is the script's. What an effect asks for is
//! answered before the clock goes on, so that the pictures do not depend on the machine's speed.

mod bar;
mod calls;
mod picture;
mod player;
mod recording;
pub mod script;
mod stage;

use std::time::Duration;

pub use bar::Bar;
pub use calls::{Answered, Calls, Integration};
pub use picture::Picture;
pub use player::play;
pub use recording::Recording;
pub use script::Script;
pub use stage::Set;

use crate::tui::TuiError;

/// Whether the tour goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    On,
    /// Nobody wants to see more.
    Left,
}

/// Who sees a tour.
pub trait Audience {
    /// Lets time pass until the tour is so old.
    ///
    /// # Errors
    /// When the terminal fails.
    fn wait(&mut self, age: Duration) -> impl Future<Output = Result<Flow, TuiError>>;

    /// Shows what the screen is when the tour is so old.
    ///
    /// # Errors
    /// When it cannot be shown.
    fn show(&mut self, age: Duration, picture: &Picture) -> Result<(), TuiError>;
}

/// Why a tour could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum TourError {
    /// A text that the script waits for did not come.
    #[error("line {line}: \"{text}\" did not come within {within} seconds of the script's time.")]
    NotSeen {
        /// The step's line in the script.
        line: usize,
        /// What was waited for.
        text: String,
        /// How long.
        within: i64,
        /// What the screen showed, line by line.
        screen: Vec<String>,
    },
    /// The script left the console.
    #[error("line {line}: this key leaves the console. A script ends with its last step.")]
    Left {
        /// The step's line in the script.
        line: usize,
    },
    /// The integration's call failed before there was an answer.
    #[error("line {line}: the integration's call came to nothing: {problem}")]
    Call {
        /// The step's line in the script.
        line: usize,
        /// Why.
        problem: String,
    },
    /// The console or the mail worker got no answer.
    #[error("the demo shop does not work: {0}")]
    Shop(String),
    /// The terminal failed.
    #[error(transparent)]
    Tui(#[from] TuiError),
}
