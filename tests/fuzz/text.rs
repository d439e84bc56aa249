//! Text that people typed: shown, compared, searched.

use std::fmt::Write;

use keydesk::{
    domain::{
        email::{EmailAddress, key_of},
        name::PersonName,
        phone,
        query::{MAX_TERMS, Query},
        safe_text::{self, MAX_CHARS, SafeText},
        search_text::{Field, NAME_START, SearchText, Term, fold},
    },
    tui::field::TextField,
};

use crate::{engine::Target, tty};

const NAMES: &[&str] = &[
    "Veronica Costello",
    "홍길동",
    "\u{1112}\u{1169}\u{11bc}",
    "Müller-Lüdenscheidt",
    "Łukasz Øreßund",
    "O'Brien",
    "محمد الفارسي",
    "अनुष्का क्षत्रिय",
    "สมชาย ใจดี",
    "İbrahim Işık",
    "a\u{1b}[31m\u{202e}b",
    "Z\u{336}\u{336}\u{336}",
    "+82 10-1234-5678",
    "ﬁancé ㎏ ½",
    "👨\u{200d}👩\u{200d}👧",
    "𝓥𝓮𝓻𝓸",
    "王小明",
    "Ｖｅｒａ",
    "\u{390}\u{1f80}ΐ",
];
const MARKS: &[&str] = &[
    "\u{301}", "\u{308}", "\u{336}", " ", "\u{a0}", "\u{3000}", "ß", "İ", "\u{1e}", "\u{1f}", "ı", "ſ", "K", "-", "'",
];

fn lossy(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

#[test]
fn safe_text() {
    Target { name: "SafeText", seeds: NAMES, words: MARKS, cost: 1 }.run(|input| {
        let raw = lossy(input);
        let shown = SafeText::new(&raw);
        assert_eq!(SafeText::new(shown.as_str()), shown, "cleaned twice");
        assert!(shown.as_str().chars().count() <= MAX_CHARS);
        let line = safe_text::line(&raw);
        let quoted = serde_json::to_string(&raw).unwrap();
        let json = safe_text::escaped(&quoted, |out, c| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").unwrap();
            }
        });
        for text in [shown.as_str(), &line, &json] {
            assert!(!text.contains(tty::is_forbidden), "{text:?}");
        }
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), raw);
        shown.as_str() == raw
    });
}

#[test]
fn email() {
    let seeds = [
        "roni_cost@example.com",
        "a@b.co",
        "=cmd|'calc'!a0@x-y.example",
        "A.B+c@EXAMPLE.co.uk",
        "\"a b\"@example.com",
        "a@[127.0.0.1]",
        "a@b@c.de",
        "ı@example.com",
    ];
    let words = ["@", ".", "..", "-", "@@", "xn--", "\"", "<", ">", ",", "%00", "é", "\u{212a}", "(c)", ":"];
    Target { name: "e-mail", seeds: &seeds, words: &words, cost: 1 }.run(|input| {
        let text = lossy(input);
        let Ok(address) = EmailAddress::parse(&text) else { return false };
        assert_eq!(address.as_str(), text);
        assert!(text.len() <= 254 && is_address(&text), "{text:?}");
        let key = address.key();
        assert_eq!(EmailAddress::parse(&key).unwrap().key(), key);
        assert_eq!((key_of(&text), key.eq_ignore_ascii_case(&text)), (key.clone(), true));
        true
    });
}

/// RFC 5321 `Dot-string "@" sub-domain 1*("." sub-domain)`, written out once more.
fn is_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    let [local, domain] = parts.as_slice() else { return false };
    let atom = |atom: &str| {
        !atom.is_empty() && atom.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let label = |label: &str| {
        edge(label.chars().next())
            && edge(label.chars().last())
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    local.len() <= 64 && local.split('.').all(atom) && domain.split('.').all(label) && domain.split('.').count() > 1
}

#[test]
fn query() {
    let seeds = [
        "ver cos_",
        "홍 길동",
        "48210",
        "#48210",
        "+82 10-1234-5678",
        "email:roni name:\"vero cos\" website:base group:General is:locked has:tokens",
        "created:>=2025 created:<=2025-06",
        "created:2026-01-31",
        "mailto:a@b.co?x",
        "\"V C\" <a@b.co>",
        "id:5",
        "phone:010",
        "is:x",
        "nofield:x",
    ];
    let words = [
        "email:",
        "name:",
        "id:",
        "phone:",
        "created:",
        "is:",
        "has:tokens",
        "website:",
        "group:",
        "\"",
        ":",
        ">",
        "<=",
        "#",
        "-02-30",
        "9999",
        "<",
        " ",
    ];
    Target { name: "query", seeds: &seeds, words: &words, cost: 1 }.run(|input| {
        let text = lossy(input);
        let Ok(query) = Query::parse(&text) else { return false };
        assert!(query.terms.len() <= MAX_TERMS && text.chars().count() <= 200);
        assert_eq!(Query::parse(text.trim()).as_ref(), Ok(&query));
        for term in &query.terms {
            assert!(!term.text.is_empty() && !term.text.contains(char::is_whitespace), "{term:?}");
            assert!(term.grams().iter().next().is_some() && !term.needle().is_empty(), "{term:?}");
            assert_eq!(fold(&term.text), term.text, "a word that is searched is folded");
        }
        true
    });
}

#[test]
fn search_text() {
    Target { name: "search text", seeds: NAMES, words: MARKS, cost: 1 }.run(|input| {
        let text = lossy(&input[..input.len().min(2_000)]);
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "folded twice");
        assert!(!folded.contains([NAME_START, '\u{1f}']) && !folded.contains(char::is_control));
        let (first, last) = text.split_once(' ').unwrap_or((&text, ""));
        let row = SearchText::new(&PersonName::new(first, last), "roni_cost@example.com", &text);
        let grams = row.grams();
        let mut words = folded.split(' ').filter(|word| !word.is_empty()).peekable();
        let is_good = words.peek().is_some();
        for word in words.take(8) {
            let term = Term { field: Field::Any, text: word.to_owned() };
            if row.matches(&term) {
                assert!(grams.contain(&term.grams()), "{row:?} lacks grams of {word:?}");
            }
        }
        let digits = phone::national(&text);
        assert!(digits.bytes().all(|b| b.is_ascii_digit()) && phone::digits(&text).ends_with(&digits));
        is_good && grams.iter().next().is_some()
    });
}

#[test]
fn text_field() {
    Target { name: "pasted text", seeds: NAMES, words: MARKS, cost: 1 }.run(|input| {
        let text = lossy(&input[..input.len().min(4_000)]);
        let mut field = TextField::new(200);
        let changed = field.paste(&text);
        assert!(field.text().chars().count() <= 200 && !field.text().contains(tty::is_forbidden), "{:?}", field.text());
        let once = field.text().to_owned();
        let mut again = TextField::new(200);
        again.paste(&once);
        assert_eq!(again.text(), once.trim());
        changed
    });
}
