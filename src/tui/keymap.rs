//! Which command a key means, outside popups and fields.

use crate::tui::{
    command::{Action, COMMANDS},
    key::Key,
};

/// The command of a key.
#[must_use]
pub fn action_of(key: Key) -> Option<Action> {
    COMMANDS.iter().find(|command| command.keys.contains(&key)).map(|command| command.action)
}

/// The commands that work wherever the keys go, also in fields and popups.
#[must_use]
pub fn everywhere(key: Key) -> Option<Action> {
    action_of(key).filter(|action| matches!(action, Action::QuitNow | Action::Repaint | Action::Suspend))
}
