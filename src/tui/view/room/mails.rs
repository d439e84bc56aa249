//! The queue of mails.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{Columns, GAP, MARKER, instead, table};
use crate::{
    domain::{
        mail_state::MailState,
        outbox::{MailLine, QueueState},
        time_text,
    },
    texts::Texts,
    tui::{
        layout::Screen,
        model::{
            Model,
            places::{Places, Spot},
            requests::{SPINNER_AFTER, Slot},
            room::{MailRoom, TABS},
        },
        theme::Role,
        view::look::{Look, inset, spread},
        words,
    },
};

/// What is shown of a mail.
#[derive(Clone, Copy)]
enum Column {
    Queued,
    Kind,
    To,
    Customer,
    State,
    Tries,
    NextTry,
    Relay,
}

/// From this width on it is shown when a mail was queued and what it is for.
const WIDE: usize = 100;
/// From this width on tries and the relay's answer are shown.
const WITH_RELAY: usize = 70;

/// Draws the mails; gives the place of the cursor.
pub fn draw(
    model: &Model,
    room: &MailRoom,
    look: Look,
    frame: &mut Frame,
    (screen, places): (Screen, &mut Places),
) -> Option<Position> {
    frame.render_widget(tabs(model, room, look, inset(screen.search, 1), places), inset(screen.search, 1));
    let note = inset(screen.note, 1);
    if let Some(queue) = &model.queue {
        let (role, text) = queue_words(model, queue);
        let label = look.span(Role::Dim, format!("{}   ", model.texts.mails_queue()));
        let room = usize::from(note.width).saturating_sub(label.width());
        frame.render_widget(Line::from(vec![label, look.fit(role, &text, room)]), note);
    }
    let columns = columns(model.texts, usize::from(screen.table.width).saturating_sub(MARKER + 2));
    let row = table(model, look, frame, (screen.table, places), (&columns, &room.feed), |mail| {
        columns.iter().map(|(column, _, width)| cell(mail, (*column, *width), model, look)).collect()
    });
    let nothing = if room.tab == 0 { model.texts.mails_never() } else { model.texts.mails_none() };
    instead(&room.feed, &nothing, look, frame, screen.table);
    row
}

fn tabs(model: &Model, room: &MailRoom, look: Look, area: Rect, places: &mut Places) -> Line<'static> {
    let mut left = vec![look.span(Role::Title, format!("{}   ", model.texts.mails_title()))];
    for (index, (name, _)) in TABS.iter().enumerate() {
        let is_open = index == room.tab;
        let role = if is_open { Role::Selected } else { Role::Dim };
        let x = area.x + u16::try_from(left.iter().map(Span::width).sum::<usize>()).unwrap_or_default();
        let tab = look.span(role, format!(" {} ", name(model.texts)));
        places.add_line(x, area.y, tab.width(), Spot::Tab(index));
        left.extend([tab, look.plain(" ")]);
    }
    let waited = model.requests.running(Slot::Mails).map(|(_, since)| model.now.duration_since(since));
    let is_slow = model.is_room_awaited() && waited.is_some_and(|waited| waited >= SPINNER_AFTER);
    let reading = if is_slow { model.texts.rows_reading() } else { String::new() };
    spread(area.width, left, vec![look.span(Role::Dim, reading)])
}

/// How the queue stands.
fn queue_words(model: &Model, queue: &QueueState) -> (Role, String) {
    let (texts, now) = (model.texts, model.now);
    if let Some((why, until)) = &queue.stopped {
        return (Role::Bad, format!("! {}", texts.queue_stopped(words::left(texts, *until, now), why)));
    }
    let due = queue.waiting.saturating_sub(queue.sending + queue.retrying);
    let counts = [
        (queue.held, texts.queue_held(queue.held)),
        (due, texts.queue_due(due)),
        (queue.sending, texts.queue_sending(queue.sending)),
        (queue.retrying, texts.queue_retrying(queue.retrying)),
    ];
    let parts: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, said)| said).collect();
    let mut text = if parts.is_empty() { texts.queue_nothing() } else { parts.join(", ") };
    if let Some(next) = queue.next_at.filter(|at| *at > now && !parts.is_empty()) {
        text = format!("{text}; {}", texts.queue_next(words::left(texts, next, now)));
    }
    if queue.dead > 0 {
        text = format!("{text}. {}", texts.queue_dead(queue.dead));
    }
    if queue.worker { (Role::Text, text) } else { (Role::Warn, format!("! {}", texts.queue_nobody(text))) }
}

fn columns(texts: Texts, width: usize) -> Columns<Column> {
    let mut columns = Vec::new();
    if width >= WIDE {
        columns.push((Column::Queued, texts.label_queued(), 16));
        columns.push((Column::Kind, texts.label_kind(), 16));
    }
    columns.push((Column::To, texts.label_to(), 0));
    columns.push((Column::Customer, texts.label_customer(), 8));
    columns.push((Column::State, texts.label_state(), 12));
    if width >= WITH_RELAY {
        columns.push((Column::Tries, texts.label_tries(), 5));
    }
    let next_try = texts.label_next_try();
    let next_width = next_try.width().max(8);
    columns.push((Column::NextTry, next_try, next_width));
    let fixed: usize = columns.iter().map(|(.., width)| width + GAP).sum();
    let rest = width.saturating_sub(fixed);
    let to = if width >= WITH_RELAY { (rest * 2 / 3).min(40) } else { rest + GAP };
    if width >= WITH_RELAY {
        columns.push((Column::Relay, texts.label_relay(), rest.saturating_sub(to)));
    }
    for (column, _, width) in &mut columns {
        if matches!(column, Column::To) {
            *width = to;
        }
    }
    columns
}

fn cell(mail: &MailLine, (column, width): (Column, usize), model: &Model, look: Look) -> Span<'static> {
    let cell = |text: &str| look.cell(Role::Text, text, width);
    match column {
        Column::To => cell(mail.to.as_str()),
        Column::Kind => cell(&model.texts.mail_kind(mail.kind)),
        Column::Customer => cell(&mail.customer.0.to_string()),
        Column::State => {
            let (role, text) = state(mail, model, look);
            look.cell(role, &text, width)
        }
        Column::Tries => cell(&format!("{:>width$}", mail.attempts)),
        Column::NextTry => cell(&next_try(mail, model)),
        Column::Relay => cell(mail.relay.as_str()),
        Column::Queued => look.cell(Role::Dim, &time_text::minute(mail.created_at), width),
    }
}

/// Where a mail stands, as sign and word.
fn state(mail: &MailLine, model: &Model, look: Look) -> (Role, String) {
    let role = match mail.state {
        MailState::Refused | MailState::Expired => Role::Bad,
        MailState::Queued if mail.attempts > 0 && !mail.leased => Role::Warn,
        MailState::Queued | MailState::Accepted => Role::Text,
        MailState::Cancelled | MailState::Superseded => Role::Dim,
    };
    (role, format!("{} {}", look.symbols.mail(mail.state), words::mail(model.texts, mail, model.now)))
}

fn next_try(mail: &MailLine, model: &Model) -> String {
    let waits = mail.state == MailState::Queued && !mail.leased;
    let next = mail.next_at.filter(|_| waits);
    next.map_or_else(String::new, |at| {
        let texts = model.texts;
        if at > model.now { texts.try_in(words::left(texts, at, model.now)) } else { texts.try_now() }
    })
}
