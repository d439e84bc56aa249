//! Which mails can be sent again because somebody asks for it, and why the others cannot.

use std::fmt;

use jiff::Timestamp;

use crate::domain::{
    mail_state::MailState,
    outbox::{MailKind, MailLine},
    reset::LinkState,
    time_text,
};

/// What decides whether a mail can be tried again by hand.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// What the mail is for.
    pub kind: MailKind,
    /// Where the mail stands.
    pub state: MailState,
    /// Where the link of its reset stands.
    pub link: LinkState,
    /// A worker has it right now.
    pub leased: bool,
    /// Held for undo until this time.
    pub not_before: Timestamp,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// The whole queue rests, because the relay refuses us.
    pub queue_rests: bool,
}

impl From<&MailLine> for Standing {
    /// A mail of a queue that does not rest.
    fn from(mail: &MailLine) -> Self {
        Self {
            kind: mail.kind,
            state: mail.state,
            link: mail.link,
            leased: mail.leased,
            not_before: mail.not_before,
            next_at: mail.next_at,
            queue_rests: false,
        }
    }
}

impl Standing {
    /// Whether trying the mail again at `now` makes sense: it was refused or given up while its
    /// link would still work, or waits for a later try. A notice has no such link.
    ///
    /// # Errors
    /// Why it cannot be done, or would change nothing.
    pub fn check(self, now: Timestamp) -> Result<(), NoRetry> {
        let link = Some(self.link).filter(|_| self.kind == MailKind::Reset);
        match (link, self.state) {
            (Some(LinkState::Used { .. }), _) => Err(NoRetry::LinkUsed),
            (Some(LinkState::Expired { .. }), _) => Err(NoRetry::LinkExpired),
            (Some(LinkState::Cancelled { .. }), _) | (_, MailState::Cancelled) => Err(NoRetry::Cancelled),
            (Some(LinkState::Superseded { .. }), _) | (_, MailState::Superseded) => Err(NoRetry::Superseded),
            (_, MailState::Accepted) => Err(NoRetry::Accepted),
            (_, MailState::Refused | MailState::Expired) => Ok(()),
            (_, MailState::Queued) => self.check_queued(now),
        }
    }

    fn check_queued(self, now: Timestamp) -> Result<(), NoRetry> {
        if self.leased {
            return Err(NoRetry::Sending);
        }
        if self.not_before > now {
            return Err(NoRetry::Held { until: self.not_before });
        }
        let is_due = self.next_at.is_some_and(|next| next <= now);
        if is_due && !self.queue_rests { Err(NoRetry::Due) } else { Ok(()) }
    }
}

/// Why a mail is not sent again by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRetry {
    /// The customer chose a new password with its link.
    LinkUsed,
    /// Its link has run out.
    LinkExpired,
    /// It, or its link, was taken back.
    Cancelled,
    /// A newer reset took its place.
    Superseded,
    /// The relay took it.
    Accepted,
    /// A worker is handing it over.
    Sending,
    /// It is held so that it can be taken back, and leaves by itself.
    Held {
        /// When.
        until: Timestamp,
    },
    /// It is due already.
    Due,
}

impl NoRetry {
    /// The word for programs; stable.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::LinkUsed => "link_used",
            Self::LinkExpired => "link_expired",
            Self::Cancelled => "mail_cancelled",
            Self::Superseded => "mail_superseded",
            Self::Accepted => "mail_accepted",
            Self::Sending => "mail_sending",
            Self::Held { .. } => "mail_held",
            Self::Due => "mail_due",
        }
    }
}

impl fmt::Display for NoRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkUsed => f.write_str("the customer has already used its link"),
            Self::LinkExpired => f.write_str("its link has run out. Start a new reset"),
            Self::Cancelled => f.write_str("it was taken back. Another link needs a new reset"),
            Self::Superseded => f.write_str("a newer reset took its place"),
            Self::Accepted => f.write_str("the relay has already accepted it. Another link needs a new reset"),
            Self::Sending => f.write_str("a worker is handing it over right now. Look again in a moment"),
            Self::Held { until } => {
                write!(f, "it is held so that it can be taken back, and leaves at {}", time_text::second(*until))
            }
            Self::Due => f.write_str("it is due already and leaves as soon as a worker takes it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn refused() -> Standing {
        let later = now().saturating_add(jiff::SignedDuration::from_hours(1)).unwrap();
        Standing {
            kind: MailKind::Reset,
            state: MailState::Refused,
            link: LinkState::Live { until: later },
            leased: false,
            not_before: now(),
            next_at: None,
            queue_rests: false,
        }
    }

    #[test]
    fn a_dead_letter_whose_link_would_work_is_sent_again() {
        assert_eq!(refused().check(now()), Ok(()));
        assert_eq!(Standing { state: MailState::Expired, ..refused() }.check(now()), Ok(()));
        assert_eq!(Standing { link: LinkState::Pending, ..refused() }.check(now()), Ok(()));
    }

    #[test]
    fn what_ended_the_link_is_the_reason_whatever_became_of_the_mail() {
        let at = now();
        for (link, why) in [
            (LinkState::Used { at }, NoRetry::LinkUsed),
            (LinkState::Expired { at }, NoRetry::LinkExpired),
            (LinkState::Cancelled { at }, NoRetry::Cancelled),
            (LinkState::Superseded { at }, NoRetry::Superseded),
        ] {
            for state in MailState::ALL {
                let taken_back = state == MailState::Cancelled && why == NoRetry::Superseded;
                let wanted = if taken_back { NoRetry::Cancelled } else { why };
                assert_eq!(Standing { state, link, ..refused() }.check(now()), Err(wanted), "{link:?} {state:?}");
            }
        }
        assert_eq!(Standing { state: MailState::Accepted, ..refused() }.check(now()), Err(NoRetry::Accepted));
    }

    #[test]
    fn a_notice_is_sent_again_whatever_became_of_the_link() {
        let at = now();
        for link in [
            LinkState::Pending,
            LinkState::Used { at },
            LinkState::Expired { at },
            LinkState::Cancelled { at },
            LinkState::Superseded { at },
        ] {
            let notice = Standing { kind: MailKind::PasswordChanged, link, ..refused() };
            let check = |state| Standing { state, next_at: Some(at), ..notice }.check(at);
            assert_eq!((check(MailState::Refused), check(MailState::Expired)), (Ok(()), Ok(())), "{link:?}");
            assert_eq!(check(MailState::Queued), Err(NoRetry::Due));
            assert_eq!(check(MailState::Accepted), Err(NoRetry::Accepted));
            assert_eq!(check(MailState::Cancelled), Err(NoRetry::Cancelled));
        }
    }

    #[test]
    fn a_queued_mail_is_hurried_only_where_it_would_wait() {
        let later = now().saturating_add(jiff::SignedDuration::from_mins(9)).unwrap();
        let waiting = Standing { state: MailState::Queued, next_at: Some(later), ..refused() };
        assert_eq!(waiting.check(now()), Ok(()));
        assert_eq!(Standing { leased: true, ..waiting }.check(now()), Err(NoRetry::Sending));
        let held = Standing { not_before: later, ..waiting };
        assert_eq!(held.check(now()), Err(NoRetry::Held { until: later }));
        let due = Standing { next_at: Some(now()), ..waiting };
        assert_eq!(due.check(now()), Err(NoRetry::Due));
        assert_eq!(Standing { queue_rests: true, ..due }.check(now()), Ok(()), "the queue goes on for it");
    }
}
