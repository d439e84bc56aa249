//! The search language: plain words that must all match, and `field:value` filters.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::domain::{
    email::EmailAddress,
    name::is_cjk,
    phone,
    search_text::{Field, Term, fold},
};

/// Longest search, in characters; more is refused rather than half used.
pub const MAX_CHARS: usize = 200;
/// Most words in one search.
pub const MAX_TERMS: usize = 6;

/// What is said to a second website, group or id.
pub const ONE_ONLY: &str = "a customer has only one, and one is asked for already";

/// A parsed search. The default one finds everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, all of which must match.
    pub terms: Vec<Term>,
    /// The words joined, for "begins with" ranking; none when there are filters too.
    pub prefix: Option<String>,
    /// `id:` or a bare number: the customer with this id. A bare number also searches as a word.
    pub id: Option<IdMatch>,
    /// `website:` code, lower case.
    pub website: Option<String>,
    /// `group:` code or name, folded.
    pub group: Option<String>,
    /// `is:` words.
    pub is: Vec<Is>,
    /// `has:tokens`
    pub has_tokens: bool,
    /// `created:` not before this time.
    pub created_from: Option<Timestamp>,
    /// `created:` before this time.
    pub created_before: Option<Timestamp>,
}

/// How an id takes part in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdMatch {
    /// `id:123`: nobody else.
    Only(i64),
    /// `123`: this one first, then whoever the digits match.
    First(i64),
}

/// States that `is:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// Locked at the time of the search.
    Locked,
    /// E-mail address not confirmed.
    Unconfirmed,
    /// Switched on, confirmed and not locked.
    Active,
    /// Switched off.
    Disabled,
}

/// Why a search cannot be run; each says what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// `foo:bar`
    #[error("there is no field \"{0}\"; fields are email, name, phone, id, group, website, is, has, created")]
    UnknownField(String),
    /// `email:` without anything behind it
    #[error("\"{0}:\" wants a value behind it")]
    NoValue(String),
    /// A value that the field does not take.
    #[error("\"{field}:{value}\" is not known; {wanted}")]
    BadValue {
        /// The field, as typed.
        field: &'static str,
        /// The value, as typed.
        value: String,
        /// What the field takes.
        wanted: &'static str,
    },
    /// Too long.
    #[error("a search has at most {MAX_CHARS} characters")]
    TooLong,
    /// Too many words.
    #[error("a search has at most {MAX_TERMS} words")]
    TooManyWords,
}

impl Query {
    /// Reads what was typed. White space separates words, double quotes hold a value together.
    ///
    /// # Errors
    /// A sentence for the person who types: unknown field, missing or unknown value, too long.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > MAX_CHARS {
            return Err(QueryError::TooLong);
        }
        let mut query = Self::default();
        let plain = as_copied(text.trim());
        if phone::looks_like(plain) {
            query.push_phone(plain);
            return Ok(query);
        }
        let mut words = Vec::new();
        let mut filtered = false;
        for token in tokens(plain) {
            match token.split_once(':') {
                Some((field, value)) if is_field_name(field) => {
                    filtered = true;
                    query.apply(&field.to_ascii_lowercase(), value.trim_matches('"'))?;
                }
                _ => {
                    words
                        .extend(fold(&token.replace('"', " ")).split(' ').filter(|w| !w.is_empty()).map(str::to_owned));
                }
            }
        }
        if let ([word], false) = (words.as_slice(), filtered) {
            query.id = query.id.or_else(|| word.parse().ok().map(IdMatch::First));
        }
        if !words.is_empty() && !filtered {
            let separator = if words.iter().all(|w| w.chars().all(is_cjk)) { "" } else { " " };
            query.prefix = Some(words.join(separator));
        }
        for text in words {
            query.push_term(Term { field: Field::Any, text });
        }
        if query.terms.len() > MAX_TERMS { Err(QueryError::TooManyWords) } else { Ok(query) }
    }

    /// Whether this finds everybody.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// Whether words alone decide, so that folded text is all there is to look at.
    #[must_use]
    pub fn has_only_words(&self) -> bool {
        let words_only =
            Self { terms: self.terms.clone(), prefix: self.prefix.clone(), id: self.id, ..Self::default() };
        *self == words_only && !matches!(self.id, Some(IdMatch::Only(_)))
    }

    fn push_term(&mut self, term: Term) {
        if !term.text.is_empty() && !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }

    fn push_phone(&mut self, text: &str) {
        let national = phone::national(text);
        let text = if national.len() >= 4 { national } else { phone::digits(text) };
        self.push_term(Term { field: Field::Phone, text });
    }

    /// Takes one `field:value`.
    fn apply(&mut self, field: &str, value: &str) -> Result<(), QueryError> {
        if value.is_empty() {
            return Err(QueryError::NoValue(field.to_owned()));
        }
        let bad = |field, wanted| Err(QueryError::BadValue { field, value: value.to_owned(), wanted });
        match field {
            "email" | "e-mail" => self.push_words(Field::Email, value),
            "name" => self.push_words(Field::Name, value),
            "phone" => {
                if phone::digits(value).is_empty() {
                    return bad("phone", "a phone has digits");
                }
                self.push_phone(value);
            }
            "id" => match value.parse().map(IdMatch::Only) {
                Ok(id) if self.id.replace(id).is_none_or(|before| before == id) => {}
                Ok(_) => return bad("id", ONE_ONLY),
                Err(_) => return bad("id", "an id is a whole number"),
            },
            "group" => {
                let name = fold(value);
                if self.group.replace(name.clone()).is_some_and(|before| before != name) {
                    return bad("group", ONE_ONLY);
                }
            }
            "website" | "site" => {
                let code = value.to_ascii_lowercase();
                if self.website.replace(code.clone()).is_some_and(|before| before != code) {
                    return bad("website", ONE_ONLY);
                }
            }
            "is" => match value.to_ascii_lowercase().as_str() {
                "locked" => self.is.push(Is::Locked),
                "unconfirmed" => self.is.push(Is::Unconfirmed),
                "active" => self.is.push(Is::Active),
                "disabled" => self.is.push(Is::Disabled),
                _ => return bad("is", "try is:locked, is:unconfirmed, is:active or is:disabled"),
            },
            "has" if value.eq_ignore_ascii_case("tokens") => self.has_tokens = true,
            "has" => return bad("has", "try has:tokens"),
            "created" => {
                let Some((from, before)) = dates(value) else {
                    return bad("created", "try created:2026-01, created:>2026-01-31 or created:<=2026");
                };
                self.created_from = self.created_from.max(from);
                self.created_before = [self.created_before, before].into_iter().flatten().min();
            }
            _ => return Err(QueryError::UnknownField(field.to_owned())),
        }
        Ok(())
    }

    fn push_words(&mut self, field: Field, value: &str) {
        for word in fold(value).split(' ') {
            self.push_term(Term { field, text: word.to_owned() });
        }
    }
}

/// What an id or address means that was copied as a whole from a ticket or a mail: `#123`,
/// `mailto:a@b.co`, `<a@b.co>`, `"Vera Cosgrove" <a@b.co>`.
fn as_copied(text: &str) -> &str {
    let id = text.strip_prefix('#').filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
    let link = || text.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto"));
    let link = || link().map(|(_, to)| to.split('?').next().unwrap_or(to));
    let address = || link().or_else(|| in_angles(text)).filter(|address| EmailAddress::parse(address).is_ok());
    id.or_else(address).unwrap_or(text)
}

/// The address in `<a@b.co>`, with nothing or a quoted name before it.
fn in_angles(text: &str) -> Option<&str> {
    let (name, address) = text.strip_suffix('>')?.rsplit_once('<')?;
    let name = name.trim();
    let is_quoted = || name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).is_some_and(|n| !n.contains('"'));
    (name.is_empty() || is_quoted()).then_some(address)
}

/// Splits at white space outside double quotes.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut quoted = false;
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        if c.is_whitespace() && !quoted {
            if !token.is_empty() {
                tokens.push(std::mem::take(&mut token));
            }
        } else {
            token.push(c);
        }
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
}

/// Only letters and dashes make a field name: `12:30` and `a@b:c` stay words.
pub(super) fn is_field_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
}

/// The days that `>2026-01-31`, `<=2026-01`, `2026` ... stand for, as [from, before).
fn dates(value: &str) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let (sign, date) = match value {
        v if v.starts_with(">=") || v.starts_with("<=") => v.split_at(2),
        v if v.starts_with(['>', '<', '=']) => v.split_at(1),
        v => ("=", v),
    };
    let (from, before) = period(date)?;
    Some(match sign {
        ">" => (Some(before), None),
        ">=" => (Some(from), None),
        "<" => (None, Some(from)),
        "<=" => (None, Some(before)),
        _ => (Some(from), Some(before)),
    })
}

/// First instant of a year, month or day in UTC (`2026`, `2026-01`, `2026-01-31`), and first
/// instant after it.
#[must_use]
pub fn period(text: &str) -> Option<(Timestamp, Timestamp)> {
    let parts: Vec<&str> = text.split('-').collect();
    if !parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let number = |i: usize| parts.get(i).map_or(Some(1), |p| p.parse::<i16>().ok());
    let (year, month, day) = (number(0)?, number(1)?, number(2)?);
    if !(1900..=9998).contains(&year) {
        return None;
    }
    let first = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let span = match parts.len() {
        1 => 1.year(),
        2 => 1.month(),
        3 => 1.day(),
        _ => return None,
    };
    let start_of = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    Some((start_of(first)?, start_of(first.checked_add(span).ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    fn word(text: &str) -> Term {
        Term { field: Field::Any, text: text.to_owned() }
    }

    #[test]
    fn nothing_typed_finds_everybody() {
        assert!(parse("").is_everybody());
        assert!(parse("  \t ").is_everybody());
    }

    #[test]
    fn words_are_folded_and_all_must_match() {
        let query = parse("  Ver  COS_ ");
        assert_eq!(query.terms, [word("ver"), word("cos_")]);
        assert_eq!(query.prefix.as_deref(), Some("ver cos_"));
    }

    #[test]
    fn korean_words_are_one_prefix() {
        assert_eq!(parse("홍 길동").prefix.as_deref(), Some("홍길동"));
    }

    #[test]
    fn numbers_are_ids_phones_are_phones() {
        assert_eq!(parse("48210").id, Some(IdMatch::First(48210)));
        assert_eq!(parse("id:48210").id, Some(IdMatch::Only(48210)));
        for phone in ["+82 10-1234-5678", "010-1234-5678", "phone:\"+82 10 1234 5678\""] {
            assert_eq!(parse(phone).terms, [Term { field: Field::Phone, text: "1012345678".into() }], "{phone}");
        }
    }

    #[test]
    fn ids_and_addresses_are_taken_as_they_are_copied() {
        assert_eq!(parse(" #48210 "), parse("48210"));
        let bare = parse("roni_cost@example.com");
        for copied in [
            "mailto:roni_cost@example.com",
            "MAILTO:roni_cost@example.com?subject=Your%20account",
            "<roni_cost@example.com>",
            "\"Veronica Costello\" <roni_cost@example.com>",
            " \"홍길동, Luma\"<roni_cost@example.com> ",
        ] {
            assert_eq!(parse(copied), bare, "{copied}");
        }
    }

    #[test]
    fn only_a_whole_input_is_taken_as_copied() {
        assert_eq!(Query::parse("mailto:nobody"), Err(QueryError::UnknownField("mailto".into())));
        for words in ["#12 kim", "#", "#12a", "vera <a@b.co>", "\"a\" \"b\" <a@b.co>", "<a@b.co> kim", "<kim>"] {
            assert_eq!(as_copied(words), words);
        }
    }

    #[test]
    fn fields_bind_words() {
        let query = parse("email:roni name:\"vero cos\" website:base group:General is:locked has:tokens");
        let bound = |field, text: &str| Term { field, text: text.to_owned() };
        assert_eq!(query.terms, [bound(Field::Email, "roni"), bound(Field::Name, "vero"), bound(Field::Name, "cos")]);
        assert_eq!((query.website.as_deref(), query.group.as_deref()), (Some("base"), Some("general")));
        assert_eq!((query.is, query.has_tokens, query.prefix), (vec![Is::Locked], true, None));
    }

    #[test]
    fn only_plain_words_rank_by_beginning() {
        assert_eq!(parse("kim").prefix.as_deref(), Some("kim"));
        assert_eq!(parse("website:kr kim").prefix, None);
    }

    #[test]
    fn dates_are_periods() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let range = |text: &str| {
            let query = parse(text);
            (query.created_from, query.created_before)
        };
        assert_eq!(range("created:>2026-01-01"), (at("2026-01-02T00:00:00Z"), None));
        assert_eq!(range("created:>=2026-01-01"), (at("2026-01-01T00:00:00Z"), None));
        assert_eq!(range("created:<2026"), (None, at("2026-01-01T00:00:00Z")));
        assert_eq!(range("created:2026-12"), (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")));
        assert_eq!(range("created:>=2025 created:<=2025-06"), (at("2025-01-01T00:00:00Z"), at("2025-07-01T00:00:00Z")));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(Query::parse("emial:x"), Err(QueryError::UnknownField("emial".into())));
        assert_eq!(Query::parse("is:"), Err(QueryError::NoValue("is".into())));
        for bad in [
            "is:blue",
            "id:x",
            "has:hair",
            "created:soon",
            "created:2026-13",
            "created:2026-02-30",
            "phone:x",
            "website:base website:kr",
            "id:5 id:6",
            "group:a group:b",
        ] {
            assert!(matches!(Query::parse(bad), Err(QueryError::BadValue { .. })), "{bad}");
        }
        assert_eq!(Query::parse(&"x".repeat(201)), Err(QueryError::TooLong));
        assert_eq!(Query::parse("a b c d e f g"), Err(QueryError::TooManyWords));
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = Query::parse(&text);
        }

        #[test]
        fn no_term_is_empty_or_spaced(text in "[a-z가-힣 :\"@.+0-9-]{0,40}") {
            if let Ok(query) = Query::parse(&text) {
                prop_assert!(query.terms.iter().all(|t| !t.text.is_empty() && !t.text.contains(char::is_whitespace)));
            }
        }
    }
}
