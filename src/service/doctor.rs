//! What the state of a shop means: websites, token key, queue, worker and clock.

use std::{collections::BTreeMap, net::IpAddr};

use jiff::Timestamp;

use crate::{
    domain::{
        check::{Check, ShopState},
        safe_text::SafeText,
        time_text,
    },
    service::Rules,
};

/// Checks what a shop's database says of it, at `now`. `key` is the fingerprint of the token key
/// that is configured; none where there is none to read.
#[must_use]
pub fn checks(shop: &ShopState, rules: &Rules, key: Option<&str>, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![websites(shop, rules)];
    checks.extend(addresses(shop, rules));
    checks.extend(links(shop, key));
    checks.extend([clock(shop, now), queue(shop, now), undelivered(shop), worker(shop, now)]);
    checks
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

/// Where the websites are reached: links and cookies are only safe over https, and a host that
/// several websites share makes the storefront ask which of them is meant.
fn addresses(shop: &ShopState, rules: &Rules) -> Option<Check> {
    let name = "addresses";
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open = Vec::new();
    for website in shop.websites.iter().map(|website| rules.website(website.clone())) {
        let Some((scheme, rest)) = website.base_url.as_deref().and_then(|url| url.split_once("://")) else { continue };
        let (scheme, rest) = (SafeText::new(scheme), rest.split('/').next().unwrap_or_default());
        let host = SafeText::new(&rest.to_ascii_lowercase()).to_string();
        if !website.base_url.as_deref().is_some_and(keeps_cookies) {
            open.push(format!("{} is at {scheme}://{host}", website.code));
        }
        hosts.entry(host).or_default().push(website.code.to_string());
    }
    let shared = hosts.iter().filter(|(_, codes)| codes.len() > 1);
    let shared: Vec<String> = shared.map(|(host, codes)| format!("{} share {host}", codes.join(", "))).collect();
    if !open.is_empty() {
        let text = [open, shared].concat().join("; ");
        let advice = "Links can be read on their way and browsers keep no cookie there. Put a proxy with https before \
                      it, and correct the base URL.";
        return Some(Check::warning(name, text, advice));
    }
    match (hosts.len(), shared.is_empty()) {
        (0, _) => None,
        (_, true) => Some(Check::fine(name, "each website has a host of its own")),
        (_, false) => Some(Check::fine(name, format!("{}; customers are asked which they mean", shared.join("; ")))),
    }
}

/// Whether browsers keep the cookies of a website at this base URL: over https, or when nothing
/// leaves the machine.
#[must_use]
pub fn keeps_cookies(base_url: &str) -> bool {
    base_url.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        scheme.eq_ignore_ascii_case("https") || stays_here(&host)
    })
}

/// Whether what is sent to this host does not leave the machine (RFC 6761, section 6.3).
fn stays_here(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Workers that hold another key than the links were made with refuse to start.
fn links(shop: &ShopState, key: Option<&str>) -> Option<Check> {
    let (name, ours) = ("links", key?);
    Some(match shop.token_key.as_deref() {
        None => Check::fine(name, "none was made yet; the first one is made with this key"),
        Some(known) if known == ours => Check::fine(name, "they are made with this key"),
        Some(_) => Check::wrong(
            name,
            "this shop's links were made with another token key, so mails are not delivered with this one",
            "Put the right key in its place (token_key). If it is lost, run: keydesk mail deliver --new-key",
        ),
    })
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
            "Open a console or a storefront that may (mail.worker), or run: keydesk mail deliver --watch",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        check::Verdict,
        outbox::QueueState,
        website::{Website, WebsiteId},
    };
    use jiff::SignedDuration;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn website(number: usize, base_url: &str) -> Website {
        Website {
            id: WebsiteId(1),
            code: format!("w{number}").as_str().into(),
            name: "Luma".into(),
            base_url: Some(base_url.to_owned()),
            sender_name: "Luma".into(),
            sender_email: None,
            language: "en".to_owned(),
        }
    }

    fn state(queue: QueueState) -> ShopState {
        ShopState { newest: Some(now()), queue, worker_heard: Some(now()), token_key: None, websites: Vec::new() }
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
    fn another_key_is_told() {
        let shop =
            |known: Option<&str>| ShopState { token_key: known.map(str::to_owned), ..state(QueueState::default()) };
        let verdict = |known, ours| links(&shop(known), ours).map(|check| check.verdict);
        assert_eq!(verdict(Some("a"), None), None);
        assert_eq!(verdict(None, Some("a")), Some(Verdict::Fine));
        assert_eq!(verdict(Some("a"), Some("a")), Some(Verdict::Fine));
        assert_eq!(verdict(Some("b"), Some("a")), Some(Verdict::Wrong));
    }

    #[test]
    fn plain_http_is_told_unless_it_stays_on_this_machine() {
        let found = |urls: &[&str]| {
            let websites = urls.iter().enumerate().map(|(number, url)| website(number, url)).collect();
            let shop = ShopState { websites, ..state(QueueState::default()) };
            addresses(&shop, &Rules::default()).map(|check| (check.verdict, check.text))
        };
        let fine = |text: &str| Some((Verdict::Fine, text.to_owned()));
        assert_eq!(found(&[]), None);
        for url in ["https://luma.example", "http://localhost:8080", "http://kr.luma.localhost", "http://127.0.0.1:80"]
        {
            assert_eq!(found(&[url]), fine("each website has a host of its own"), "{url}");
        }
        for url in ["http://luma.example", "http://10.0.0.1", "http://localhost.example", "http://mylocalhost"] {
            assert_eq!(found(&[url]), Some((Verdict::Warning, format!("w0 is at {url}"))));
        }
        let urls = ["https://luma.example", "https://kr.example", "https://LUMA.example"];
        assert_eq!(found(&urls), fine("w0, w2 share luma.example; customers are asked which they mean"));
        let urls = ["http://luma.example", "https://luma.example"];
        let text = "w0 is at http://luma.example; w0, w1 share luma.example";
        assert_eq!(found(&urls), Some((Verdict::Warning, text.to_owned())));
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
