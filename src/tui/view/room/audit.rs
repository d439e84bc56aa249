//! The audit log.

use ratatui::{
    Frame,
    layout::Position,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{Columns, GAP, MARKER, instead, table};
use crate::{
    domain::{audit::EntryLine, time_text},
    texts::Texts,
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

/// What is shown of an entry.
#[derive(Clone, Copy)]
enum Column {
    Time,
    Operator,
    Action,
    Customer,
    Reason,
    Outcome,
}

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
    let columns = columns(model.texts, width);
    let row = table(model, look, frame, (screen.table, places), (&columns, &room.feed), |entry| {
        columns.iter().map(|(column, _, width)| cell(entry, (*column, *width), model, look)).collect()
    });
    instead(&room.feed, &model.texts.audit_nothing(), look, frame, screen.table);
    field.or(row)
}

/// The filter, and how many entries it leaves.
fn filter(model: &Model, room: &AuditRoom, look: Look, frame: &mut Frame, screen: Screen) -> Option<Position> {
    let area = inset(screen.search, 1);
    let has_keys = model.focus == Focus::Filter;
    let status = status(model, room, look);
    let taken: usize = status.iter().map(Span::width).sum();
    let title = format!("{}   ", model.texts.audit_title());
    let before = title.width() + 2;
    let width = area.width.saturating_sub(u16::try_from(before + taken + 2).unwrap_or(area.width)).max(10);
    let role = if has_keys { Role::Field } else { Role::Text };
    let (text, column) = look.field(role, &room.field, width);
    let text = if room.field.text().is_empty() && !has_keys {
        look.fit(Role::Dim, &model.texts.audit_hint(), usize::from(width))
    } else {
        text
    };
    let left = vec![look.span(Role::Title, title), look.span(Role::Key, "/ "), text];
    frame.render_widget(spread(area.width, left, status), area);
    let start = u16::try_from(before).unwrap_or_default();
    has_keys.then_some(Position { x: area.x + start + column, y: area.y })
}

fn status(model: &Model, room: &AuditRoom, look: Look) -> Vec<Span<'static>> {
    if room.problem.is_some() {
        // What is wrong is said where there is room for a sentence.
        return vec![look.span(Role::Warn, model.texts.audit_not_filtered())];
    }
    let waited = model.requests.running(Slot::Audit).map(|(_, since)| model.now.duration_since(since));
    if model.is_room_awaited() && waited.is_some_and(|waited| waited >= SPINNER_AFTER) {
        return vec![look.span(Role::Dim, model.texts.rows_reading())];
    }
    let is_all = room.feed.ready && room.feed.has_newest() && !room.feed.has_older;
    let text = match (room.feed.ready, is_all) {
        (false, _) => String::new(),
        (true, true) => model.texts.count_entries(room.feed.rows.len()),
        (true, false) => model.texts.audit_newest_first(),
    };
    vec![look.span(Role::Dim, text)]
}

/// What is known of the chain.
fn chain(model: &Model, look: Look) -> Vec<Span<'static>> {
    let texts = model.texts;
    let entries = |n: i64| texts.count_entries(n);
    let (role, text) = match &model.chain {
        None => {
            return vec![
                look.span(Role::Dim, format!("{} ", texts.chain_unchecked())),
                look.span(Role::Key, model.keys.first(Action::Verify).map(|key| key.to_string()).unwrap_or_default()),
                look.span(Role::Dim, format!(" {}", texts.chain_verifies())),
            ];
        }
        Some(Chain::Checking(verifier)) => {
            let turning = look.symbols.spinner(verifier.count() / 1000);
            (Role::Text, format!("{turning} {}", texts.chain_checking(entries(verifier.count()))))
        }
        Some(Chain::Holds { entries: n }) => {
            (Role::Good, format!("{} {}", look.symbols.good(), texts.chain_holds(entries(*n))))
        }
        Some(Chain::Broken { entries: n, at }) => {
            (Role::Bad, format!("! {}", texts.chain_broken(texts.chain_break(at), entries(*n))))
        }
        Some(Chain::Unread(problem)) => (Role::Bad, format!("! {}", texts.chain_unread(problem))),
    };
    let room = usize::from(model.area.width.saturating_sub(2));
    vec![look.fit(role, &text, room)]
}

fn columns(texts: Texts, width: usize) -> Columns<Column> {
    let is_wide = width >= WIDE;
    let mut columns = vec![
        (Column::Time, texts.label_time(), if is_wide { 16 } else { 11 }),
        (Column::Operator, texts.label_operator(), if is_wide { 14 } else { 11 }),
        (Column::Action, texts.label_action(), 16),
        (Column::Customer, texts.label_customer(), 8),
    ];
    let fixed: usize = columns.iter().map(|(.., width)| width + GAP).sum();
    let rest = width.saturating_sub(fixed);
    if width >= WITH_REASON {
        let reason = (rest * 2 / 5).min(40);
        columns.push((Column::Reason, texts.label_reason(), reason));
        columns.push((Column::Outcome, texts.label_outcome(), rest.saturating_sub(reason + GAP)));
    }
    columns
}

fn cell(entry: &EntryLine, (column, width): (Column, usize), model: &Model, look: Look) -> Span<'static> {
    let cell = |text: &str| look.cell(Role::Text, text, width);
    match column {
        Column::Operator => cell(entry.operator.as_str()),
        Column::Action => cell(&model.texts.audit_action(entry.action.as_str())),
        Column::Customer => cell(&entry.customer.map_or_else(|| "-".to_owned(), |id| id.0.to_string())),
        Column::Reason => cell(entry.reason.as_str()),
        Column::Outcome => cell(entry.detail.as_str()),
        Column::Time if width >= 16 => look.cell(Role::Dim, &time_text::minute(entry.at), width),
        Column::Time => look.cell(Role::Dim, &words::stamp(entry.at, model.now), width),
    }
}
