//! Single values of the command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use crate::domain::{
    audit::ActionFilter, audit_query, customer::CustomerId, integration::MAX_NAME, mail_state::MailId,
    operation::OpKey, operator::Operator, outbox::MailStage, query::period, safe_text::SafeText,
};

/// Blanks around an id or address come from copying it.
pub(super) fn trimmed(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("an id or e-mail address is needed") } else { Ok(text.to_owned()) }
}

pub(super) fn operator(text: &str) -> Result<Operator, &'static str> {
    Operator::new(text).ok_or("a name is needed")
}

pub(super) fn action(text: &str) -> Result<ActionFilter, &'static str> {
    audit_query::action(text).ok_or(audit_query::ACTION_WANTED)
}

/// Longest reason, in characters.
pub(super) const MAX_REASON: usize = 200;

/// A reason as it goes into the audit log: what would break its line or hide in it is refused.
pub(super) fn reason(text: &str) -> Result<String, String> {
    line(text, "a reason is")
}

/// What an integration's tokens may do.
pub(super) fn scopes(text: &str) -> Result<String, String> {
    line(text, "scopes are")
}

fn line(text: &str, what: &str) -> Result<String, String> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains(breaks) || text.chars().count() > MAX_REASON {
        return Err(format!("{what} one line of at most {MAX_REASON} characters, without control characters"));
    }
    Ok(text.to_owned())
}

/// A name for an integration: staff read it, so nothing may hide in it or around it.
pub(super) fn integration_name(text: &str) -> Result<String, String> {
    let name: String = text.nfc().collect();
    let visible = SafeText::new(&name).as_str() == name && name.trim() == name;
    if visible && (1..=MAX_NAME).contains(&name.chars().count()) {
        return Ok(name);
    }
    Err(format!("a name is one line of 1 to {MAX_NAME} visible characters, without blanks around them"))
}

/// The name of an integration that is there, however it got in.
pub(super) fn any_name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() { Err("a name is needed") } else { Ok(text.nfc().collect()) }
}

pub(super) fn op_key(text: &str) -> Result<OpKey, &'static str> {
    OpKey::new(text).ok_or("use 1 to 128 visible ASCII characters")
}

pub(super) fn id(text: &str) -> Result<i64, &'static str> {
    text.parse().ok().filter(|id| *id > 0).ok_or("an id is a whole number from 1")
}

pub(super) fn stage() -> impl TypedValueParser<Value = MailStage> {
    PossibleValuesParser::new(MailStage::ALL.map(MailStage::word))
        .try_map(|word| MailStage::from_word(&word).ok_or("there is no such state"))
}

pub(super) const NO_TIME: &str = "a time is 2026-11-20T12:00:00Z, 2026-11-20, 2026-11 or 2026";

pub(super) fn since(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().ok().or_else(|| period(text).map(|(first, _)| first)).ok_or(NO_TIME)
}

pub(super) fn until(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().ok().or_else(|| period(text).map(|(_, after)| after)).ok_or(NO_TIME)
}

pub(super) fn speed(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|speed| (0.1..=20.0).contains(speed)).ok_or("a speed is a number from 0.1 to 20")
}

pub(super) fn mail_id(text: &str) -> Result<MailId, &'static str> {
    id(text).map(MailId)
}

pub(super) fn customer_id(text: &str) -> Result<CustomerId, &'static str> {
    id(text).map(CustomerId)
}
