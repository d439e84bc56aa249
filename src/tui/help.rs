//! The text of the help, and how large a popup with text is.

use ratatui::layout::Rect;

use crate::tui::{
    command::{COMMANDS, Command},
    keymap::Keymap,
    layout, words,
};

/// What a search understands.
pub const SEARCH: [(&str, &str); 7] = [
    ("ver cost", "all words, in name, e-mail or phone"),
    ("email:  name:  phone:", "a word in that field only"),
    ("id:48210", "the customer with this number"),
    ("group:  website:", "of this group, of this website"),
    ("is:locked", "or unconfirmed, active, disabled"),
    ("has:tokens", "with live access tokens"),
    ("created:>2026-01-31", "also >= < <=, a month, a year"),
];

/// What the filter of the audit log understands.
pub const AUDIT: [(&str, &str); 5] = [
    ("operator:mina", "what this operator did; quotes hold words together"),
    ("action:reset", "also force, lock, unlock, password, token, integration, mail, record, cancel, undo"),
    ("customer:48210", "what was done to this customer"),
    ("since:2026-11-01", "from this day, month or year on, UTC"),
    ("until:2026-11", "up to the end of this day, month or year"),
];

/// Columns of a popup that are not for its text.
pub const FRAME: u16 = 6;
/// Widest popup with text.
const WIDEST: u16 = 78;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What follows is about this.
    Title(&'static str),
    /// Keys or something to type, and what it means; the rest of a long meaning has no label.
    Line {
        /// What to press or type.
        label: String,
        /// Columns for that.
        width: usize,
        /// What it means.
        text: String,
    },
}

/// The lines of the help, as wide as a popup on this screen.
#[must_use]
pub fn entries(area: Rect, keys: &Keymap) -> Vec<Entry> {
    let width = usize::from(text_popup(area, 0).width.saturating_sub(FRAME));
    let line = |command: &Command| wrapped(&keys.text(command.action), 17, command.help, width);
    let mut entries: Vec<Entry> = COMMANDS.iter().flat_map(line).collect();
    let space = || wrapped("", 0, "", width);
    for (title, language) in [("Search", SEARCH.as_slice()), ("Filter of the audit log", AUDIT.as_slice())] {
        entries.extend(space());
        entries.push(Entry::Title(title));
        entries.extend(space());
        entries.extend(language.iter().flat_map(|(typed, meaning)| wrapped(typed, 24, meaning, width)));
    }
    entries
}

fn wrapped(label: &str, labels: usize, text: &str, width: usize) -> Vec<Entry> {
    let texts = words::wrap(text, width.saturating_sub(labels));
    let labels_of = std::iter::once(label).chain(std::iter::repeat(""));
    labels_of.zip(texts).map(|(label, text)| Entry::Line { label: label.to_owned(), width: labels, text }).collect()
}

/// The popup for a text of so many lines.
#[must_use]
pub fn text_popup(area: Rect, lines: usize) -> Rect {
    let height = u16::try_from(lines + 4).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    layout::popup(area, WIDEST, height)
}
