//! The pages for people.

pub(super) mod account;
pub(super) mod forgot;
pub(super) mod reset;
pub(super) mod sign_in;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    texts::Texts,
    web::answer::{self, CSS, SVG},
};

/// What stands around every page.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) texts: Texts,
    /// Name of the website.
    pub(super) shop: &'a str,
}

/// A page that says one thing and names the way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) title: &'a str,
    /// `alert` for what went wrong, else `status`.
    pub(super) role: &'static str,
    pub(super) sentence: &'a str,
    /// Where to, and what that is called.
    pub(super) way_on: (&'static str, &'a str),
}

/// The stylesheet.
pub(super) fn style() -> Response {
    file(CSS, include_str!("style.css"))
}

/// The picture in the browser's tab: a key.
pub(super) fn icon() -> Response {
    file(SVG, include_str!("icon.svg"))
}

/// What is the same for everybody, and may be kept.
fn file(media_type: &'static str, text: &'static str) -> Response {
    let mut response = answer::text(StatusCode::OK, media_type, text);
    let kept = HeaderValue::from_static("public, max-age=3600");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}
