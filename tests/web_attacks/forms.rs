//! Forms and bodies that no browser sends, and requests that another website's page made.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    http::{Ask, Connection, Visitor},
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, path_of},
};

const FORM: &str = "application/x-www-form-urlencoded";
/// The longest body that is read.
const MOST: usize = 16 * 1024;

/// A visitor at the sign-in page, and the token of its form.
fn at_sign_in(storefront: &Storefront) -> (Visitor, String) {
    let mut visitor = storefront.visitor();
    assert_eq!(visitor.get("/sign-in").status, 200);
    let csrf = visitor.cookies["__Host-csrf"].clone();
    (visitor, csrf)
}

fn post(visitor: &mut Visitor, body: &str) -> u16 {
    visitor.send(Ask::new("POST", "/sign-in").header("Sec-Fetch-Site", "same-origin").body(FORM, body)).status
}

#[test]
fn a_body_has_a_size() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (mut visitor, csrf) = at_sign_in(&storefront);
    let filled = |size: usize| {
        let start = format!("csrf={csrf}&email=a%40example.com&password=");
        format!("{start}{}", "x".repeat(size - start.len()))
    };
    assert_eq!(post(&mut visitor, &filled(MOST)), 401);
    assert_eq!(post(&mut visitor, &filled(MOST + 1)), 413);
    let start = Instant::now();
    assert_eq!(post(&mut visitor, &filled(1 << 20)), 413);
    assert_eq!(post(&mut visitor, &filled(16 << 20)), 413);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for path in ["/rest/V1/customers/password", "/nowhere", "/style.css"] {
        let reply = Ask::new("PUT", path).body("application/json", vec![b' '; MOST + 1]);
        assert_eq!(reply.send(storefront.port(), &storefront.host()).unwrap().status, 413, "{path}");
    }
}

/// A body that does not say how long it is, and is not going to end.
#[test]
fn a_body_without_end_ends() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (visitor, _) = at_sign_in(&storefront);
    let ask = Ask::new("POST", "/sign-in")
        .header("Sec-Fetch-Site", "same-origin")
        .header("Content-Type", FORM)
        .header("Transfer-Encoding", "chunked");
    let mut connection = Connection::open(storefront.port()).unwrap();
    connection.send(&visitor.dressed(ask).bytes(&storefront.host())).unwrap();
    let chunk = [b"400\r\n".as_slice(), &[b'x'; 1024], b"\r\n"].concat();
    let sent = (0..10_000).take_while(|_| connection.send(&chunk).is_ok()).count();
    assert!(sent < 10_000, "ten megabytes were taken");
    // The same with an answer that can be read: all of it is sent before.
    let mut connection = Connection::open(storefront.port()).unwrap();
    let ask = Ask::new("POST", "/sign-in").header("Content-Type", FORM).header("Transfer-Encoding", "chunked");
    let body = [chunk.repeat(17), b"0\r\n\r\n".to_vec()].concat();
    connection.send(&[ask.bytes(&storefront.host()), body].concat()).unwrap();
    assert_eq!(connection.read(false).unwrap().status, 413);
}

#[test]
fn a_password_has_a_size() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let link = path_of(&storefront.forgotten(VERONICA));
    let mut visitor = storefront.visitor();
    visitor.get(&link);
    let (longest, longer) = ("x7".repeat(512), format!("{}y", "x7".repeat(512)));
    let mut choose = |password: &str| {
        let reply = visitor.post("/reset", &[("password", password), ("password_again", password)]);
        (reply.status, reply.text().contains("Use at most 1024 bytes."))
    };
    assert_eq!(choose(&longer), (422, true));
    assert_eq!(choose(&longest), (303, false));
    let (mut visitor, _) = at_sign_in(&storefront);
    let mut sign_in = |password: &str| visitor.post("/sign-in", &[("email", VERONICA), ("password", password)]).status;
    assert_eq!(sign_in(&longer), 401, "a password is not cut off");
    assert_eq!(sign_in(&longest), 303);
}

#[test]
fn every_field_is_there_once() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (mut visitor, csrf) = at_sign_in(&storefront);
    let csrf = &format!("csrf={csrf}");
    let right = "email=roni_cost%40example.com&password=roni_cost3%40example.com";
    for (body, wanted) in [
        (format!("{csrf}&{right}&email=b%40example.com"), 400),
        (format!("{csrf}&{right}&password=b"), 400),
        (format!("{csrf}&{right}&%65mail=b%40example.com"), 400),
        (format!("{csrf}&{csrf}&{right}"), 400),
        (format!("{csrf}&{right}&admin=1"), 400),
        (format!("{csrf}&email=roni_cost%40example.com"), 400),
        (format!("{csrf}&email[]=roni_cost%40example.com&password=x"), 400),
        (format!("{csrf}&email=%ff&password=x"), 400),
        (format!("{csrf}&email&password"), 400),
        (String::new(), 400),
        (format!("{csrf}&{right}"), 303),
    ] {
        assert_eq!(post(&mut visitor, &body), wanted, "{body}");
    }
    let refused = Ask::new("POST", "/sign-in")
        .header("Sec-Fetch-Site", "same-origin")
        .body("multipart/form-data; boundary=x", format!("{csrf}&{right}"));
    assert_eq!(visitor.send(refused).status, 415);
    for body in [
        r#"{"email": "a@example.com", "email": "roni_cost@example.com", "template": "email_reset"}"#,
        r#"{"email": "roni_cost@example.com", "template": "email_reset", "websiteId": {"a": 1}}"#,
        r#"{"email": ["roni_cost@example.com"], "template": "email_reset"}"#,
        r#"{"email": "roni_cost@example.com", "template": "email_other"}"#,
        r#"{"email": "roni_cost@example.com"}"#,
        "[",
        "",
    ] {
        let ask = Ask::new("PUT", "/rest/V1/customers/password").body("application/json", body);
        assert_eq!(ask.send(storefront.port(), &storefront.host()).unwrap().status, 400, "{body}");
    }
    let deep = "[".repeat(10_000);
    let ask = Ask::new("PUT", "/rest/V1/customers/password").body("application/json", deep);
    assert_eq!(ask.send(storefront.port(), &storefront.host()).unwrap().status, 400);
    let form = Ask::new("PUT", "/rest/V1/customers/password").body(FORM, "email=a&template=email_reset");
    assert_eq!(form.send(storefront.port(), &storefront.host()).unwrap().status, 415);
}

/// Two cookies of one name: nobody knows which is ours, so that none is.
#[test]
fn a_cookie_that_is_there_twice_is_none() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (mut visitor, _) = at_sign_in(&storefront);
    assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]).status, 303);
    assert_eq!(visitor.get("/account").status, 200);
    let session = visitor.cookies["__Host-session"].clone();
    let with = |cookies: &str| {
        Ask::get("/account").header("Cookie", cookies).send(storefront.port(), &storefront.host()).unwrap().status
    };
    assert_eq!(with(&format!("__Host-session={session}")), 200);
    for twice in [
        format!("__Host-session={session}; __Host-session={session}"),
        format!("__Host-session=1.x; __Host-session={session}"),
        format!("__Host-session={session}; __Host-session=1.x"),
        format!("__host-session={session}"),
        format!("session={session}"),
        format!("__Host-session={session}x"),
    ] {
        assert_eq!(with(&twice), 303, "{twice}");
    }
    // Somebody else's token behind the first one's id.
    let (_, secret) = session.split_once('.').unwrap();
    assert_eq!(with(&format!("__Host-session=2.{secret}")), 303);
}

/// What a page of another website can make a browser send.
#[test]
fn other_websites_send_nothing() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let (visitor, csrf) = at_sign_in(&storefront);
    let (_, other) = at_sign_in(&storefront);
    let send = |headers: &[(&str, &str)], csrf: &str, cookies: bool| {
        let fields = [("csrf", csrf), ("email", VERONICA), ("password", PASSWORD)];
        let ask = Ask::new("POST", "/sign-in").form(&fields);
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        let ask = if cookies { visitor.dressed(ask) } else { ask };
        ask.send(storefront.port(), &storefront.host()).unwrap().status
    };
    let own = storefront.url("");
    let (site, origin) = ("Sec-Fetch-Site", "Origin");
    for (headers, wanted) in [
        (vec![(site, "same-origin")], 303),
        (vec![(site, "same-origin"), (origin, "null")], 303),
        (vec![(site, "same-origin"), (origin, own.as_str())], 303),
        (vec![(origin, own.as_str())], 303),
        (vec![(site, "cross-site")], 403),
        (vec![(site, "same-site")], 403),
        (vec![(site, "none")], 403),
        (vec![(site, "cross-site"), (origin, own.as_str())], 403),
        (vec![(site, "same-origin"), (origin, "https://evil.example")], 403),
        (vec![(origin, "null")], 403),
        (vec![(origin, "https://evil.example")], 403),
        (vec![(origin, "http://luma.localhost")], 403),
        (vec![("Referer", own.as_str())], 403),
        (vec![], 403),
    ] {
        assert_eq!(send(&headers, &csrf, true), wanted, "{headers:?}");
    }
    let same = [(site, "same-origin")];
    assert_eq!(send(&same, "", true), 403, "without the token");
    assert_eq!(send(&same, &other, true), 403, "with somebody else's");
    assert_eq!(send(&same, &csrf, false), 403, "without the cookie");
    assert_eq!(send(&same, &csrf.to_lowercase(), true), 403);
    // The same for every form, whatever else is in it.
    let signed_in = {
        let mut visitor = visitor.clone();
        assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]).status, 303);
        visitor
    };
    for path in ["/sign-in", "/sign-out", "/forgot", "/reset"] {
        let bad = Ask::new("POST", path).header(site, "cross-site").form(&[("csrf", &csrf)]);
        assert_eq!(signed_in.clone().send(bad).status, 403, "{path}");
    }
    assert_eq!(signed_in.clone().get("/account").status, 200, "nobody signed her out");
    assert_eq!(signed_in.clone().get("/sign-out").status, 405);
    assert_eq!(signed_in.clone().get("/account").status, 200);
}

/// Two programs that disagree about where a request ends let one of them be smuggled (RFC 9112, 6.3).
#[test]
fn a_request_has_one_end() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let host = storefront.host();
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 5\r\n",
        "X: a\r\n folded: b\r\nContent-Length: 99999999999999999999\r\n",
    ] {
        let mut connection = Connection::open(storefront.port()).unwrap();
        let request = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {host}\r\n{headers}\r\nabcdeGET /account HTTP/1.1\r\nHost: {host}\r\n\r\n"
        );
        connection.send(request.as_bytes()).unwrap();
        let first = connection.read(false).unwrap();
        assert!((400..500).contains(&first.status) && first.status != 404, "{headers:?}: {first}");
        assert!(connection.read(false).is_err(), "{headers:?}: a second answer");
    }
    // It still answers others.
    let body = json!({"email": "nobody@example.com", "template": "email_reset"});
    let fine = Ask::new("PUT", "/rest/V1/customers/password").json(&body);
    assert_eq!(fine.send(storefront.port(), &host).unwrap().status, 200);
}
