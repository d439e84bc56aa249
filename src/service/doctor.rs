//! What the state of a shop means: websites, queue, worker and clock.

use jiff::Timestamp;

use crate::{
    domain::{
        check::{Check, ShopState},
        time_text,
    },
    service::Rules,
};

/// Checks what a shop's database says of it, at `now`.
#[must_use]
pub fn checks(shop: &ShopState, rules: &Rules, now: Timestamp) -> Vec<Check> {
    vec![websites(shop, rules), clock(shop, now), queue(shop, now), undelivered(shop), worker(shop, now)]
}

fn websites(shop: &ShopState, rules: &Rules) -> Check {
    let name = "websites";
    let lacking: Vec<String> = shop
        .websites
        .iter()
        .filter_map(|website| {
            let lacks = match (rules.website(website.clone()).base_url, &website.sender_email) {
                (Some(_), Some(_)) => return None,
                (None, Some(_)) => "base URL",
                (Some(_), None) => "sender",
                (None, None) => "base URL and sender",
            };
            Some(format!("{} has no {lacks}", website.code))
        })
        .collect();
    match (shop.websites.len(), lacking.is_empty()) {
        (0, _) => Check::warning(name, "there is none yet", "Set the shop up before customers are added."),
        (n, true) => Check::fine(name, format!("{n}, each with base URL and sender")),
        (_, false) => {
            let advice = "No link can be mailed for them. Set base_url in the configuration, or the website's own.";
            Check::wrong(name, lacking.join("; "), advice)
        }
    }
}

/// The machine's clock must not be before what was written down already: links would live longer.
fn clock(shop: &ShopState, now: Timestamp) -> Check {
    let name = "clock";
    match shop.newest.filter(|newest| *newest > now) {
        None => Check::fine(name, time_text::second(now)),
        Some(newest) => Check::wrong(
            name,
            format!(
                "it is {} here, {} before the newest entry",
                time_text::second(now),
                time_text::rough(newest.duration_since(now))
            ),
            "Set this machine's clock, then look whether it is kept by NTP: timedatectl",
        ),
    }
}

fn queue(shop: &ShopState, now: Timestamp) -> Check {
    let (name, queue) = ("queue", &shop.queue);
    if let Some((why, until)) = &queue.stopped {
        let text = format!("stopped until {}, the relay refuses us: {why}", time_text::second(*until));
        return Check::wrong(name, text, "Correct mail.url or the password, then run: keydesk mail deliver");
    }
    let counted = format!("{} mails held, {} waiting", queue.held, queue.waiting);
    match queue.next_at.filter(|due| *due < now) {
        Some(due) if now.duration_since(due) > LATE => Check::warning(
            name,
            format!("{counted}, the oldest is due for {}", time_text::rough(now.duration_since(due))),
            "Deliver them: keydesk mail deliver",
        ),
        _ => Check::fine(name, counted),
    }
}

/// A mail that is due for longer waits for somebody.
const LATE: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

fn undelivered(shop: &ShopState) -> Check {
    match shop.queue.dead {
        0 => Check::fine("undelivered", "no mail was refused or given up"),
        n => Check::warning(
            "undelivered",
            format!("{n} mails were refused or given up"),
            "Look at them (keydesk mail list) and reset those customers again.",
        ),
    }
}

fn worker(shop: &ShopState, now: Timestamp) -> Check {
    match shop.worker_heard {
        Some(heard) => {
            let ago = now.duration_since(heard).max(jiff::SignedDuration::ZERO);
            Check::fine("worker", format!("one delivers mails, heard of {} s ago", ago.as_secs()))
        }
        None => Check::warning(
            "worker",
            "nobody delivers mails now",
            "Open a console that may (mail.worker), or run: keydesk mail deliver --watch",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{check::Verdict, outbox::QueueState};
    use jiff::SignedDuration;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn state(queue: QueueState) -> ShopState {
        ShopState { newest: Some(now()), queue, worker_heard: Some(now()), websites: Vec::new() }
    }

    #[test]
    fn a_clock_behind_the_log_is_wrong_and_says_by_how_much() {
        let late = now() - SignedDuration::from_hours(25);
        let check = clock(&state(QueueState::default()), late);
        assert_eq!(check.verdict, Verdict::Wrong);
        assert!(check.text.contains("25 h") || check.text.contains("1 d"), "{}", check.text);
        assert_eq!(clock(&state(QueueState::default()), now()).verdict, Verdict::Fine);
    }

    #[test]
    fn a_mail_that_is_late_or_a_queue_that_is_stopped_is_told() {
        let due = |ago| QueueState { waiting: 1, next_at: Some(now() - ago), ..QueueState::default() };
        assert_eq!(queue(&state(due(SignedDuration::from_mins(4))), now()).verdict, Verdict::Fine);
        assert_eq!(queue(&state(due(SignedDuration::from_mins(6))), now()).verdict, Verdict::Warning);
        let stopped = QueueState { stopped: Some(("535 no".into(), now())), ..QueueState::default() };
        let check = queue(&state(stopped), now());
        assert!(check.verdict == Verdict::Wrong && check.text.contains("535 no"), "{check:?}");
    }
}
