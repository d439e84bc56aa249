//! The text of the help, and how large a popup with text is.

use ratatui::layout::Rect;

use crate::{
    texts::{Message, Texts},
    tui::{
        command::{COMMANDS, Command},
        keymap::Keymap,
        layout, words,
    },
};

/// Something to type, and what it means.
type Typed = (&'static str, Message);

/// What a search understands.
pub const SEARCH: [Typed; 7] = [
    ("ver cost", Texts::search_words),
    ("email:  name:  phone:", Texts::search_field),
    ("id:48210", Texts::search_id),
    ("group:  website:", Texts::search_group),
    ("is:locked", Texts::search_is),
    ("has:tokens", Texts::search_has),
    ("created:>2026-01-31", Texts::search_created),
];

/// What the filter of the audit log understands.
pub const AUDIT: [Typed; 5] = [
    ("operator:mina", Texts::filter_operator),
    ("action:reset", Texts::filter_action),
    ("customer:48210", Texts::filter_customer),
    ("since:2026-11-01", Texts::filter_since),
    ("until:2026-11", Texts::filter_until),
];

/// Columns of a popup that are not for its text.
pub const FRAME: u16 = 6;
/// Widest popup with text.
const WIDEST: u16 = 78;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What follows is about this.
    Title(String),
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
pub fn entries(texts: Texts, area: Rect, keys: &Keymap) -> Vec<Entry> {
    let width = usize::from(text_popup(area, 0).width.saturating_sub(FRAME));
    let line = |command: &Command| wrapped(&keys.text(command.action), 17, &(command.help)(texts), width);
    let mut entries: Vec<Entry> = COMMANDS.iter().flat_map(line).collect();
    let space = || wrapped("", 0, "", width);
    for (title, language) in
        [(texts.popup_help_search(), SEARCH.as_slice()), (texts.popup_help_filter(), AUDIT.as_slice())]
    {
        entries.extend(space());
        entries.push(Entry::Title(title));
        entries.extend(space());
        entries.extend(language.iter().flat_map(|(typed, meaning)| wrapped(typed, 24, &meaning(texts), width)));
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
