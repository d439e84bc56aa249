//! `keydesk integrations add`, `list` and `remove`

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, time},
        args::{IntegrationAction, IntegrationsCommand},
        table,
    },
    domain::{
        integration::{Integration, IntegrationLogin, IntegrationRemoved},
        safe_text::SafeText,
        time_text,
    },
    store::Store,
};

/// Runs one of them.
///
/// # Errors
/// The answer to give when the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, command: &IntegrationsCommand) -> Answered {
    match command {
        IntegrationsCommand::Add { name, scopes, action } => add(ctx, name, scopes, action).await,
        IntegrationsCommand::List => Ok(list(&ctx.service.integrations().await?)),
        IntegrationsCommand::Remove { name, action } => remove(ctx, name, action).await,
    }
}

async fn add<S: Store>(ctx: &Ctx<S>, name: &str, scopes: &str, action: &IntegrationAction) -> Answered {
    let shown = SafeText::new(name);
    if action.dry_run {
        let plan = ctx.service.plan_add_integration(name).await?;
        return Ok(plan.map_or_else(|refusal| Answer::integration_refused(&shown, &refusal), |()| would_add(&shown)));
    }
    let done = ctx.service.add_integration(name, scopes, action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(|refusal| Answer::integration_refused(&shown, &refusal), |login| added(&shown, &login)))
}

async fn remove<S: Store>(ctx: &Ctx<S>, name: &str, action: &IntegrationAction) -> Answered {
    let shown = SafeText::new(name);
    let refused = |refusal| Answer::integration_refused(&shown, &refusal);
    if action.dry_run {
        let plan = ctx.service.plan_remove_integration(name).await?;
        return Ok(plan.map_or_else(refused, |integration| would_remove(&integration)));
    }
    let done = ctx.service.remove_integration(name, action.request(&ctx.operator)).await?;
    Ok(done.map_or_else(refused, |done| removed(&shown, done)))
}

fn would_add(name: &SafeText) -> Answer {
    let message = format!("Would add the integration {name} and print its key and secret. Nothing was done.");
    Answer::sentence(Outcome::Planned, message, json!({"name": name.as_str()}))
}

fn would_remove(integration: &Integration) -> Answer {
    let name = &integration.name;
    let message = format!("Would remove the integration {name} and end all of its tokens. Nothing was done.");
    Answer::sentence(Outcome::Planned, message, facts(integration))
}

/// The one place that shows a secret: whoever added the integration must hand it on.
fn added(name: &SafeText, login: &IntegrationLogin) -> Answer {
    let message = format!(
        "Added the integration {name}. Its secret is shown this once and cannot be shown again: put it into the \
         integration's own settings now."
    );
    let secret = login.secret.expose_secret();
    let facts = json!({"id": login.id.0, "name": name.as_str(), "key": login.key, "secret": secret});
    table::pairs(&[("Key", login.key.clone()), ("Secret", secret.to_owned())])
        .into_iter()
        .fold(Answer::sentence(Outcome::Done, message, facts), Answer::and_line)
}

fn removed(name: &SafeText, done: IntegrationRemoved) -> Answer {
    let tokens = match done.tokens {
        0 => "no token of it was alive".to_owned(),
        1 => "1 token ended with it".to_owned(),
        n => format!("{n} tokens ended with it"),
    };
    let message = format!("Removed the integration {name}: it can obtain no token any more, and {tokens}.");
    let facts = json!({"id": done.id.0, "name": name.as_str(), "revoked": done.tokens});
    Answer::sentence(Outcome::Revoked, message, facts)
}

fn list(integrations: &[Integration]) -> Answer {
    let rows: Vec<[String; 4]> = integrations
        .iter()
        .map(|integration| {
            [
                integration.name.to_string(),
                integration.key.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string),
                time_text::second(integration.created_at),
                integration.scopes.to_string(),
            ]
        })
        .collect();
    let lines = match rows.as_slice() {
        [] => vec!["No integrations. Add one: keydesk integrations add NAME".to_owned()],
        rows => table::table(["NAME", "KEY", "ADDED", "SCOPES"], rows),
    };
    let facts: Vec<Value> = integrations.iter().map(facts).collect();
    Answer::lines(Outcome::Done, lines, json!({"integrations": facts}))
}

fn facts(integration: &Integration) -> Value {
    json!({
        "id": integration.id.0,
        "name": integration.name.as_str(),
        "key": integration.key.as_ref().map(SafeText::as_str),
        "scopes": integration.scopes.as_str(),
        "created_at": time(integration.created_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{access_token::IntegrationId, refusal::Refusal};

    fn erp() -> SafeText {
        "ERP sync".into()
    }

    #[test]
    fn the_secret_is_told_once_with_a_word_of_warning() {
        let login = IntegrationLogin { id: IntegrationId(7), key: "0a1b".into(), secret: "geheim".into() };
        let answer = added(&erp(), &login);
        assert!(answer.lines[0].contains("cannot be shown again"), "{answer:?}");
        assert_eq!(answer.lines[1..], ["Key     0a1b", "Secret  geheim"]);
        let json = answer.json();
        assert_eq!((&json["key"], &json["secret"], &json["id"]), (&"0a1b".into(), &"geheim".into(), &7.into()));
        assert!(!json["message"].as_str().unwrap().contains("geheim"));
    }

    #[test]
    fn whoever_removes_one_hears_how_many_tokens_ended() {
        let says = |tokens| removed(&erp(), IntegrationRemoved { id: IntegrationId(7), tokens });
        assert!(says(0).lines[0].ends_with("no token of it was alive."));
        assert!(says(1).lines[0].ends_with("1 token ended with it."));
        assert!(says(12).lines[0].ends_with("12 tokens ended with it."));
        assert_eq!((&says(12).json()["revoked"], &says(12).json()["outcome"]), (&12.into(), &"revoked".into()));
    }

    #[test]
    fn a_plan_does_nothing_and_a_refusal_has_its_code() {
        assert!(would_add(&erp()).lines[0].ends_with("Nothing was done."));
        let code = |refusal| Answer::integration_refused(&erp(), &refusal).outcome.exit_code();
        assert_eq!((code(Refusal::IntegrationExists), code(Refusal::NoSuchIntegration)), (3, 4));
        assert_eq!(Answer::integration_refused(&erp(), &Refusal::NoSuchIntegration).json()["name"], "ERP sync");
    }

    #[test]
    fn a_hostile_name_is_shown_harmless() {
        let integration = Integration {
            id: IntegrationId(7),
            name: SafeText::new("ERP\u{1b}[2J\u{202e}"),
            key: None,
            scopes: "orders".into(),
            created_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        };
        let answer = list(&[integration]);
        assert_eq!(answer.lines.len(), 2);
        assert!(answer.lines.iter().all(|line| !line.contains(['\u{1b}', '\u{202e}'])), "{answer:?}");
        assert_eq!(answer.json()["integrations"][0]["key"], Value::Null);
        assert!(list(&[]).lines[0].starts_with("No integrations."));
    }
}
