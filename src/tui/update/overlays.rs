//! Help, palette, sort order, mails and explanations.

use crate::{
    domain::{
        outbox::{MailLine, MailText},
        safe_text::SafeText,
    },
    tui::{
        command::{self, Action, Command},
        effect::{Ask, Effect},
        field::TextField,
        help,
        key::Key,
        model::{
            Focus, Model, Mood,
            availability::Availability,
            list::Load,
            overlay::{Overlay, SORTS},
            requests::Slot,
        },
        msg::{Answer, Problem},
        update::{ask, list, perform, step},
        words,
    },
};

/// Mails in the list.
const MAILS: u32 = 200;
/// Rows that a page key moves a list in a popup.
const LEAP: isize = 10;

/// Opens a popup.
pub fn open(model: &mut Model, action: Action) -> Vec<Effect> {
    let overlay = match action {
        Action::Sort => {
            let current = SORTS.iter().position(|(_, sort)| *sort == model.list.sort);
            Overlay::SortPicker { selected: current.unwrap_or_default() }
        }
        Action::Mails => Overlay::Mails { mails: None, problem: None, selected: 0 },
        Action::Palette => Overlay::Palette { field: TextField::new(40), selected: 0 },
        _ => Overlay::Help { scroll: 0 },
    };
    if model.focus == Focus::Search {
        model.focus = Focus::Table;
    }
    let is_mails = matches!(overlay, Overlay::Mails { .. });
    model.toast = None;
    model.overlays.push(overlay);
    if is_mails { vec![ask(model, Slot::Mails, Ask::Mails { limit: MAILS })] } else { Vec::new() }
}

/// A key while a popup other than the question is open.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let is_palette = matches!(model.overlays.last(), Some(Overlay::Palette { .. }));
    if key == Key::Esc || (!is_palette && matches!(key, Key::Char('q'))) {
        model.overlays.pop();
        return Vec::new();
    }
    if is_palette {
        return palette_key(model, key);
    }
    let by = match key {
        Key::Down | Key::Char('j') => 1,
        Key::Up | Key::Char('k') => -1,
        Key::PageDown | Key::Ctrl('d') => LEAP,
        Key::PageUp | Key::Ctrl('u') => -LEAP,
        Key::Home | Key::Char('g') => isize::MIN,
        Key::End | Key::Char('G') => isize::MAX,
        Key::Enter => return enter(model),
        Key::Char('?') if matches!(model.overlays.last(), Some(Overlay::Help { .. })) => {
            model.overlays.pop();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    let most = most_scroll(model);
    match model.overlays.last_mut() {
        Some(Overlay::Help { scroll } | Overlay::Mail { scroll, .. }) => {
            *scroll = u16::try_from(step(usize::from(*scroll), by, usize::from(most) + 1)).unwrap_or(most);
        }
        Some(Overlay::SortPicker { selected }) => *selected = step(*selected, by, SORTS.len()),
        Some(Overlay::Mails { mails, selected, .. }) => {
            *selected = step(*selected, by, mails.as_ref().map_or(0, Vec::len));
        }
        _ => {}
    }
    Vec::new()
}

/// How far the topmost popup can be scrolled.
fn most_scroll(model: &Model) -> u16 {
    let lines = match model.overlays.last() {
        Some(Overlay::Help { .. }) => help::entries(model.area).len(),
        Some(Overlay::Mail { text, state, relay, .. }) => help::mail(model.area, text, state, relay).len(),
        _ => 0,
    };
    let seen = usize::from(help::text_popup(model.area, lines).height.saturating_sub(4));
    u16::try_from(lines.saturating_sub(seen)).unwrap_or(u16::MAX)
}

fn enter(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::SortPicker { selected }) => {
            let picked = SORTS.get(*selected).map(|(_, sort)| *sort);
            model.overlays.pop();
            match picked.filter(|sort| *sort != model.list.sort) {
                Some(sort) => {
                    model.list.sort = sort;
                    list::load(model, Load::first())
                }
                None => Vec::new(),
            }
        }
        Some(Overlay::Mails { mails: Some(mails), selected, .. }) => {
            let id = mails.get(*selected).map(|mail| mail.id);
            model.mail_asked = id;
            id.map(|id| ask(model, Slot::MailText, Ask::MailText(id))).into_iter().collect()
        }
        Some(Overlay::Notice { .. } | Overlay::Help { .. }) => {
            model.overlays.pop();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The commands that the palette offers for what was typed.
#[must_use]
pub fn matching(model: &Model, typed: &str) -> Vec<&'static Command> {
    let typed = typed.trim().to_lowercase();
    let offered = |command: &&Command| {
        !matches!(command.action, Action::Palette | Action::Back)
            && model.availability(command.action) != Availability::Absent
            && (command.label.contains(&typed) || command.help.to_lowercase().contains(&typed))
    };
    let mut commands: Vec<&'static Command> = command::COMMANDS.iter().filter(offered).collect();
    // What the name says comes before what only the explanation says.
    commands.sort_by_key(|command| !command.label.contains(&typed));
    commands
}

fn palette_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(Overlay::Palette { mut field, mut selected }) = model.overlays.pop() else { return Vec::new() };
    let commands = matching(model, field.text());
    match key {
        Key::Enter => {
            let chosen = commands.get(selected).map(|command| command.action);
            return chosen.map_or_else(Vec::new, |action| perform(model, action));
        }
        Key::Down | Key::Tab => selected = step(selected, 1, commands.len()),
        Key::Up | Key::BackTab => selected = step(selected, -1, commands.len()),
        key => {
            if field.key(key) {
                selected = 0;
            }
        }
    }
    model.overlays.push(Overlay::Palette { field, selected });
    Vec::new()
}

/// Takes in the list of mails.
pub fn mails(model: &mut Model, answer: Answer<Vec<MailLine>>) {
    let fresh = match answer {
        Ok(mails) => Ok(mails),
        Err(Problem::Failed(text)) => Err(text),
        Err(Problem::Cancelled) => return,
    };
    for overlay in &mut model.overlays {
        if let Overlay::Mails { mails, problem, selected } = overlay {
            match &fresh {
                Ok(list) => {
                    // The selection stays on its mail when newer ones arrive.
                    let id = mails.as_ref().and_then(|old| old.get(*selected)).map(|mail| mail.id);
                    let place = id.and_then(|id| list.iter().position(|mail| mail.id == id));
                    *selected = place.unwrap_or_else(|| step(*selected, 0, list.len()));
                    (*mails, *problem) = (Some(list.clone()), None);
                }
                Err(text) => *problem = Some(text.clone()),
            }
        }
    }
}

/// Takes in a mail and shows it.
pub fn mail_text(model: &mut Model, answer: Answer<Option<MailText>>) {
    match answer {
        Ok(Some(text)) => {
            // Whoever closed the list does not want to read it any more.
            let Some(Overlay::Mails { mails: Some(mails), .. }) = model.overlays.last() else { return };
            let mail = mails.iter().find(|mail| Some(mail.id) == model.mail_asked);
            let state = mail.map(|mail| words::mail(mail, model.now)).unwrap_or_default();
            let relay = mail.map_or_else(|| SafeText::new(""), |mail| mail.relay.clone());
            model.overlays.push(Overlay::Mail { text, state, relay, scroll: 0 });
        }
        Err(Problem::Cancelled) => {}
        Ok(None) => model.say(Mood::Bad, "This mail no longer exists."),
        Err(Problem::Failed(text)) => model.say(Mood::Bad, SafeText::to_string(&text)),
    }
}

/// Reads the list of mails again while it is open.
pub fn reread_mails(model: &mut Model) -> Option<Effect> {
    let open = model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Mails { .. }));
    open.then(|| ask(model, Slot::Mails, Ask::Mails { limit: MAILS }))
}
