//! The keys valid now.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    texts::{Message, Texts},
    tui::{
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
    },
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
    let hints = hints(model);
    let help_key = model.keys.first(Action::Help).map_or(0, |key| key.to_string().width() + 1);
    let help = GAP + help_key + model.texts.command_help().width();
    let mut hints = hints.into_iter().peekable();
    while let Some((key, label)) = hints.next() {
        // A command that nobody wanted a key for.
        if key.is_empty() {
            continue;
        }
        let wide = key.width() + 1 + label.width() + if used == 0 { 0 } else { GAP };
        // There is always room for the last one, help: it leads to all others.
        let kept = if hints.peek().is_some() { help } else { 0 };
        if used + wide + kept > usize::from(area.width) {
            continue;
        }
        if used > 0 {
            spans.push(look.plain(" ".repeat(GAP)));
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
        .filter_map(|command| Some((model.keys.first(command.action)?.to_string(), label(model, command))))
        .collect()
}

/// What a command is called where it is given.
fn label(model: &Model, command: &Command) -> String {
    let texts = model.texts;
    match (&model.room, command.action) {
        (Some(Room::Mails(_)), Action::CancelLink) => texts.hint_cancel(),
        (Some(Room::Mails(_)), Action::NextPane) => texts.hint_next_tab(),
        (Some(_), Action::Search) => texts.hint_filter(),
        _ => (command.label)(texts),
    }
}

/// Columns between two keys.
const GAP: usize = 3;

/// Keys and what they mean.
fn fixed<const N: usize>(texts: Texts, pairs: [(&str, Message); N]) -> Vec<(String, String)> {
    pairs.into_iter().map(|(key, said)| (key.to_owned(), said(texts))).collect()
}

/// Keys and names in the topmost popup; none where there is no popup.
fn popup_hints(model: &Model) -> Option<Vec<(String, String)>> {
    let texts = model.texts;
    let travelling = model.keys.travelling().join(" ");
    let scroll: (&str, Message) = (&travelling, Texts::hint_scroll);
    let back: (&str, Message) = ("Esc", Texts::command_back);
    Some(match model.overlays.last()? {
        Overlay::Confirm(confirm) => {
            let mut hints = fixed(
                texts,
                [
                    ("y", Texts::hint_yes),
                    ("n", Texts::hint_no),
                    ("Tab", Texts::hint_next),
                    ("Enter", Texts::hint_press),
                    back,
                ],
            );
            if confirm.action == Intent::Reset {
                hints.insert(2, ("p".to_owned(), texts.command_preview()));
            }
            hints
        }
        Overlay::Palette { .. } => fixed(texts, [("Enter", Texts::hint_run), ("Up Down", Texts::hint_choose), back]),
        Overlay::Entry { entry, .. } if entry.customer.is_some() => {
            let customer = model.keys.first(Action::OpenCustomer).map(|key| key.to_string()).unwrap_or_default();
            fixed(texts, [(&customer, Texts::command_customer), scroll, back])
        }
        Overlay::Mail { fate: Some(_), .. } => {
            let actions = [Action::OpenCustomer, Action::RetryMail, Action::CancelLink];
            let mut hints = fixed(texts, [back, scroll]);
            hints.splice(1..1, possible(model, &actions));
            hints
        }
        Overlay::Searches { .. } => {
            fixed(texts, [("Enter", Texts::command_search), (&travelling, Texts::hint_choose), back])
        }
        Overlay::Columns { .. } => {
            fixed(texts, [("Enter", Texts::hint_show_hide), (&travelling, Texts::hint_choose), back])
        }
        Overlay::SortPicker { .. } => {
            fixed(texts, [("Enter", Texts::hint_sort), (&travelling, Texts::hint_choose), back])
        }
        _ => fixed(texts, [scroll, back]),
    })
}

fn hints(model: &Model) -> Vec<(String, String)> {
    if let Some(hints) = popup_hints(model) {
        return hints;
    }
    let onwards: Option<Message> = match model.focus {
        Focus::Search => Some(Texts::hint_to_table),
        Focus::Filter => Some(Texts::hint_to_entries),
        _ => None,
    };
    if let Some(onwards) = onwards {
        let typed = |key: &&Key| !matches!(key, Key::Char(_));
        let palette = model.keys.keys_of(Action::Palette).iter().find(typed).map(Key::to_string).unwrap_or_default();
        let keys = [("Enter", onwards), ("Esc", Texts::hint_clear), (&palette, Texts::command_palette)];
        return fixed(model.texts, keys);
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
    let scrolls = |detail: &Detail| detail.can_scroll(model.texts, model.screen());
    if model.focus == Focus::Detail && model.detail.as_ref().is_some_and(scrolls) {
        hints.insert(1.min(hints.len()), (model.keys.travelling().join(" "), model.texts.hint_scroll()));
    }
    hints
}
