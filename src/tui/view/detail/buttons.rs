//! The row of buttons on top of a record, as the manual has it.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::customer::Customer,
    tui::{
        command::Action,
        model::{
            Model,
            availability::Availability,
            places::{Places, Spot},
        },
        theme::Role,
        view::look::Look,
        words,
    },
};

/// A button: its command, its name, and what there is to know before pressing it.
type Button = (Action, String, String);

/// The buttons of a record, the manual's first. One that nobody needs is not there.
fn buttons(model: &Model, record: &Customer) -> Vec<Button> {
    let texts = model.texts;
    let alive = texts.button_alive(match (record.alive.tokens, record.alive.sessions) {
        (0, sessions) => texts.count_sessions(sessions),
        (tokens, _) => texts.count_tokens(tokens),
    });
    let budget =
        if record.budget.max.is_some() { words::budget(texts, &record.budget) } else { texts.budget_no_limit() };
    let mut buttons = vec![
        (Action::Reset, texts.button_reset(), budget),
        (Action::ForceSignIn, texts.button_force(), alive),
        (Action::CancelLink, texts.button_cancel(), texts.button_one_live()),
        (Action::Preview, texts.button_preview(), String::new()),
    ];
    if let Some(until) = record.locked_until.filter(|until| *until > model.now) {
        let left = texts.left_of(words::left(texts, until, model.now));
        buttons.push((Action::Unlock, texts.button_unlock(), left));
    }
    buttons
}

/// The buttons, and below each what stands in its way, or else what there is to know. Where there
/// is no room for all, those that their keys alone must do for.
pub fn bar(
    model: &Model,
    record: &Customer,
    look: Look,
    area: Rect,
    places: &mut Places,
) -> (Line<'static>, Line<'static>) {
    let width = area.width;
    let mut shown: Vec<(bool, Button)> = buttons(model, record)
        .into_iter()
        .map(|(action, label, facts)| match model.availability_for(action, record) {
            Availability::Blocked(obstacle) => (false, (action, label, obstacle.words(model.texts, model.now))),
            _ => (true, (action, label, facts)),
        })
        .collect();
    let key_of = |action| model.keys.first(action).map_or_else(String::new, |key| format!("{key} "));
    let text_width = |action, label: &str| label.width() + key_of(action).width() + 2;
    let button_width = |(_, (action, label, facts)): &(bool, Button)| text_width(*action, label).max(facts.width() + 1);
    let total =
        |shown: &[(bool, Button)], gap: usize| shown.iter().map(|button| button_width(button) + gap).sum::<usize>();
    for spare in [Action::Preview, Action::CancelLink] {
        if total(&shown, 1) > usize::from(width) + 1 {
            shown.retain(|(_, (action, ..))| *action != spare);
        }
    }
    let gap = if total(&shown, 2) > usize::from(width) + 2 { 1 } else { 2 };
    let (mut top, mut below) = (Vec::new(), Vec::new());
    for button in &shown {
        let (is_ready, (action, label, facts)) = button;
        let role = if *is_ready { Role::Title } else { Role::Dim };
        let key_role = if *is_ready { Role::Key } else { Role::Dim };
        let (width, text_width) = (button_width(button), text_width(*action, label));
        let x = area.x + u16::try_from(top.iter().map(Span::width).sum::<usize>()).unwrap_or_default();
        places.add_line(x, area.y, text_width, Spot::Command(*action));
        top.extend([look.span(role, "["), look.span(key_role, key_of(*action).trim_end())]);
        let space = if key_of(*action).is_empty() { "" } else { " " };
        top.push(look.span(role, format!("{space}{label}]")));
        top.push(look.plain(" ".repeat(width + gap - text_width)));
        below.push(look.cell(Role::Dim, &format!(" {facts}"), width + gap));
    }
    (Line::from(top), Line::from(below))
}
