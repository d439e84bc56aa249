//! What stands in front of every answer, whatever it is an answer to.

use keydesk::web::{Kind, ROUTES, Route, Verb};

use crate::{
    http::{Ask, Reply},
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, path_of},
};

/// Headers of all answers, written out once more so that the program's table is not its own judge.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
];
/// Parts of the content policy.
const POLICY: [&str; 5] =
    ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"];

/// Fails unless an answer has what every answer must have.
fn is_careful(what: &str, reply: &Reply, kind: Kind) {
    for (name, value) in ALWAYS {
        assert_eq!(reply.header(name), value, "{what}: {reply}");
    }
    let policy = reply.header("content-security-policy");
    let parts: Vec<&str> = policy.split(';').map(str::trim).collect();
    assert!(POLICY.iter().all(|part| parts.contains(part)), "{what}: {policy}");
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{what}: {policy}");
    let kept = reply.header("cache-control");
    let may_be_kept = kind == Kind::File && reply.status == 200;
    assert!(may_be_kept || kept.contains("no-store"), "{what}: {reply}");
    let media = reply.header("content-type");
    assert!(reply.body.is_empty() || !media.is_empty(), "{what}: {reply}");
    if kind == Kind::Api && !reply.body.is_empty() {
        assert_eq!(media, "application/json", "{what}: {reply}");
        assert!(reply.status < 400 || reply.json()["message"].is_string(), "{what}: {reply}");
    }
    for told in ["server", "x-powered-by", "via", "access-control-allow-origin"] {
        assert_eq!(reply.header(told), "", "{what}: {reply}");
    }
    for (name, value) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
        let parts: Vec<&str> = value.split("; ").collect();
        assert!(parts[0].starts_with("__Host-"), "{what}: {name}: {value}");
        for rule in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(parts.contains(&rule), "{what}: {value}");
        }
        assert!(!parts.iter().any(|part| part.starts_with("Domain")), "{what}: {value}");
    }
    let location = reply.header("location");
    assert!(location.is_empty() || (location.starts_with('/') && !location.starts_with("//")), "{what}: {location}");
}

fn method(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Put => "PUT",
    }
}

fn path(route: &Route) -> String {
    route.path.replace("{token}", &format!("1.{}", "A".repeat(43)))
}

/// The routes of the table are all there are, and each answers as it should to whoever knows nothing.
#[test]
fn every_route_in_every_way() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (port, host) = (storefront.port(), storefront.host());
    let mut seen = std::collections::BTreeMap::new();
    for route in &ROUTES {
        let path = path(route);
        let mut look = |ask: Ask, wanted: &[u16], host: &str| {
            let what = format!("{ask:?}");
            let reply = ask.send(port, host).unwrap();
            is_careful(&what, &reply, route.kind);
            assert!(wanted.contains(&reply.status), "{wanted:?}: {what}: {reply}");
            *seen.entry(reply.status).or_insert(0) += 1;
        };
        let verb = method(route.verb);
        look(Ask::new(verb, &path), &[200, 303, 400, 401, 403, 410, 415], &host);
        for wrong in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let is_known = ROUTES.iter().any(|other| other.path == route.path && method(other.verb) == wrong);
            if !is_known {
                look(Ask::new(wrong, &path), &[405], &host);
            }
        }
        look(Ask::new(verb, &path), &[421], "evil.example");
        look(Ask::new(verb, &path).header("Host", "a").header("Host", "b"), &[400], &host);
        look(Ask::new("POST", &path).body("text/plain", vec![b'x'; 16 * 1024 + 1]), &[413], &host);
        look(Ask::new(verb, &format!("{path}/more")), &[404], &host);
        look(Ask::new(verb, &format!("{path}?next=//evil.example")), &[200, 303, 400, 401, 403, 410, 415], &host);
        if route.verb == Verb::Get {
            look(Ask::new("HEAD", &path), &[200, 303, 401, 410], &host);
        }
        if route.verb != Verb::Get {
            let wrong_type = Ask::new(verb, &path).header("Sec-Fetch-Site", "same-origin").body("text/plain", "x");
            look(wrong_type, &[401, 415], &host);
            let media = if route.kind == Kind::Api { "application/json" } else { "application/x-www-form-urlencoded" };
            let nonsense = Ask::new(verb, &path).header("Sec-Fetch-Site", "same-origin").body(media, "\u{fffd}");
            look(nonsense, &[400, 401], &host);
        }
    }
    println!("{} routes, answers by status: {seen:?}", ROUTES.len());
}

/// The same for the answers to those who do know something.
#[test]
fn every_page_behind_a_sign_in_or_a_link() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let mut visitor = storefront.visitor();
    let look = |what: &str, reply: Reply, wanted: u16| {
        is_careful(what, &reply, Kind::Page);
        assert_eq!(reply.status, wanted, "{what}: {reply}");
        assert!(!reply.text().contains("<script") && !reply.text().contains("style="), "{what}: {reply}");
    };
    look("refused", visitor.post("/sign-in", &[("email", VERONICA), ("password", "wrong")]), 401);
    look("signed in", visitor.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]), 303);
    look("account", visitor.get("/account"), 200);
    look("home", visitor.get("/"), 303);
    look("signed out", visitor.post("/sign-out", &[]), 303);
    look("forgot", visitor.post("/forgot", &[("email", VERONICA)]), 303);
    look("link", visitor.get(&path_of(&crate::storefront::link_in(&storefront.mail(VERONICA, 0)))), 303);
    look("form", visitor.get("/reset"), 200);
    look("problem", visitor.post("/reset", &[("password", "a"), ("password_again", "a")]), 422);
    look("differ", visitor.post("/reset", &[("password", "vivid-sea-7"), ("password_again", "b")]), 422);
    look("set", visitor.post("/reset", &[("password", "vivid-sea-7"), ("password_again", "vivid-sea-7")]), 303);
    look("used", visitor.get("/reset"), 410);
    look("done", visitor.get("/reset/done"), 200);
}
