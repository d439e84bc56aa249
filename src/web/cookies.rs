//! The three cookies. All are `__Host-`: no other host can set them, and no script reads them
//! (ASVS 3.3).

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

/// A cookie's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cookie(&'static str);

/// The browser session.
pub(super) const SESSION: Cookie = Cookie("__Host-session");
/// What forms are recognised by.
pub(super) const CSRF: Cookie = Cookie("__Host-csrf");
/// The link out of a mail, on its way from the address bar to the form.
pub(super) const RESET: Cookie = Cookie("__Host-reset");

/// Lax, because a link out of a mail program comes from elsewhere.
const RULES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

impl Cookie {
    /// Its value in a request; none where it is missing, or there twice.
    pub(super) fn of(self, headers: &HeaderMap) -> Option<&str> {
        // Bytes: in the same line other programs of the same domain say what they like.
        let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let mut values = pairs.filter_map(|pair| {
            let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
            (name.trim_ascii() == self.0.as_bytes()).then(|| value.get(1..).unwrap_or_default().trim_ascii())
        });
        values.next().filter(|_| values.next().is_none()).and_then(|value| str::from_utf8(value).ok())
    }

    /// Sets it until the browser is closed, or for so many seconds.
    pub(super) fn set(self, headers: &mut HeaderMap, value: &SecretString, seconds: Option<u32>) {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        write(headers, &format!("{}={}; {RULES}{age}", self.0, value.expose_secret()));
    }

    /// Takes it back.
    pub(super) fn clear(self, headers: &mut HeaderMap) {
        write(headers, &format!("{}=; {RULES}; Max-Age=0", self.0));
    }
}

fn write(headers: &mut HeaderMap, line: &str) {
    // Our values are ASCII; one that were not would be no cookie.
    if let Ok(mut line) = HeaderValue::from_str(line) {
        line.set_sensitive(true);
        headers.append(header::SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        SESSION.of(&headers).map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        assert_eq!(read(&["a=b; __Host-session=1.x; c=d"]), Some("1.x".to_owned()));
        assert_eq!(read(&["a=b", " __Host-session = 1.x "]), Some("1.x".to_owned()));
        assert_eq!(read(&["x__Host-session=1.x; __Host-sessio=2; __host-session=3; __Host-session"]), None);
        assert_eq!(read(&["name=Zo\u{eb}; __Host-session=1.x"]), Some("1.x".to_owned()), "others' are others'");
        assert_eq!(read(&["__Host-session"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_believed_neither_time() {
        assert_eq!(read(&["__Host-session=1.x; __Host-session=2.x"]), None);
        assert_eq!(read(&["__Host-session=1.x", "__Host-session=1.x"]), None);
    }

    #[test]
    fn cookies_are_for_this_host_and_no_script() {
        let mut headers = HeaderMap::new();
        RESET.set(&mut headers, &"1.x".into(), Some(900));
        SESSION.clear(&mut headers);
        let lines: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect();
        assert_eq!(
            lines,
            [
                "__Host-reset=1.x; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=900",
                "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
            ]
        );
        assert!(!format!("{headers:?}").contains("1.x"));
    }
}
