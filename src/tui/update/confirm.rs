//! Keys inside the question.

use crate::tui::{
    effect::Effect,
    key::Key,
    model::{Intent, Model, confirm::Part, overlay::Overlay},
    update::{actions, overlays},
};

/// A key while the question is open.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let now = model.now;
    let Some(Overlay::Confirm(confirm)) = model.overlays.last_mut() else { return Vec::new() };
    if key == Key::Esc {
        model.overlays.pop();
        return Vec::new();
    }
    let wants_preview = key == Key::Char('p') && confirm.action == Intent::Reset && confirm.part != Part::Reason;
    // Somebody types ahead, or two keys came as one: they were not meant for this question.
    if !confirm.is_awake(now) {
        return Vec::new();
    }
    if wants_preview {
        return overlays::ask_preview(model);
    }
    match key {
        Key::Tab => confirm.turn(false),
        Key::BackTab => confirm.turn(true),
        Key::Up => confirm.choose_by(-1),
        Key::Down => confirm.choose_by(1),
        key if confirm.part == Part::Reason && key != Key::Enter => {
            confirm.reason.key(key);
        }
        // Enter in the reason goes on to the buttons, it does not press one.
        Key::Enter if confirm.part == Part::Reason => confirm.part = Part::No,
        Key::Enter if confirm.part == Part::Scope => confirm.turn(false),
        Key::Char('k') => confirm.choose_by(-1),
        Key::Char('j') => confirm.choose_by(1),
        Key::Left | Key::Right if matches!(confirm.part, Part::Yes | Part::No) => {
            confirm.part = if confirm.part == Part::Yes { Part::No } else { Part::Yes };
        }
        Key::Char('y') => return decide(model, true),
        Key::Char('n') => return decide(model, false),
        Key::Enter => {
            let yes = confirm.part == Part::Yes;
            return decide(model, yes);
        }
        _ => {}
    }
    Vec::new()
}

/// Does it, or does not.
pub fn decide(model: &mut Model, yes: bool) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Confirm(confirm)) if yes => actions::run(model, confirm.write()),
        _ => Vec::new(),
    }
}
