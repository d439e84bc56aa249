//! Where everything is on the screen; shared by the model, which pages by it, and the view.

use ratatui::layout::Rect;

/// From this width on the record stands beside the table.
const WIDE: u16 = 120;
/// Below this the console only says that it is too small.
const MIN: (u16, u16) = (60, 15);
/// From this width on a record has two columns.
const TWO_COLUMNS: u16 = 76;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Program, shop, queue, operator.
    pub header: Rect,
    /// Search field and status; empty under a full-screen record.
    pub search: Rect,
    /// What a room says about all of its rows, above them.
    pub note: Rect,
    /// The table with its headings; empty under a full-screen record.
    pub table: Rect,
    /// The line between table and record, where both are shown.
    pub divider: Rect,
    /// The record; empty while none is open.
    pub detail: Rect,
    /// Results and what goes on.
    pub toast: Rect,
    /// The keys valid now.
    pub footer: Rect,
}

/// Whether there is room for anything at all.
#[must_use]
pub const fn is_too_small(area: Rect) -> bool {
    area.width < MIN.0 || area.height < MIN.1
}

/// Whether table and record fit side by side.
#[must_use]
pub const fn is_wide(area: Rect) -> bool {
    area.width >= WIDE
}

/// Divides the screen: for a record alone, or beside the table, or for the table of customers or of
/// a room.
#[must_use]
pub fn screen(area: Rect, detail_open: bool, side_by_side: bool) -> Screen {
    let line = |y: u16| Rect { y: y.min(area.height.saturating_sub(1)), height: 1.min(area.height), ..area };
    let (header, search) = (line(0), line(1));
    let (toast, footer) = (line(area.height.saturating_sub(2)), line(area.height.saturating_sub(1)));
    let under = |top: u16| Rect { y: top, height: area.height.saturating_sub(2 + top), ..area };
    let base = Screen { header, toast, footer, ..Screen::default() };
    if !detail_open {
        return Screen { search, note: line(2), table: under(3), ..base };
    }
    if !side_by_side {
        return Screen { detail: under(1), ..base };
    }
    let body = under(3);
    let left = body.width / 2;
    let table = Rect { width: left - 1, ..body };
    let divider = Rect { x: left, width: 1, ..body };
    let detail = Rect { x: left + 1, width: body.width - left - 1, ..body };
    Screen { search, table, divider, detail, ..base }
}

/// Rows of the table that are seen at once, without its headings.
#[must_use]
pub const fn table_rows(screen: Screen) -> usize {
    (screen.table.height.saturating_sub(1)) as usize
}

/// Lines above the scrolled part of a record: who it is, the buttons, and space below each.
pub const DETAIL_HEAD: u16 = 5;

/// Lines of a record that are seen at once below its head.
#[must_use]
pub const fn detail_rows(screen: Screen) -> u16 {
    screen.detail.height.saturating_sub(DETAIL_HEAD)
}

/// Whether a record of this width has two columns.
#[must_use]
pub const fn has_two_columns(width: u16) -> bool {
    width >= TWO_COLUMNS
}

/// A popup in the middle of `area`, at most as large as it.
#[must_use]
pub fn popup(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
