//! `keydesk reset-password`

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, time},
        args::ResetPasswordArgs,
        who,
    },
    domain::{command::ResetQueued, customer::CustomerId, outbox::QueueState, time_text},
    service::reset::ResetPlan,
    store::Store,
};

/// Queues a reset mail, or says what it would be.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &ResetPasswordArgs) -> Answered {
    let customer = who::find(ctx, &args.who).await?;
    if args.action.dry_run {
        let plan = ctx.service.plan_reset(customer).await?;
        return Ok(plan.map_or_else(|refusal| Answer::refused(customer, &refusal), |plan| planned(customer, &plan)));
    }
    match ctx.service.start_reset(customer, None, args.action.request(&ctx.operator)).await? {
        Err(refusal) => Ok(Answer::refused(customer, &refusal)),
        Ok(reset) => {
            // The reset is queued whatever this read comes to.
            let queue = ctx.service.store().queue(ctx.service.clock().now()).await.ok();
            Ok(queued(&reset, queue.as_ref()))
        }
    }
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

fn queued(reset: &ResetQueued, queue: Option<&QueueState>) -> Answer {
    let message = format!(
        "A reset mail to {} is queued and leaves at {} (reset {}, mail {}). Until then \"keydesk cancel-reset {}\" takes it back.",
        reset.email,
        time_text::second(reset.send_at),
        reset.reset.0,
        reset.mail.0,
        reset.customer.0
    );
    let worker = queue.map(|queue| queue.worker);
    let facts = json!({
        "customer": reset.customer.0,
        "email": reset.email.as_str(),
        "reset_id": reset.reset.0,
        "mail_id": reset.mail.0,
        "send_at": time(reset.send_at),
        "superseded": reset.superseded,
        "worker": worker,
    });
    let mut answer = Answer::sentence(Outcome::Queued, message, facts);
    if reset.superseded {
        answer = answer.and_line("The link of the reset before it no longer works.");
    }
    if worker == Some(false) {
        answer =
            answer.and_line("Nobody delivers mails at the moment: run \"keydesk mail deliver\" or open the console.");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{mail_state::MailId, reset::ResetId};

    #[test]
    fn programs_get_reset_mail_and_time() {
        let reset = ResetQueued {
            customer: CustomerId(1),
            email: "roni_cost@example.com".into(),
            reset: ResetId(5),
            mail: MailId(9),
            send_at: "2026-11-20T12:00:10Z".parse().unwrap(),
            superseded: true,
        };
        let answer = queued(&reset, Some(&QueueState::default()));
        let json = answer.json();
        assert_eq!(json["outcome"], "queued");
        assert_eq!((&json["customer"], &json["reset_id"], &json["mail_id"]), (&1.into(), &5.into(), &9.into()));
        assert_eq!(json["send_at"], "2026-11-20T12:00:10Z");
        assert_eq!(answer.lines.len(), 3);
        assert!(answer.lines[0].contains("leaves at 2026-11-20 12:00:10 UTC (reset 5, mail 9)"));
        assert_eq!(queued(&ResetQueued { superseded: false, ..reset }, None).lines.len(), 1);
    }
}
