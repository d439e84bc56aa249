//! What the mouse means. A click does what a key does, and no more: a popup or a wait that takes no
//! keys takes no clicks.

use ratatui::layout::Position;

use crate::{
    domain::find::{Sort, SortKey},
    tui::{
        command::Action,
        effect::Effect,
        key::Key,
        layout,
        model::{
            Focus, Model, Mood,
            confirm::Part,
            list::Load,
            overlay::Overlay,
            places::{Pane, Spot},
            pointer::Click,
        },
        msg::Mouse,
        update::{confirm, list, on_key, overlays, perform, rooms},
    },
};

/// Lines that a turn of the wheel scrolls.
const LINES: isize = 3;

/// Something was done with the mouse.
pub fn mouse(model: &mut Model, at: Position, what: Mouse) -> Vec<Effect> {
    if !model.pointer.is_ours || layout::is_too_small(model.area) {
        return Vec::new();
    }
    match what {
        Mouse::Press => {
            model.pointer.pressed = model.places.at(at);
            Vec::new()
        }
        Mouse::Release => {
            let pressed = model.pointer.pressed.take();
            pressed.filter(|spot| model.places.at(at) == Some(*spot)).map_or_else(Vec::new, |spot| click(model, spot))
        }
        Mouse::WheelUp => wheel(model, at, -LINES),
        Mouse::WheelDown => wheel(model, at, LINES),
    }
}

/// Takes the mouse, or leaves it to the terminal.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    let pointer = &mut model.pointer;
    pointer.is_ours = !pointer.is_ours;
    let is_ours = pointer.is_ours;
    let text = if is_ours { model.texts.result_mouse_ours() } else { model.texts.result_mouse_theirs() };
    model.say(Mood::Neutral, text);
    vec![Effect::Mouse(is_ours)]
}

fn wheel(model: &mut Model, at: Position, lines: isize) -> Vec<Effect> {
    if model.is_deaf() {
        return Vec::new();
    }
    let Some(pane) = model.places.pane_at(at) else { return Vec::new() };
    (model.dirty, model.count, model.owed) = (true, 0, 0);
    match pane {
        Pane::Popup => overlays::scroll(model, lines),
        Pane::Record => {
            let (texts, screen) = (model.texts, model.screen());
            if let Some(detail) = &mut model.detail {
                detail.scroll_by(texts, lines, screen);
            }
            Vec::new()
        }
        Pane::Rows if model.room.is_some() => rooms::scroll(model, lines),
        Pane::Rows => list::scroll(model, lines),
    }
}

fn click(model: &mut Model, spot: Spot) -> Vec<Effect> {
    (model.dirty, model.count, model.owed) = (true, 0, 0);
    let now = model.now;
    let click = model.pointer.click(spot, now);
    if model.is_deaf() {
        return Vec::new();
    }
    match model.overlays.last() {
        Some(Overlay::Confirm(_)) => in_question(model, spot, click),
        Some(_) => in_popup(model, spot, click),
        None => on_screen(model, spot, click),
    }
}

/// The second half of a double click was meant for what was there before the question.
fn in_question(model: &mut Model, spot: Spot, click: Click) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Confirm(confirm)) = model.overlays.last_mut() else { return Vec::new() };
    let is_meant = click == Click::Single && confirm.is_awake(now);
    match spot {
        Spot::Key(Key::Esc) => on_key(model, Key::Esc),
        Spot::Key(key) if is_meant => {
            // A letter that is clicked is not typed into the reason.
            if matches!(key, Key::Char(_)) {
                confirm.part = Part::No;
            }
            on_key(model, key)
        }
        Spot::Part(part @ (Part::Yes | Part::No)) if is_meant => {
            confirm.part = part;
            confirm::decide(model, part == Part::Yes)
        }
        Spot::Part(part) if is_meant => {
            confirm.part = part;
            Vec::new()
        }
        Spot::Choice(choice) if is_meant => {
            confirm.choose(choice);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn in_popup(model: &mut Model, spot: Spot, click: Click) -> Vec<Effect> {
    match spot {
        Spot::Key(key) => on_key(model, key),
        Spot::Choice(choice) => {
            overlays::choose(model, choice);
            let is_ticked = matches!(model.overlays.last(), Some(Overlay::Columns { .. }));
            if is_ticked || click == Click::Double { on_key(model, Key::Enter) } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn on_screen(model: &mut Model, spot: Spot, click: Click) -> Vec<Effect> {
    match spot {
        Spot::Key(key) => {
            // A letter that is clicked is not typed into the field.
            if matches!(key, Key::Char(_)) {
                leave_field(model);
            }
            on_key(model, key)
        }
        Spot::Command(action) => {
            leave_field(model);
            perform(model, action)
        }
        Spot::Row(number) => row(model, number, click),
        Spot::Heading(key) => sort(model, key),
        Spot::Tab(tab) => rooms::turn_to(model, tab),
        Spot::Pane(Pane::Record) => {
            model.focus = Focus::Detail;
            Vec::new()
        }
        Spot::Pane(Pane::Rows) => {
            leave_field(model);
            if model.room.is_none() {
                model.focus = Focus::Table;
            }
            Vec::new()
        }
        Spot::Choice(_) | Spot::Part(_) | Spot::Pane(Pane::Popup) => Vec::new(),
    }
}

fn leave_field(model: &mut Model) {
    model.focus = match model.focus {
        Focus::Search => Focus::Table,
        Focus::Filter => Focus::Room,
        focus => focus,
    };
}

/// Selects a row; the second click opens it.
fn row(model: &mut Model, number: i64, click: Click) -> Vec<Effect> {
    let mut effects = if model.room.is_some() {
        model.focus = Focus::Room;
        rooms::select(model, number)
    } else {
        model.focus = Focus::Table;
        list::select(model, number)
    };
    // What was opened while a search is under way would be what it finds, not this.
    if click == Click::Double && !model.list.is_behind() {
        effects.extend(perform(model, Action::Open));
    }
    effects
}

/// Sorts by a column, the other way round when it is sorted by already.
fn sort(model: &mut Model, key: SortKey) -> Vec<Effect> {
    let now = model.list.sort;
    let newest_first = matches!(key, SortKey::Created | SortKey::LastSignIn);
    let descending = if now.key == key { !now.descending } else { newest_first };
    model.list.sort = Sort { key, descending };
    model.focus = Focus::Table;
    list::load(model, Load::first())
}
