//! The way back: what is covered by an open room, or by a record that was opened from one.

use crate::tui::model::{Focus, Model, detail::Detail, room::Room};

/// Most steps back that are kept, home included.
const DEEPEST: usize = 6;

/// A place that one step back leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// The room that was open there.
    pub room: Option<Room>,
    /// The record that was open there.
    pub detail: Option<Detail>,
    /// What had the keys.
    pub focus: Focus,
}

impl Model {
    /// Puts what is open aside, for something that covers it.
    pub fn put_aside(&mut self) {
        let (room, detail) = (self.room.take(), self.detail.take());
        let focus = match self.focus {
            Focus::Search => Focus::Table,
            Focus::Filter => Focus::Room,
            focus => focus,
        };
        if self.behind.len() >= DEEPEST {
            // Home stays; of the way between, the oldest step is forgotten.
            self.behind.remove(1);
        }
        self.behind.push(Behind { room, detail, focus });
    }

    /// Goes back to what was put aside last; false when nothing was.
    pub fn take_back(&mut self) -> bool {
        let Some(Behind { room, detail, focus }) = self.behind.pop() else { return false };
        (self.room, self.detail, self.focus) = (room, detail, focus);
        true
    }
}
