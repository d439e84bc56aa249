//! The row of buttons on top of a record, as the manual has it.

use jiff::Timestamp;
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{customer::Customer, throttle::Budget},
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
type Button = (Action, &'static str, String);

/// The buttons of a record, the manual's first. One that nobody needs is not there.
fn buttons(model: &Model, record: &Customer) -> Vec<Button> {
    let alive = match (record.alive.tokens, record.alive.sessions) {
        (0, sessions) => format!("{} alive", words::many(sessions, "session")),
        (tokens, _) => format!("{} alive", words::many(tokens, "token")),
    };
    let mut buttons = vec![
        (Action::Reset, "Reset Password", budget_words(&record.budget, model.now)),
        (Action::ForceSignIn, "Force Sign In", alive),
        (Action::CancelLink, "Cancel link", "one is live".to_owned()),
        (Action::Preview, "Preview", String::new()),
    ];
    if let Some(until) = record.locked_until.filter(|until| *until > model.now) {
        buttons.push((Action::Unlock, "Unlock", format!("{} left", words::left(until, model.now))));
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
            Availability::Blocked(obstacle) => (false, (action, label, obstacle.words(model.now))),
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

/// `2 of 5 this hour`
fn budget_words(budget: &Budget, now: Timestamp) -> String {
    match budget.max {
        Some(max) if budget.is_open(now) || budget.used > 0 => format!("{} of {max} this hour", budget.used),
        Some(max) => format!("0 of {max} this hour"),
        None => "no limit".to_owned(),
    }
}
