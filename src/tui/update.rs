//! What the console does about what happens: pure, so that every rule can be tested by calling it.

mod actions;
mod confirm;
mod detail;
mod fields;
mod list;
mod mouse;
mod overlays;
mod replies;
mod rooms;
mod time;

use ratatui::layout::Rect;

pub use overlays::{Offer, matching};
pub use time::after;

use crate::tui::{
    command::Action,
    effect::{Ask, Effect},
    key::Key,
    keymap, layout,
    model::{Focus, Model, Mood, availability::Availability, list::Load, overlay::Overlay, requests::Slot},
    msg::{Event, Msg},
};

/// The first effects, before any message.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = list::load(model, Load::first());
    effects.push(ask(model, Slot::Total, Ask::Total));
    effects.push(ask(model, Slot::Websites, Ask::Websites));
    effects.push(ask(model, Slot::Queue, Ask::Queue));
    effects.extend(time::next_wake(model));
    effects
}

/// Takes in what happened and says what is to be done about it.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    model.now = msg.at;
    let mut effects = match msg.event {
        Event::Key(key) => {
            model.dirty = true;
            on_key(model, key)
        }
        Event::Paste(text) => {
            model.dirty = true;
            fields::paste(model, &text)
        }
        Event::Mouse { at, what } => mouse::mouse(model, at, what),
        Event::Resize { width, height } => resize(model, width, height),
        Event::Reply { ticket, took, reply } => replies::take(model, ticket, took, reply),
        Event::Woke => {
            model.wake_at = None;
            Vec::new()
        }
        Event::NotSuspended => {
            model.say(Mood::Neutral, model.texts.result_not_suspended());
            model.dirty = true;
            Vec::new()
        }
    };
    effects.extend(time::pass(model));
    effects.extend(time::next_wake(model));
    effects
}

/// Asks for something; the answer to an earlier question of this kind becomes stale.
fn ask(model: &mut Model, slot: Slot, what: Ask) -> Effect {
    Effect::Ask(model.requests.read(slot, model.now), what)
}

fn resize(model: &mut Model, width: u16, height: u16) -> Vec<Effect> {
    model.area = Rect { x: 0, y: 0, width, height };
    model.dirty = true;
    if model.focus == Focus::Table && model.detail.is_some() && !model.is_side_by_side() {
        model.focus = Focus::Detail;
    }
    let screen = model.screen();
    if let Some(detail) = &mut model.detail {
        detail.scroll_by(model.texts, 0, screen);
    }
    let mut effects = rooms::moved(model, 0);
    effects.extend(list::moved(model, 0));
    effects
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    model.owed = 0;
    let action = model.keys.action_of(key);
    if let Some(action) = model.keys.everywhere(key) {
        return perform(model, action);
    }
    if layout::is_too_small(model.area) {
        // What cannot be seen must not be decided: only leaving works here.
        return if action == Some(Action::Quit) { vec![Effect::Quit] } else { Vec::new() };
    }
    if model.is_deaf() {
        // Only waiting can be given up: what is below did not ask for these keys.
        if key == Key::Esc {
            model.intent = None;
        }
        return Vec::new();
    }
    if let Some(overlay) = model.overlays.last() {
        return match overlay {
            Overlay::Confirm(_) => confirm::key(model, key),
            _ => overlays::key(model, key),
        };
    }
    match model.focus {
        Focus::Search => return fields::search_key(model, key),
        Focus::Filter => return rooms::filter_key(model, key),
        // As in popups, which rooms are like.
        Focus::Room if action == Some(Action::Quit) => return back(model),
        _ => {}
    }
    if let Some(count) = keymap::counted(model.count, key) {
        model.count = count;
        return Vec::new();
    }
    if model.count > 0 && key == Key::Esc {
        model.count = 0;
        return Vec::new();
    }
    let effects = action.map_or_else(Vec::new, |action| perform(model, action));
    model.count = 0;
    effects
}

/// Carries out a command, if it is possible now.
fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    // Keys that are faster than a search are meant for what it finds, never for the rows before.
    model.list.is_to_open = false;
    if model.focus == Focus::Table && model.room.is_none() && model.list.is_behind() {
        match action {
            Action::Open => {
                model.list.is_to_open = true;
                return Vec::new();
            }
            Action::Reset | Action::ForceSignIn | Action::CancelLink | Action::Unlock => {
                return actions::wait_for_rows(model);
            }
            _ => {}
        }
    }
    // What is blocked is explained where it would be asked about.
    if model.availability(action) == Availability::Absent {
        return Vec::new();
    }
    match action {
        Action::Quit | Action::QuitNow => vec![Effect::Quit],
        Action::Mouse => mouse::toggle(model),
        Action::Repaint => vec![Effect::Repaint],
        Action::Suspend => suspend(model),
        Action::Back => back(model),
        Action::Search => {
            fields::focus_search(model);
            Vec::new()
        }
        Action::Open if model.room.is_some() => rooms::open_selected(model),
        Action::Open => detail::open_selected(model),
        Action::OpenCustomer => rooms::open_customer(model),
        Action::Mails | Action::Audit => rooms::enter(model, action),
        Action::Verify => rooms::verify(model),
        Action::NextPane if model.room.is_some() => rooms::turn(model, 1),
        Action::PreviousPane if model.room.is_some() => rooms::turn(model, -1),
        Action::NextPane => detail::next_pane(model),
        Action::PreviousPane => {
            model.focus = Focus::Table;
            Vec::new()
        }
        Action::Reset | Action::ForceSignIn | Action::CancelLink | Action::Unlock | Action::RetryMail => {
            actions::ask_first(model, action)
        }
        Action::Preview => overlays::ask_preview(model),
        Action::Undo => actions::undo(model),
        Action::Copy => actions::copy(model),
        Action::Sort | Action::Searches | Action::Columns | Action::Palette | Action::Help => {
            overlays::open(model, action)
        }
        Action::Down
        | Action::Up
        | Action::PageDown
        | Action::PageUp
        | Action::HalfDown
        | Action::HalfUp
        | Action::First
        | Action::Last => travel(model, action),
    }
}

/// Goes to the background, but not with a write under way: stopped in the middle of one, this
/// process would hold up everybody else's.
fn suspend(model: &mut Model) -> Vec<Effect> {
    if model.requests.writes().next().is_none() {
        return vec![Effect::Suspend];
    }
    let key = model.keys.first(Action::Suspend).unwrap_or(Key::Ctrl('z'));
    model.say(Mood::Neutral, model.texts.result_still_running(key));
    Vec::new()
}

/// The count that was typed before a key; 0 = none.
fn times(model: &mut Model) -> isize {
    isize::try_from(std::mem::take(&mut model.count)).unwrap_or_default()
}

/// How many rows a command moves on a screen of so many.
const fn rows_of(action: Action, screen: isize) -> isize {
    match action {
        Action::Up => -1,
        Action::PageDown => screen - 1,
        Action::PageUp => 1 - screen,
        Action::HalfDown => screen / 2,
        Action::HalfUp => -screen / 2,
        _ => 1,
    }
}

/// How many of `by` rows are still to go when there are more than could be moved over.
fn left_of(by: isize, before: usize, now: usize, is_more: bool) -> isize {
    let gone = isize::try_from(now).unwrap_or_default() - isize::try_from(before).unwrap_or_default();
    if is_more { by.saturating_sub(gone) } else { 0 }
}

fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.focus {
        Focus::Detail => detail::travel(model, action),
        Focus::Room | Focus::Filter => rooms::travel(model, action),
        Focus::Search | Focus::Table => list::travel(model, action),
    }
}

/// One step back, wherever that is.
fn back(model: &mut Model) -> Vec<Effect> {
    model.intent = None;
    if overlays::close(model) {
        return Vec::new();
    }
    if let Some(effects) = rooms::clear_filter(model) {
        return effects;
    }
    if model.focus == Focus::Filter {
        model.focus = Focus::Room;
        return Vec::new();
    }
    if !model.behind.is_empty() {
        return rooms::leave(model);
    }
    if model.focus == Focus::Detail && model.is_side_by_side() {
        model.focus = Focus::Table;
        return Vec::new();
    }
    if model.detail.take().is_some() {
        model.focus = Focus::Table;
        model.requests.forget(Slot::Record);
        return list::moved(model, 0);
    }
    if model.list.field.text().is_empty() {
        model.focus = Focus::Table;
        return Vec::new();
    }
    if model.focus == Focus::Table && model.toast.take().is_some() {
        return Vec::new();
    }
    list::clear(model)
}

/// Steps over `by` places of `len`.
fn step(selected: usize, by: isize, len: usize) -> usize {
    selected.saturating_add_signed(by).min(len.saturating_sub(1))
}

#[cfg(test)]
mod tests;
