//! Answers of the few kinds there are.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use crate::web::problem::Problem;

/// Media type of pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";
/// Media type of the stylesheet.
pub(super) const CSS: &str = "text/css; charset=utf-8";
/// Media type of pictures that are drawn.
pub(super) const SVG: &str = "image/svg+xml";
/// Media type of the API.
const JSON: &str = "application/json";

/// Text of a media type.
pub(super) fn text(status: StatusCode, media_type: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// A page.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    page.render().map(|html| text(status, HTML, html)).map_err(|_| Problem::Broken)
}

/// A value for programs.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    text(status, JSON, value.to_string())
}

/// "See Other": what comes next is got with `GET`, and asked again without doing anything again.
pub(super) fn see(path: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(path));
    response
}
