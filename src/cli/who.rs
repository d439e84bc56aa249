//! Whom a command means.

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Outcome},
        args::Who,
    },
    domain::customer::{Candidate, CustomerId},
    service::find::Found,
    store::Store,
};

/// Finds the one customer that an id or e-mail address names.
///
/// # Errors
/// The answer to give when it is nobody, or several.
pub async fn find<S: Store>(ctx: &Ctx<S>, who: &Who) -> Result<CustomerId, Answer> {
    match ctx.service.who(&who.who, who.website.as_deref()).await? {
        Found::One(id) => Ok(id),
        Found::Nobody => Err(nobody(who)),
        Found::Elsewhere(one) => Err(elsewhere(who, &one)),
        Found::Several(candidates) => Err(several(&who.who, &candidates)),
    }
}

/// The answer where nobody is called so.
#[must_use]
pub fn nobody(who: &Who) -> Answer {
    let on = who.website.as_ref().map_or_else(String::new, |code| format!(" on website \"{code}\""));
    let message = format!("Nobody has the id or e-mail address \"{}\"{on}. Nothing was done.", who.who);
    Answer::not_done(Outcome::NotFound, "no_such_customer", message)
}

fn elsewhere(who: &Who, one: &Candidate) -> Answer {
    let wanted = who.website.as_deref().unwrap_or_default();
    let message = format!("Customer {} is on website {}, not {wanted}. Nothing was done.", one.id.0, one.website);
    let answer = Answer::not_done(Outcome::NotFound, "another_website", message);
    answer.with("customer", one.id.0).with("website", one.website.as_str())
}

fn several(who: &str, candidates: &[Candidate]) -> Answer {
    let message = format!(
        "\"{who}\" is known on {} websites. Nothing was done; repeat it with the id, or with --website CODE:",
        candidates.len()
    );
    let list: Vec<_> = candidates
        .iter()
        .map(|one| json!({"id": one.id.0, "website": one.website.as_str(), "email": one.email.as_str()}))
        .collect();
    let answer = Answer::not_done(Outcome::Ambiguous, "several_customers", message).with("candidates", list);
    candidates.iter().fold(answer, |answer, one| {
        answer.and_line(format!("  id {}  {} on website {}", one.id.0, one.email, one.website))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_listed_with_id_and_website() {
        let candidate = |id, website: &str| Candidate {
            id: CustomerId(id),
            email: "roni_cost@example.com".into(),
            website: website.into(),
        };
        let answer = several("roni_cost@example.com", &[candidate(1, "base"), candidate(7, "b2b")]);
        assert_eq!(answer.outcome.exit_code(), 5);
        assert_eq!(answer.json()["candidates"][1]["id"], 7);
        assert_eq!(answer.json()["candidates"][1]["website"], "b2b");
        assert_eq!(answer.lines[2], "  id 7  roni_cost@example.com on website b2b");
    }

    #[test]
    fn an_id_of_another_website_is_not_found() {
        let one = Candidate { id: CustomerId(1), email: "a@b.co".into(), website: "base".into() };
        let answer = elsewhere(&Who { who: "1".into(), website: Some("b2b".into()) }, &one);
        assert_eq!(answer.outcome.exit_code(), 4);
        assert_eq!(answer.lines, ["Customer 1 is on website base, not b2b. Nothing was done."]);
        assert_eq!(answer.json()["website"], "base");
    }

    #[test]
    fn nobody_is_not_found() {
        let answer = nobody(&Who { who: "x@y.z".into(), website: Some("b2b".into()) });
        assert_eq!(answer.outcome.exit_code(), 4);
        assert!(answer.lines[0].contains("\"x@y.z\" on website \"b2b\""));
    }
}
