//! `keydesk force-sign-in`

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::ForceSignInArgs,
        who,
    },
    domain::{
        access_token::{Alive, Scope},
        command::SignInForced,
        customer::CustomerId,
    },
    store::Store,
};

/// Ends what the scope says of a customer's access, or says what that would be.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &ForceSignInArgs) -> Answered {
    let customer = who::find(ctx, &args.who).await?;
    let scope = args.scope();
    if args.action.dry_run {
        let plan = ctx.service.plan_force_sign_in(customer, scope).await?;
        return Ok(
            plan.map_or_else(|refusal| Answer::refused(customer, &refusal), |plan| planned(customer, scope, plan))
        );
    }
    let done = ctx.service.force_sign_in(customer, None, scope, args.action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(|refusal| Answer::refused(customer, &refusal), |done| revoked(scope, &done)))
}

fn planned(customer: CustomerId, scope: Scope, plan: Alive) -> Answer {
    let message = format!("Would end {} of customer {}. Nothing was done.", in_words(scope, plan), customer.0);
    let facts = json!({
        "customer": customer.0,
        "scope": scope.word(),
        "would_revoke": plan.tokens,
        "would_end_sessions": plan.sessions,
    });
    Answer::sentence(Outcome::Planned, message, facts)
}

fn revoked(scope: Scope, done: &SignInForced) -> Answer {
    let facts = json!({
        "customer": done.customer.0,
        "scope": scope.word(),
        "revoked": done.ended.tokens,
        "remaining": done.left.tokens,
        "sessions_ended": done.ended.sessions,
        "sessions_remaining": done.left.sessions,
    });
    Answer::sentence(Outcome::Revoked, sentence(scope, done), facts)
}

fn sentence(scope: Scope, done: &SignInForced) -> String {
    const NOTHING: Alive = Alive { tokens: 0, sessions: 0 };
    let in_scope = |alive: Alive| Alive {
        tokens: if scope.tokens() { alive.tokens } else { 0 },
        sessions: if scope.sessions() { alive.sessions } else { 0 },
    };
    let (ended, left) = (in_words(scope, done.ended), in_words(scope, done.left));
    match (in_scope(done.ended), in_scope(done.left)) {
        (NOTHING, NOTHING) => format!("Nothing was alive: {ended}, 0 left."),
        // One token of several, which was not alive any more.
        (NOTHING, _) => format!("It was not alive any more, nothing was ended; {left} left."),
        _ => format!("Ended {ended} of customer {}; {left} left.", done.customer.0),
    }
}

fn in_words(scope: Scope, alive: Alive) -> String {
    let of = |number: u32, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let tokens = scope.tokens().then(|| of(alive.tokens, "access token"));
    let sessions = scope.sessions().then(|| of(alive.sessions, "browser session"));
    tokens.into_iter().chain(sessions).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access_token::TokenId;

    #[test]
    fn it_says_what_ended_and_what_is_left() {
        let done = SignInForced {
            customer: CustomerId(1),
            ended: Alive { tokens: 3, sessions: 1 },
            left: Alive { tokens: 0, sessions: 0 },
        };
        let answer = revoked(Scope::All, &done);
        assert_eq!(
            answer.lines,
            ["Ended 3 access tokens and 1 browser session of customer 1; 0 access tokens and 0 browser sessions left."]
        );
        let json = answer.json();
        assert_eq!((&json["outcome"], &json["scope"]), (&"revoked".into(), &"all".into()));
        assert_eq!((&json["revoked"], &json["remaining"]), (&3.into(), &0.into()));
        assert_eq!((&json["sessions_ended"], &json["sessions_remaining"]), (&1.into(), &0.into()));
        assert_eq!(revoked(Scope::Tokens, &done).lines, ["Ended 3 access tokens of customer 1; 0 access tokens left."]);
    }

    #[test]
    fn a_repeat_ends_nothing_and_says_so() {
        let none = Alive { tokens: 0, sessions: 0 };
        let mut done = SignInForced { customer: CustomerId(1), ended: none, left: none };
        let says = |scope, done: &SignInForced| revoked(scope, done).lines.join("\n");
        assert_eq!(says(Scope::Tokens, &done), "Nothing was alive: 0 access tokens, 0 left.");
        assert_eq!(says(Scope::All, &done), "Nothing was alive: 0 access tokens and 0 browser sessions, 0 left.");
        assert_eq!(revoked(Scope::Tokens, &done).json()["outcome"], "revoked");
        done.left.tokens = 2;
        assert_eq!(says(Scope::Sessions, &done), "Nothing was alive: 0 browser sessions, 0 left.");
        let other = says(Scope::Token(TokenId(7)), &done);
        assert_eq!(other, "It was not alive any more, nothing was ended; 2 access tokens left.");
    }

    #[test]
    fn a_plan_changes_nothing_and_says_so() {
        let answer = planned(CustomerId(1), Scope::Sessions, Alive { tokens: 0, sessions: 2 });
        assert_eq!(answer.lines, ["Would end 2 browser sessions of customer 1. Nothing was done."]);
        assert_eq!(answer.json()["would_end_sessions"], 2);
    }
}
