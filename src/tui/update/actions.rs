//! What can be done to a customer, up to the question and after the answer.

use jiff::Timestamp;

use crate::{
    domain::{
        command::{MailRetried, ResetCancelled, ResetQueued, SignInForced, Unlocked},
        customer::{Customer, CustomerId},
        outbox::MailLine,
        refusal::Refusal,
        safe_text::SafeText,
        time_text,
    },
    tui::{
        command::Action,
        effect::{Ask, Effect, Write},
        model::{
            Intent, Model, Mood, Undo,
            availability::{Availability, Obstacle},
            confirm::Confirm,
            overlay::Overlay,
            requests::Slot,
            room::Room,
        },
        msg::{Outcome, Problem},
        update::{ask, detail, rooms},
    },
};

/// Opens the question, as soon as the record was read anew that it is asked about.
pub fn ask_first(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(id) = model.target() else { return Vec::new() };
    let Some(intent) = intent_of(model, action) else { return Vec::new() };
    if model.is_writing(id) {
        let name = model.name_of(id);
        return explain(model, &name, Obstacle::BeingDone);
    }
    if model.intent == Some((id, intent)) {
        return Vec::new();
    }
    if let Some((mail, Availability::Blocked(obstacle))) =
        selected_mail(model).map(|mail| (mail, model.availability_of(action, mail)))
    {
        let to = mail.to.clone();
        return explain(model, &to, obstacle);
    }
    // What is on the screen may be old: somebody else acts on the same customers.
    model.intent = Some((id, intent));
    vec![detail::read(model, id)]
}

/// Nobody is asked about while the rows are those of an earlier search.
pub fn wait_for_rows(model: &mut Model) -> Vec<Effect> {
    model.say(Mood::Neutral, model.texts.result_still_searching());
    model.refused_at = Some(model.now);
    Vec::new()
}

/// The mail that the keys mean, among mails.
fn selected_mail(model: &Model) -> Option<&MailLine> {
    match &model.room {
        Some(Room::Mails(room)) => room.feed.selected_row(),
        _ => None,
    }
}

fn intent_of(model: &Model, action: Action) -> Option<Intent> {
    let mail = selected_mail(model).map(|mail| mail.id);
    Some(match (action, mail) {
        (Action::RetryMail, mail) => Intent::RetryMail(mail?),
        (Action::CancelLink, Some(mail)) => Intent::CancelMail(mail),
        (Action::CancelLink, None) => Intent::CancelLink,
        (Action::ForceSignIn, _) => Intent::ForceSignIn,
        (Action::Unlock, _) => Intent::Unlock,
        _ => Intent::Reset,
    })
}

const fn action_of(intent: Intent) -> Action {
    match intent {
        Intent::Reset => Action::Reset,
        Intent::ForceSignIn => Action::ForceSignIn,
        Intent::CancelLink | Intent::CancelMail(_) => Action::CancelLink,
        Intent::Unlock => Action::Unlock,
        Intent::RetryMail(_) => Action::RetryMail,
    }
}

/// Opens the question about this record, unless the record says that there is nothing to ask.
pub fn confirm(model: &mut Model, intent: Intent, record: Customer) -> Vec<Effect> {
    let action = action_of(intent);
    let mail = match intent {
        Intent::RetryMail(id) | Intent::CancelMail(id) => {
            // Turned to another one meanwhile.
            let Some(mail) = selected_mail(model).filter(|mail| mail.id == id).cloned() else { return Vec::new() };
            Some(mail)
        }
        _ => None,
    };
    let availability = match &mail {
        Some(mail) => model.availability_of(action, mail),
        None => model.availability_for(action, &record),
    };
    if let Availability::Blocked(obstacle) = availability {
        // Sessions can be ended for those who never had tokens, too.
        let sessions = intent == Intent::ForceSignIn && record.alive.sessions > 0;
        if !sessions || model.is_writing(record.id) {
            return explain(model, &record.called(), obstacle);
        }
    }
    if model.overlays.is_empty() {
        model.toast = None;
        model.overlays.push(Overlay::Confirm(Confirm { mail, ..Confirm::new(intent, record, model.now) }));
    }
    Vec::new()
}

/// Says calmly why something cannot be done now.
fn explain(model: &mut Model, name: &SafeText, obstacle: Obstacle) -> Vec<Effect> {
    let text = model.texts.result_about(name, obstacle.sentence(model.texts));
    model.refused_at = Some(model.now);
    if obstacle == Obstacle::NeverHadTokens {
        model.toast = None;
        model.overlays.push(Overlay::Notice { title: model.texts.popup_nothing_to_revoke(), text });
    } else {
        model.say(Mood::Neutral, text);
    }
    Vec::new()
}

/// Does what somebody said yes to.
pub fn run(model: &mut Model, write: Write) -> Vec<Effect> {
    let texts = model.texts;
    let what = match &write {
        Write::StartReset { .. } => texts.doing_reset(),
        Write::UndoReset { .. } | Write::CancelMail { .. } => texts.doing_take_back(),
        Write::CancelReset { .. } => texts.doing_cancel(),
        Write::ForceSignIn { .. } => texts.doing_force(),
        Write::Unlock { .. } => texts.doing_unlock(),
        Write::RetryMail { .. } => texts.doing_retry(),
    };
    model.toast = None;
    let ticket = model.requests.write(write.customer(), what, model.now);
    vec![Effect::Do(ticket, write)]
}

/// Takes the newest mail back that has not left.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    model.undo.retain(|undo| undo.send_at > now);
    let Some(undo) = model.undo.pop() else { return Vec::new() };
    run(model, Write::UndoReset { customer: undo.customer, reset: undo.reset })
}

/// Sends the e-mail address to the clipboard.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let of_mail = selected_mail(model).map(|mail| mail.to.clone());
    let of_record = of_mail.or_else(|| model.target_record().map(|record| record.email.clone()));
    let Some(email) = of_record.or_else(|| model.list.selected_row().map(|row| row.email.clone())) else {
        return Vec::new();
    };
    model.say(Mood::Neutral, model.texts.result_copied(&email));
    vec![Effect::Copy(email)]
}

/// A reset was queued, or not.
pub fn reset_queued(model: &mut Model, about: CustomerId, outcome: Outcome<ResetQueued>) -> Vec<Effect> {
    let result = settled(model, about, outcome);
    if let Some(ResetQueued { customer, email, reset, send_at, .. }) = result {
        if send_at > model.now {
            model.undo.push(Undo { customer, reset, email, send_at });
        } else if model.has_worker() {
            model.say(Mood::Good, model.texts.result_queued(email));
        } else {
            model.say(Mood::Bad, model.texts.result_stranded(email));
        }
    }
    afterwards(model, about)
}

/// A reset was taken back, or not.
pub fn reset_cancelled(model: &mut Model, about: CustomerId, outcome: Outcome<ResetCancelled>) -> Vec<Effect> {
    if let Some(done) = settled(model, about, outcome) {
        model.undo.retain(|undo| undo.reset != done.reset);
        let texts = model.texts;
        let mut text = if done.undone {
            texts.result_taken_back()
        } else if done.mail_may_arrive {
            texts.result_cancelled_late()
        } else {
            texts.result_cancelled()
        };
        if done.restored {
            text = format!("{text} {}", texts.result_restored());
        }
        model.say(Mood::Good, text);
    }
    afterwards(model, about)
}

/// Access was ended, or not.
pub fn sign_in_forced(model: &mut Model, about: CustomerId, outcome: Outcome<SignInForced>) -> Vec<Effect> {
    if let Some(SignInForced { ended, left, .. }) = settled(model, about, outcome) {
        let texts = model.texts;
        let revoked = || texts.result_revoked(texts.count_tokens(ended.tokens), left.tokens);
        let signed_out = || texts.result_ended(texts.count_sessions(ended.sessions), left.sessions);
        let what = match (ended.tokens, ended.sessions) {
            (_, 0) => revoked(),
            (0, _) => signed_out(),
            _ => format!("{}; {}", revoked(), signed_out()),
        };
        let text = texts.result_verified(what);
        model.say(Mood::Good, text);
    }
    afterwards(model, about)
}

/// A lock was taken off, or not.
pub fn unlocked(model: &mut Model, about: CustomerId, outcome: Outcome<Unlocked>) -> Vec<Effect> {
    if settled(model, about, outcome).is_some() {
        let name = model.name_of(about);
        model.say(Mood::Good, model.texts.result_unlocked(name));
    }
    afterwards(model, about)
}

/// A mail is tried again, or not.
pub fn mail_retried(model: &mut Model, about: CustomerId, outcome: Outcome<MailRetried>) -> Vec<Effect> {
    if let Some(MailRetried { email, .. }) = settled(model, about, outcome) {
        if model.has_worker() {
            model.say(Mood::Good, model.texts.result_mail_due(email));
        } else {
            model.say(Mood::Bad, model.texts.result_stranded(email));
        }
    }
    afterwards(model, about)
}

/// What was done; else says why not.
fn settled<T>(model: &mut Model, about: CustomerId, outcome: Outcome<T>) -> Option<T> {
    let (texts, name) = (model.texts, model.name_of(about));
    match outcome {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(Refusal::Throttled(blocked))) => {
            model.say(Mood::Bad, texts.result_next(name, time_text::second(blocked.next())));
        }
        Ok(Err(refusal)) => model.say(Mood::Bad, texts.result_about(name, texts.refusal(&refusal))),
        Err(Problem::Failed(text)) => model.say(Mood::Bad, text.to_string()),
        Err(Problem::Cancelled) => model.say(Mood::Bad, texts.result_cancelled_by_us()),
    }
    None
}

/// After an action everything that it may have changed is read again.
fn afterwards(model: &mut Model, about: CustomerId) -> Vec<Effect> {
    // The record that an action waits for must not be pushed aside.
    let awaited = model.intent.map(|(id, _)| id);
    let id = awaited.or_else(|| model.detail.as_ref().map(|detail| detail.id)).unwrap_or(about);
    let mut effects = vec![detail::read(model, id), ask(model, Slot::Queue, Ask::Queue)];
    effects.extend(rooms::refresh(model));
    effects
}

/// Forgets mails that have left. Tells whether one of them did, so that its state is read again.
pub fn drop_left(model: &mut Model, now: Timestamp) -> Option<CustomerId> {
    let left = model.undo.iter().find(|undo| undo.send_at <= now).map(|undo| undo.customer);
    model.undo.retain(|undo| undo.send_at > now);
    left
}
