//! Theme and symbols together, and the small pieces that every part of the screen is made of.

use jiff::Timestamp;
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::domain::customer::Status;
use crate::texts::Texts;
use crate::tui::{
    field::TextField,
    symbols::Symbols,
    theme::{Role, Theme},
    words,
};

/// How things look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Colours and emphasis.
    pub theme: Theme,
    /// Signs.
    pub symbols: Symbols,
}

impl Look {
    /// Text of a role.
    #[must_use]
    pub fn span(self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.theme.style(role))
    }

    /// Plain text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Span<'static> {
        self.span(Role::Text, text)
    }

    /// Text cut to a width.
    #[must_use]
    pub fn fit(self, role: Role, text: &str, width: usize) -> Span<'static> {
        self.span(role, words::fit(text, width, self.symbols.cut()))
    }

    /// Text cut or padded to a width.
    #[must_use]
    pub fn cell(self, role: Role, text: &str, width: usize) -> Span<'static> {
        self.span(role, words::pad(text, width, self.symbols.cut()))
    }

    /// The visible part of a field, `width` columns, and the column of its cursor.
    #[must_use]
    pub fn field(self, role: Role, field: &TextField, width: u16) -> (Span<'static>, u16) {
        let (cursor, skipped) = field.cursor(width);
        let shown = words::window(field.text(), skipped, usize::from(width));
        let column = u16::try_from(cursor.saturating_sub(skipped)).unwrap_or(width).min(width.saturating_sub(1));
        (self.cell(role, &shown, usize::from(width)), column)
    }
}

/// One text at the left end of a line and one at its right end.
#[must_use]
pub fn spread(width: u16, left: Vec<Span<'static>>, right: Vec<Span<'static>>) -> Line<'static> {
    let used: usize = left.iter().chain(&right).map(|span| span.content.width()).sum();
    let mut spans = left;
    spans.push(Span::raw(" ".repeat(usize::from(width).saturating_sub(used))));
    spans.extend(right);
    Line::from(spans)
}

/// `area` without a column at each side.
#[must_use]
pub fn inset(area: Rect, by: u16) -> Rect {
    Rect { x: area.x + by.min(area.width), width: area.width.saturating_sub(2 * by), ..area }
}

impl Look {
    /// The word and the sign of a state, padded to `width`.
    #[must_use]
    pub fn status(self, texts: Texts, status: Status, now: Timestamp, width: usize) -> Span<'static> {
        let is_over = matches!(status, Status::Locked { until } if until <= now);
        let status = if is_over { Status::Active } else { status };
        let role = match status {
            Status::Active => Role::Text,
            Status::Locked { .. } => Role::Warn,
            Status::Unconfirmed => Role::Dim,
            Status::Disabled => Role::Bad,
        };
        let text = format!("{} {}", self.symbols.status(status), words::status(texts, status, now));
        if width == 0 { self.span(role, text) } else { self.cell(role, &text, width) }
    }
}
