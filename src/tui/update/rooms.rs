//! Going into rooms and out of them, and reading what they list.

use jiff::SignedDuration;

use crate::{
    domain::{
        audit::{EntryLine, Verifier, Walk},
        audit_query,
        mail_state::MailId,
        outbox::MailLine,
        safe_text::SafeText,
    },
    tui::{
        command::Action,
        effect::{Ask, Effect},
        key::Key,
        layout,
        model::{
            Focus, Model, Mood,
            detail::Detail,
            feed::{Feed, Load, Numbered, PAGE},
            overlay::Overlay,
            requests::Slot,
            room::{AuditRoom, Chain, MailRoom, Room, TABS},
        },
        msg::{Answer, Problem},
        update::{ask, back, detail, fields, left_of, perform, rows_of, time, times},
    },
};

/// How often an open room is looked at: others work in the same shop.
pub const LOOK: SignedDuration = SignedDuration::from_secs(5);

/// Rows that are seen at once.
fn height(model: &Model) -> usize {
    layout::table_rows(layout::screen(model.area, false, false))
}

/// Goes into a room; what is open stays behind it.
pub fn enter(model: &mut Model, action: Action) -> Vec<Effect> {
    let room = match action {
        Action::Mails => Room::Mails(Box::<MailRoom>::default()),
        _ => Room::Audit(Box::<AuditRoom>::default()),
    };
    model.put_aside();
    model.room = Some(room);
    model.focus = Focus::Room;
    model.toast = None;
    load(model, Load::NEWEST)
}

/// Opens the record of the customer that the selected row is about.
pub fn open_customer(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.room.as_ref().and_then(Room::customer) else { return Vec::new() };
    model.overlays.clear();
    model.put_aside();
    model.detail = Some(Detail::new(id));
    model.focus = Focus::Detail;
    vec![detail::read(model, id)]
}

/// Back to where one came from. What is read again there may be old by now.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    if !model.take_back() {
        return Vec::new();
    }
    model.requests.forget(Slot::Record);
    match &mut model.room {
        Some(Room::Audit(room)) => room.feed.give_up(),
        Some(Room::Mails(room)) => room.feed.give_up(),
        None => return detail::reread(model),
    }
    refresh(model)
}

/// Opens what the selected row stands for, whole.
pub fn open_selected(model: &mut Model) -> Vec<Effect> {
    match &model.room {
        Some(Room::Audit(room)) => {
            if let Some(entry) = room.feed.selected_row().cloned() {
                model.overlays.push(Overlay::Entry { entry, scroll: 0 });
            }
            Vec::new()
        }
        Some(Room::Mails(room)) => {
            let id = room.feed.selected_row().map(|mail| mail.id);
            model.mail_asked = id;
            id.map(|id| ask(model, Slot::MailText, Ask::MailText(id))).into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// Moves the selection.
pub fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    let screen = isize::try_from(height(model)).unwrap_or(isize::MAX).max(2);
    let is_newest = match &model.room {
        Some(Room::Audit(room)) => room.feed.has_newest(),
        Some(Room::Mails(room)) => room.feed.has_newest(),
        None => true,
    };
    let times = times(model);
    match action {
        Action::First | Action::Last if times > 0 => to_row(model, times, is_newest),
        Action::First if !is_newest => load(model, Load::NEWEST),
        Action::First => moved(model, isize::MIN),
        Action::Last => moved(model, isize::MAX),
        action => walk(model, rows_of(action, screen) * times.max(1)),
    }
}

/// To the row of this number, from 1.
fn to_row(model: &mut Model, number: isize, is_newest: bool) -> Vec<Effect> {
    if is_newest {
        let effects = moved(model, isize::MIN);
        return effects.into_iter().chain(walk(model, number - 1)).collect();
    }
    model.owed = number - 1;
    load(model, Load::NEWEST)
}

/// Moves the selection by so many rows, also by rows that are still to be read.
fn walk(model: &mut Model, by: isize) -> Vec<Effect> {
    let place = |model: &Model| match &model.room {
        Some(Room::Audit(room)) => (room.feed.selected, room.feed.has_older, !room.feed.has_newest()),
        Some(Room::Mails(room)) => (room.feed.selected, room.feed.has_older, !room.feed.has_newest()),
        None => (0, false, false),
    };
    let (before, below, above) = place(model);
    let effects = moved(model, by);
    model.owed = left_of(by, before, place(model).0, if by > 0 { below } else { above });
    effects
}

/// Moves the selection by so many rows, and asks for more rows when the edge comes near.
pub fn moved(model: &mut Model, by: isize) -> Vec<Effect> {
    let height = height(model);
    let wanted = match &mut model.room {
        Some(Room::Audit(room)) => travelled(&mut room.feed, by, height),
        Some(Room::Mails(room)) => travelled(&mut room.feed, by, height),
        None => None,
    };
    wanted.map_or_else(Vec::new, |wanted| load(model, wanted))
}

/// Scrolls the rows by so many.
pub fn scroll(model: &mut Model, rows: isize) -> Vec<Effect> {
    let height = height(model);
    match &mut model.room {
        Some(Room::Audit(room)) => room.feed.scroll_by(rows, height),
        Some(Room::Mails(room)) => room.feed.scroll_by(rows, height),
        None => {}
    }
    moved(model, 0)
}

/// Selects the row of this number.
pub fn select(model: &mut Model, number: i64) -> Vec<Effect> {
    let height = height(model);
    match &mut model.room {
        Some(Room::Audit(room)) => room.feed.select(number, height),
        Some(Room::Mails(room)) => room.feed.select(number, height),
        None => {}
    }
    moved(model, 0)
}

fn travelled<T: Numbered + PartialEq>(feed: &mut Feed<T>, by: isize, height: usize) -> Option<Load> {
    feed.move_by(by, height);
    feed.wanted(height)
}

/// Turns to the next tab of the mails, or the one before.
pub fn turn(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(Room::Mails(room)) = &model.room else { return Vec::new() };
    let tab = room.tab.saturating_add_signed(by).min(TABS.len() - 1);
    turn_to(model, tab)
}

/// Turns to a tab of the mails.
pub fn turn_to(model: &mut Model, tab: usize) -> Vec<Effect> {
    let Some(Room::Mails(room)) = &mut model.room else { return Vec::new() };
    if tab == room.tab {
        return Vec::new();
    }
    room.tab = tab;
    room.feed.start_anew();
    load(model, Load::NEWEST)
}

/// A key while the filter of a room has the keys: letters are typed.
pub fn filter_key(model: &mut Model, key: Key) -> Vec<Effect> {
    match key {
        Key::Enter | Key::Down | Key::Tab => {
            model.focus = Focus::Room;
            Vec::new()
        }
        Key::Esc => back(model),
        Key::Up | Key::PageUp => travel(model, Action::Up),
        Key::PageDown => travel(model, Action::PageDown),
        key if fields::is_palette(model, key) => perform(model, Action::Palette),
        key => {
            let Some(Room::Audit(room)) = &mut model.room else { return Vec::new() };
            if room.field.key(key) { filter(model) } else { Vec::new() }
        }
    }
}

/// Pasted text goes into the filter.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(Room::Audit(room)) = &mut model.room else { return Vec::new() };
    if room.field.paste(text) { filter(model) } else { Vec::new() }
}

/// Lists everything again; none when it does already.
pub fn clear_filter(model: &mut Model) -> Option<Vec<Effect>> {
    let Some(Room::Audit(room)) = &mut model.room else { return None };
    if room.field.text().is_empty() {
        return None;
    }
    room.field.clear();
    Some(filter(model))
}

/// Lists what the filter asks for, as far as it can be understood.
fn filter(model: &mut Model) -> Vec<Effect> {
    let texts = model.texts;
    let Some(Room::Audit(room)) = &mut model.room else { return Vec::new() };
    match audit_query::parse(room.field.text()) {
        Err(problem) => {
            room.problem = Some(SafeText::new(&texts.filter_problem(&problem)));
            Vec::new()
        }
        Ok(filter) => {
            room.problem = None;
            if filter == room.filter {
                return Vec::new();
            }
            room.filter = filter;
            room.feed.start_anew();
            load(model, Load::NEWEST)
        }
    }
}

/// Asks for a page, now or as soon as the one on its way has come back.
fn load(model: &mut Model, load: Load) -> Vec<Effect> {
    let (slot, what) = match &mut model.room {
        Some(Room::Audit(room)) => {
            let what = Ask::Audit { filter: room.filter.clone(), before: load.before, limit: PAGE };
            (Slot::Audit, room.feed.begin(load).then_some(what))
        }
        Some(Room::Mails(room)) => {
            let what = Ask::Mails { filter: room.filter(), before: load.before.map(MailId), limit: PAGE };
            (Slot::Mails, room.feed.begin(load).then_some(what))
        }
        None => return Vec::new(),
    };
    what.map(|what| ask(model, slot, what)).into_iter().collect()
}

/// Reads the newest rows again while they are what is looked at.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    model.room_due = time::after(model.now, LOOK);
    let can_be = match &model.room {
        Some(Room::Audit(room)) => room.feed.can_be_renewed(),
        Some(Room::Mails(room)) => room.feed.can_be_renewed(),
        None => false,
    };
    if can_be { load(model, Load::NEWEST) } else { Vec::new() }
}

/// Takes in entries of the audit log.
pub fn entries(model: &mut Model, answer: Answer<Vec<EntryLine>>) -> Vec<Effect> {
    let height = height(model);
    let Some(Room::Audit(room)) = &mut model.room else { return Vec::new() };
    let taken = take(&mut room.feed, answer, height);
    follow_up(model, taken)
}

/// Takes in mails.
pub fn mails(model: &mut Model, answer: Answer<Vec<MailLine>>) -> Vec<Effect> {
    let height = height(model);
    let Some(Room::Mails(room)) = &mut model.room else { return Vec::new() };
    let taken = take(&mut room.feed, answer, height);
    if taken.changed {
        // What is said of the queue must go with what is seen of it.
        model.queue_due = model.now;
    }
    follow_up(model, taken)
}

/// What follows a page: whether something is to be drawn, and what was asked for meanwhile.
struct Taken {
    changed: bool,
    next: Option<Load>,
}

fn take<T: Numbered + PartialEq>(feed: &mut Feed<T>, answer: Answer<Vec<T>>, height: usize) -> Taken {
    if let Some(next) = feed.queued.take() {
        // Nobody wants this page any more.
        feed.loading = None;
        return Taken { changed: false, next: Some(next) };
    }
    let changed = match answer {
        Ok(page) => feed.take(page, height),
        Err(Problem::Failed(text)) => feed.fail(text),
        Err(Problem::Cancelled) => {
            feed.give_up();
            false
        }
    };
    Taken { changed, next: None }
}

fn follow_up(model: &mut Model, Taken { changed, next }: Taken) -> Vec<Effect> {
    model.dirty |= changed;
    model.room_due = time::after(model.now, LOOK);
    if let Some(next) = next {
        return load(model, next);
    }
    let owed = std::mem::take(&mut model.owed);
    walk(model, owed)
}

/// Begins to check the audit log's chain from its first entry.
pub fn verify(model: &mut Model) -> Vec<Effect> {
    check_on(model, Verifier::default())
}

fn check_on(model: &mut Model, verifier: Verifier) -> Vec<Effect> {
    model.chain = Some(Chain::Checking(verifier.clone()));
    vec![ask(model, Slot::Chain, Ask::AuditChain(verifier))]
}

/// Takes in how far the check came, and goes on. It does not end with the room: it is said when it
/// does not hold, wherever one is by then.
pub fn chain(model: &mut Model, answer: Answer<Walk>) -> Vec<Effect> {
    model.chain = match answer {
        Ok(Walk::Going(verifier)) => return check_on(model, verifier),
        Ok(Walk::Ended(report)) => Some(match report.broken {
            None => Chain::Holds { entries: report.entries },
            Some(at) => {
                model.say(Mood::Bad, model.texts.result_audit_broken(model.texts.chain_break(&at)));
                Chain::Broken { entries: report.entries, at }
            }
        }),
        Err(Problem::Failed(text)) => Some(Chain::Unread(text)),
        Err(Problem::Cancelled) => None,
    };
    Vec::new()
}
