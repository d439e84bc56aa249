//! The queue of mails.

use std::fmt::Write as _;

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Column, GAP, MARKER, instead, table};
use crate::{
    domain::{
        mail_state::MailState,
        outbox::{MailLine, QueueState},
        time_text,
    },
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

/// What stands in front of how the queue stands.
const QUEUE: &str = "Queue   ";
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
        let label = look.span(Role::Dim, QUEUE);
        let room = usize::from(note.width).saturating_sub(QUEUE.len());
        frame.render_widget(Line::from(vec![label, look.fit(role, &text, room)]), note);
    }
    let columns = columns(usize::from(screen.table.width).saturating_sub(MARKER + 2));
    let row = table(model, look, frame, (screen.table, places), (&columns, &room.feed), |mail| {
        columns.iter().map(|column| cell(mail, *column, model, look)).collect()
    });
    instead(&room.feed, nothing(room), look, frame, screen.table);
    row
}

const fn nothing(room: &MailRoom) -> &'static str {
    if room.tab == 0 { "No mail was ever queued." } else { "No mail stands here." }
}

fn tabs(model: &Model, room: &MailRoom, look: Look, area: Rect, places: &mut Places) -> Line<'static> {
    let mut left = vec![look.span(Role::Title, "Mails   ")];
    for (index, (name, _)) in TABS.iter().enumerate() {
        let is_open = index == room.tab;
        let role = if is_open { Role::Selected } else { Role::Dim };
        let x = area.x + u16::try_from(left.iter().map(Span::width).sum::<usize>()).unwrap_or_default();
        let tab = look.span(role, format!(" {name} "));
        places.add_line(x, area.y, tab.width(), Spot::Tab(index));
        left.extend([tab, look.plain(" ")]);
    }
    let waited = model.requests.running(Slot::Mails).map(|(_, since)| model.now.duration_since(since));
    let is_slow = model.is_room_awaited() && waited.is_some_and(|waited| waited >= SPINNER_AFTER);
    spread(area.width, left, vec![look.span(Role::Dim, if is_slow { "reading..." } else { "" })])
}

/// How the queue stands.
fn queue_words(model: &Model, queue: &QueueState) -> (Role, String) {
    let now = model.now;
    if let Some((why, until)) = &queue.stopped {
        return (Role::Bad, format!("! Stopped, tried again in {}: {why}", words::left(*until, now)));
    }
    let due = queue.waiting.saturating_sub(queue.sending + queue.retrying);
    let counts =
        [(queue.held, "held"), (due, "due"), (queue.sending, "being sent"), (queue.retrying, "to be tried again")];
    let parts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut text = if parts.is_empty() { "nothing waits".to_owned() } else { parts.join(", ") };
    if let Some(next) = queue.next_at.filter(|at| *at > now && !parts.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "; next in {}", words::left(next, now));
    }
    if queue.dead > 0 {
        let _ = write!(text, ". {} refused or given up", queue.dead);
    }
    if queue.worker { (Role::Text, text) } else { (Role::Warn, format!("! Nobody delivers mails now. {text}")) }
}

fn columns(width: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    if width >= WIDE {
        columns.extend([("Queued, UTC", 16), ("Kind", 16)]);
    }
    columns.extend([("To", 0), ("Customer", 8), ("State", 12)]);
    if width >= WITH_RELAY {
        columns.push(("Tries", 5));
    }
    columns.push(("Next try", 8));
    let fixed: usize = columns.iter().map(|(_, width)| width + GAP).sum();
    let rest = width.saturating_sub(fixed);
    let to = if width >= WITH_RELAY { (rest * 2 / 3).min(40) } else { rest + GAP };
    if width >= WITH_RELAY {
        columns.push(("Relay", rest.saturating_sub(to)));
    }
    columns.iter().map(|&(name, width)| (name, if name == "To" { to } else { width })).collect()
}

fn cell(mail: &MailLine, (name, width): Column, model: &Model, look: Look) -> Span<'static> {
    let cell = |text: &str| look.cell(Role::Text, text, width);
    match name {
        "To" => cell(mail.to.as_str()),
        "Kind" => cell(mail.kind.title()),
        "Customer" => cell(&mail.customer.0.to_string()),
        "State" => {
            let (role, text) = state(mail, model, look);
            look.cell(role, &text, width)
        }
        "Tries" => cell(&format!("{:>width$}", mail.attempts)),
        "Next try" => cell(&next_try(mail, model)),
        "Relay" => cell(mail.relay.as_str()),
        _ => look.cell(Role::Dim, &time_text::minute(mail.created_at), width),
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
    (role, format!("{} {}", look.symbols.mail(mail.state), words::mail(mail, model.now)))
}

fn next_try(mail: &MailLine, model: &Model) -> String {
    let waits = mail.state == MailState::Queued && !mail.leased;
    let next = mail.next_at.filter(|_| waits);
    next.map_or_else(String::new, |at| {
        if at > model.now { format!("in {}", words::left(at, model.now)) } else { "now".to_owned() }
    })
}
