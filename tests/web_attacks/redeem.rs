//! One link, many who want to use it.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use crate::{
    http::Ask,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, link_in, path_of},
    trials::{Trials, so_many},
};

/// Clients that use one link at the same moment.
const CLIENTS: usize = 8;

#[test]
fn of_eight_who_use_a_link_one_wins() {
    let count = so_many(25, 1_000);
    let storefront = Storefront::open(100 + 2 * count, NO_LIMITS);
    let trials = Trials::new("links used by eight at once", count);
    let customers = storefront.customers(usize::try_from(count).unwrap());
    let mut visitor = storefront.visitor();
    for (_, email) in &customers {
        assert_eq!(visitor.post("/forgot", &[("email", email)]).status, 303);
    }
    storefront.answered();
    for ((n, _), (_, email)) in trials.each().zip(&customers) {
        let link = path_of(&link_in(&storefront.mail(email, 0)));
        let start = Arc::new(Barrier::new(CLIENTS));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (mut visitor, start, link) = (storefront.visitor(), Arc::clone(&start), link.clone());
                thread::spawn(move || {
                    assert_eq!(visitor.get(&link).status, 303);
                    assert_eq!(visitor.get("/reset").status, 200);
                    let password = format!("vivid-sea-{n}-{client}");
                    let ask = visitor.filled("/reset", &[("password", &password), ("password_again", &password)]);
                    start.wait();
                    let reply = visitor.send(ask);
                    (reply.status, reply.header("location").to_owned(), password)
                })
            })
            .collect();
        let (won, lost): (Vec<_>, Vec<_>) =
            clients.into_iter().map(|client| client.join().unwrap()).partition(|(status, ..)| *status == 303);
        assert_eq!(won.len(), 1, "trial {n}: {won:?} {lost:?}");
        assert_eq!(won[0].1, "/reset/done");
        assert!(lost.iter().all(|(status, ..)| *status == 410), "trial {n}: {lost:?}");
        let mut winner = storefront.visitor();
        let signed_in = winner.post("/sign-in", &[("email", email), ("password", &won[0].2)]);
        assert_eq!(signed_in.status, 303, "trial {n}: the winner's password is not the one: {signed_in}");
    }
    for used in [
        "SELECT count(*) FROM password_resets WHERE used_at IS NOT NULL",
        "SELECT count(*) FROM customers WHERE last_sign_in_at >= (SELECT min(requested_at) FROM password_resets)",
    ] {
        assert_eq!(storefront.number(used), i64::from(count), "{used}");
    }
    trials.passed("");
}

/// Mail scanners open links, some of them many times and in several ways.
#[test]
fn looking_at_a_link_uses_nothing_up() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let link = path_of(&storefront.forgotten(VERONICA));
    let mut scanner = storefront.visitor();
    for n in 0..100 {
        let method = if n % 2 == 0 { "GET" } else { "HEAD" };
        assert_eq!(scanner.send(Ask::new(method, &link)).status, 303, "{method} {n}");
        assert_eq!(scanner.send(Ask::new(method, "/reset")).status, 200, "{method} {n}");
    }
    let mut owner = storefront.visitor();
    owner.get(&link);
    let done = owner.post("/reset", &[("password", "vivid-sea-7"), ("password_again", "vivid-sea-7")]);
    assert_eq!((done.status, done.header("location")), (303, "/reset/done"), "{done}");
}

/// A session that somebody set up before does not become the customer's, and a cookie of the link is
/// no sign-in.
#[test]
fn nobody_is_signed_in_with_what_was_there_before() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let planted = format!("1.{}", "A".repeat(43));
    let mut visitor = storefront.visitor();
    visitor.cookies.insert("__Host-session".to_owned(), planted.clone());
    assert_eq!(visitor.get("/account").status, 303);
    let signed_in = visitor.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]);
    assert_eq!(signed_in.status, 303, "{signed_in}");
    let first = visitor.cookies["__Host-session"].clone();
    assert_ne!(first, planted);
    visitor.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]);
    assert_ne!(visitor.cookies["__Host-session"], first, "each sign-in has a session of its own");

    let link = path_of(&storefront.forgotten(VERONICA));
    let mut owner = storefront.visitor();
    owner.get(&link);
    let reset = owner.cookies["__Host-reset"].clone();
    owner.cookies.insert("__Host-session".to_owned(), reset);
    assert_eq!(owner.get("/account").status, 303);
}
