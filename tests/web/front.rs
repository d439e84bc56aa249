//! A storefront over a demo shop, asked without a network.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
};
use keydesk::{
    domain::{
        reset::{KEY_LEN, TokenKey},
        website::NewWebsite,
    },
    store::{Setup, sql::SqlStore},
    web::{Kind, Route, Site, Verb, router},
};
use tower::ServiceExt;

use crate::shop::Shop;

/// Host of a website beside those of the demo shop, which is reached by TLS.
pub const HOST: &str = "luma.example";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A storefront and the shop behind it.
pub struct Front {
    pub shop: Shop,
    pub site: Arc<Site<SqlStore>>,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the browser keeps of it under this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        let mut pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }
}

impl Front {
    pub async fn open() -> Self {
        Self::of(Shop::new(3).await).await
    }

    /// The storefront of such a shop.
    pub async fn of(shop: Shop) -> Self {
        let website = NewWebsite {
            code: "tls".into(),
            name: "Luma".into(),
            base_url: format!("https://{HOST}/"),
            sender_name: "Luma Support".into(),
            sender_email: None,
            language: "en".into(),
        };
        shop.service.store().insert_website(&website).await.unwrap();
        let (site, _) = Site::new(shop.service.clone(), TokenKey::new([7; KEY_LEN]), Arc::new(|_| false));
        Self { shop, router: router(&site), site }
    }

    pub async fn ask(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body: String::from_utf8(body.into()).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(at(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form as a browser does that has this CSRF cookie.
    pub async fn post(&self, path: &str, csrf: &str, body: impl Into<Body>) -> Reply {
        let request = at(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, format!("__Host-csrf={csrf}"))
            .header(header::CONTENT_TYPE, FORM);
        self.ask(request.body(body.into()).unwrap()).await
    }
}

/// The beginning of a request to that website.
pub fn at(method: Method, path: &str) -> Builder {
    Request::builder().method(method).uri(path).header(header::HOST, HOST)
}

pub fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
    }
}

/// A path that the route answers.
pub fn path(route: &Route) -> String {
    route.path.replace("{token}", "1.x")
}

/// The type of the bodies that a route takes.
pub const fn media_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "application/json",
        Kind::Page | Kind::File => FORM,
    }
}
