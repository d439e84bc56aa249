//! Help, palette, sort order, what is read whole, and explanations.

use crate::{
    domain::{customer::CustomerId, outbox::MailText, safe_text::SafeText},
    texts::{Message, Texts},
    tui::{
        command::{self, Action, Command},
        effect::{Ask, Effect},
        field::TextField,
        help,
        key::Key,
        model::{
            Focus, Intent, Model, Mood, SavedSearch,
            availability::Availability,
            columns::Column,
            list::Load,
            overlay::{Overlay, SORTS},
            requests::Slot,
            room::Room,
        },
        msg::{Answer, Outcome, Problem},
        paper,
        update::{ask, fields, list, perform, rooms, step},
    },
};

/// Rows that a page key moves a list in a popup.
const LEAP: isize = 10;

/// Opens a popup.
pub fn open(model: &mut Model, action: Action) -> Vec<Effect> {
    let overlay = match action {
        Action::Sort => {
            let current = SORTS.iter().position(|(_, sort)| *sort == model.list.sort);
            Overlay::SortPicker { selected: current.unwrap_or_default() }
        }
        Action::Searches if model.searches.is_empty() => {
            model.say(Mood::Neutral, "No search is saved. Name some under [searches] in the configuration file.");
            return Vec::new();
        }
        Action::Searches => Overlay::Searches { selected: 0 },
        Action::Columns => Overlay::Columns { selected: 0 },
        Action::Palette => Overlay::Palette { field: TextField::new(40), selected: 0 },
        _ => Overlay::Help { scroll: 0 },
    };
    if model.focus == Focus::Search {
        model.focus = Focus::Table;
    }
    if model.focus == Focus::Filter {
        model.focus = Focus::Room;
    }
    model.toast = None;
    model.overlays.push(overlay);
    Vec::new()
}

/// A key while a popup other than the question is open.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let is_palette = matches!(model.overlays.last(), Some(Overlay::Palette { .. }));
    let action = model.keys.action_of(key).filter(|_| !is_palette);
    if key == Key::Esc || action == Some(Action::Quit) {
        close(model);
        return Vec::new();
    }
    if is_palette {
        return palette_key(model, key);
    }
    let by = match (key, action) {
        (Key::Enter, _) => return enter(model),
        (Key::Char(' '), _) if matches!(model.overlays.last(), Some(Overlay::Columns { .. })) => return enter(model),
        // Arrows and their like work in popups whatever else they mean.
        (Key::Down, _) | (_, Some(Action::Down)) => 1,
        (Key::Up, _) | (_, Some(Action::Up)) => -1,
        (Key::PageDown, _) | (_, Some(Action::PageDown | Action::HalfDown)) => LEAP,
        (Key::PageUp, _) | (_, Some(Action::PageUp | Action::HalfUp)) => -LEAP,
        (Key::Home, _) | (_, Some(Action::First)) => isize::MIN,
        (Key::End, _) | (_, Some(Action::Last)) => isize::MAX,
        (_, Some(action)) => return command_in_popup(model, action),
        _ => return Vec::new(),
    };
    scroll(model, by)
}

/// A command that can be given while what it is about is read in a popup.
fn command_in_popup(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.overlays.last()) {
        // Also the key that opens the customer beneath it.
        (Action::OpenCustomer, Some(Overlay::Mail { .. } | Overlay::Entry { .. })) => rooms::open_customer(model),
        (Action::RetryMail | Action::CancelLink, Some(Overlay::Mail { fate: Some(_), .. })) => {
            close(model);
            perform(model, action)
        }
        (Action::Help, Some(Overlay::Help { .. })) => {
            model.overlays.pop();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Scrolls the topmost popup, or moves on among its choices.
pub fn scroll(model: &mut Model, by: isize) -> Vec<Effect> {
    let most = most_scroll(model);
    let offered = match model.overlays.last() {
        Some(Overlay::Palette { field, .. }) => matching(model, field.text()).len(),
        _ => 0,
    };
    match model.overlays.last_mut() {
        Some(Overlay::Help { scroll } | Overlay::Mail { scroll, .. } | Overlay::Entry { scroll, .. }) => {
            *scroll = u16::try_from(step(usize::from(*scroll), by, usize::from(most) + 1)).unwrap_or(most);
        }
        Some(Overlay::SortPicker { selected }) => *selected = step(*selected, by, SORTS.len()),
        Some(Overlay::Columns { selected }) => *selected = step(*selected, by, Column::OPTIONAL.len()),
        Some(Overlay::Searches { selected }) => *selected = step(*selected, by, model.searches.len()),
        Some(Overlay::Palette { selected, .. }) => *selected = step(*selected, by, offered),
        _ => {}
    }
    Vec::new()
}

/// Selects a choice of the topmost popup.
pub fn choose(model: &mut Model, choice: usize) {
    if let Some(
        Overlay::SortPicker { selected }
        | Overlay::Searches { selected }
        | Overlay::Columns { selected }
        | Overlay::Palette { selected, .. },
    ) = model.overlays.last_mut()
    {
        *selected = choice;
    }
}

/// How far the topmost popup can be scrolled.
fn most_scroll(model: &Model) -> u16 {
    let lines = match model.overlays.last() {
        Some(Overlay::Help { .. }) => help::entries(model.texts, model.area, &model.keys).len(),
        Some(Overlay::Mail { text, fate, .. }) => {
            paper::mail(model.texts, model.area, text, fate.as_ref(), model.now).len()
        }
        Some(Overlay::Entry { entry, .. }) => paper::entry(model.texts, model.area, entry).len(),
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
        Some(Overlay::Searches { selected }) => {
            let query = model.searches.get(*selected).map(|search| search.query.clone());
            model.overlays.pop();
            query.map_or_else(Vec::new, |query| fields::search_for(model, query.as_str()))
        }
        Some(Overlay::Columns { selected }) => {
            if let Some(column) = Column::OPTIONAL.get(*selected) {
                model.columns.toggle(*column);
            }
            Vec::new()
        }
        Some(Overlay::Entry { .. }) => rooms::open_customer(model),
        Some(Overlay::Notice { .. } | Overlay::Help { .. }) => {
            model.overlays.pop();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Something that the palette offers.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    /// A command.
    Command(&'static Command),
    /// A search that the shop saved.
    Search(&'a SavedSearch),
}

/// What the palette offers for what was typed: commands first.
#[must_use]
pub fn matching<'a>(model: &'a Model, typed: &str) -> Vec<Offer<'a>> {
    let typed = typed.trim().to_lowercase();
    // Whoever types in another script than usual still finds the English names.
    let says = |said: Message| {
        [model.texts, Texts::default()].iter().any(|texts| said(*texts).to_lowercase().contains(&typed))
    };
    let offered = |command: &&Command| {
        !matches!(command.action, Action::Palette | Action::Back)
            && model.availability(command.action) != Availability::Absent
            && (says(command.label) || says(command.help))
    };
    let mut commands: Vec<&'static Command> = command::COMMANDS.iter().filter(offered).collect();
    // What the name says comes before what only the explanation says.
    commands.sort_by_key(|command| !says(command.label));
    let is_meant = |search: &&SavedSearch| search.name.as_str().to_lowercase().contains(&typed);
    let searches = model.searches.iter().filter(|_| model.room.is_none()).filter(is_meant);
    commands.into_iter().map(Offer::Command).chain(searches.map(Offer::Search)).collect()
}

fn palette_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(Overlay::Palette { mut field, mut selected }) = model.overlays.pop() else { return Vec::new() };
    let offers = matching(model, field.text());
    match key {
        Key::Enter => {
            return match offers.get(selected).copied() {
                Some(Offer::Command(command)) => perform(model, command.action),
                Some(Offer::Search(search)) => {
                    let query = search.query.clone();
                    fields::search_for(model, query.as_str())
                }
                None => Vec::new(),
            };
        }
        Key::Down | Key::Tab => selected = step(selected, 1, offers.len()),
        Key::Up | Key::BackTab => selected = step(selected, -1, offers.len()),
        key => {
            if field.key(key) {
                selected = 0;
            }
        }
    }
    model.overlays.push(Overlay::Palette { field, selected });
    Vec::new()
}

/// Takes in a mail and shows it.
pub fn mail_text(model: &mut Model, answer: Answer<Option<MailText>>) {
    match answer {
        Ok(Some(text)) => {
            // Whoever left the mails, or turned to another one, does not want to read it any more.
            let Some(Room::Mails(room)) = model.room.as_ref().filter(|_| model.overlays.is_empty()) else { return };
            let fate = room.feed.selected_row().filter(|mail| Some(mail.id) == model.mail_asked).cloned();
            if fate.is_some() {
                model.overlays.push(Overlay::Mail { text, fate, scroll: 0 });
            }
        }
        Err(Problem::Cancelled) => {}
        Ok(None) => model.say(Mood::Bad, model.texts.result_mail_gone()),
        Err(Problem::Failed(text)) => model.say(Mood::Bad, SafeText::to_string(&text)),
    }
}

/// Asks for the mail that a reset would send: to whom the open question is about, else to whoever
/// the keys mean.
pub fn ask_preview(model: &mut Model) -> Vec<Effect> {
    let Some(id) = previewed(model) else { return Vec::new() };
    model.preview_asked = Some(id);
    vec![ask(model, Slot::Preview, Ask::Preview(id))]
}

/// Whose mail a preview would show now.
fn previewed(model: &Model) -> Option<CustomerId> {
    match model.overlays.last() {
        None => model.target(),
        Some(Overlay::Confirm(confirm)) if confirm.action == Intent::Reset => Some(confirm.record.id),
        Some(_) => None,
    }
}

/// Takes in the mail that a reset would send, and shows it above the question that it belongs to.
pub fn preview(model: &mut Model, outcome: Outcome<MailText>) {
    if model.preview_asked.is_none() || previewed(model) != model.preview_asked {
        return;
    }
    match outcome {
        Ok(Ok(text)) => model.overlays.push(Overlay::Mail { text, fate: None, scroll: 0 }),
        Ok(Err(refusal)) => model.say(Mood::Bad, model.texts.refusal(&refusal)),
        Err(Problem::Failed(text)) => model.say(Mood::Bad, SafeText::to_string(&text)),
        Err(Problem::Cancelled) => {}
    }
}

/// Closes the topmost popup; false when there is none. A question that comes to light again takes
/// no keys for a moment, as when it opened.
pub fn close(model: &mut Model) -> bool {
    let closed = model.overlays.pop().is_some();
    let now = model.now;
    if let Some(Overlay::Confirm(confirm)) = model.overlays.last_mut() {
        confirm.opened_at = now;
    }
    closed
}
