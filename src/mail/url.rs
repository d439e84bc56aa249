//! Where mails are handed over, as one line of configuration.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::SecretString;

/// What user names keep as it is when they are shown in a URL.
const SHOWN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where mails are handed over. Shown, and in Debug, without the password.
///
/// | text | meaning |
/// |---|---|
/// | `smtp://[user:password@]host[:587][?tls=required]` | a relay; encrypted with STARTTLS or not at all |
/// | `smtps://[user:password@]host[:465]` | a relay; encrypted from the first byte |
/// | `sendmail:` or `sendmail:/path/to/sendmail` | a program of this machine |
/// | `maildir:DIR` | files, for demos and tests |
///
/// User and password are percent-encoded. A relay on this machine (`localhost`, 127.0.0.0/8,
/// `::1`) is spoken to in plain text, on port 25, unless `?tls=required` is given; to every other
/// one encryption is a must, and there is no way to write a URL that says otherwise.
#[derive(Clone)]
pub enum MailUrl {
    /// A relay.
    Smtp(SmtpUrl),
    /// A program that reads a mail, such as `/usr/sbin/sendmail`.
    Sendmail(PathBuf),
    /// A folder of mails.
    Maildir(PathBuf),
}

/// How to reach a relay.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
}

/// How a connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// It does not leave this machine.
    Loopback,
    /// It is encrypted before anything is said.
    StartTls,
    /// It is encrypted from the first byte.
    Tls,
}

/// Who we are to the relay.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Option<SecretString>,
}

/// Why a text does not say where mails are handed over. Holds nothing of the text: a password
/// may stand anywhere in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailUrlError {
    /// No scheme that is known.
    #[error("a mail URL starts with smtp://, smtps://, sendmail: or maildir:")]
    Scheme,
    /// The relay's name is missing or holds characters that host names do not.
    #[error(
        "the host in the mail URL is missing or not a host name; special characters in a password are written as %XX"
    )]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port in the mail URL is not a number from 1 to 65535")]
    Port,
    /// Something stands behind the host.
    #[error("a mail URL has nothing behind its host and port but ?tls=required")]
    Rest,
    /// User or password cannot be decoded, or hold control characters.
    #[error("the user or password in the mail URL is not valid text; special characters are written as %XX")]
    Login,
    /// A password without a user.
    #[error("the mail URL names no user that the password could belong to")]
    NoUser,
    /// The sendmail program is not given in full.
    #[error("the program in sendmail:/path/to/sendmail is given as a full path")]
    Program,
    /// No folder.
    #[error("a folder is needed in maildir:DIR")]
    Folder,
}

impl MailUrl {
    /// Reads what [`MailUrl`] describes.
    ///
    /// # Errors
    /// The first thing that is wrong with it; never any part of the text itself.
    pub fn parse(text: &str) -> Result<Self, MailUrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(MailUrlError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "smtp" | "smtps" => {
                let rest = rest.strip_prefix("//").ok_or(MailUrlError::Scheme)?;
                SmtpUrl::parse(rest, scheme == "smtps").map(Self::Smtp)
            }
            "sendmail" if rest.is_empty() => Ok(Self::Sendmail("/usr/sbin/sendmail".into())),
            "sendmail" if Path::new(rest).is_absolute() => Ok(Self::Sendmail(rest.into())),
            "sendmail" => Err(MailUrlError::Program),
            "maildir" if rest.is_empty() => Err(MailUrlError::Folder),
            "maildir" => Ok(Self::Maildir(rest.into())),
            _ => Err(MailUrlError::Scheme),
        }
    }

    /// Sets the password, read from a file of its own, in place of the URL's.
    ///
    /// # Errors
    /// [`MailUrlError::NoUser`] when the URL names none.
    pub fn with_password(mut self, password: SecretString) -> Result<Self, MailUrlError> {
        let Self::Smtp(SmtpUrl { login: Some(login), .. }) = &mut self else { return Err(MailUrlError::NoUser) };
        login.password = Some(password);
        Ok(self)
    }

    /// Whether it holds a password.
    #[must_use]
    pub const fn has_password(&self) -> bool {
        matches!(self, Self::Smtp(SmtpUrl { login: Some(Login { password: Some(_), .. }), .. }))
    }
}

impl SmtpUrl {
    fn parse(rest: &str, implicit_tls: bool) -> Result<Self, MailUrlError> {
        let (rest, tls_required) = match rest.split_once('?') {
            Some((rest, "tls=required")) => (rest, true),
            Some(_) => return Err(MailUrlError::Rest),
            None => (rest, false),
        };
        // The last @, so that one that was not encoded stays in the password and out of the host.
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(Login::parse(login)?), place),
            None => (None, rest),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        let (host, port) = split_place(place)?;
        let loopback = is_loopback(&host);
        let security = match (implicit_tls, loopback && !tls_required) {
            (true, _) => Security::Tls,
            (false, true) => Security::Loopback,
            (false, false) => Security::StartTls,
        };
        let default_port = match (implicit_tls, loopback) {
            (true, _) => 465,
            (false, true) => 25,
            (false, false) => 587,
        };
        Ok(Self { host, port: port.unwrap_or(default_port), security, login })
    }

    /// `mail.example:587`, as sentences name it.
    pub(super) fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl Login {
    fn parse(text: &str) -> Result<Self, MailUrlError> {
        let (user, password) = match text.split_once(':') {
            Some((user, password)) => (decode(user)?, Some(decode(password)?.into())),
            None => (decode(text)?, None),
        };
        if user.is_empty() { Err(MailUrlError::NoUser) } else { Ok(Self { user, password }) }
    }
}

/// NUL separates user and password in AUTH PLAIN, so control characters are refused.
fn decode(text: &str) -> Result<String, MailUrlError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| MailUrlError::Login)?;
    if decoded.chars().any(char::is_control) { Err(MailUrlError::Login) } else { Ok(decoded.into_owned()) }
}

fn split_place(place: &str) -> Result<(String, Option<u16>), MailUrlError> {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').ok_or(MailUrlError::Host)?;
        host.parse::<Ipv6Addr>().map_err(|_| MailUrlError::Host)?;
        let port = if behind.is_empty() { None } else { Some(behind.strip_prefix(':').ok_or(MailUrlError::Host)?) };
        (host, port)
    } else {
        let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || b == b'_';
        if host.is_empty() || !host.bytes().all(allowed) {
            return Err(MailUrlError::Host);
        }
        (host, port)
    };
    let port = match port.map(str::parse) {
        None => None,
        Some(Ok(port)) if port != 0 => Some(port),
        Some(_) => return Err(MailUrlError::Port),
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

impl fmt::Display for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(smtp) => smtp.fmt(f),
            Self::Sendmail(program) => write!(f, "sendmail:{}", program.display()),
            Self::Maildir(folder) => write!(f, "maildir:{}", folder.display()),
        }
    }
}

impl fmt::Debug for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.security == Security::Tls { "smtps://" } else { "smtp://" })?;
        if let Some(Login { user, password }) = &self.login {
            let stars = if password.is_some() { ":***" } else { "" };
            write!(f, "{}{stars}@", utf8_percent_encode(user, SHOWN))?;
        }
        f.write_str(&self.place())?;
        let forced = self.security == Security::StartTls && is_loopback(&self.host);
        f.write_str(if forced { "?tls=required" } else { "" })
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    fn smtp(text: &str) -> SmtpUrl {
        match MailUrl::parse(text).unwrap() {
            MailUrl::Smtp(smtp) => smtp,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn shows_everything_but_the_password() {
        for (text, shown) in [
            ("smtp://mail.example", "smtp://mail.example:587"),
            ("SMTP://Mail.Example/", "smtp://mail.example:587"),
            ("smtp://u:p%40ss@mail.example:2525", "smtp://u:***@mail.example:2525"),
            ("smtp://u%40shop:secret@mail.example", "smtp://u%40shop:***@mail.example:587"),
            ("smtp://u@mail.example", "smtp://u@mail.example:587"),
            ("smtps://u:@mail.example", "smtps://u:***@mail.example:465"),
            ("smtp://localhost", "smtp://localhost:25"),
            ("smtp://[::1]:2525?tls=required", "smtp://[::1]:2525?tls=required"),
            ("sendmail:", "sendmail:/usr/sbin/sendmail"),
            ("sendmail:/opt/sendmail", "sendmail:/opt/sendmail"),
            ("maildir:demo/mail", "maildir:demo/mail"),
        ] {
            let url = MailUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_plain_text() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
            assert_eq!(smtp(&format!("smtp://{host}")).security, Security::Loopback, "{host}");
            assert_eq!(smtp(&format!("smtp://{host}?tls=required")).security, Security::StartTls, "{host}");
            assert_eq!(smtp(&format!("smtps://{host}")).security, Security::Tls, "{host}");
        }
        for host in ["mail.example", "10.0.0.1", "127.1", "127.0.0.1.example", "localhost.example", "[::2]"] {
            assert_eq!(smtp(&format!("smtp://{host}")).security, Security::StartTls, "{host}");
        }
    }

    #[test]
    fn decodes_user_and_password() {
        let login = smtp("smtp://u%40shop:p%3A%2F%20x@mail.example").login.unwrap();
        assert_eq!(login.user, "u@shop");
        assert_eq!(login.password.unwrap().expose_secret(), "p:/ x");
    }

    #[test]
    fn a_password_file_needs_a_user() {
        let url = MailUrl::parse("smtp://u@mail.example").unwrap();
        assert!(!url.has_password());
        let url = url.with_password("geheim".into()).unwrap();
        assert!(url.has_password());
        assert!(!format!("{url} {url:?}").contains("geheim"));
        for text in ["smtp://mail.example", "sendmail:"] {
            let error = MailUrl::parse(text).unwrap().with_password("geheim".into()).unwrap_err();
            assert_eq!(error, MailUrlError::NoUser);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, error) in [
            ("", MailUrlError::Scheme),
            ("mail.example", MailUrlError::Scheme),
            ("http://mail.example", MailUrlError::Scheme),
            ("smtp:mail.example", MailUrlError::Scheme),
            ("smtp://", MailUrlError::Host),
            ("smtp://u:p@", MailUrlError::Host),
            ("smtp://mail example", MailUrlError::Host),
            ("smtp://mail.example\r\n", MailUrlError::Host),
            ("smtp://[mail.example]", MailUrlError::Host),
            ("smtp://[::1]x", MailUrlError::Host),
            ("smtp://mail.example:0", MailUrlError::Port),
            ("smtp://mail.example:65536", MailUrlError::Port),
            ("smtp://mail.example:", MailUrlError::Port),
            ("smtp://mail.example?tls=none", MailUrlError::Rest),
            ("smtp://mail.example/inbox", MailUrlError::Host),
            ("smtp://:p@mail.example", MailUrlError::NoUser),
            ("smtp://u%00:p@mail.example", MailUrlError::Login),
            ("smtp://u:%ff@mail.example", MailUrlError::Login),
            ("sendmail:sendmail", MailUrlError::Program),
            ("maildir:", MailUrlError::Folder),
        ] {
            assert_eq!(MailUrl::parse(text).unwrap_err(), error, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_shows_the_password(password in "[!-~]{12,24}") {
            let text = format!("smtp://u:{password}@mail.example");
            match MailUrl::parse(&text) {
                Ok(url) => prop_assert_eq!(format!("{url:?}"), "smtp://u:***@mail.example:587"),
                Err(error) => {
                    let shown = format!("{error} {error:?}");
                    prop_assert!(!shown.contains(&password));
                }
            }
        }

        #[test]
        fn what_is_shown_says_the_same(text in "smtps?://([a-z%]{1,5}@)?(localhost|[a-z.]{1,9})(:[0-9]{1,4})?(\\?tls=required)?") {
            if let Ok(url) = MailUrl::parse(&text) {
                prop_assert_eq!(MailUrl::parse(&url.to_string()).unwrap().to_string(), url.to_string());
            }
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = MailUrl::parse(&text);
            let _ = MailUrl::parse(&format!("smtp://{text}"));
        }
    }
}
