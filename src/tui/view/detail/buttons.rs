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
        command::{self, Action},
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
    let button_width = |(_, (_, label, facts)): &(bool, Button)| (label.len() + 4).max(facts.width() + 1);
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
        let key = command::of(*action).and_then(|command| command.keys.first());
        let width = button_width(button);
        if let Some(key) = key {
            let x = area.x + u16::try_from(top.iter().map(Span::width).sum::<usize>()).unwrap_or_default();
            places.add_line(x, area.y, label.len() + 4, Spot::Key(*key));
        }
        top.extend([look.span(role, "["), look.span(key_role, key.map(ToString::to_string).unwrap_or_default())]);
        top.push(look.span(role, format!(" {label}]")));
        top.push(look.plain(" ".repeat(width + gap - (label.len() + 4))));
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
