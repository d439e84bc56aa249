//! `keydesk mail list`, `mail show`, `mail retry` and `mail cancel`

mod act;

use serde_json::{Value, json};

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome, maybe_time, time},
        args::MailTwin,
        table,
    },
    domain::{
        mail_state::{MailId, MailState},
        outbox::{MailFilter, MailLine, MailText, QueueState},
        safe_text::SafeText,
        time_text,
    },
    store::Store,
};

/// Runs a command that only needs the database.
pub async fn run<S: Store>(ctx: &Ctx<S>, command: &MailTwin) -> Answer {
    let answer = match command {
        MailTwin::List { state, customer, limit, before } => {
            list(ctx, MailFilter { stage: *state, customer: *customer }, *limit, *before).await
        }
        MailTwin::Show { id } => show(ctx, *id).await,
        MailTwin::Retry(args) => act::retry(ctx, args).await,
        MailTwin::Cancel(args) => act::cancel(ctx, args).await,
    };
    answer.unwrap_or_else(|early| early)
}

async fn list<S: Store>(ctx: &Ctx<S>, filter: MailFilter, limit: u32, before: Option<MailId>) -> Answered {
    let mails = ctx.service.mails(filter, before, limit).await?;
    let queue = ctx.service.queue().await?;
    Ok(page(&mails, &queue, limit))
}

async fn show<S: Store>(ctx: &Ctx<S>, id: MailId) -> Answered {
    let mail = ctx.service.store().mail(id, ctx.service.clock().now()).await?;
    let nobody = || Answer::not_done(Outcome::NotFound, "no_such_mail", format!("There is no mail {}.", id.0));
    let text = ctx.service.mail_text(id).await?;
    mail.zip(text).map(|(mail, text)| one(&mail, &text)).ok_or_else(nobody)
}

fn page(mails: &[MailLine], queue: &QueueState, limit: u32) -> Answer {
    let full = u32::try_from(mails.len()).is_ok_and(|shown| shown >= limit);
    let next = mails.last().filter(|_| full).map(|mail| mail.id.0);
    let mut lines = if mails.is_empty() { vec!["No mails.".to_owned()] } else { table(mails) };
    lines.push(queue_line(queue));
    lines.extend(queue.stopped.as_ref().map(|(relay, until)| {
        format!("The relay refuses us: {relay}. The queue rests until {}.", time_text::second(*until))
    }));
    lines.extend(next.map(|next| format!("Older ones: repeat it with --before {next}")));
    let mails: Vec<Value> = mails.iter().map(facts).collect();
    Answer::lines(Outcome::Done, lines, json!({"mails": mails, "next": next, "queue": queue_facts(queue)}))
}

fn one(mail: &MailLine, text: &MailText) -> Answer {
    let sender = mail.website.sender_email.as_ref().map_or("", |email| email.as_str());
    let waits = if mail.state == MailState::Queued { time_text::second(mail.not_before) } else { String::new() };
    let mut lines = table::pairs(&[
        ("Mail", mail.id.0.to_string()),
        ("Kind", mail.kind.title().to_owned()),
        ("Message-ID", mail.message_id.to_string()),
        ("To", mail.to.to_string()),
        ("From", format!("{} <{sender}>", mail.website.sender_name)),
        ("Customer", mail.customer.0.to_string()),
        ("Reset", format!("{}, link {}", mail.reset.0, mail.link.word())),
        ("State", state(mail)),
        ("Not before", waits),
        ("Queued", time_text::second(mail.created_at)),
        ("Next try", mail.next_at.filter(|_| mail.attempts > 0).map_or_else(String::new, time_text::second)),
        ("Ended", mail.done_at.map_or_else(String::new, time_text::second)),
        ("Tries", mail.attempts.to_string()),
        ("Relay said", mail.relay.to_string()),
        ("Link to", text.link_host.to_string()),
        ("Language", text.language.to_string()),
        ("Subject", text.subject.to_string()),
    ]);
    lines.push(String::new());
    lines.extend(text.lines.iter().map(ToString::to_string));
    Answer::lines(Outcome::Done, lines, text_facts(text)).with("mail", facts(mail))
}

/// What a mail says, for programs.
pub(super) fn text_facts(text: &MailText) -> Value {
    let words: Vec<&str> = text.lines.iter().map(SafeText::as_str).collect();
    json!({
        "from": text.from.as_str(),
        "link_host": text.link_host.as_str(),
        "language": text.language.as_str(),
        "subject": text.subject.as_str(),
        "text": words.join("\n"),
    })
}

fn table(mails: &[MailLine]) -> Vec<String> {
    let rows: Vec<[String; 8]> = mails
        .iter()
        .map(|mail| {
            [
                mail.id.0.to_string(),
                time_text::second(mail.created_at),
                mail.kind.title().to_owned(),
                state(mail),
                mail.attempts.to_string(),
                mail.customer.0.to_string(),
                mail.to.to_string(),
                mail.relay.to_string(),
            ]
        })
        .collect();
    table::table(["ID", "QUEUED", "KIND", "STATE", "TRIES", "CUSTOMER", "TO", "RELAY"], &rows)
}

fn state(mail: &MailLine) -> String {
    let leaving = if mail.leased { ", being handed over" } else { "" };
    format!("{}{leaving}", mail.state.word())
}

fn queue_line(queue: &QueueState) -> String {
    let worker = if queue.worker { "A worker is running." } else { "No worker is running." };
    format!("Held {}, waiting {}, refused or expired {}. {worker}", queue.held, queue.waiting, queue.dead)
}

fn facts(mail: &MailLine) -> Value {
    json!({
        "id": mail.id.0,
        "kind": mail.kind.word(),
        "message_id": mail.message_id.as_str(),
        "customer": mail.customer.0,
        "to": mail.to.as_str(),
        "website": mail.website.code.as_str(),
        "reset_id": mail.reset.0,
        "link": mail.link.word(),
        "state": mail.state.word(),
        "attempts": mail.attempts,
        "leased": mail.leased,
        "created_at": time(mail.created_at),
        "not_before": time(mail.not_before),
        "next_at": maybe_time(mail.next_at),
        "done_at": maybe_time(mail.done_at),
        "relay": mail.relay.as_str(),
    })
}

fn queue_facts(queue: &QueueState) -> Value {
    let stopped = queue.stopped.as_ref();
    json!({
        "held": queue.held,
        "waiting": queue.waiting,
        "dead": queue.dead,
        "next_at": maybe_time(queue.next_at),
        "worker": queue.worker,
        "stopped": stopped.map(|(relay, until)| json!({"relay": relay.as_str(), "until": time(*until)})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        customer::CustomerId,
        email::EmailAddress,
        outbox::MailKind,
        reset::{LinkState, ResetId},
        website::{Website, WebsiteId},
    };
    use jiff::Timestamp;

    fn text() -> MailText {
        MailText {
            from: "Luma Support <support@luma.example>".into(),
            to: "roni_cost@example.com".into(),
            link_host: "luma.example".into(),
            language: "en".into(),
            subject: "Reset your Luma password".into(),
            lines: vec!["Hello,".into(), "https://luma.example/r/1.********".into()],
        }
    }

    fn mail() -> MailLine {
        let at: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        MailLine {
            id: MailId(9),
            kind: MailKind::Reset,
            message_id: "abc".into(),
            customer: CustomerId(1),
            to: "roni_cost@example.com".into(),
            reset: ResetId(5),
            link: LinkState::Live { until: at },
            from_console: true,
            website: Website {
                id: WebsiteId(1),
                code: "base".into(),
                name: "Luma".into(),
                base_url: None,
                sender_name: "Luma Support".into(),
                sender_email: EmailAddress::parse("support@luma.example").ok(),
                language: "en".into(),
            },
            created_at: at,
            not_before: at,
            state: MailState::Accepted,
            attempts: 1,
            leased: false,
            next_at: None,
            done_at: Some(at),
            relay: "250 Ok".into(),
        }
    }

    #[test]
    fn a_mail_is_shown_as_lines_without_what_does_not_apply() {
        let answer = one(&mail(), &text());
        assert!(answer.lines.contains(&"From        Luma Support <support@luma.example>".to_owned()), "{answer:?}");
        assert!(!answer.lines.iter().any(|line| line.starts_with("Not before")));
        assert!(answer.lines.contains(&"Kind        Reset link".to_owned()), "{answer:?}");
        assert_eq!(
            (&answer.json()["mail"]["state"], &answer.json()["mail"]["kind"]),
            (&"accepted".into(), &"reset".into())
        );
        assert_eq!(answer.json()["mail"]["done_at"], "2026-11-20T12:00:00Z");
    }

    #[test]
    fn a_list_tells_how_the_queue_stands() {
        let at = mail().created_at;
        let queue = QueueState { held: 1, stopped: Some(("535 no".into(), at)), ..QueueState::default() };
        let answer = page(&[mail()], &queue, 1);
        let notice = MailLine { kind: MailKind::PasswordChanged, ..mail() };
        let listed = page(&[notice], &queue, 1);
        assert!(listed.lines[1].contains("  Password changed  accepted"), "{:?}", listed.lines);
        assert_eq!(listed.json()["mails"][0]["kind"], "changed");
        assert_eq!(answer.lines[2], "Held 1, waiting 0, refused or expired 0. No worker is running.");
        assert!(answer.lines[3].contains("535 no") && answer.lines[4].ends_with("--before 9"));
        assert_eq!(answer.json()["queue"]["stopped"]["until"], "2026-11-20T12:00:00Z");
        assert_eq!(answer.json()["next"], 9);
        assert_eq!(page(&[], &QueueState::default(), 1).json()["mails"], json!([]));
    }
}
