//! The keys valid now.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::tui::{
    command::{self, Action, Command},
    key::Key,
    layout,
    model::{
        Focus, Intent, Model,
        availability::Availability,
        detail::Detail,
        overlay::Overlay,
        places::{Places, Spot},
        room::Room,
    },
    theme::Role,
    view::look::{Look, inset},
};

/// The keys valid now, as many as there is room for. Gives where they can be clicked: those that
/// are one key.
pub fn draw(model: &Model, look: Look, frame: &mut Frame, area: Rect) -> Places {
    let mut area = inset(area, 1);
    let mut places = Places::default();
    if model.count > 0 {
        let count = look.span(Role::Dim, model.count.to_string());
        let taken = u16::try_from(count.width()).unwrap_or_default();
        frame.render_widget(Line::from(count), Rect { x: area.right() - taken, width: taken, ..area });
        area.width = area.width.saturating_sub(taken + 2);
    }
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    let mut hints = hints(model).into_iter().peekable();
    while let Some((key, label)) = hints.next() {
        // A command that nobody wanted a key for.
        if key.is_empty() {
            continue;
        }
        let wide = key.width() + 1 + label.width() + if used == 0 { 0 } else { 3 };
        // There is always room for the last one: it leads to all others.
        let kept = if hints.peek().is_some() { LAST_HINT } else { 0 };
        if used + wide + kept > usize::from(area.width) {
            continue;
        }
        if used > 0 {
            spans.push(look.plain("   "));
        }
        used += wide;
        if let Ok(meant) = key.parse() {
            let own = key.width() + 1 + label.width();
            let x = area.x + u16::try_from(used - own).unwrap_or_default();
            places.add_line(x, area.y, own, Spot::Key(meant));
        }
        spans.push(look.span(Role::Key, key));
        spans.push(look.span(Role::Dim, format!(" {label}")));
    }
    frame.render_widget(Line::from(spans), area);
    places
}

/// Keys and names of those commands that can be given now.
fn possible(model: &Model, actions: &[Action]) -> Vec<(String, String)> {
    let valid = actions.iter().filter(|action| model.availability(**action) == Availability::Ready);
    valid
        .filter_map(|action| command::of(*action))
        .filter_map(|command| Some((model.keys.first(command.action)?.to_string(), label(model, command).to_owned())))
        .collect()
}

/// What a command is called where it is given.
fn label(model: &Model, command: &Command) -> &'static str {
    match (&model.room, command.action) {
        (Some(Room::Mails(_)), Action::CancelLink) => "cancel",
        (Some(Room::Mails(_)), Action::NextPane) => "next tab",
        (Some(_), Action::Search) => "filter",
        _ => command.label,
    }
}

/// Columns of ` ? help` with the space before it.
const LAST_HINT: usize = 9;

fn hints(model: &Model) -> Vec<(String, String)> {
    let fixed = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, l)| ((*k).to_owned(), (*l).to_owned())).collect();
    let scroll = model.keys.travelling().join(" ");
    match model.overlays.last() {
        Some(Overlay::Confirm(confirm)) => {
            let mut hints: Vec<(String, String)> =
                fixed(&[("y", "yes"), ("n", "no"), ("Tab", "next"), ("Enter", "press")]);
            if confirm.action == Intent::Reset {
                hints.insert(2, ("p".to_owned(), "preview".to_owned()));
            }
            hints.push(("Esc".to_owned(), "back".to_owned()));
            return hints;
        }
        Some(Overlay::Palette { .. }) => return fixed(&[("Enter", "run"), ("Up Down", "choose"), ("Esc", "back")]),
        Some(Overlay::Entry { entry, .. }) if entry.customer.is_some() => {
            let customer = model.keys.first(Action::OpenCustomer).map(|key| key.to_string()).unwrap_or_default();
            return fixed(&[(&customer, "customer"), (&scroll, "scroll"), ("Esc", "back")]);
        }
        Some(Overlay::Mail { fate: Some(_), .. }) => {
            let actions = [Action::OpenCustomer, Action::RetryMail, Action::CancelLink];
            let mut hints: Vec<(String, String)> = fixed(&[("Esc", "back"), (&scroll, "scroll")]);
            hints.splice(1..1, possible(model, &actions));
            return hints;
        }
        Some(Overlay::Searches { .. }) => {
            return fixed(&[("Enter", "search"), (&scroll, "choose"), ("Esc", "back")]);
        }
        Some(Overlay::Columns { .. }) => {
            return fixed(&[("Enter", "show or hide"), (&scroll, "choose"), ("Esc", "back")]);
        }
        Some(Overlay::SortPicker { .. }) => return fixed(&[("Enter", "sort"), (&scroll, "choose"), ("Esc", "back")]),
        Some(_) => return fixed(&[(&scroll, "scroll"), ("Esc", "back")]),
        None => {}
    }
    let typed = |key: &&Key| !matches!(key, Key::Char(_));
    let palette = model.keys.keys_of(Action::Palette).iter().find(typed).map(Key::to_string).unwrap_or_default();
    if model.focus == Focus::Search {
        return fixed(&[("Enter", "to the table"), ("Esc", "clear, back"), (&palette, "commands")]);
    }
    if model.focus == Focus::Filter {
        return fixed(&[("Enter", "to the entries"), ("Esc", "clear, back"), (&palette, "commands")]);
    }
    let mut actions = match (&model.room, model.focus) {
        (Some(Room::Audit(_)), _) => {
            vec![Action::Back, Action::Open, Action::OpenCustomer, Action::Search, Action::Verify, Action::Mails]
        }
        (Some(Room::Mails(_)), _) => vec![
            Action::Back,
            Action::Open,
            Action::OpenCustomer,
            Action::RetryMail,
            Action::CancelLink,
            Action::NextPane,
            Action::Undo,
            Action::Audit,
        ],
        (None, Focus::Detail) => {
            vec![Action::Back, Action::Reset, Action::ForceSignIn, Action::CancelLink, Action::Copy]
        }
        (None, _) => vec![Action::Open, Action::Search, Action::Reset, Action::ForceSignIn, Action::Sort],
    };
    if model.room.is_none() && layout::is_wide(model.area) {
        actions.extend([Action::NextPane, Action::Mails, Action::Audit, Action::Undo]);
    }
    actions.extend([Action::Palette, Action::Quit, Action::Help]);
    let mut hints = possible(model, &actions);
    let scrolls = |detail: &Detail| detail.can_scroll(model.screen());
    if model.focus == Focus::Detail && model.detail.as_ref().is_some_and(scrolls) {
        hints.insert(1.min(hints.len()), (scroll, "scroll".to_owned()));
    }
    hints
}
