//! A request from within this process: it passes the same gate as one from outside, and no network.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    store::Store,
    web::{
        Site, router,
        routes::{Target, Verb, route_to},
    },
};

/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What is asked.
pub struct Ask {
    /// For what.
    pub target: Target,
    /// Of which website: its `Host`.
    pub host: String,
    /// Who asks: `Authorization`.
    pub authorization: SecretString,
    /// JSON; may be empty.
    pub body: SecretString,
}

/// What was answered.
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// Such as `OK`.
    pub reason: &'static str,
    /// What it said.
    pub body: SecretString,
}

/// Method and path of a target.
#[must_use]
pub fn request_line(target: Target) -> String {
    route_to(target).map_or_else(String::new, |route| format!("{} {}", method(route.verb), route.path))
}

/// Asks the shop.
///
/// # Errors
/// Why nothing was answered, as a sentence.
pub async fn ask<S: Store>(site: &Arc<Site<S>>, ask: Ask) -> Result<Answer, String> {
    let route = route_to(ask.target).ok_or("There is no such path.")?;
    let mut authorization =
        HeaderValue::from_str(ask.authorization.expose_secret()).map_err(|error| format!("{error}."))?;
    authorization.set_sensitive(true);
    let request = Request::builder()
        .method(method(route.verb))
        .uri(route.path)
        .header(header::HOST, ask.host)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(ask.body.expose_secret().to_owned()))
        .map_err(|error| format!("{error}."))?;
    let Ok(response) = TowerToHyperService::new(router(site)).call(request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), MAX_ANSWER).await.map_err(|error| format!("{error}."))?;
    let body = String::from_utf8_lossy(&body).into_owned().into();
    Ok(Answer { status: status.as_u16(), reason: status.canonical_reason().unwrap_or_default(), body })
}

const fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
    }
}
