//! What was asked for arrives.

use std::time::Duration;

use crate::{
    domain::outbox::QueueState,
    tui::{
        effect::Effect,
        model::Model,
        msg::{Answer, Reply, Ticket},
        update::{actions, detail, list, overlays, rooms, time},
    },
};

/// Takes in a reply. The only place where stale ones are dropped.
pub fn take(model: &mut Model, ticket: Ticket, took: Duration, reply: Reply) -> Vec<Effect> {
    let about = model.requests.writes().find(|write| write.ticket == ticket).map(|write| write.customer);
    if !model.requests.close(ticket) {
        return Vec::new();
    }
    if let Reply::Queue(answer) = reply {
        return queue(model, answer);
    }
    // What is read again and again is no reason to draw unless it changed.
    match reply {
        Reply::Record(answer) => return detail::record(model, *answer),
        Reply::Audit(answer) => return rooms::entries(model, answer),
        Reply::Mails(answer) => return rooms::mails(model, answer),
        _ => {}
    }
    model.dirty = true;
    if let Some(about) = about {
        return match reply {
            Reply::ResetQueued(outcome) => actions::reset_queued(model, about, outcome),
            Reply::ResetCancelled(outcome) => actions::reset_cancelled(model, about, outcome),
            Reply::SignInForced(outcome) => actions::sign_in_forced(model, about, outcome),
            Reply::Unlocked(outcome) => actions::unlocked(model, about, outcome),
            Reply::MailRetried(outcome) => actions::mail_retried(model, about, outcome),
            _ => Vec::new(),
        };
    }
    match reply {
        Reply::Page(answer) => return list::page(model, took, answer),
        Reply::Count(answer) => model.list.count = answer.ok(),
        Reply::Total(answer) => model.list.total = answer.ok(),
        Reply::Websites(answer) => {
            model.shop.websites = answer.unwrap_or_default().into_iter().map(|website| website.name).collect();
        }
        Reply::AuditChain(answer) => return rooms::chain(model, answer),
        Reply::MailText(answer) => overlays::mail_text(model, answer),
        Reply::Preview(outcome) => overlays::preview(model, outcome),
        Reply::Record(_)
        | Reply::Queue(_)
        | Reply::Audit(_)
        | Reply::Mails(_)
        | Reply::Unlocked(_)
        | Reply::MailRetried(_)
        | Reply::ResetQueued(_)
        | Reply::ResetCancelled(_)
        | Reply::SignInForced(_) => {}
    }
    Vec::new()
}

/// The queue is read often; only a change is worth a frame, and a look at what it changed.
fn queue(model: &mut Model, answer: Answer<QueueState>) -> Vec<Effect> {
    let fresh = answer.ok();
    model.queue_due = time::next_queue_look(model, fresh.as_ref());
    if fresh.is_none() || fresh == model.queue {
        return Vec::new();
    }
    let had = model.queue.replace(fresh.unwrap_or_default()).is_some();
    model.dirty = true;
    if !had {
        return Vec::new();
    }
    let mut effects = detail::reread(model);
    effects.extend(rooms::refresh(model));
    effects
}
