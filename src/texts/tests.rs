use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};

use super::{
    METHODS, Texts,
    catalogue::{Source, generate},
};
use crate::domain::refusal::Refusal;

fn source(language: &str, text: &str) -> Source {
    Source { language: language.to_owned(), path: format!("{language}/a.ftl"), text: text.to_owned() }
}

/// What the build says of two languages.
fn problem(english: &str, other: &str) -> String {
    generate(&[source("en", english), source("xx", other)]).err().map_or_else(String::new, |all| all.join("\n"))
}

#[test]
fn the_build_stops_where_a_language_says_something_else_than_english() {
    for (english, other, wanted) in [
        ("a = A\nb = B", "a = X", "The language \"xx\" lacks \"b\", which is in en/a.ftl."),
        ("a = A\n    .b = B", "a = X", "The language \"xx\" lacks \"a.b\""),
        ("a = A", "a = X\nc = X", "xx/a.ftl: \"c\" is not in English."),
        ("a = { $n }", "a = { $m }", "xx/a.ftl: \"a\" uses the variables [$m], English uses [$n]."),
        ("a = { $n }", "a = { $n -> [one] 1 *[other] X }", "\"a\""),
        ("a = { $n }", "a = { $n ->\n [one] 1\n *[other] X\n }", "Write NUMBER($n) there."),
        ("a = A", "a = X\na = Y", "xx/a.ftl: \"a\" is also in xx/a.ftl."),
        ("a = A", "a = { -t }", "\"a\" refers to \"-t\", which \"xx\" does not have."),
        ("a = A", "a = { b }\n", "\"a\" refers to a message"),
        ("a = A", "a = { DATETIME($n) }\n", "calls a function other than NUMBER"),
        ("a-b = A\na_b = B", "a-b = X\na_b = X", "would be the same method"),
        ("match = A", "match = X", "no word of Rust"),
        ("a = A\nb", "a = X", "en/a.ftl:2: "),
        ("", "a = X", "There are no texts in \"en\""),
    ] {
        let problem = problem(english, other);
        assert!(problem.contains(wanted), "{english} / {other}: {problem}");
    }
    assert_eq!(problem("-t = T\na = { -t } { $n }", "-u = U\na = { $n } { -u }"), "");
}

#[test]
fn every_message_is_a_method_with_its_values() {
    let code = generate(&[source("en", "some-mails = { $n ->\n [one] one\n *[other] { $n } mails\n } to { $who }")]);
    let code = code.unwrap();
    assert!(code.contains("pub fn some_mails(self, n: impl Into<Number>, who: impl Display) -> String"), "{code}");
    assert!(code.contains("/// { $n } mails to { $who }"), "{code}");
}

#[test]
fn every_message_is_said_somewhere() {
    fn collect(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                collect(&path, into);
            } else if path.extension().is_some_and(|e| ["rs", "html", "txt"].iter().any(|end| e == *end))
                && !path.ends_with("tests.rs")
            {
                into.push_str(fs::read_to_string(&path).unwrap().split("#[cfg(test)]\nmod tests").next().unwrap());
            }
        }
    }
    let mut code = String::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let unsaid: Vec<&&str> = METHODS
        .iter()
        .filter(|name| !code.contains(&format!(".{name}(")) && !code.contains(&format!("Texts::{name}")))
        .collect();
    assert!(unsaid.is_empty(), "nobody says these messages: {unsaid:?}");
}

#[test]
fn a_language_is_found_by_any_of_its_names() {
    for name in ["ko", "KO", "ko-KR", "ko_KR.UTF-8", "ko_KR.eucKR@x"] {
        assert_eq!(Texts::of(name).code(), "ko", "{name}");
    }
    for name in ["en", "en-GB", "C.UTF-8", "POSIX", "xx", "", "-", "kok"] {
        assert_eq!(Texts::of(name).code(), "en", "{name}");
    }
    assert_eq!(Texts::find("xx"), None);
    assert_eq!(Texts::all().next(), Some(Texts::default()));
}

#[test]
fn every_language_reads_what_it_was_given() {
    for texts in Texts::all() {
        // A file that cannot be read leaves the keys standing.
        assert_ne!(texts.span_now(), "span-now", "{texts:?}");
        assert_eq!(super::bundle(&texts.0.source).locales.len(), 1);
    }
}

#[test]
fn spans_moments_and_numbers() {
    let now: Timestamp = "2026-11-05T12:00:00Z".parse().unwrap();
    let (english, korean) = (Texts::of("en"), Texts::of("ko"));
    let at = |text: &str| {
        let at = text.parse().unwrap();
        (english.relative(at, now), korean.relative(at, now))
    };
    assert_eq!(at("2026-11-05T11:56:00Z"), ("4 min ago".into(), "4분 전".into()));
    assert_eq!(at("2026-11-05T12:57:30Z"), ("in 57 min".into(), "57분 후".into()));
    assert_eq!(at("2026-10-24T12:00:00Z"), ("12 d ago".into(), "12일 전".into()));
    assert_eq!(at("2026-11-05T12:00:00Z"), ("now".into(), "지금".into()));
    assert_eq!(english.rough(SignedDuration::from_hours(24 * 12_000)), "12,000 d");
    assert_eq!(english.moment(now), "2026-11-05 12:00 UTC");
    assert_eq!(korean.moment(now), "2026년 11월 5일 12:00 UTC");
}

#[test]
fn what_is_put_in_is_never_read_as_a_message() {
    let website = crate::domain::safe_text::SafeText::new("{ -x } { $next }\n.a = b");
    let said = Texts::default().refusal(&Refusal::WebsiteIncomplete { website: website.clone() });
    assert!(said.contains(website.as_str()) && !said.contains(['\u{2068}', '\u{2069}']), "{said}");
}
