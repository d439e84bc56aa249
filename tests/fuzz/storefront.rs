//! Whole requests to the storefront: host, path, headers, cookies, forms and JSON.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request},
};
use keydesk::{
    domain::reset::{KEY_LEN, TokenKey},
    web::{Site, router},
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::{demo_shop::Shop, engine::Target};

const SEEDS: &[&str] = &[
    "GET /sign-in\nHost: luma.localhost:8080\n\n",
    "GET http://luma.localhost:8080/\nHost: LUMA.localhost:8080\nCookie: __Host-session=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
    "HEAD /r/1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nHost: luma.localhost:8080\nX-Forwarded-For: 192.0.2.1, [2001:db8::1]:80, unknown\n\n",
    "GET /reset\nHost: luma.localhost:8080\nCookie: a=b; __Host-reset=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
    "POST /forgot\nHost: luma.localhost:8080\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\nCookie: __Host-csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\ncsrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&email=a%40b.co",
    "POST /sign-out\nHost: luma.localhost:8080\nOrigin: http://luma.localhost:8080\nContent-Type: application/x-www-form-urlencoded\nCookie: __Host-csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\ncsrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "POST /reset\nHost: luma.localhost:8080\nSec-Fetch-Site: same-origin\nOrigin: null\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\nCookie: __Host-csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; __Host-reset=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\ncsrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&password=vivid7&password_again=vivid7",
    "PUT /rest/V1/customers/password\nHost: luma.localhost:8080\nContent-Type: application/json\n\n{\"email\": \"a@b.co\", \"template\": \"email_reset\", \"websiteId\": 1}",
    "POST /rest/V1/customers/resetPassword\nHost: luma.localhost:8080\nContent-Type: application/json\n\n{\"email\": \"a@b.co\", \"resetToken\": \"1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\", \"newPassword\": \"vivid7\"}",
    "POST /rest/V1/integration/customer/token\nHost: luma.localhost:8080\nAuthorization: Basic a2V5OnNlY3JldA==\nContent-Type: application/json\n\n{\"username\": \"a@b.co\", \"password\": \"vivid7\"}",
    "GET /rest/V1/customers/me\nHost: luma.localhost:8080\nAuthorization: Bearer 1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
    "OPTIONS *\nHost: luma.localhost:8080\n\n",
];

const WORDS: &[&str] = &[
    "Host: ",
    "Cookie: ",
    "Content-Type: ",
    "Content-Length: 5\n",
    "Transfer-Encoding: chunked\n",
    "Sec-Fetch-Site: cross-site\n",
    "__Host-csrf=",
    "; ",
    "&csrf=",
    "%00",
    "%ff",
    "%2f",
    "/../",
    "//",
    "?",
    "#",
    "..",
    "\u{202e}",
    "\u{1b}[2J",
    "application/json",
    "[[[[",
    "{\"a\":",
    "\\ud800",
    "1e999",
    "-0",
    "null",
    "POST ",
    "PATCH ",
    "evil.example",
    "127.0.0.1",
    "[::1]:8080",
    "@",
];

/// A request as it is written above; none where it is none that the network could bring.
fn request(input: &[u8]) -> Option<Request<Body>> {
    let text = String::from_utf8_lossy(input);
    let (head, body) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let (method, uri) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    request.body(Body::from(body.to_owned())).ok()
}

fn answer(runtime: &Runtime, router: &Router, request: Request<Body>) -> bool {
    let response = runtime.block_on(router.clone().oneshot(request)).unwrap();
    let status = response.status().as_u16();
    assert!(status < 500, "{response:?}");
    assert!(response.headers().contains_key("content-security-policy"), "{response:?}");
    status < 400
}

#[test]
fn requests() {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(Shop::new(20));
    let (site, _) = Site::new(shop.service.clone(), TokenKey::new([7; KEY_LEN]), Arc::new(|_| true));
    let router = router(&site);
    let target = Target { name: "requests", seeds: SEEDS, words: WORDS, cost: 1 };
    target.run(|input| request(input).is_some_and(|request| answer(&runtime, &router, request)));
}
