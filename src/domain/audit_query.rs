//! The audit log's filter as it is typed: `field:value`, in the manner of [`crate::domain::query`].

use crate::domain::{
    audit::{ActionFilter, AuditFilter},
    customer::CustomerId,
    operator::Operator,
    query::{is_field_name, period, tokens},
};

/// Longest filter, in characters; more is refused rather than half used.
pub const MAX_CHARS: usize = 200;

/// What can be typed behind `action:`, and the stored actions that it stands for.
const ACTIONS: [(&str, &str); 11] = [
    ("reset", "reset."),
    ("force", "force_sign_in"),
    ("lock", "customer.lock"),
    ("unlock", "customer.unlock"),
    ("password", "password.set"),
    ("token", "token."),
    ("integration", "integration."),
    ("mail", "mail."),
    ("record", "customer."),
    ("cancel", "reset.cancel"),
    ("undo", "reset.undo"),
];

/// What is said of another word.
pub const ACTION_WANTED: &str = "try reset, force, lock, unlock, password, token, integration, mail, record, \
                                 cancel, undo, or a word such as reset.start";

/// Why a filter cannot be used; each says what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditQueryError {
    /// `foo:bar`
    #[error("there is no field \"{0}\"; fields are operator, action, customer, since, until")]
    UnknownField(String),
    /// A word without a field.
    #[error("\"{0}\" wants a field in front, such as operator:{0}; others are action, customer, since, until")]
    NoField(String),
    /// `operator:` without anything behind it
    #[error("\"{0}:\" wants a value behind it")]
    NoValue(String),
    /// The same field twice.
    #[error("\"{0}:\" is there twice, and an entry has only one")]
    Twice(&'static str),
    /// A value that the field does not take.
    #[error("\"{field}:{value}\" is not known; {wanted}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// The value, as typed.
        value: String,
        /// What the field takes.
        wanted: &'static str,
    },
    /// Too long.
    #[error("a filter has at most {MAX_CHARS} characters")]
    TooLong,
}

/// Reads what was typed. White space separates fields, double quotes hold a value together;
/// nothing typed lists everything.
///
/// # Errors
/// A sentence for the person who types.
pub fn parse(text: &str) -> Result<AuditFilter, AuditQueryError> {
    if text.chars().count() > MAX_CHARS {
        return Err(AuditQueryError::TooLong);
    }
    let mut filter = AuditFilter::default();
    for token in tokens(text) {
        match token.split_once(':') {
            Some((field, value)) if is_field_name(field) => {
                apply(&mut filter, &field.to_ascii_lowercase(), value.trim_matches('"'))?;
            }
            _ => return Err(AuditQueryError::NoField(token)),
        }
    }
    Ok(filter)
}

fn apply(filter: &mut AuditFilter, field: &str, value: &str) -> Result<(), AuditQueryError> {
    if value.is_empty() {
        return Err(AuditQueryError::NoValue(field.to_owned()));
    }
    let bad = |field, wanted| AuditQueryError::BadValue { field, value: value.to_owned(), wanted };
    match field {
        "operator" | "by" => {
            let operator = Operator::new(value).ok_or_else(|| bad("operator", "it is a name as the log shows it"))?;
            once("operator", &mut filter.operator, operator)
        }
        "action" => {
            let action = action(value).ok_or_else(|| bad("action", ACTION_WANTED))?;
            once("action", &mut filter.action, action)
        }
        "customer" | "id" => {
            let number = value.strip_prefix('#').unwrap_or(value).parse();
            let id = number.map_err(|_| bad("customer", "a customer is a whole number, such as customer:1"))?;
            once("customer", &mut filter.customer, CustomerId(id))
        }
        "since" => {
            let (from, _) = period(value).ok_or_else(|| bad("since", "try since:2026-11-01, a month or a year"))?;
            once("since", &mut filter.from, from)
        }
        "until" => {
            let (_, behind) = period(value).ok_or_else(|| bad("until", "try until:2026-11-30, a month or a year"))?;
            once("until", &mut filter.to, behind)
        }
        _ => Err(AuditQueryError::UnknownField(field.to_owned())),
    }
}

/// Sets what was not set before.
fn once<T: PartialEq>(field: &'static str, into: &mut Option<T>, value: T) -> Result<(), AuditQueryError> {
    let before = into.replace(value);
    if before.is_some() && before != *into { Err(AuditQueryError::Twice(field)) } else { Ok(()) }
}

/// The stored actions that a word stands for; none when it stands for nothing.
#[must_use]
pub fn action(value: &str) -> Option<ActionFilter> {
    let value = value.to_ascii_lowercase();
    let known = ACTIONS.iter().find(|(typed, _)| *typed == value).map(|(_, stored)| ActionFilter::new(stored));
    let is_stored =
        value.contains(['.', '_']) && value.chars().all(|c| c.is_ascii_alphabetic() || c == '.' || c == '_');
    known.or_else(|| is_stored.then(|| ActionFilter::new(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_typed_lists_everything() {
        assert_eq!(parse("  "), Ok(AuditFilter::default()));
    }

    #[test]
    fn fields_say_which_entries() {
        let filter = parse("operator:mina action:reset customer:#1 since:2026-11-01 until:2026-11").unwrap();
        assert_eq!(filter.operator, Operator::new("mina"));
        assert_eq!(filter.action, Some(ActionFilter::Under("reset.".into())));
        assert_eq!(filter.customer, Some(CustomerId(1)));
        assert_eq!((filter.from, filter.to), (Some(at("2026-11-01T00:00:00Z")), Some(at("2026-12-01T00:00:00Z"))));
        assert_eq!(parse("by:\"mail worker\"").unwrap().operator, Operator::new("mail worker"));
        assert_eq!(parse("action:force").unwrap().action, Some(ActionFilter::Is("force_sign_in".into())));
        assert_eq!(parse("action:lock").unwrap().action, Some(ActionFilter::Is("customer.lock".into())));
        assert_eq!(parse("action:token").unwrap().action, Some(ActionFilter::Under("token.".into())));
        assert_eq!(parse("action:reset.start").unwrap().action, Some(ActionFilter::Is("reset.start".into())));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_type() {
        for (typed, said) in [
            (
                "mina",
                "\"mina\" wants a field in front, such as operator:mina; others are action, customer, since, until",
            ),
            ("who:mina", "there is no field \"who\"; fields are operator, action, customer, since, until"),
            ("operator:", "\"operator:\" wants a value behind it"),
            ("customer:vera", "\"customer:vera\" is not known; a customer is a whole number, such as customer:1"),
            ("since:yesterday", "\"since:yesterday\" is not known; try since:2026-11-01, a month or a year"),
            ("customer:1 customer:2", "\"customer:\" is there twice, and an entry has only one"),
        ] {
            assert_eq!(parse(typed).unwrap_err().to_string(), said);
        }
        assert!(parse("action:foo").unwrap_err().to_string().contains("try reset, force"));
        assert_eq!(parse(&"x".repeat(201)), Err(AuditQueryError::TooLong));
        assert!(parse("customer:1 customer:1").is_ok());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_nothing_breaks(text in ".{0,60}") {
            let _ = parse(&text);
        }
    }
}
