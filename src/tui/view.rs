//! The screen, drawn from the model and nothing else.

mod cells;
mod chrome;
mod confirm;
mod detail;
mod footer;
mod look;
mod popups;
mod room;
mod table;
pub mod tour;

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::Line,
};
use unicode_width::UnicodeWidthStr;

use crate::tui::{
    command::Action,
    key::Key,
    layout,
    model::{
        Focus, Model,
        places::{Pane, Places, Spot},
    },
    theme::Role,
    words,
};

pub use look::Look;

/// Draws everything; see [`draw`].
pub fn view(model: &Model, look: Look, frame: &mut Frame) {
    draw(model, look, frame);
}

/// Draws everything and puts the cursor where the keys go: terminals show input methods there,
/// and screen readers read there. Gives what lies where.
pub fn draw(model: &Model, look: Look, frame: &mut Frame) -> Places {
    let mut places = Places::default();
    if layout::is_too_small(model.area) {
        too_small(model, look, frame);
        return places;
    }
    let screen = model.screen();
    chrome::header(model, look, frame, screen.header);
    let mut cursor = match &model.room {
        Some(room) => room::draw(model, room, look, frame, (screen, &mut places)),
        None => customers(model, look, frame, screen, &mut places),
    };
    chrome::toast(model, look, frame, screen.toast, &mut places);
    let hints = footer::draw(model, look, frame, screen.footer);
    places.extend(&hints);
    for overlay in &model.overlays {
        let (place, spots) = popups::draw(model, overlay, look, frame);
        (cursor, places) = (Some(place), spots.over(&hints));
    }
    cells::mend(frame.buffer_mut());
    cells::split(frame.buffer_mut());
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    places
}

/// The table of customers, an open record, or both; gives the place of the cursor.
fn customers(
    model: &Model,
    look: Look,
    frame: &mut Frame,
    screen: layout::Screen,
    places: &mut Places,
) -> Option<Position> {
    let mut cursor = None;
    if screen.search.height > 0 {
        places.add(screen.search, Spot::Command(Action::Search));
        cursor = chrome::search(model, look, frame, screen.search);
    }
    if screen.table.height > 0 {
        places.add(screen.table, Spot::Pane(Pane::Rows));
        let row = table::draw(model, look, frame, screen.table, places);
        if model.focus == Focus::Table {
            cursor = row;
        }
    }
    if screen.divider.width > 0 {
        for y in screen.divider.top()..screen.divider.bottom() {
            frame.buffer_mut().set_string(screen.divider.x, y, look.symbols.divider(), look.theme.style(Role::Dim));
        }
    }
    if screen.detail.width > 0 {
        places.add(screen.detail, Spot::Pane(Pane::Record));
        let top = detail::draw(model, look, frame, screen.detail, places);
        if model.focus == Focus::Detail {
            cursor = Some(top);
        }
    }
    cursor
}

fn too_small(model: &Model, look: Look, frame: &mut Frame) {
    let (texts, area) = (model.texts, model.area);
    let quit = model.keys.first(Action::Quit).unwrap_or(Key::Ctrl('c'));
    let texts = [texts.too_small(format!("{}x{}", area.width, area.height)), texts.too_small_way_on(quit)];
    let top = area.y + area.height.saturating_sub(2) / 2;
    for (y, text) in (top..area.bottom()).zip(texts) {
        let text = words::fit(&text, usize::from(area.width), look.symbols.cut());
        let left = usize::from(area.width).saturating_sub(text.width()) / 2;
        let line = Line::from(vec![look.plain(" ".repeat(left)), look.plain(text)]);
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
    frame.set_cursor_position(Position { x: area.x, y: area.y });
}

#[cfg(test)]
mod tests;
