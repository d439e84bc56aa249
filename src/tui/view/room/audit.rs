//! The audit log.

use ratatui::{
    Frame,
    layout::Position,
    text::{Line, Span},
};

use super::{Column, GAP, MARKER, instead, table};
use crate::{
    domain::{audit::EntryLine, time_text},
    tui::{
        command::Action,
        layout::Screen,
        model::{
            Focus, Model,
            places::{Places, Spot},
            requests::{SPINNER_AFTER, Slot},
            room::{AuditRoom, Chain},
        },
        theme::Role,
        view::look::{Look, inset, spread},
        words,
    },
};

/// What stands in front of the filter.
const TITLE: &str = "Audit log   ";
/// From this width on the whole time is shown.
const WIDE: usize = 100;
/// From this width on reason and outcome are shown; an entry that is opened has them anyway.
const WITH_REASON: usize = 70;

/// Draws the audit log; gives the place of the cursor.
pub fn draw(
    model: &Model,
    room: &AuditRoom,
    look: Look,
    frame: &mut Frame,
    (screen, places): (Screen, &mut Places),
) -> Option<Position> {
    places.add(screen.search, Spot::Command(Action::Search));
    let field = filter(model, room, look, frame, screen);
    let note = inset(screen.note, 1);
    if model.chain.is_none() {
        places.add(note, Spot::Command(Action::Verify));
    }
    frame.render_widget(Line::from(chain(model, look)), note);
    let width = usize::from(screen.table.width).saturating_sub(MARKER + 2);
    let columns = columns(width);
    let row = table(model, look, frame, (screen.table, places), (&columns, &room.feed), |entry| {
        columns.iter().map(|column| cell(entry, *column, model, look)).collect()
    });
    instead(&room.feed, "No entry is like this.", look, frame, screen.table);
    field.or(row)
}

/// The filter, and how many entries it leaves.
fn filter(model: &Model, room: &AuditRoom, look: Look, frame: &mut Frame, screen: Screen) -> Option<Position> {
    let area = inset(screen.search, 1);
    let has_keys = model.focus == Focus::Filter;
    let status = status(model, room, look);
    let taken: usize = status.iter().map(Span::width).sum();
    let before = TITLE.len() + 2;
    let width = area.width.saturating_sub(u16::try_from(before + taken + 2).unwrap_or(area.width)).max(10);
    let role = if has_keys { Role::Field } else { Role::Text };
    let (text, column) = look.field(role, &room.field, width);
    let text = if room.field.text().is_empty() && !has_keys {
        look.fit(Role::Dim, "operator:mina action:reset customer:1 since:2026-11", usize::from(width))
    } else {
        text
    };
    let left = vec![look.span(Role::Title, TITLE), look.span(Role::Key, "/ "), text];
    frame.render_widget(spread(area.width, left, status), area);
    let start = u16::try_from(before).unwrap_or_default();
    has_keys.then_some(Position { x: area.x + start + column, y: area.y })
}

fn status(model: &Model, room: &AuditRoom, look: Look) -> Vec<Span<'static>> {
    if room.problem.is_some() {
        // What is wrong is said where there is room for a sentence.
        return vec![look.span(Role::Warn, "not filtered")];
    }
    let waited = model.requests.running(Slot::Audit).map(|(_, since)| model.now.duration_since(since));
    if model.is_room_awaited() && waited.is_some_and(|waited| waited >= SPINNER_AFTER) {
        return vec![look.span(Role::Dim, "reading...")];
    }
    let is_all = room.feed.ready && room.feed.has_newest() && !room.feed.has_older;
    let count = u32::try_from(room.feed.rows.len()).unwrap_or(u32::MAX);
    let text = match count {
        _ if !room.feed.ready => String::new(),
        1 if is_all => "1 entry".to_owned(),
        count if is_all => format!("{count} entries"),
        _ => "newest first".to_owned(),
    };
    vec![look.span(Role::Dim, text)]
}

/// What is known of the chain.
fn chain(model: &Model, look: Look) -> Vec<Span<'static>> {
    let entries = |n: i64| words::number(u64::try_from(n).unwrap_or_default(), "entry", "entries");
    let (role, text) = match &model.chain {
        None => {
            return vec![
                look.span(Role::Dim, "The chain was not checked yet: "),
                look.span(Role::Key, model.keys.first(Action::Verify).map(|key| key.to_string()).unwrap_or_default()),
                look.span(Role::Dim, " verifies it."),
            ];
        }
        Some(Chain::Checking(verifier)) => {
            let turn = verifier.count() / 1000;
            let turning = look.symbols.spinner(turn);
            (Role::Text, format!("{turning} Checking the chain: {} so far.", entries(verifier.count())))
        }
        Some(Chain::Holds { entries: n }) => {
            (Role::Good, format!("{} {}, the chain holds.", look.symbols.good(), entries(*n)))
        }
        Some(Chain::Broken { entries: n, at }) => {
            (Role::Bad, format!("! The chain is broken: {at}. {} before hold.", entries(*n)))
        }
        Some(Chain::Unread(problem)) => (Role::Bad, format!("! The chain could not be checked: {problem}")),
    };
    let room = usize::from(model.area.width.saturating_sub(2));
    vec![look.fit(role, &text, room)]
}

fn columns(width: usize) -> Vec<Column> {
    let is_wide = width >= WIDE;
    let mut columns = vec![
        ("Time, UTC", if is_wide { 16 } else { 11 }),
        ("Operator", if is_wide { 14 } else { 11 }),
        ("Action", 16),
        ("Customer", 8),
    ];
    let fixed: usize = columns.iter().map(|(_, width)| width + GAP).sum();
    let rest = width.saturating_sub(fixed);
    if width >= WITH_REASON {
        let reason = (rest * 2 / 5).min(40);
        columns.push(("Reason", reason));
        columns.push(("Outcome", rest.saturating_sub(reason + GAP)));
    }
    columns
}

fn cell(entry: &EntryLine, (name, width): Column, model: &Model, look: Look) -> Span<'static> {
    let cell = |text: &str| look.cell(Role::Text, text, width);
    match name {
        "Operator" => cell(entry.operator.as_str()),
        "Action" => cell(words::action(entry.action.as_str())),
        "Customer" => cell(&entry.customer.map_or_else(|| "-".to_owned(), |id| id.0.to_string())),
        "Reason" => cell(entry.reason.as_str()),
        "Outcome" => cell(entry.detail.as_str()),
        _ if width >= 16 => look.cell(Role::Dim, &time_text::minute(entry.at), width),
        _ => look.cell(Role::Dim, &words::stamp(entry.at, model.now), width),
    }
}
