//! `keydesk cancel-reset`

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::CancelResetArgs,
        who,
    },
    domain::{command::ResetCancelled, customer::CustomerId, reset::ResetId},
    store::Store,
};

/// Takes the newest reset back, or says what that would do.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &CancelResetArgs) -> Answered {
    let customer = who::find(ctx, &args.who).await?;
    if args.action.dry_run {
        let plan = ctx.service.plan_cancel(customer).await?;
        return Ok(plan.map_or_else(|refusal| Answer::refused(customer, &refusal), |reset| planned(customer, reset)));
    }
    let done = ctx.service.cancel_reset(customer, args.action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(|refusal| Answer::refused(customer, &refusal), |done| cancelled(&done)))
}

fn planned(customer: CustomerId, reset: ResetId) -> Answer {
    let message = format!("Would cancel reset {} of customer {}. Nothing was done.", reset.0, customer.0);
    Answer::sentence(Outcome::Planned, message, json!({"customer": customer.0, "reset_id": reset.0}))
}

/// What cancelling came to.
pub(super) fn cancelled(done: &ResetCancelled) -> Answer {
    let id = done.reset.0;
    let (outcome, message) = if done.undone {
        let restored = if done.restored { " The link of the reset before it works again." } else { "" };
        (Outcome::Undone, format!("Reset {id} was undone: its mail will never leave, and it does not count.{restored}"))
    } else if done.mail_may_arrive {
        let message = format!("Reset {id} was cancelled: its link no longer works. Its mail has left and may arrive.");
        (Outcome::Cancelled, message)
    } else {
        (Outcome::Cancelled, format!("Reset {id} was cancelled: its link no longer works."))
    };
    let facts = json!({
        "customer": done.customer.0,
        "reset_id": id,
        "mail_may_arrive": done.mail_may_arrive,
        "restored": done.restored,
    });
    Answer::sentence(outcome, message, facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undone_is_told_from_cancelled() {
        let done = |undone, mail_may_arrive| {
            let (customer, reset) = (CustomerId(1), ResetId(5));
            cancelled(&ResetCancelled { customer, reset, undone, mail_may_arrive, restored: false })
        };
        assert_eq!(done(true, false).json()["outcome"], "undone");
        assert_eq!(done(false, true).json()["outcome"], "cancelled");
        assert!(done(false, true).lines[0].contains("may arrive"));
        assert!(!done(false, false).lines[0].contains("may arrive"));
    }
}
