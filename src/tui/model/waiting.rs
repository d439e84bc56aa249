//! What is waited for, and what may be read again behind the person's back.

use jiff::SignedDuration;

use crate::tui::model::{
    Model,
    overlay::Overlay,
    requests::{SPINNER_AFTER, Slot},
    room::Room,
};

/// Keys that arrive so soon after an action was refused were meant for its question.
const REFUSED_GUARD: SignedDuration = SignedDuration::from_millis(500);

impl Model {
    /// Whether the open record may be read again behind the person's back: nothing is asked, waited
    /// for or being done that it could get in the way of.
    #[must_use]
    pub fn is_record_idle(&self) -> bool {
        self.target_record().is_some()
            && self.overlays.is_empty()
            && self.intent.is_none()
            && self.requests.running(Slot::Record).is_none()
            && self.requests.writes().next().is_none()
    }

    /// Whether rows are on their way to the open room that somebody waits for.
    #[must_use]
    pub fn is_room_awaited(&self) -> bool {
        match &self.room {
            Some(Room::Audit(room)) => !room.feed.ready,
            Some(Room::Mails(room)) => !room.feed.ready,
            None => false,
        }
    }

    /// Whether the rows of the open room may be read again behind the person's back.
    #[must_use]
    pub fn is_room_idle(&self) -> bool {
        let slot = match &self.room {
            Some(Room::Audit(_)) => Slot::Audit,
            Some(Room::Mails(_)) => Slot::Mails,
            None => return false,
        };
        let is_confirming = self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Confirm(_)));
        !is_confirming && self.intent.is_none() && self.requests.running(slot).is_none()
    }

    /// Whether keys are meant for a question that did not open: not by now, or not at all. A
    /// clock that was set back must not lock the keys out.
    #[must_use]
    pub fn is_deaf(&self) -> bool {
        let refused = self.refused_at.map(|at| self.now.duration_since(at));
        self.intent.is_some() || refused.is_some_and(|gone| !gone.is_negative() && gone < REFUSED_GUARD)
    }

    /// Whether a record is on its way that somebody waits for.
    #[must_use]
    pub fn is_record_awaited(&self) -> bool {
        self.intent.is_some() || self.target_record().is_none()
    }

    /// Whether an action waits for its record so long that it must be said.
    #[must_use]
    pub fn is_awaited_long(&self) -> bool {
        let since = self.requests.running(Slot::Record).map(|(_, since)| self.now.duration_since(since));
        self.intent.is_some() && since.is_some_and(|waited| waited >= SPINNER_AFTER)
    }
}
