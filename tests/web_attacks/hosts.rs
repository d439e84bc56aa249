//! Who decides where a link leads? The shop's configuration, whatever a request says.

use serde_json::json;

use crate::{
    http::{Ask, Connection},
    storefront::{NO_LIMITS, Storefront, VERONICA, link_in, path_of},
};

const EVIL: &str = "evil.example";

/// Headers that have led password resets of other shops astray.
const FORWARDED: [&str; 12] = [
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Host",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Host-Override",
    "X-Real-IP",
    "Forwarded",
];

/// What is asked with, and whether it is a request that the shop answers.
fn permutations(host: &str) -> Vec<(Vec<(String, String)>, bool)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut all = Vec::new();
    for name in FORWARDED {
        for value in [EVIL, "evil.example:443, luma.localhost", "host=evil.example;proto=https", "https"] {
            all.push((vec![pair(name, value)], true));
        }
    }
    let port = host.split_once(':').unwrap().1;
    for (hosts, answered) in [
        (vec![host.to_ascii_uppercase()], true),
        (vec![EVIL.to_owned()], false),
        (vec![format!("{EVIL}:{port}")], false),
        (vec![format!("{host}.{EVIL}")], false),
        (vec![format!("{EVIL}@{host}")], false),
        (vec![format!("{host}@{EVIL}")], false),
        (vec![format!("{host}#{EVIL}")], false),
        (vec![format!("{host}/{EVIL}")], false),
        (vec![format!("{host} {EVIL}")], false),
        (vec![format!("{host},{EVIL}")], false),
        (vec!["luma.localhost".to_owned()], false),
        (vec!["luma.localhost:1".to_owned()], false),
        (vec![format!("luma.localhost.:{port}")], false),
        (vec![String::new()], false),
        (vec!["localhost".to_owned()], false),
        (vec![host.to_owned(), EVIL.to_owned()], false),
        (vec![EVIL.to_owned(), host.to_owned()], false),
        (vec![host.to_owned(), host.to_owned()], false),
    ] {
        all.push((hosts.iter().map(|host| pair("Host", host)).collect(), answered));
    }
    all
}

#[test]
fn no_header_leads_a_link_astray() {
    let storefront = Storefront::open(200, NO_LIMITS);
    let permutations = permutations(&storefront.host());
    assert!(permutations.len() >= 50);
    let customers = storefront.customers(permutations.len());
    for ((headers, answered), (_, email)) in permutations.iter().zip(&customers) {
        let body = json!({"email": email, "template": "email_reset"});
        let ask = Ask::new("PUT", "/rest/V1/customers/password").json(&body);
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        let reply = ask.send(storefront.port(), &storefront.host()).unwrap();
        let wanted: &[u16] = if *answered { &[200] } else { &[400, 421] };
        assert!(wanted.contains(&reply.status), "{headers:?}: {reply}");
        assert!(!reply.to_string().contains(EVIL), "{headers:?}: {reply}");
    }
    storefront.answered();
    let mut mails = 0;
    for ((headers, answered), (id, email)) in permutations.iter().zip(&customers) {
        let sent = storefront.mails(email);
        assert_eq!(sent.len(), usize::from(*answered), "{headers:?}: {sent:?}");
        mails += sent.len();
        for mail in sent {
            let (base, link) = (storefront.url(&format!("/r/{id}.")), link_in(&mail));
            assert!(link.starts_with(&base) && !mail.contains(EVIL), "{headers:?}: {mail}");
            assert_eq!(link.len(), base.len() + 43, "{link}");
        }
    }
    println!("{} ways to ask, {mails} mails, one base of all links", permutations.len());
}

/// A request may name its host in its first line; the two have to agree (RFC 9112, 3.2.2).
#[test]
fn the_first_line_does_not_decide_either() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let host = storefront.host();
    let status = |line: &str, host: &str| {
        let mut connection = Connection::open(storefront.port()).unwrap();
        connection.send(format!("GET {line} HTTP/1.1\r\n{host}Connection: close\r\n\r\n").as_bytes()).unwrap();
        connection.read(false).unwrap().status
    };
    assert_eq!(status("/sign-in", &format!("Host: {host}\r\n")), 200);
    assert_eq!(status(&format!("http://{host}/sign-in"), &format!("Host: {host}\r\n")), 200);
    assert_eq!(status("http://evil.example/sign-in", &format!("Host: {host}\r\n")), 421);
    assert!(matches!(status(&format!("http://{host}/sign-in"), "Host: evil.example\r\n"), 400 | 421));
    assert_eq!(status("/sign-in", ""), 400);
}

/// Each website has its own customers: an address is looked for where it was asked.
#[test]
fn a_website_has_its_own_customers() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let body = |website: u32| json!({"email": VERONICA, "template": "email_reset", "websiteId": website});
    let shared = format!("127.0.0.1:{}", storefront.port());
    let ask = |host: &str, website| {
        let ask = Ask::new("PUT", "/rest/V1/customers/password").json(&body(website));
        ask.send(storefront.port(), host).unwrap().status
    };
    // The twin lives on the third website; the first one is not at this host.
    assert_eq!(ask(&shared, 1), 400);
    assert_eq!(ask(&shared, 2), 200);
    storefront.answered();
    assert_eq!(storefront.mails(VERONICA).len(), 0, "she has no account in Korea");
    assert_eq!(ask(&shared, 3), 200);
    let link = link_in(&storefront.mail(VERONICA, 0));
    assert!(link.starts_with(&storefront.shared_url("/r/2.")), "{link}");
    // Her link does not work where she has no account.
    let mut astray = storefront.visitor();
    astray.get(&path_of(&link));
    assert_eq!(astray.get("/reset").status, 410);
}
