//! What `keydesk mail deliver` answers.

use serde_json::{Value, json};

use crate::{
    cli::answer::{Answer, Outcome, time},
    domain::{mail_state::AfterTry, outbox::QueueState, time_text},
    service::delivery::{Delivered, DeliveryReport, News},
};

/// A round of delivery.
#[must_use]
pub fn report(report: &DeliveryReport, mails: &[Delivered], queue: &QueueState) -> Answer {
    let DeliveryReport { accepted, retried, refused, dropped, stopped } = report;
    let mut lines: Vec<String> = mails.iter().map(in_words).collect();
    let facts = json!({
        "accepted": accepted,
        "retried": retried,
        "refused": refused,
        "dropped": dropped,
        "mails": mails.iter().map(facts).collect::<Vec<_>>(),
    });
    let (outcome, reason, message) = match stopped {
        Some(relay) => {
            let message = format!("The relay refuses us: {relay}. The mails stay in the queue; correct mail.url.");
            (Outcome::Unreachable, Some("relay_refuses_us"), message)
        }
        None if *retried > 0 && accepted + refused == 0 => {
            let message = format!("No mail was taken by the relay. {retried} stay in the queue and are tried again.");
            (Outcome::Unreachable, Some("relay_unreachable"), message)
        }
        None if mails.is_empty() => (Outcome::Done, None, nothing_due(queue)),
        None => {
            let message = format!(
                "Accepted by the relay {accepted}, to be tried again {retried}, refused {refused}, dropped {dropped}."
            );
            (Outcome::Done, None, message)
        }
    };
    lines.push(message.clone());
    let answer = Answer::lines(outcome, lines, facts).with("message", message);
    reason.into_iter().fold(answer, |answer, reason| answer.with("reason", reason))
}

/// What a watching delivery tells.
#[must_use]
pub fn news(news: News) -> Answer {
    match news {
        News::Delivered(mail) => Answer::lines(Outcome::Done, vec![in_words(&mail)], json!({"mail": facts(&mail)})),
        News::Waiting => {
            Answer::sentence(Outcome::Done, "Another process delivers mails; waiting to take over.", json!({}))
        }
        News::Failed(e) => e.into(),
    }
}

fn nothing_due(queue: &QueueState) -> String {
    match queue.next_at {
        Some(at) if queue.held > 0 => {
            format!("No mail was due. {} held, the next until {}.", queue.held, time_text::second(at))
        }
        Some(at) => format!("No mail was due. The next is tried at {}.", time_text::second(at)),
        None => "No mail was due.".to_owned(),
    }
}

fn in_words(mail: &Delivered) -> String {
    let answer = if mail.answer.is_empty() { String::new() } else { format!(" ({})", mail.answer) };
    match mail.after {
        AfterTry::Done(state) => format!("{}: {}{answer}", mail.to, state.word()),
        AfterTry::RetryAt(at) => format!("{}: tried again at {}{answer}", mail.to, time_text::second(at)),
        AfterTry::StopQueue { until } => {
            format!("{}: the queue rests until {}{answer}", mail.to, time_text::second(until))
        }
    }
}

fn facts(mail: &Delivered) -> Value {
    let (state, next_at) = match mail.after {
        AfterTry::Done(state) => (state.word(), None),
        AfterTry::RetryAt(at) | AfterTry::StopQueue { until: at } => ("queued", Some(at)),
    };
    json!({"to": mail.to.as_str(), "relay": mail.answer.as_str(), "state": state, "next_at": next_at.map(time)})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail_state::MailState;

    fn delivered(after: AfterTry) -> Delivered {
        Delivered { to: "roni_cost@example.com".into(), answer: "250 Ok".into(), after }
    }

    #[test]
    fn accepted_is_never_called_delivered() {
        let round = DeliveryReport { accepted: 1, ..DeliveryReport::default() };
        let answer = report(&round, &[delivered(AfterTry::Done(MailState::Accepted))], &QueueState::default());
        assert_eq!(answer.outcome.exit_code(), 0);
        assert_eq!(answer.lines[0], "roni_cost@example.com: accepted (250 Ok)");
        assert_eq!(answer.json()["mails"][0]["state"], "accepted");
        assert!(!answer.json().to_string().contains("delivered"));
    }

    #[test]
    fn a_relay_that_takes_nothing_is_unreachable() {
        let (at, queue) = ("2026-11-20T12:00:00Z".parse().unwrap(), QueueState::default());
        let stopped = DeliveryReport { stopped: Some("535 no".into()), ..DeliveryReport::default() };
        let answer = report(&stopped, &[delivered(AfterTry::StopQueue { until: at })], &queue);
        assert_eq!((answer.outcome.exit_code(), &answer.json()["reason"]), (6, &"relay_refuses_us".into()));
        let later = DeliveryReport { retried: 1, ..DeliveryReport::default() };
        let answer = report(&later, &[delivered(AfterTry::RetryAt(at))], &queue);
        assert_eq!((answer.outcome.exit_code(), &answer.json()["reason"]), (6, &"relay_unreachable".into()));
        let mixed = DeliveryReport { retried: 1, accepted: 1, ..DeliveryReport::default() };
        assert_eq!(report(&mixed, &[delivered(AfterTry::RetryAt(at))], &queue).outcome.exit_code(), 0);
        assert_eq!(report(&DeliveryReport::default(), &[], &queue).lines, ["No mail was due."]);
    }
}
