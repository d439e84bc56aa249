//! `keydesk reset-password`

use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, time},
        args::ResetPasswordArgs,
        mail::text_facts,
        who,
    },
    domain::{
        command::ResetQueued,
        customer::{CustomerId, Status},
        mail_state::MailState,
        outbox::{MailText, QueueState},
        time_text,
    },
    service::reset::ResetPlan,
    store::Store,
};

/// Queues a reset mail, or says what it would be.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &ResetPasswordArgs) -> Answered {
    let customer = who::find(ctx, &args.who).await?;
    let status = ctx.service.open(customer).await?.map(|record| record.status);
    if args.action.dry_run {
        return plan(ctx, customer, status).await;
    }
    let asked_at = ctx.service.clock().now();
    match ctx.service.start_reset(customer, None, args.action.request(&ctx.operator)).await? {
        Err(refusal) => Ok(Answer::refused(customer, &refusal)),
        Ok(reset) => {
            // The reset is queued whatever these reads come to.
            let (store, now) = (ctx.service.store(), ctx.service.clock().now());
            let queue = store.queue(now).await.ok();
            let mail = store.mail(reset.mail, now).await.ok().flatten();
            let after =
                mail.map(|mail| MailAfter { state: mail.state, repeated: is_before(mail.created_at, asked_at) });
            Ok(with_status(queued(&reset, after, queue.as_ref()), status))
        }
    }
}

/// What it would do, with the mail that would leave.
async fn plan<S: Store>(ctx: &Ctx<S>, customer: CustomerId, status: Option<Status>) -> Answered {
    let refused = |refusal| Answer::refused(customer, &refusal);
    let plan = ctx.service.plan_reset(customer).await?.map_err(refused)?;
    let mail = ctx.service.preview_reset(customer).await?.map_err(refused)?;
    Ok(with_mail(with_status(planned(customer, &plan), status), &mail))
}

/// Adds a mail word for word.
fn with_mail(answer: Answer, mail: &MailText) -> Answer {
    let answer = answer.with("mail", text_facts(mail));
    let subject = [String::new(), format!("Subject: {}", mail.subject), String::new()];
    subject.into_iter().chain(mail.lines.iter().map(ToString::to_string)).fold(answer, Answer::and_line)
}

/// Adds whether the customer can sign in, and says so when a new password alone will not do.
fn with_status(answer: Answer, status: Option<Status>) -> Answer {
    let answer = answer.with("status", status.map(Status::word));
    match status {
        Some(Status::Disabled) => answer.and_line("The account is switched off."),
        Some(Status::Unconfirmed) => answer.and_line("The e-mail address is not confirmed."),
        _ => answer,
    }
}

/// What is known of the mail when the action has come back.
#[derive(Clone, Copy)]
struct MailAfter {
    state: MailState,
    /// It was there before it was asked for: the answer is the first one of the same key.
    repeated: bool,
}

impl MailAfter {
    fn is_waiting(self) -> bool {
        self.state == MailState::Queued
    }
}

/// Whether something was stored earlier; stored times have whole microseconds.
fn is_before(stored: Timestamp, asked_at: Timestamp) -> bool {
    stored.as_microsecond() < asked_at.as_microsecond()
}

fn planned(customer: CustomerId, plan: &ResetPlan) -> Answer {
    let from = plan.website.sender_email.as_ref().map_or("", |email| email.as_str());
    let link = plan.website.base_url.as_deref().unwrap_or_default();
    let ends = if plan.supersedes { " The link that works now would stop working." } else { "" };
    let message = format!(
        "Would mail {} a link to {link} from {} <{from}> at {}.{ends} Nothing was done.",
        plan.email.as_str(),
        plan.website.sender_name,
        time_text::second(plan.send_at)
    );
    let facts = json!({
        "customer": customer.0,
        "email": plan.email.as_str(),
        "from": from,
        "base_url": link,
        "send_at": time(plan.send_at),
        "supersedes": plan.supersedes,
        "budget": {"used": plan.budget.used, "max": plan.budget.max},
    });
    Answer::sentence(Outcome::Planned, message, facts)
}

fn queued(reset: &ResetQueued, after: Option<MailAfter>, queue: Option<&QueueState>) -> Answer {
    let waiting = after.is_none_or(MailAfter::is_waiting);
    let worker = queue.map(|queue| queue.worker);
    let facts = json!({
        "customer": reset.customer.0,
        "email": reset.email.as_str(),
        "reset_id": reset.reset.0,
        "mail_id": reset.mail.0,
        "send_at": time(reset.send_at),
        "superseded": reset.superseded,
        "repeated": after.map(|mail| mail.repeated),
        "mail_state": after.map(|mail| mail.state.word()),
        "worker": worker,
    });
    let mut answer = Answer::sentence(Outcome::Queued, in_words(reset, after), facts);
    // A reset that was undone gave the older link back.
    if reset.superseded && after.is_none_or(|mail| mail.state != MailState::Cancelled) {
        answer = answer.and_line("The link of the reset before it no longer works.");
    }
    if waiting && worker == Some(false) {
        answer =
            answer.and_line("Nobody delivers mails at the moment: run \"keydesk mail deliver\" or open the console.");
    }
    answer
}

fn in_words(reset: &ResetQueued, after: Option<MailAfter>) -> String {
    let ids = format!("(reset {}, mail {})", reset.reset.0, reset.mail.0);
    let before = if after.is_some_and(|mail| mail.repeated) { "This was done before with the same key. " } else { "" };
    match after {
        Some(MailAfter { state, repeated: true }) if state != MailState::Queued => {
            format!("This was done before with the same key; its mail is now {} {ids}.", state.word())
        }
        Some(MailAfter { state, .. }) if state != MailState::Queued => {
            format!("The reset mail to {} is already {} {ids}.", reset.email, state.word())
        }
        _ => format!(
            "{before}A reset mail to {} is queued and leaves at {} {ids}. Until then \"keydesk cancel-reset {}\" takes it back.",
            reset.email,
            time_text::second(reset.send_at),
            reset.customer.0
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{mail_state::MailId, reset::ResetId};

    fn reset() -> ResetQueued {
        ResetQueued {
            customer: CustomerId(1),
            email: "roni_cost@example.com".into(),
            reset: ResetId(5),
            mail: MailId(9),
            send_at: "2026-11-20T12:00:10Z".parse().unwrap(),
            superseded: true,
        }
    }

    fn after(state: MailState, repeated: bool) -> MailAfter {
        MailAfter { state, repeated }
    }

    #[test]
    fn programs_get_reset_mail_and_time() {
        let reset = reset();
        let answer = queued(&reset, Some(after(MailState::Queued, false)), Some(&QueueState::default()));
        let json = answer.json();
        assert_eq!(json["outcome"], "queued");
        assert_eq!((&json["customer"], &json["reset_id"], &json["mail_id"]), (&1.into(), &5.into(), &9.into()));
        assert_eq!(json["send_at"], "2026-11-20T12:00:10Z");
        assert_eq!((&json["repeated"], &json["mail_state"]), (&false.into(), &"queued".into()));
        assert_eq!(answer.lines.len(), 3);
        assert!(answer.lines[0].contains("leaves at 2026-11-20 12:00:10 UTC (reset 5, mail 9)"));
        assert_eq!(queued(&ResetQueued { superseded: false, ..reset }, None, None).lines.len(), 1);
    }

    #[test]
    fn a_repeat_says_so_and_where_its_mail_stands() {
        let (reset, queue) = (reset(), QueueState::default());
        let cancelled = queued(&reset, Some(after(MailState::Cancelled, true)), Some(&queue));
        let wanted = "This was done before with the same key; its mail is now cancelled (reset 5, mail 9).";
        assert_eq!(cancelled.lines, [wanted]);
        assert_eq!(
            (&cancelled.json()["repeated"], &cancelled.json()["mail_state"]),
            (&true.into(), &"cancelled".into())
        );
        let waiting = queued(&reset, Some(after(MailState::Queued, true)), None);
        assert!(waiting.lines[0].starts_with("This was done before with the same key. A reset mail to"));
        let swift = queued(&reset, Some(after(MailState::Accepted, false)), Some(&queue));
        assert!(swift.lines[0].contains("is already accepted"), "{swift:?}");
        assert_eq!(swift.lines.len(), 2);
    }

    #[test]
    fn it_says_when_a_password_alone_will_not_do() {
        let give = |status| with_status(queued(&reset(), None, None), Some(status));
        assert_eq!(give(Status::Disabled).lines.last().unwrap(), "The account is switched off.");
        assert_eq!(give(Status::Unconfirmed).lines.last().unwrap(), "The e-mail address is not confirmed.");
        assert_eq!(give(Status::Unconfirmed).json()["status"], "unconfirmed");
        assert_eq!(give(Status::Active).lines, queued(&reset(), None, None).lines);
    }
}
