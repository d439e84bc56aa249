//! The life of a mail in the outbox, and when it is tried again.

use jiff::{SignedDuration, Timestamp};

/// Id of a mail in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailId(pub i64);

/// Where a mail stands. `Accepted` means that the relay took it over; nobody here can know
/// whether it was delivered, and nothing here says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailState {
    /// Waits for its time: held for undo, or to be tried again.
    Queued,
    /// The relay answered 250.
    Accepted,
    /// The relay refused the recipient for good.
    Refused,
    /// It could not be handed over before its link would have been worthless, or for a day.
    Expired,
    /// Taken back before it was sent.
    Cancelled,
    /// A newer reset took its place before it was sent.
    Superseded,
}

impl MailState {
    /// All states, in the order of a mail's life.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Accepted, Self::Refused, Self::Expired, Self::Cancelled, Self::Superseded];

    /// The word stored, and shown to people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued)
    }

    /// Whether it ended without reaching the relay although somebody wanted it to.
    #[must_use]
    pub const fn is_dead_letter(self) -> bool {
        matches!(self, Self::Refused | Self::Expired)
    }
}

/// What one try to hand a mail to the relay came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// The relay took it: its answer, such as `250 2.0.0 Ok: queued as 4XyZ`.
    Accepted(String),
    /// The relay refused this recipient or this mail for good (5xx to RCPT or DATA).
    RecipientRefused(String),
    /// The relay refuses the address that this mail is from (5xx to MAIL): mails of other websites
    /// may pass.
    FromRefused(String),
    /// The relay refuses us (5xx to greeting, TLS or AUTH): no mail would pass.
    SenderRefused(String),
    /// Anything that may pass: 4xx, no connection, no answer in time.
    TryAgain(String),
}

impl SendResult {
    /// The other side's words, or ours about why there are none. Not cleaned.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Accepted(text)
            | Self::RecipientRefused(text)
            | Self::FromRefused(text)
            | Self::SenderRefused(text)
            | Self::TryAgain(text) => text,
        }
    }

    /// The same result in other words.
    #[must_use]
    pub fn map_text(self, words: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Accepted(text) => Self::Accepted(words(text)),
            Self::RecipientRefused(text) => Self::RecipientRefused(words(text)),
            Self::FromRefused(text) => Self::FromRefused(words(text)),
            Self::SenderRefused(text) => Self::SenderRefused(words(text)),
            Self::TryAgain(text) => Self::TryAgain(words(text)),
        }
    }
}

/// What to write into the outbox after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterTry {
    /// The mail reached this final state.
    Done(MailState),
    /// Try again at this time.
    RetryAt(Timestamp),
    /// Stop the whole queue until this time; the mail keeps its place and its number of tries.
    StopQueue {
        /// When the queue looks again.
        until: Timestamp,
    },
}

/// How long the queue rests after the relay refused us.
pub const QUEUE_REST: SignedDuration = SignedDuration::from_mins(5);
/// A link that would work for less than this is not worth mailing.
pub const WORTH_SENDING: SignedDuration = SignedDuration::from_mins(30);

/// A notice is given up so long after it was queued. Asked for by hand, it is tried once more.
pub const NOTICE_TRIED: SignedDuration = SignedDuration::from_hours(24);

/// Decides what follows a try. `tries` counts the one just made, `dead_at` is the moment after
/// which the mail is worthless, `jitter` is between 0 and 255 and spreads retries by ±20 %.
#[must_use]
pub fn after_try(result: &SendResult, tries: u32, now: Timestamp, dead_at: Timestamp, jitter: u8) -> AfterTry {
    match result {
        SendResult::Accepted(_) => AfterTry::Done(MailState::Accepted),
        SendResult::RecipientRefused(_) => AfterTry::Done(MailState::Refused),
        SendResult::SenderRefused(_) => {
            AfterTry::StopQueue { until: now.saturating_add(QUEUE_REST).unwrap_or(Timestamp::MAX) }
        }
        // A sender is corrected by the shop or at the relay; the mail waits for that.
        SendResult::FromRefused(_) | SendResult::TryAgain(_) => {
            let next = now.saturating_add(backoff(tries, jitter)).unwrap_or(Timestamp::MAX);
            if next >= dead_at { AfterTry::Done(MailState::Expired) } else { AfterTry::RetryAt(next) }
        }
    }
}

/// 1, 2, 5, 10, 20, 40, then 60 minutes, ±20 %.
fn backoff(tries: u32, jitter: u8) -> SignedDuration {
    let minutes = match tries {
        0 | 1 => 1,
        2 => 2,
        3 => 5,
        4 => 10,
        5 => 20,
        6 => 40,
        _ => 60,
    };
    let base = SignedDuration::from_mins(minutes);
    let percent = 80 + i32::from(jitter) * 40 / 255;
    base * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn later(minutes: i64) -> Timestamp {
        now().saturating_add(SignedDuration::from_mins(minutes)).unwrap()
    }

    #[test]
    fn words_are_read_back() {
        for state in MailState::ALL {
            assert_eq!(MailState::from_word(state.word()), Some(state));
        }
        assert_eq!(MailState::from_word("delivered"), None);
    }

    #[test]
    fn tries_again_later_and_later() {
        let try_again = SendResult::TryAgain("451".into());
        let next = |tries| after_try(&try_again, tries, now(), later(10_000), 128);
        assert_eq!(next(1), AfterTry::RetryAt(later(1)));
        assert_eq!(next(4), AfterTry::RetryAt(later(10)));
        assert_eq!(next(99), AfterTry::RetryAt(later(60)));
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        assert_eq!(backoff(4, 0), SignedDuration::from_mins(8));
        assert_eq!(backoff(4, 255), SignedDuration::from_mins(12));
    }

    #[test]
    fn gives_up_when_the_link_would_be_worthless() {
        let try_again = SendResult::TryAgain("451".into());
        assert_eq!(after_try(&try_again, 7, now(), later(40), 128), AfterTry::Done(MailState::Expired));
    }

    #[test]
    fn a_refused_sender_keeps_only_its_own_mails_waiting() {
        let refused = SendResult::FromRefused("553".into());
        assert_eq!(after_try(&refused, 1, now(), later(100), 128), AfterTry::RetryAt(later(1)));
        assert_eq!(after_try(&refused, 7, now(), later(40), 128), AfterTry::Done(MailState::Expired));
    }

    #[test]
    fn our_fault_stops_the_queue_theirs_only_the_mail() {
        assert_eq!(
            after_try(&SendResult::SenderRefused("535".into()), 1, now(), later(100), 0),
            AfterTry::StopQueue { until: later(5) }
        );
        assert_eq!(
            after_try(&SendResult::RecipientRefused("550".into()), 1, now(), later(100), 0),
            AfterTry::Done(MailState::Refused)
        );
    }
}
