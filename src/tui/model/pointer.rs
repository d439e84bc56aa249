//! The mouse: whether it is ours, and what it did last.

use jiff::{SignedDuration, Timestamp};

use crate::tui::model::places::Spot;

/// Two clicks within this time are a double click.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);

/// What is known of the mouse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// The terminal tells us of it; else it selects text there.
    pub is_ours: bool,
    /// What the button went down on. A click counts when it is let go there, so that leaving the
    /// program by a click leaves no half of it to the shell.
    pub pressed: Option<Spot>,
    last: Option<(Spot, Timestamp)>,
}

/// How a click stands to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    /// It is the first in a while.
    Single,
    /// It came soon after one on the same spot.
    Double,
    /// It came soon after one on something else, perhaps on what was there before.
    Hasty,
}

impl Pointer {
    /// Takes in a click.
    pub fn click(&mut self, spot: Spot, now: Timestamp) -> Click {
        let click = match self.last {
            Some((_, at)) if !(SignedDuration::ZERO..DOUBLE).contains(&now.duration_since(at)) => Click::Single,
            Some((last, _)) if last == spot => Click::Double,
            Some(_) => Click::Hasty,
            None => Click::Single,
        };
        // A third click begins anew.
        self.last = (click != Click::Double).then_some((spot, now));
        click
    }
}
