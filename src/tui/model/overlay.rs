//! Popups, stacked.

use crate::{
    domain::{
        audit::EntryLine,
        find::Sort,
        outbox::{MailLine, MailText},
    },
    texts::{Message, Texts},
    tui::{field::TextField, model::confirm::Confirm},
};

/// A popup. The topmost one has the keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// An action that waits for a yes.
    Confirm(Confirm),
    /// The keys and the search language.
    Help {
        /// Lines scrolled out at the top.
        scroll: u16,
    },
    /// All commands, to be searched.
    Palette {
        /// What was typed.
        field: TextField,
        /// Place of the selected command among those that match.
        selected: usize,
    },
    /// The order of the table.
    SortPicker {
        /// Place of the selected order in [`SORTS`].
        selected: usize,
    },
    /// The searches that the shop saved.
    Searches {
        /// Place of the selected one.
        selected: usize,
    },
    /// The columns of the table.
    Columns {
        /// Place of the selected one in [`Column::OPTIONAL`](crate::tui::model::columns::Column::OPTIONAL).
        selected: usize,
    },
    /// A mail, or the one that a reset would send.
    Mail {
        /// What it says.
        text: MailText,
        /// What became of it; none of one that was not even asked for.
        fate: Option<MailLine>,
        /// Lines scrolled out at the top.
        scroll: u16,
    },
    /// An entry of the audit log.
    Entry {
        /// All of it.
        entry: EntryLine,
        /// Lines scrolled out at the top.
        scroll: u16,
    },
    /// An explanation.
    Notice {
        /// What it is about.
        title: String,
        /// The sentences.
        text: String,
    },
}

/// The orders that can be picked.
pub const SORTS: [(Message, Sort); 9] = {
    use crate::domain::find::SortKey::{Best, Created, Email, Id, LastSignIn, Name};
    const fn sort(key: crate::domain::find::SortKey, descending: bool) -> Sort {
        Sort { key, descending }
    }
    [
        (Texts::sort_best, sort(Best, false)),
        (Texts::sort_name_up, sort(Name, false)),
        (Texts::sort_name_down, sort(Name, true)),
        (Texts::sort_email_up, sort(Email, false)),
        (Texts::sort_email_down, sort(Email, true)),
        (Texts::sort_id, sort(Id, false)),
        (Texts::sort_newest, sort(Created, true)),
        (Texts::sort_oldest, sort(Created, false)),
        (Texts::sort_last_in, sort(LastSignIn, true)),
    ]
};
