//! `keydesk show`

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, maybe_time, time},
        args::Who,
        table, who,
    },
    domain::{
        access_token::AccessToken,
        customer::{Customer, HistoryLine, Status},
        outbox::{MailFate, MailKind},
        reset::{LinkState, Reset},
        throttle::{Blocked, Budget},
        time_text,
    },
    store::Store,
};

/// Shows a customer's whole record.
///
/// # Errors
/// The answer to give when nobody or several are meant, or the database fails.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &Who) -> Answered {
    let id = who::find(ctx, args).await?;
    let customer = ctx.service.open(id).await?.ok_or_else(|| who::nobody(args))?;
    Ok(answer(&customer, ctx.service.clock().now()))
}

fn answer(customer: &Customer, now: Timestamp) -> Answer {
    Answer::lines(Outcome::Done, lines(customer, now), facts(customer, now))
}

fn lines(customer: &Customer, now: Timestamp) -> Vec<String> {
    let mut lines = table::pairs(&[
        ("Customer", customer.id.0.to_string()),
        ("Name", customer.name.to_string()),
        ("E-mail", customer.email.to_string()),
        ("Phone", customer.phone.to_string()),
        ("Group", customer.group.to_string()),
        ("Website", format!("{} ({})", customer.website.code, customer.website.name)),
        ("Status", status(customer.status)),
        ("Password", if customer.has_password { "set" } else { "never chosen" }.to_owned()),
        ("Wrong passwords", customer.failed_sign_ins.to_string()),
        ("Created", time_text::second(customer.created_at)),
        ("Last sign-in", customer.last_sign_in_at.map_or_else(|| "never".to_owned(), time_text::second)),
        ("Last reset", customer.last_reset.as_ref().map_or_else(|| "none".to_owned(), reset)),
        ("Budget", budget(&customer.budget, now)),
        ("Access tokens", tokens_in_words(customer)),
        ("Browser sessions", customer.alive.sessions.to_string()),
    ]);
    lines.extend(customer.tokens.iter().map(token));
    lines.push(if customer.history.is_empty() { "History: nothing yet" } else { "History:" }.to_owned());
    lines.extend(customer.history.iter().map(history));
    lines
}

fn status(status: Status) -> String {
    match status {
        Status::Locked { until } => format!("locked until {}", time_text::second(until)),
        other => other.word().to_owned(),
    }
}

fn reset(reset: &Reset) -> String {
    let link = link(reset.link);
    let mail = reset.mail.map_or("removed", |mail| mail.word());
    let relay = if reset.relay.is_empty() { String::new() } else { format!(" ({})", reset.relay) };
    let reason = if reset.reason.is_empty() { String::new() } else { format!(", {}", reset.reason) };
    format!(
        "{} by {}{reason}; link {link}; mail {mail}{relay}",
        time_text::second(reset.requested_at),
        reset.requested_by
    )
}

fn link(link: LinkState) -> String {
    match link {
        LinkState::Pending => "not made yet".to_owned(),
        LinkState::Live { until } => format!("live until {}", time_text::second(until)),
        LinkState::Used { at }
        | LinkState::Expired { at }
        | LinkState::Cancelled { at }
        | LinkState::Superseded { at } => format!("{} at {}", link.word(), time_text::second(at)),
    }
}

fn budget(budget: &Budget, now: Timestamp) -> String {
    let max = budget.max.map_or_else(|| "any number".to_owned(), |max| max.to_string());
    let next = match budget.blocked {
        Some(blocked) if !budget.is_open(now) => format!("at {}", time_text::second(blocked.next())),
        _ => "now".to_owned(),
    };
    format!("{} of {max} this hour, next {next}", budget.used)
}

fn tokens_in_words(customer: &Customer) -> String {
    match customer.alive.tokens {
        0 if !customer.ever_had_tokens => "0, never had any".to_owned(),
        tokens => tokens.to_string(),
    }
}

fn token(token: &AccessToken) -> String {
    let used =
        token.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", time_text::second(at)));
    let ends = token.expires_at.map_or_else(|| "no expiry".to_owned(), |at| format!("ends {}", time_text::second(at)));
    let issued = time_text::second(token.created_at);
    format!("  token {}: {}, {}, issued {issued}, {used}, {ends}", token.id.0, token.integration, token.scopes)
}

fn history(line: &HistoryLine) -> String {
    let parts = [&line.action, &line.operator, &line.reason, &line.detail];
    let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
    let since = line.mail.as_ref().map_or_else(String::new, |mail| format!("; {}", fate(mail)));
    format!("  {}: {}{since}", time_text::second(line.at), parts.join(", "))
}

/// What became of a mail, and of the link in it.
fn fate(mail: &MailFate) -> String {
    let next = match mail.next_at {
        Some(at) if mail.attempts == 0 => format!(" until {}", time_text::second(at)),
        Some(at) => format!(", try {} at {}", mail.attempts + 1, time_text::second(at)),
        None => String::new(),
    };
    let relay = if mail.relay.is_empty() { String::new() } else { format!(" ({})", mail.relay) };
    let link = match mail.kind {
        MailKind::Reset => format!(", link {}", link(mail.link)),
        MailKind::PasswordChanged => String::new(),
    };
    format!("{} {}{next}{relay}{link}", mail.kind.noun(), mail.stage.word())
}

fn facts(customer: &Customer, now: Timestamp) -> Value {
    let locked_until = if let Status::Locked { until } = customer.status { Some(until) } else { None };
    json!({
        "customer": {
            "id": customer.id.0,
            "version": customer.version.0,
            "name": customer.name.as_str(),
            "email": customer.email.as_str(),
            "phone": customer.phone.as_str(),
            "group": customer.group.as_str(),
            "website": customer.website.code.as_str(),
            "status": customer.status.word(),
            "locked_until": maybe_time(locked_until),
            "has_password": customer.has_password,
            "failed_sign_ins": customer.failed_sign_ins,
            "created_at": time(customer.created_at),
            "last_sign_in_at": maybe_time(customer.last_sign_in_at),
            "ever_had_tokens": customer.ever_had_tokens,
        },
        "reset": customer.last_reset.as_ref().map(reset_facts),
        "budget": budget_facts(&customer.budget, now),
        "tokens": customer.tokens.iter().map(token_facts).collect::<Vec<_>>(),
        "alive": {"tokens": customer.alive.tokens, "sessions": customer.alive.sessions},
        "history": customer.history.iter().map(history_facts).collect::<Vec<_>>(),
    })
}

fn reset_facts(reset: &Reset) -> Value {
    let link_at = match reset.link {
        LinkState::Pending => None,
        LinkState::Live { until: at }
        | LinkState::Used { at }
        | LinkState::Expired { at }
        | LinkState::Cancelled { at }
        | LinkState::Superseded { at } => Some(at),
    };
    json!({
        "id": reset.id.0,
        "requested_at": time(reset.requested_at),
        "requested_by": reset.requested_by.as_str(),
        "reason": reset.reason.as_str(),
        "link": reset.link.word(),
        "link_at": maybe_time(link_at),
        "mail": reset.mail.map(crate::domain::mail_state::MailState::word),
        "relay": reset.relay.as_str(),
    })
}

fn budget_facts(budget: &Budget, now: Timestamp) -> Value {
    let blocked = budget.blocked.filter(|_| !budget.is_open(now));
    json!({
        "used": budget.used,
        "max": budget.max,
        "next_at": maybe_time(blocked.map(Blocked::next)),
    })
}

fn token_facts(token: &AccessToken) -> Value {
    json!({
        "id": token.id.0,
        "integration": token.integration.as_str(),
        "scopes": token.scopes.as_str(),
        "created_at": time(token.created_at),
        "last_used_at": maybe_time(token.last_used_at),
        "expires_at": maybe_time(token.expires_at),
    })
}

fn history_facts(line: &HistoryLine) -> Value {
    json!({
        "at": time(line.at),
        "action": line.action.as_str(),
        "operator": line.operator.as_str(),
        "reason": line.reason.as_str(),
        "detail": line.detail.as_str(),
        "mail": line.mail.as_ref().map(fate_facts),
    })
}

fn fate_facts(mail: &MailFate) -> Value {
    json!({
        "id": mail.id.0,
        "kind": mail.kind.word(),
        "state": mail.stage.word(),
        "attempts": mail.attempts,
        "next_at": maybe_time(mail.next_at),
        "done_at": maybe_time(mail.done_at),
        "relay": mail.relay.as_str(),
        "link": mail.link.word(),
    })
}

#[cfg(test)]
mod tests;
