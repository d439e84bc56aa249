//! What time alone changes. There is no tick: the runtime is asked to wake the console at the
//! next moment at which something on the screen changes by itself, and at no other.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{customer::Status, outbox::QueueState, throttle::Blocked},
    tui::{
        effect::{Ask, Effect},
        layout,
        model::{
            Model,
            requests::{Running, SPINNER_AFTER, Slot},
            room::Room,
        },
        update::{actions, ask, detail, rooms},
        words,
    },
};

/// How often an open record is looked at: somebody else may act on the same customer.
const RECORD: SignedDuration = SignedDuration::from_secs(5);
/// How often the queue is looked at while mails wait, and otherwise.
const QUEUE_BUSY: SignedDuration = SignedDuration::from_secs(3);
const QUEUE_CALM: SignedDuration = SignedDuration::from_secs(30);

/// `span` later.
#[must_use]
pub fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// When the queue is looked at next.
pub fn next_queue_look(model: &Model, queue: Option<&QueueState>) -> Timestamp {
    let busy = queue.is_some_and(|queue| queue.held + queue.waiting > 0) || !model.undo.is_empty();
    after(model.now, if busy { QUEUE_BUSY } else { QUEUE_CALM })
}

/// When an open record that was read now is read again.
pub fn next_record_look(now: Timestamp) -> Timestamp {
    after(now, RECORD)
}

/// Does what is due.
pub fn pass(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
        model.dirty = true;
    }
    if actions::drop_left(model, now).is_some() {
        model.dirty = true;
        // The worker needs a moment for the mail that has just become due.
        model.queue_due = after(now, SignedDuration::from_millis(700));
    }
    if !countdowns(model).is_empty() || is_busy(model) {
        model.dirty = true;
    }
    let mut effects = Vec::new();
    let is_record_due = model.is_record_idle() && model.record_due <= now;
    if is_record_due {
        // Other people's mails show in the queue and in the record together.
        model.queue_due = model.queue_due.min(now);
        effects.extend(detail::reread(model));
    }
    if model.is_room_idle() && model.room_due <= now {
        effects.extend(rooms::refresh(model));
    }
    if model.queue_due <= now && model.requests.running(Slot::Queue).is_none() {
        effects.push(ask(model, Slot::Queue, Ask::Queue));
    }
    effects
}

/// Whether something takes so long that the screen says so.
fn is_busy(model: &Model) -> bool {
    reads_since(model)
        .into_iter()
        .chain(model.requests.writes().map(|write| write.since))
        .any(|since| since < model.now)
}

fn reads_since(model: &Model) -> Vec<Timestamp> {
    let is_awaited = |slot: &Slot| match slot {
        // What is only looked at again shows no spinner.
        Slot::Record => model.is_record_awaited(),
        Slot::Audit | Slot::Mails => model.is_room_awaited(),
        _ => true,
    };
    [Slot::Page, Slot::Record, Slot::Audit, Slot::Mails, Slot::Chain]
        .into_iter()
        .filter(is_awaited)
        .filter_map(|slot| model.requests.running(slot))
        .map(|(_, since)| since)
        .collect()
}

/// The moments that the screen counts down to.
fn countdowns(model: &Model) -> Vec<Timestamp> {
    let record = model.detail.as_ref().and_then(|detail| detail.current());
    let budget = record.and_then(|record| record.budget.blocked).map(Blocked::next);
    let lock = record.and_then(|record| lock_end(record.status));
    let undo = model.undo.iter().map(|undo| undo.send_at);
    let ends = undo.chain(budget).chain(lock).chain(in_rows(model));
    ends.filter(|&at| at > model.now && at.duration_since(model.now) < words::COUNTED).collect()
}

/// Those in the rows that are seen.
fn in_rows(model: &Model) -> Vec<Timestamp> {
    let seen = layout::table_rows(model.screen());
    match &model.room {
        None => {
            let rows = model.list.rows.iter().skip(model.list.top).take(seen);
            rows.filter_map(|(row, _)| lock_end(row.status)).collect()
        }
        Some(Room::Mails(room)) => {
            let stopped = model.queue.as_ref().and_then(|queue| queue.stopped.as_ref()).map(|(_, until)| *until);
            let next = model.queue.as_ref().and_then(|queue| queue.next_at);
            let rows = room.feed.rows.iter().skip(room.feed.top).take(seen);
            rows.filter_map(|mail| mail.next_at).chain(stopped).chain(next).collect()
        }
        Some(Room::Audit(_)) => Vec::new(),
    }
}

const fn lock_end(status: Status) -> Option<Timestamp> {
    match status {
        Status::Locked { until } => Some(until),
        _ => None,
    }
}

/// The next moment at which something changes by itself.
fn next_change(model: &Model) -> Timestamp {
    let now = model.now;
    let mut next = model.queue_due.max(now);
    if model.requests.running(Slot::Queue).is_some() {
        next = Timestamp::MAX;
    }
    if model.is_record_idle() {
        next = next.min(model.record_due.max(now));
    }
    if model.is_room_idle() {
        next = next.min(model.room_due.max(now));
    }
    let mut sooner = |at: Timestamp| next = next.min(at);
    if let Some(toast) = &model.toast {
        sooner(toast.until);
    }
    for end in countdowns(model) {
        // Counting down changes what is shown whenever a whole second is left.
        let left = end.duration_since(now).as_millis();
        let step = i64::try_from((left - 1).rem_euclid(1000) + 1).unwrap_or(1000);
        sooner(after(now, SignedDuration::from_millis(step)));
    }
    for since in reads_since(model) {
        sooner(spinner_step(since, now));
    }
    for Running { since, .. } in model.requests.writes() {
        sooner(spinner_step(*since, now));
    }
    next
}

/// When a spinner that runs since then turns next: a few times a second, slow lines in mind.
fn spinner_step(since: Timestamp, now: Timestamp) -> Timestamp {
    let first = after(since, SPINNER_AFTER);
    if first > now { first } else { after(now, SignedDuration::from_millis(250)) }
}

/// Asks to be woken at the next change, unless that was asked before.
pub fn next_wake(model: &mut Model) -> Option<Effect> {
    let next = next_change(model);
    let next = (next < Timestamp::MAX).then_some(next);
    if model.wake_at == next {
        return None;
    }
    model.wake_at = next;
    let left = next.map(|next| Duration::try_from(next.duration_since(model.now)).unwrap_or(Duration::ZERO));
    Some(Effect::Wake(left))
}
