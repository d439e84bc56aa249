//! Whether a form was ours: it comes from our page, and holds what our cookie holds.

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::Response,
};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::web::{cookies::CSRF, host::Host};

/// Random bytes of a CSRF token.
pub(super) const LEN: usize = 32;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What our forms hold.
#[derive(Clone, Debug)]
pub(super) struct Csrf {
    /// The value of field and cookie.
    pub(super) value: String,
    /// Whether the browser does not have the cookie yet.
    pub(super) is_new: bool,
}

impl Csrf {
    /// The one that the browser has, or a new one.
    pub(super) fn of(headers: &HeaderMap, random: impl FnOnce() -> [u8; LEN]) -> Self {
        match known(headers) {
            Some(value) => Self { value: value.to_owned(), is_new: false },
            None => Self { value: BASE64URL_NOPAD.encode(&random()), is_new: true },
        }
    }

    /// A page with a form, with the cookie that the form needs.
    pub(super) fn with(&self, mut page: Response) -> Response {
        if self.is_new {
            CSRF.set(page.headers_mut(), &self.value.as_str().into(), None);
        }
        page
    }
}

/// The cookie's value, if it can be one of ours.
fn known(headers: &HeaderMap) -> Option<&str> {
    let is_ours = |value: &&str| BASE64URL_NOPAD.decode(value.as_bytes()).is_ok_and(|bytes| bytes.len() == LEN);
    CSRF.of(headers).filter(is_ours)
}

/// Whether the field of a form holds what the browser's cookie holds.
pub(super) fn fits(headers: &HeaderMap, field: &str) -> bool {
    known(headers).is_some_and(|value| value.as_bytes().ct_eq(field.as_bytes()).into())
}

/// Whether a browser says that the form stood on one of our pages: `Sec-Fetch-Site: same-origin`,
/// or, of a browser that does not know that header, an `Origin` of ours. A page without referrer
/// sends `Origin: null`, so that one says nothing beside the other.
pub(super) fn is_from_us(headers: &HeaderMap, host: &Host) -> bool {
    let only = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap_or_default());
        value.map(|value| if values.next().is_some() { "" } else { value })
    };
    match (only(&FETCH_SITE), only(&header::ORIGIN)) {
        (Some(site), None | Some("null")) => site == "same-origin",
        (Some(site), Some(origin)) => site == "same-origin" && host.has_origin(origin),
        (None, Some(origin)) => host.has_origin(origin),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        safe_text::SafeText,
        website::{Website, WebsiteId},
    };
    use axum::http::HeaderValue;

    const OURS: &str = "https://luma.example";

    fn host() -> Host {
        let website = Website {
            id: WebsiteId(1),
            code: SafeText::new("base"),
            name: SafeText::new("Luma"),
            base_url: Some(OURS.to_owned()),
            sender_name: SafeText::new("Luma"),
            sender_email: None,
            language: "en".to_owned(),
        };
        Host { websites: vec![website] }
    }

    #[test]
    fn a_form_comes_from_our_own_page() {
        for (site, origin, ours) in [
            (&["same-origin"][..], &["null"][..], true),
            (&["same-origin"], &[], true),
            (&["same-origin"], &[OURS], true),
            (&[], &[OURS], true),
            (&["same-origin"], &["https://evil.example"], false),
            (&["same-site"], &[OURS], false),
            (&["cross-site"], &[OURS], false),
            (&["cross-site"], &["null"], false),
            (&["none"], &[], false),
            (&["Same-Origin"], &[], false),
            (&["same-origin", "same-origin"], &[], false),
            (&[], &["null"], false),
            (&[], &["https://luma.example.evil.example"], false),
            (&[], &[OURS, OURS], false),
            (&[], &[], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in site {
                headers.append(FETCH_SITE, HeaderValue::from_static(value));
            }
            for value in origin {
                headers.append(header::ORIGIN, HeaderValue::from_static(value));
            }
            assert_eq!(is_from_us(&headers, &host()), ours, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn field_and_cookie_hold_the_same() {
        let value = BASE64URL_NOPAD.encode(&[7; LEN]);
        let mut headers = HeaderMap::new();
        assert!(!fits(&headers, "") && !fits(&headers, &value));
        assert!(Csrf::of(&headers, || [1; LEN]).is_new);
        headers.insert(header::COOKIE, HeaderValue::from_str(&format!("__Host-csrf={value}")).unwrap());
        assert!(fits(&headers, &value));
        assert!(!fits(&headers, "") && !fits(&headers, &BASE64URL_NOPAD.encode(&[8; LEN])));
        let known = Csrf::of(&headers, || [1; LEN]);
        assert_eq!((known.value, known.is_new), (value, false));
        headers.insert(header::COOKIE, HeaderValue::from_static("__Host-csrf="));
        assert!(!fits(&headers, ""), "an empty cookie is none");
    }
}
