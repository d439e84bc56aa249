//! The text of the help, and how large a popup with text is.

use ratatui::layout::Rect;

use crate::tui::{command::COMMANDS, layout};

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

/// Lines above the text of a mail.
pub const MAIL_HEAD: usize = 4;

/// Lines of the help.
#[must_use]
pub fn lines() -> usize {
    COMMANDS.len() + SEARCH.len() + 3
}

/// The popup for a text of so many lines.
#[must_use]
pub fn text_popup(area: Rect, lines: usize) -> Rect {
    let height = u16::try_from(lines + 4).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    layout::popup(area, 78, height)
}
