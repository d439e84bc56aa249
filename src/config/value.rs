//! Reading single values; whatever is wrong is a sentence that says what is allowed.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::config::{Mouse, Symbols, Theme};
use crate::domain::{server_address::ServerAddress, throttle::Protection};

/// What is wrong with a value.
pub type Problem = String;

/// A database as it is named.
#[derive(Debug)]
pub enum Named<'a> {
    /// The path in `sqlite:PATH`.
    File(&'a str),
    /// `postgres://...`
    Server(Box<ServerAddress>),
}

/// The database in `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
///
/// # Errors
/// When the text names another database, or none.
pub fn database(text: &str) -> Result<Named<'_>, Problem> {
    const USE: &str = "Use sqlite:PATH or postgres://USER@HOST/DATABASE.";
    if ServerAddress::is_meant(text) {
        let address = ServerAddress::parse(text).map_err(|problem| format!("{problem}."))?;
        return Ok(Named::Server(Box::new(address)));
    }
    match text.split_once(':') {
        Some(("sqlite", rest)) => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            if path.is_empty() {
                Err(format!("the path of the database is missing. {USE}"))
            } else if path.starts_with(":memory:") {
                Err(format!("a database in memory would lose everything. {USE}"))
            } else if path.contains('?') {
                Err(format!("sqlite:PATH takes no parameters behind a \"?\". {USE}"))
            } else {
                Ok(Named::File(path))
            }
        }
        // What stands behind another scheme may hold a password.
        Some((scheme, _)) => Err(format!("\"{scheme}:\" is not a database that keydesk knows. {USE}")),
        None => Err(format!("\"{text}\" does not say which kind of database it is. Use sqlite:{text}.")),
    }
}

/// A base URL without the slash at its end: scheme, host and port, nothing else, because link
/// paths are appended to it and customers see it.
///
/// # Errors
/// When it is not that.
pub fn base_url(text: &str) -> Result<String, Problem> {
    let url = text.strip_suffix('/').unwrap_or(text);
    let fits = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).is_some_and(is_authority);
    fits.then(|| url.to_owned()).ok_or_else(|| {
        format!("\"{text}\" is not a base URL. Use scheme and host without a path, such as https://shop.example.")
    })
}

fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let port_fits =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0);
    host.split('.').all(label) && port.is_none_or(port_fits)
}

/// A duration such as `24h`, `10m`, `90s`, `1h30m` or `7d` within limits.
///
/// # Errors
/// When it is none, or outside the limits.
pub fn duration(text: &str, allowed: RangeInclusive<SignedDuration>) -> Result<SignedDuration, Problem> {
    let span = text.parse::<Span>().ok();
    let read = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    read.filter(|read| allowed.contains(read)).ok_or_else(|| {
        let (least, most) = (shown(*allowed.start()), shown(*allowed.end()));
        format!(
            "\"{text}\" is not allowed. Use a duration from {least} to {most}, such as \"90s\", \"10m\" or \"1h30m\"."
        )
    })
}

fn shown(span: SignedDuration) -> String {
    match span.as_secs() {
        secs if secs >= 172_800 && secs % 86_400 == 0 => format!("{}d", secs / 86_400),
        secs if secs >= 3600 && secs % 3600 == 0 => format!("{}h", secs / 3600),
        secs if secs >= 60 && secs % 60 == 0 => format!("{}m", secs / 60),
        secs => format!("{secs}s"),
    }
}

/// A whole number within limits.
///
/// # Errors
/// When it is outside.
pub fn number<T: TryFrom<i64>>(value: i64, allowed: RangeInclusive<i64>) -> Result<T, Problem> {
    Some(value).filter(|value| allowed.contains(value)).and_then(|value| T::try_from(value).ok()).ok_or_else(|| {
        format!("{value} is not allowed. Use a whole number from {} to {}.", allowed.start(), allowed.end())
    })
}

/// A word that stands for one of a few values.
pub trait Word: Copy + 'static {
    /// Each word with what it means.
    const WORDS: &'static [(&'static str, Self)];
}

impl Word for Protection {
    const WORDS: &'static [(&'static str, Self)] =
        &[("ip_and_email", Self::IpAndEmail), ("ip", Self::Ip), ("email", Self::Email), ("none", Self::None)];
}

impl Word for Theme {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("dark", Self::Dark), ("light", Self::Light), ("mono", Self::Mono)];
}

impl Word for Mouse {
    const WORDS: &'static [(&'static str, Self)] = &[("auto", Self::Auto), ("on", Self::On), ("off", Self::Off)];
}

impl Word for Symbols {
    const WORDS: &'static [(&'static str, Self)] = &[("unicode", Self::Unicode), ("ascii", Self::Ascii)];
}

/// Reads one of a few words.
///
/// # Errors
/// When it is none of them.
pub fn word<T: Word>(text: &str) -> Result<T, Problem> {
    T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        format!("\"{text}\" is not allowed. Use {}.", words.join(", "))
    })
}

/// Whether a server's address holds a password; rather a wrong yes where it cannot be read.
#[must_use]
pub fn database_has_password(text: &str) -> bool {
    ServerAddress::is_meant(text)
        && ServerAddress::parse(text).map_or_else(|_| text.contains('@'), |address| address.password.is_some())
}

/// Whether a mail URL holds a password. Rather a wrong yes than a password in the open: whatever
/// stands between the first colon behind the scheme and the last `@` counts as one.
#[must_use]
pub fn has_password(mail_url: &str) -> bool {
    let rest = mail_url.split_once("://").map_or(mail_url, |(_, rest)| rest);
    rest.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases() {
        for (text, path) in [("sqlite:shop.db", "shop.db"), ("sqlite:///var/lib/shop.db", "/var/lib/shop.db")] {
            assert!(matches!(database(text), Ok(Named::File(read)) if read == path), "{text}");
        }
        for text in ["postgres://u:secret@h/d", "postgresql://u@h/d"] {
            assert!(matches!(database(text), Ok(Named::Server(_))), "{text}");
            assert_eq!(database_has_password(text), text.contains("secret"));
        }
        for (bad, says) in [
            ("shop.db", "Use sqlite:shop.db."),
            ("sqlite:", "missing"),
            ("sqlite::memory:", "in memory"),
            ("sqlite:a.db?mode=rwc", "no parameters"),
            ("mysql://u:secret@h/d", "\"mysql:\" is not a database"),
        ] {
            let problem = database(bad).unwrap_err();
            assert!(problem.contains(says) && problem.contains("sqlite:"), "{problem}");
            assert!(!problem.contains("secret"), "{problem}");
        }
        let problem = database("postgres://u:secret@h").unwrap_err();
        assert!(problem.contains("database is missing") && !problem.contains("secret"), "{problem}");
        assert!(database_has_password("postgres:u:secret@h") && !database_has_password("sqlite:a@b"));
    }

    #[test]
    fn base_urls_are_scheme_and_host() {
        assert_eq!(base_url("https://luma.example/"), Ok("https://luma.example".to_owned()));
        assert_eq!(base_url("http://localhost:8080"), Ok("http://localhost:8080".to_owned()));
        for bad in [
            "luma.example",
            "ftp://luma.example",
            "https://",
            "https:///",
            "https://luma.example/shop",
            "https://luma.example//",
            "https://luma.example?x",
            "https://luma.example#x",
            "https://user@luma.example",
            "https://luma.example:0",
            "https://luma.example:+80",
            "https://luma.example:99999",
            "https://luma.example:",
            "https://lu ma.example",
            "https://-luma.example",
            "https://luma..example",
            "https://lüma.example",
            "https://luma.example\n",
        ] {
            assert!(base_url(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn durations_within_limits() {
        let limits = SignedDuration::from_mins(5)..=SignedDuration::from_hours(168);
        let read = |text| duration(text, limits.clone());
        assert_eq!(read("24h"), Ok(SignedDuration::from_hours(24)));
        assert_eq!(read("1h30m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(read("600s"), Ok(SignedDuration::from_mins(10)));
        assert_eq!(read("7d"), Ok(SignedDuration::from_hours(168)));
        for bad in ["", "10", "4m", "8d", "-10m", "10m ago", "1mo", "soon"] {
            assert!(read(bad).unwrap_err().contains("from 5m to 7d"), "{bad}");
        }
    }

    #[test]
    fn numbers_within_limits() {
        assert_eq!(number::<u32>(5, 0..=1000), Ok(5));
        assert!(number::<u32>(-1, 0..=1000).unwrap_err().contains("from 0 to 1000"));
        assert!(number::<u8>(300, 0..=1000).is_err());
    }

    #[test]
    fn words() {
        assert_eq!(word::<Protection>("email"), Ok(Protection::Email));
        let use_instead = "Use \"auto\", \"dark\", \"light\", \"mono\".";
        for old in ["Mono", "color"] {
            assert_eq!(word::<Theme>(old).unwrap_err(), format!("\"{old}\" is not allowed. {use_instead}"));
        }
    }

    #[test]
    fn passwords_are_seen() {
        for with in ["smtps://u:p@h", "smtp://u:p@:@h", "smtp://u:@h:25", "smtp:u:p@h", "u:p@h"] {
            assert!(has_password(with), "{with}");
        }
        for without in ["smtps://u@h", "smtp://h:25", "maildir:mail", "sendmail:", "smtps://h"] {
            assert!(!has_password(without), "{without}");
        }
    }
}
