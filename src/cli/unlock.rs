//! `keydesk unlock`

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, time},
        args::UnlockArgs,
        who,
    },
    domain::{command::Unlocked, customer::CustomerId, time_text},
    service::unlock::UnlockPlan,
    store::Store,
};

/// Takes off a customer's lock, or says what that would do.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &UnlockArgs) -> Answered {
    let customer = who::find(ctx, &args.who).await?;
    if args.action.dry_run {
        let plan = ctx.service.plan_unlock(customer).await?;
        return Ok(plan.map_or_else(|refusal| Answer::refused(customer, &refusal), |plan| planned(customer, plan)));
    }
    let done = ctx.service.unlock(customer, None, args.action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(|refusal| Answer::refused(customer, &refusal), |done| unlocked(&done)))
}

fn planned(customer: CustomerId, plan: UnlockPlan) -> Answer {
    let message = format!(
        "Would take off the lock of customer {} until {} and forget {}. Nothing was done.",
        customer.0,
        time_text::second(plan.until),
        wrong_passwords(plan.failed_sign_ins)
    );
    let facts = json!({
        "customer": customer.0,
        "locked_until": time(plan.until),
        "failed_sign_ins": plan.failed_sign_ins,
    });
    Answer::sentence(Outcome::Planned, message, facts)
}

fn unlocked(done: &Unlocked) -> Answer {
    let message = format!(
        "Customer {} can sign in again: the lock until {} is off, and {} no longer count.",
        done.customer.0,
        time_text::second(done.until),
        wrong_passwords(done.failed_sign_ins)
    );
    let facts = json!({
        "customer": done.customer.0,
        "was_locked_until": time(done.until),
        "failed_sign_ins": done.failed_sign_ins,
    });
    Answer::sentence(Outcome::Unlocked, message, facts)
}

fn wrong_passwords(number: u32) -> String {
    format!("{number} wrong password{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_off_and_what_is_forgotten() {
        let until = "2026-11-20T12:30:00Z".parse().unwrap();
        let done = unlocked(&Unlocked { customer: CustomerId(7), until, failed_sign_ins: 6 });
        let wanted = "Customer 7 can sign in again: the lock until 2026-11-20 12:30:00 UTC is off, \
                      and 6 wrong passwords no longer count.";
        assert_eq!(done.lines, [wanted]);
        assert_eq!((&done.json()["outcome"], &done.json()["customer"]), (&"unlocked".into(), &7.into()));
        let plan = planned(CustomerId(7), UnlockPlan { until, failed_sign_ins: 1 });
        assert_eq!(plan.json()["locked_until"], "2026-11-20T12:30:00Z");
        assert!(plan.lines[0].ends_with("forget 1 wrong password. Nothing was done."), "{plan:?}");
    }
}
