//! The rooms: the audit log and the mails, each a title line, a line about the whole and a table.

mod audit;
mod mails;

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};

use crate::tui::{
    layout::Screen,
    model::{
        Focus, Model,
        feed::{Feed, Numbered},
        places::{Pane, Places, Spot},
        room::Room,
    },
    theme::Role,
    view::look::Look,
};

/// Columns between two columns.
const GAP: usize = 2;
/// Columns for the sign in front of the selected row.
const MARKER: usize = 2;

/// Draws a room; gives the place of the cursor.
pub fn draw(
    model: &Model,
    room: &Room,
    look: Look,
    frame: &mut Frame,
    (screen, places): (Screen, &mut Places),
) -> Option<Position> {
    places.add(screen.table, Spot::Pane(Pane::Rows));
    match room {
        Room::Audit(room) => audit::draw(model, room, look, frame, (screen, places)),
        Room::Mails(room) => mails::draw(model, room, look, frame, (screen, places)),
    }
}

/// Columns: what each shows, its heading and its width, which the heading has room in.
type Columns<C> = Vec<(C, String, usize)>;

/// Headings and rows; gives the place of the selected row.
fn table<T: Numbered, C>(
    model: &Model,
    look: Look,
    frame: &mut Frame,
    (area, places): (Rect, &mut Places),
    (columns, feed): (&Columns<C>, &Feed<T>),
    cells: impl Fn(&T) -> Vec<Span<'static>>,
) -> Option<Position> {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    let headings = columns.iter().map(|(_, name, width)| look.cell(Role::Dim, name, width + GAP));
    let marker = std::iter::once(look.plain(" ".repeat(MARKER)));
    frame.render_widget(marker.chain(headings).collect::<Line>(), line(0));
    let mut cursor = None;
    let seen = feed.rows.iter().enumerate().skip(feed.top).take(usize::from(area.height.saturating_sub(1)));
    for ((index, row), y) in seen.zip(1..) {
        let is_selected = index == feed.selected;
        places.add(line(y), Spot::Row(row.number()));
        let marker = if is_selected { look.symbols.marker() } else { "" };
        let mut spans = vec![look.cell(Role::Text, marker, MARKER)];
        for cell in cells(row) {
            spans.extend([cell, look.plain(" ".repeat(GAP))]);
        }
        spans.pop();
        frame.render_widget(Line::from(spans), line(y));
        if is_selected {
            let role = if model.focus == Focus::Room { Role::Selected } else { Role::Marked };
            frame.buffer_mut().set_style(line(y), look.theme.style(role));
            cursor = Some(Position { x: area.x, y: area.y + y });
        }
    }
    cursor.filter(|_| model.focus == Focus::Room)
}

/// Says in the place of rows why there are none.
fn instead<T>(feed: &Feed<T>, nothing: &str, look: Look, frame: &mut Frame, area: Rect) {
    let (role, text) = match &feed.problem {
        Some(problem) => (Role::Bad, format!("! {problem}")),
        None if feed.ready && feed.rows.is_empty() => (Role::Dim, nothing.to_owned()),
        None => return,
    };
    let width = usize::from(area.width.saturating_sub(4));
    let below = Rect { x: area.x + 3, y: area.y + 2, width: area.width.saturating_sub(3), height: 1 };
    // With rows from before there is no room for it but above them.
    let place = if feed.rows.is_empty() { below } else { Rect { y: area.y.saturating_sub(1), ..below } };
    frame.render_widget(Line::from(look.fit(role, &text, width)), place);
}
