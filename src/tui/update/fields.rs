//! The search field, and pasting into whichever field has the keys.

use crate::tui::{
    command::Action,
    effect::Effect,
    key::Key,
    layout,
    model::{Focus, Model, confirm::Part, overlay::Overlay},
    update::{back, list, perform, rooms},
};

/// Sends the keys to the search field. A record that covers the table makes way.
pub fn focus_search(model: &mut Model) {
    if model.room.is_some() {
        model.focus = Focus::Filter;
        return;
    }
    if !model.behind.is_empty() {
        // The record was opened from a room; the search is among all customers.
        model.behind.clear();
        model.detail = None;
    }
    if model.detail.is_some() && !model.is_side_by_side() {
        model.detail = None;
    }
    model.focus = Focus::Search;
}

/// Searches for something that was not typed.
pub fn search_for(model: &mut Model, query: &str) -> Vec<Effect> {
    focus_search(model);
    model.focus = Focus::Table;
    model.list.field.clear();
    model.list.field.paste(query);
    list::search(model)
}

/// A key while the search field has the keys: letters are typed.
pub fn search_key(model: &mut Model, key: Key) -> Vec<Effect> {
    match key {
        Key::Enter | Key::Down | Key::Tab => {
            model.focus = Focus::Table;
            Vec::new()
        }
        Key::Esc => back(model),
        Key::Up | Key::PageUp => list::travel(model, Action::Up),
        Key::PageDown => list::travel(model, Action::PageDown),
        key if is_palette(model, key) => perform(model, Action::Palette),
        key if model.list.field.key(key) => list::search(model),
        _ => Vec::new(),
    }
}

/// Whether a key opens the palette also where letters are typed.
pub fn is_palette(model: &Model, key: Key) -> bool {
    !matches!(key, Key::Char(_)) && model.keys.action_of(key) == Some(Action::Palette)
}

/// Pasted text goes into a field that has the keys, and decides nothing.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if layout::is_too_small(model.area) || model.is_deaf() {
        return Vec::new();
    }
    match model.overlays.last_mut() {
        Some(Overlay::Confirm(confirm)) if confirm.part == Part::Reason => {
            confirm.reason.paste(text);
        }
        Some(Overlay::Palette { field, selected }) => {
            field.paste(text);
            *selected = 0;
        }
        None if model.focus == Focus::Filter => return rooms::paste(model, text),
        None if model.focus == Focus::Search && model.list.field.paste(text) => return list::search(model),
        _ => {}
    }
    Vec::new()
}
