//! `keydesk mail retry` and `keydesk mail cancel`

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::MailActionArgs,
        cancel_reset,
    },
    domain::{
        command::MailRetried,
        outbox::{MailKind, MailLine},
    },
    store::Store,
};

/// Sends a mail again, or says what that would do.
pub(super) async fn retry<S: Store>(ctx: &Ctx<S>, args: &MailActionArgs) -> Answered {
    let refused = |refusal| Answer::mail_refused(args.id, &refusal);
    if args.action.dry_run {
        let plan = ctx.service.plan_retry(args.id).await?;
        return Ok(plan.map_or_else(refused, |mail| planned(&mail, "send", "again")));
    }
    let done = ctx.service.retry_mail(args.id, args.action.request(&ctx.operator)).await?;
    let worker = ctx.service.queue().await.ok().map(|queue| queue.worker);
    Ok(done.map_or_else(refused, |done| retried(&done, worker)))
}

/// Takes back the reset of a mail (a notice has none to take back), or says what that would do.
pub(super) async fn cancel<S: Store>(ctx: &Ctx<S>, args: &MailActionArgs) -> Answered {
    let refused = |refusal| Answer::mail_refused(args.id, &refusal);
    if args.action.dry_run {
        let plan = ctx.service.plan_cancel_mail(args.id).await?;
        return Ok(plan.map_or_else(refused, |mail| planned(&mail, "cancel", "and its reset")));
    }
    let done = ctx.service.cancel_mail(args.id, args.action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(refused, |done| cancel_reset::cancelled(&done).with("mail_id", args.id.0)))
}

fn planned(mail: &MailLine, what: &str, how: &str) -> Answer {
    let (id, reset, state) = (mail.id.0, mail.reset.0, mail.stage().word());
    let link = match mail.kind {
        MailKind::Reset => format!(" and its link {}", mail.link.word()),
        MailKind::PasswordChanged => String::new(),
    };
    let (noun, to) = (mail.kind.noun(), &mail.to);
    let message =
        format!("Would {what} {noun} {id} to {to} {how} (reset {reset}); it is {state}{link}. Nothing was done.");
    let facts = json!({
        "customer": mail.customer.0,
        "mail_id": id,
        "kind": mail.kind.word(),
        "reset_id": reset,
        "email": mail.to.as_str(),
        "mail_state": state,
        "link": mail.link.word(),
    });
    Answer::sentence(Outcome::Planned, message, facts)
}

fn retried(done: &MailRetried, worker: Option<bool>) -> Answer {
    let message = format!(
        "Mail {} to {} is queued again and leaves as soon as a worker takes it (it was {}).",
        done.mail.0,
        done.email,
        done.was.word()
    );
    let facts = json!({
        "customer": done.customer.0,
        "mail_id": done.mail.0,
        "reset_id": done.reset.0,
        "email": done.email.as_str(),
        "was": done.was.word(),
        "worker": worker,
    });
    let answer = Answer::sentence(Outcome::Queued, message, facts);
    if worker == Some(false) {
        return answer
            .and_line("Nobody delivers mails at the moment: run \"keydesk mail deliver\" or open the console.");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        customer::CustomerId,
        mail_retry::NoRetry,
        mail_state::{MailId, MailState},
        refusal::Refusal,
        reset::ResetId,
    };

    #[test]
    fn a_retry_says_what_was_and_who_is_missing() {
        let done = MailRetried {
            customer: CustomerId(1),
            mail: MailId(9),
            email: "roni_cost@example.com".into(),
            reset: ResetId(5),
            was: MailState::Refused,
        };
        let answer = retried(&done, Some(false));
        assert!(answer.lines[0].contains("queued again") && answer.lines[0].contains("(it was refused)"));
        assert!(answer.lines[1].starts_with("Nobody delivers"));
        assert_eq!((&answer.json()["mail_id"], &answer.json()["was"]), (&9.into(), &"refused".into()));
        assert_eq!(retried(&done, Some(true)).lines.len(), 1);
    }

    #[test]
    fn a_refused_retry_has_its_own_reason() {
        let answer = Answer::mail_refused(MailId(9), &Refusal::NotRetried(NoRetry::LinkUsed));
        assert_eq!(answer.lines, ["Not sent again: the customer has already used its link."]);
        assert_eq!((answer.outcome.exit_code(), &answer.json()["reason"]), (3, &"link_used".into()));
        assert_eq!(Answer::mail_refused(MailId(9), &Refusal::NoSuchMail).outcome.exit_code(), 4);
    }
}
