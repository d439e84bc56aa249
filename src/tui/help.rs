//! The text of the help, and how large a popup with text is.

use ratatui::layout::Rect;

use crate::{
    domain::{outbox::MailText, safe_text::SafeText},
    tui::{command::COMMANDS, layout, words},
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
pub fn entries(area: Rect) -> Vec<Entry> {
    let width = usize::from(text_popup(area, 0).width.saturating_sub(FRAME));
    let mut entries: Vec<Entry> = COMMANDS.iter().flat_map(|c| wrapped(&c.keys_text(), 17, c.help, width)).collect();
    let space = || wrapped("", 0, "", width);
    entries.extend(space());
    entries.push(Entry::Title("Search"));
    entries.extend(space());
    entries.extend(SEARCH.iter().flat_map(|(typed, meaning)| wrapped(typed, 24, meaning, width)));
    entries
}

/// The lines of a mail: what became of it, its head, its text. Each has a label, empty for the text.
#[must_use]
pub fn mail(area: Rect, text: &MailText, state: &str, relay: &SafeText) -> Vec<(&'static str, String)> {
    let width = usize::from(text_popup(area, 0).width.saturating_sub(FRAME));
    let head = [
        ("State", state),
        ("Relay", relay.as_str()),
        ("From", text.from.as_str()),
        ("To", text.to.as_str()),
        ("Subject", text.subject.as_str()),
    ];
    let mut lines = Vec::new();
    for (label, value) in head.into_iter().filter(|(_, value)| !value.is_empty()) {
        let values = words::wrap(value, width.saturating_sub(MAIL_LABEL));
        let labels = std::iter::once(label).chain(std::iter::repeat(MORE));
        lines.extend(labels.zip(values));
    }
    lines.push(("", String::new()));
    lines.extend(text.lines.iter().flat_map(|line| words::wrap(line.as_str(), width)).map(|line| ("", line)));
    lines
}

/// Columns for the names of a mail's facts.
pub const MAIL_LABEL: usize = 9;
/// The name of a fact that goes on in another line.
const MORE: &str = " ";

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
