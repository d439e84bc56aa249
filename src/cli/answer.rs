//! What a command answers: an outcome, lines for people, the same facts for programs.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    config::error::ConfigError,
    domain::{customer::CustomerId, mail_state::MailId, refusal::Refusal, safe_text::SafeText},
    store::StoreError,
};

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or read.
    Done,
    /// A reset mail waits to be sent.
    Queued,
    /// A link no longer works.
    Cancelled,
    /// A reset was taken back wholly.
    Undone,
    /// Tokens or sessions were ended.
    Revoked,
    /// A lock was taken off.
    Unlocked,
    /// It would be done; nothing was.
    Planned,
    /// Done, but for parts of it.
    Partial,
    /// Something went wrong.
    Failed,
    /// The command, its arguments or the configuration are wrong.
    Usage,
    /// The shop's rules say no.
    Refused,
    /// Nobody, or nothing, is called so.
    NotFound,
    /// Several are called so.
    Ambiguous,
    /// The database or the relay cannot be reached.
    Unreachable,
    /// The console was left in order because a signal of this number asked for it.
    Signalled(u8),
}

impl Outcome {
    /// All that a command comes to by itself.
    pub const ALL: [Self; 14] = [
        Self::Done,
        Self::Queued,
        Self::Cancelled,
        Self::Undone,
        Self::Revoked,
        Self::Unlocked,
        Self::Planned,
        Self::Partial,
        Self::Failed,
        Self::Usage,
        Self::Refused,
        Self::NotFound,
        Self::Ambiguous,
        Self::Unreachable,
    ];

    /// The word for programs; stable.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Queued => "queued",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
            Self::Revoked => "revoked",
            Self::Unlocked => "unlocked",
            Self::Planned => "planned",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::Unreachable => "unreachable",
            Self::Signalled(_) => "signalled",
        }
    }

    /// The exit code; stable.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done
            | Self::Queued
            | Self::Cancelled
            | Self::Undone
            | Self::Revoked
            | Self::Unlocked
            | Self::Planned => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Ambiguous => 5,
            Self::Unreachable => 6,
            Self::Partial => 7,
            // What shells say of a program that a signal ended.
            Self::Signalled(number) => 128_u8.saturating_add(number),
        }
    }
}

/// The answer of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// For people.
    pub lines: Vec<String>,
    facts: Map<String, Value>,
}

/// An answer, or one that ended the command early.
pub type Answered = Result<Answer, Answer>;

impl Answer {
    /// An answer of several lines, with its facts as a JSON object.
    #[must_use]
    pub fn lines(outcome: Outcome, lines: Vec<String>, facts: Value) -> Self {
        let facts = if let Value::Object(facts) = facts { facts } else { Map::new() };
        Self { outcome, lines, facts }
    }

    /// An answer of one sentence, which programs get as `message`.
    #[must_use]
    pub fn sentence(outcome: Outcome, message: impl Into<String>, facts: Value) -> Self {
        let message = message.into();
        Self::lines(outcome, vec![message.clone()], facts).with("message", message)
    }

    /// Something that was not done, with a stable word for why.
    #[must_use]
    pub fn not_done(outcome: Outcome, reason: &str, message: impl Into<String>) -> Self {
        Self::sentence(outcome, message, json!({ "reason": reason }))
    }

    /// Wrong arguments.
    #[must_use]
    pub fn usage(reason: &str, message: impl Into<String>) -> Self {
        Self::not_done(Outcome::Usage, reason, message)
    }

    /// An action that the rules refused for this customer.
    #[must_use]
    pub fn refused(customer: CustomerId, refusal: &Refusal) -> Self {
        Self::refusal(refusal).with("customer", customer.0)
    }

    /// An action on a mail that the rules refused.
    #[must_use]
    pub fn mail_refused(mail: MailId, refusal: &Refusal) -> Self {
        Self::refusal(refusal).with("mail_id", mail.0)
    }

    /// An action on an integration that the rules refused.
    #[must_use]
    pub fn integration_refused(name: &SafeText, refusal: &Refusal) -> Self {
        Self::refusal(refusal).with("name", name.as_str())
    }

    fn refusal(refusal: &Refusal) -> Self {
        let outcome = match refusal {
            Refusal::NoSuchCustomer | Refusal::NoSuchToken | Refusal::NoSuchMail | Refusal::NoSuchIntegration => {
                Outcome::NotFound
            }
            _ => Outcome::Refused,
        };
        let answer = Self::not_done(outcome, refusal.reason(), refusal.to_string());
        match refusal.retry_at() {
            Some(at) => answer.with("retry_at", time(at)),
            None => answer,
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// Adds a line for people.
    #[must_use]
    pub fn and_line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Everything for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut facts = self.facts.clone();
        facts.insert("outcome".to_owned(), self.outcome.word().into());
        Value::Object(facts)
    }
}

/// A time as programs get it: RFC 3339.
#[must_use]
pub fn time(at: Timestamp) -> Value {
    at.to_string().into()
}

/// A time that there may be none of.
#[must_use]
pub fn maybe_time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, time)
}

impl From<StoreError> for Answer {
    fn from(error: StoreError) -> Self {
        let (outcome, reason) = match &error {
            StoreError::Unreachable(_) => (Outcome::Unreachable, "unreachable"),
            StoreError::Busy => (Outcome::Unreachable, "busy"),
            StoreError::Unusable(_) => (Outcome::Failed, "unusable"),
            StoreError::NotWritten(_) => (Outcome::Failed, "not_written"),
            StoreError::Damaged(_) => (Outcome::Failed, "damaged"),
            StoreError::InTheWay => (Outcome::Unreachable, "in_the_way"),
            StoreError::Cancelled => (Outcome::Failed, "cancelled"),
            StoreError::Unknown(_) => (Outcome::Failed, "unknown"),
            StoreError::DuplicateEmail => (Outcome::Failed, "duplicate_email"),
            StoreError::NotAllowed(_) => (Outcome::Failed, "not_allowed"),
            StoreError::NotCopied(_) => (Outcome::Failed, "not_copied"),
            StoreError::Other(_) => (Outcome::Failed, "other"),
        };
        Self::not_done(outcome, reason, error.to_string())
    }
}

impl From<ConfigError> for Answer {
    fn from(error: ConfigError) -> Self {
        Self::usage("configuration", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::throttle::Blocked;
    use std::collections::HashSet;

    #[test]
    fn every_outcome_has_a_word_of_its_own_and_every_exit_code_one() {
        let words: HashSet<&str> = Outcome::ALL.iter().map(|outcome| outcome.word()).collect();
        assert_eq!(words.len(), Outcome::ALL.len());
        let codes: HashSet<u8> = Outcome::ALL.iter().map(|outcome| outcome.exit_code()).collect();
        assert_eq!(codes, (0..=7).collect());
    }

    #[test]
    fn refusals_say_when_to_try_again() {
        let next = "2026-11-20T12:10:00Z".parse().unwrap();
        let answer = Answer::refused(CustomerId(1), &Refusal::Throttled(Blocked::TooSoon { next }));
        assert_eq!(answer.outcome.exit_code(), 3);
        let json = answer.json();
        assert_eq!(json["outcome"], "refused");
        assert_eq!(json["reason"], "too_soon");
        assert_eq!(json["retry_at"], "2026-11-20T12:10:00Z");
        assert_eq!(json["customer"], 1);
        assert!(json["message"].as_str().unwrap().starts_with("Not sent:"));
    }

    #[test]
    fn who_is_not_there_is_not_found() {
        for refusal in [Refusal::NoSuchCustomer, Refusal::NoSuchToken] {
            assert_eq!(Answer::refused(CustomerId(1), &refusal).outcome.exit_code(), 4);
        }
        assert_eq!(Answer::refused(CustomerId(1), &Refusal::NeverHadTokens).outcome.exit_code(), 3);
    }

    #[test]
    fn failures_of_the_database_have_codes() {
        let code = |error: StoreError| Answer::from(error).outcome.exit_code();
        assert_eq!(code(StoreError::Unreachable("gone".into())), 6);
        assert_eq!(code(StoreError::Busy), 6);
        assert_eq!(code(StoreError::Unknown("gone".into())), 1);
        assert_eq!(code(StoreError::Damaged("x".into())), 1);
    }
}
