//! Requests without end for links that nobody wants.

use crate::{
    http::Reply,
    storefront::{Storefront, VERONICA},
};

/// The limits that shops have, without the ten minutes between two.
const LIMITS: &str = "[reset]\nmin_interval = \"0s\"\nundo = \"0s\"\n[serve]\ntrusted_proxies = [\"127.0.0.1\"]\n";
/// The same without a proxy.
const NO_PROXY: &str = "[reset]\nmin_interval = \"0s\"\nundo = \"0s\"\n";

/// Asks for a link from an address behind the proxy.
fn ask(storefront: &Storefront, from: &str, email: &str) -> Reply {
    storefront.visitor().with("X-Forwarded-For", from).post("/forgot", &[("email", email)])
}

fn status(storefront: &Storefront, from: &str, email: &str) -> u16 {
    ask(storefront, from, email).status
}

#[test]
fn a_thousand_requests_for_one_victim_send_five_mails() {
    let storefront = Storefront::open(20, LIMITS);
    let mut visitor = storefront.visitor();
    visitor.get("/forgot");
    let mut taken = 0;
    for n in 0..1_000 {
        // Each from a household of its own.
        let mut visitor = visitor.clone().with("X-Forwarded-For", &format!("10.{}.{}.9", n / 250, n % 250));
        let reply = visitor.post("/forgot", &[("email", VERONICA)]);
        match reply.status {
            303 => taken += 1,
            429 => assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0, "{reply}"),
            _ => panic!("{reply}"),
        }
    }
    storefront.answered();
    let mails = storefront.mails(VERONICA).len();
    println!("1,000 requests: {taken} taken, {mails} mails");
    // A link that a newer one replaced before its mail left is not sent any more.
    assert!(taken == 5 && (1..=5).contains(&mails), "{taken} {mails}");
    // An hour later there is room again.
    storefront.set_clock("+61m");
    assert_eq!(status(&storefront, "10.9.9.9", VERONICA), 303);
}

#[test]
fn one_household_asks_for_few() {
    let storefront = Storefront::open(20, LIMITS);
    let many = |from: &str, range: std::ops::Range<u32>| {
        range.map(|n| status(&storefront, from, &format!("victim{n}@example.com"))).collect::<Vec<_>>()
    };
    assert_eq!(many("192.0.2.1", 0..7), [303, 303, 303, 303, 303, 429, 429]);
    assert_eq!(many("192.0.2.2", 10..12), [303, 303]);
    // Of IPv6, a household has 2^64 addresses.
    let statuses: Vec<u16> =
        (1..=7).map(|n| status(&storefront, &format!("2001:db8:1:2::{n:x}"), &format!("v{n}@example.com"))).collect();
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429, 429]);
    assert_eq!(many("2001:db8:1:3::1", 20..21), [303]);
    // The proxy's own word counts, not what a client wrote in front of it.
    assert_eq!(many("198.51.100.1, 192.0.2.1", 30..31), [429]);
    assert_eq!(many("192.0.2.1, 198.51.100.1", 31..32), [303]);
}

/// Unknown addresses are counted like known ones, or the limit would tell who has an account.
#[test]
fn limits_tell_nobody_who_has_an_account() {
    let storefront = Storefront::open(20, LIMITS);
    for (email, network) in [(VERONICA, 1), ("nobody@example.com", 2)] {
        let statuses: Vec<u16> = (0..7).map(|n| status(&storefront, &format!("10.{network}.{n}.1"), email)).collect();
        assert_eq!(statuses, [303, 303, 303, 303, 303, 429, 429], "{email}");
    }
    // Nor does another spelling of the same address have limits of its own.
    assert_eq!(status(&storefront, "10.3.0.1", "Roni_Cost@EXAMPLE.com"), 429);
    let pages = [VERONICA, "nobody@example.com"].map(|email| {
        let refused = ask(&storefront, "10.4.0.1", email);
        refused.text().replace(email, "ADDRESS").split("name=\"csrf\"").next().unwrap().to_owned()
    });
    assert_eq!(pages[0], pages[1]);
}

#[test]
fn without_a_proxy_nobody_says_who_they_are() {
    let storefront = Storefront::open(20, NO_PROXY);
    let statuses: Vec<u16> =
        (0..7).map(|n| status(&storefront, &format!("10.1.{n}.1"), &format!("victim{n}@example.com"))).collect();
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429, 429]);
}

/// Guessing a password from many places is stopped by the account's own lock.
#[test]
fn guessing_locks() {
    let storefront = Storefront::open(20, LIMITS);
    let mut visitor = storefront.visitor();
    for n in 0..10 {
        assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", &format!("guess-{n}"))]).status, 401);
    }
    let right = [("email", VERONICA), ("password", crate::storefront::PASSWORD)];
    assert_eq!(visitor.post("/sign-in", &right).status, 401);
    storefront.done(&["unlock", "1"]);
    assert_eq!(visitor.post("/sign-in", &right).status, 303);
}
