//! What every answer carries, and what the table of routes promises.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use keydesk::web::{Kind, ROUTES, Verb};

use crate::front::{Front, HOST, Reply, at, media_type, method, path};

/// Headers of every answer, with their only values.
const ALWAYS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-permitted-cross-domain-policies", "none"),
    ("server", ""),
    ("access-control-allow-origin", ""),
];

fn is_careful(reply: &Reply, kind: Kind, what: &str) {
    for (name, value) in ALWAYS {
        assert_eq!(reply.header(name), value, "{what}: {name}");
        assert!(reply.headers.get_all(name).iter().count() <= 1, "{what}: {name} is there twice");
    }
    assert!(reply.header("permissions-policy").contains("camera=()"), "{what}");
    let kept = if kind == Kind::File && reply.status == StatusCode::OK { "public, max-age=3600" } else { "no-store" };
    assert_eq!(reply.header("cache-control"), kept, "{what}");
    if !reply.status.is_success() && kind == Kind::Api && !reply.body.is_empty() {
        let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        assert!(problem["message"].as_str().unwrap().ends_with('.'), "{what}: {problem}");
    }
    for line in reply.headers.get_all(header::SET_COOKIE) {
        let line = line.to_str().unwrap();
        let rules = "; Path=/; Secure; HttpOnly; SameSite=Lax";
        assert!(line.starts_with("__Host-") && line.contains(rules) && !line.contains("Domain"), "{what}: {line}");
    }
    // The name of a language, not a place.
    let body = reply.body.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for inline in ["<script", "style=", "onclick", "javascript:", "http:", "https:"] {
        assert!(!body.contains(inline), "{what}: {inline}");
    }
}

#[tokio::test]
async fn every_answer_is_careful() {
    let front = Front::open().await;
    for route in &ROUTES {
        let (verb, path) = (method(route.verb), path(route));
        let asked = |method: Method| at(method, &path).header(header::CONTENT_TYPE, media_type(route.kind));
        let large = || Body::from(vec![b'a'; 16 * 1024 + 1]);
        let requests = [
            (asked(verb.clone()).body(Body::empty()), None),
            (asked(Method::PATCH).body(Body::empty()), Some(405)),
            (asked(Method::DELETE).body(Body::empty()), Some(405)),
            (asked(verb.clone()).body(large()), Some(413)),
            (asked(verb.clone()).header("content-length", "16385").body(Body::empty()), Some(413)),
            (asked(verb.clone()).header(header::HOST, HOST).body(Body::empty()), Some(400)),
            (Request::builder().method(verb.clone()).uri(&path).body(Body::empty()), Some(400)),
            (Request::builder().method(verb).uri(&path).header("host", "evil.example").body(Body::empty()), Some(421)),
        ];
        for (n, (request, status)) in requests.into_iter().enumerate() {
            let reply = front.ask(request.unwrap()).await;
            let what = format!("{:?} {path}, request {n}: {}", route.verb, reply.status);
            is_careful(&reply, route.kind, &what);
            assert!(status.is_none_or(|status| reply.status.as_u16() == status), "{what}");
            // Browsers are told to insist on TLS wherever it is known that they can.
            let is_ours = !matches!(reply.status.as_u16(), 400 | 421) || n < 5;
            let tls = if is_ours { "max-age=31536000" } else { "" };
            assert_eq!(reply.header("strict-transport-security"), tls, "{what}");
        }
    }
    for path in ["/nowhere", "/rest/V1/nowhere", "/r/", "/r/1.x/y", "/sign-in/", "/Sign-In", "//sign-in", "/style.css/"]
    {
        let reply = front.get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        is_careful(&reply, if path.starts_with("/rest/") { Kind::Api } else { Kind::Page }, path);
    }
}

/// Where `GET` is answered, so is `HEAD`, with the same headers and no body; nothing else is.
#[tokio::test]
async fn a_route_is_asked_in_its_own_ways() {
    let front = Front::open().await;
    for route in &ROUTES {
        let path = path(route);
        let own: Vec<Verb> = ROUTES.iter().filter(|other| other.path == route.path).map(|other| other.verb).collect();
        let others = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE];
        for other in others.into_iter().filter(|other| !own.iter().any(|verb| method(*verb) == *other)) {
            let reply = front.ask(at(other.clone(), &path).body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{other} {path}");
            for verb in &own {
                assert!(reply.header("allow").contains(method(*verb).as_str()), "{other} {path}: {reply:?}");
            }
        }
        if own.contains(&Verb::Get) {
            let head = front.ask(at(Method::HEAD, &path).body(Body::empty()).unwrap()).await;
            let get = front.get(&path).await;
            assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
            for name in ["content-type", "location", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn tls_is_insisted_on_only_where_there_is_some() {
    let front = Front::open().await;
    let ask = Request::builder().uri("/sign-in").header(header::HOST, "b2b.luma.localhost:8080").body(Body::empty());
    let reply = front.ask(ask.unwrap()).await;
    assert_eq!((reply.status, reply.header("strict-transport-security")), (StatusCode::OK, ""));
    assert!(reply.body.contains("<title>Sign In - Luma Business</title>"), "{}", reply.body);
}

/// Only the shop's configuration decides whose page this is.
#[tokio::test]
async fn a_host_that_is_nobodys_is_sent_away() {
    let front = Front::open().await;
    for (uri, host, status) in [
        ("/sign-in", "luma.example", 200),
        ("/sign-in", "LUMA.example:443", 200),
        ("https://luma.example/sign-in", "luma.example", 200),
        ("https://evil.example/sign-in", "luma.example", 421),
        ("https://luma.example/sign-in", "evil.example", 421),
        ("/sign-in", "luma.example:80", 421),
        ("/sign-in", "luma.example.evil.example", 421),
        ("/sign-in", "luma.example, evil.example", 400),
        ("/sign-in", "evil.example@luma.example", 400),
        ("/sign-in", "", 400),
    ] {
        let request = Request::builder().uri(uri).header(header::HOST, host);
        let request = request.header("x-forwarded-host", "luma.example").header("forwarded", "host=luma.example");
        let reply = front.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status.as_u16(), status, "{uri} at {host:?}");
        assert!(!reply.body.contains("evil"), "{uri} at {host:?}");
    }
}

/// The token leaves the address bar, and the answer says nothing about it.
#[tokio::test]
async fn a_link_is_the_same_for_every_token() {
    let front = Front::open().await;
    let good = format!("/r/1.{}", "A".repeat(43));
    for path in [good.as_str(), "/r/1.x", "/r/x", "/r/%00", "/r/%0d%0aSet-Cookie:%20a=b", "/r/..%2f..%2f"] {
        for verb in [Method::GET, Method::HEAD] {
            let reply = front.ask(at(verb, path).body(Body::empty()).unwrap()).await;
            assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/reset"), "{path}");
            let kept = reply.cookie("__Host-reset").unwrap();
            assert_eq!(kept, if path == good { &good[3..] } else { "" }, "{path}");
            assert!(reply.body.is_empty() && reply.headers.get_all(header::SET_COOKIE).iter().count() == 1, "{path}");
        }
    }
    assert!(front.get(&good).await.header("set-cookie").ends_with("; Max-Age=900"));
    assert!(front.get("/r/x").await.header("set-cookie").ends_with("; Max-Age=0"));
}

#[tokio::test]
async fn programs_are_told_how_to_sign_in() {
    let front = Front::open().await;
    for (verb, path, scheme) in [
        (Method::GET, "/rest/V1/customers/me", "Bearer"),
        (Method::POST, "/rest/V1/integration/customer/revoke-customer-token", "Bearer"),
        (Method::POST, "/rest/V1/integration/customer/token", "Basic"),
    ] {
        for given in ["", "Bearer", "Bearer x", "Bearer 1.x", "Basic x", "Basic QQ==", "Digest a=b"] {
            let request = at(verb.clone(), path).header(header::CONTENT_TYPE, "application/json");
            let request = if given.is_empty() { request } else { request.header(header::AUTHORIZATION, given) };
            let reply = front.ask(request.body(Body::from("{}")).unwrap()).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path} {given}");
            assert!(reply.header("www-authenticate").starts_with(scheme), "{path} {given}");
        }
    }
}
