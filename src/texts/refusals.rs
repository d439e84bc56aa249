//! Why something was not done, in words.

use super::Texts;
use crate::domain::{mail_retry::NoRetry, refusal::Refusal, throttle::Blocked, time_text};

impl Texts {
    /// Why an action was not done, and what to do instead.
    #[must_use]
    pub fn refusal(self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::Throttled(Blocked::TooSoon { next }) => self.refusal_too_soon(time_text::second(*next)),
            Refusal::Throttled(Blocked::TooMany { next }) => self.refusal_too_many(time_text::second(*next)),
            Refusal::EmailUnusable => self.refusal_email_unusable(),
            Refusal::WebsiteIncomplete { website } => self.refusal_website_incomplete(website),
            Refusal::NothingToCancel => self.refusal_nothing_to_cancel(),
            Refusal::AlreadySent => self.refusal_already_sent(),
            Refusal::NeverHadTokens => self.refusal_never_had_tokens(),
            Refusal::NoSuchToken => self.refusal_no_such_token(),
            Refusal::NotLocked => self.refusal_not_locked(),
            Refusal::NoSuchMail => self.refusal_no_such_mail(),
            Refusal::NotRetried(why) => self.not_retried(*why),
            Refusal::NoticeStays => self.refusal_notice_stays(),
            Refusal::LinkDead => self.refusal_link_dead(),
            Refusal::StaffLinkLives => self.refusal_staff_link_lives(),
            Refusal::IntegrationExists => self.refusal_integration_exists(),
            Refusal::NoSuchIntegration => self.refusal_no_such_integration(),
            Refusal::NoSuchCustomer => self.refusal_no_such_customer(),
            Refusal::CustomerChanged => self.refusal_customer_changed(),
            Refusal::OpKeyReused => self.refusal_op_key_reused(),
        }
    }

    /// Why a mail is not sent again by hand.
    #[must_use]
    pub fn not_retried(self, why: NoRetry) -> String {
        self.refusal_not_retried(match why {
            NoRetry::LinkUsed => self.no_retry_link_used(),
            NoRetry::LinkExpired => self.no_retry_link_expired(),
            NoRetry::Cancelled => self.no_retry_cancelled(),
            NoRetry::Superseded => self.no_retry_superseded(),
            NoRetry::Accepted => self.no_retry_accepted(),
            NoRetry::Sending => self.no_retry_sending(),
            NoRetry::Held { until } => self.no_retry_held(time_text::second(until)),
            NoRetry::Due => self.no_retry_due(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::safe_text::SafeText;

    #[test]
    fn english_says_what_the_refusal_says_and_no_two_say_the_same() {
        let next = "2026-11-20T14:03:00Z".parse().unwrap();
        let retries = [
            NoRetry::LinkUsed,
            NoRetry::LinkExpired,
            NoRetry::Cancelled,
            NoRetry::Superseded,
            NoRetry::Accepted,
            NoRetry::Sending,
            NoRetry::Held { until: next },
            NoRetry::Due,
        ];
        let all: Vec<Refusal> = [
            Refusal::Throttled(Blocked::TooSoon { next }),
            Refusal::Throttled(Blocked::TooMany { next }),
            Refusal::EmailUnusable,
            Refusal::WebsiteIncomplete { website: SafeText::new("base") },
            Refusal::NothingToCancel,
            Refusal::AlreadySent,
            Refusal::NeverHadTokens,
            Refusal::NoSuchToken,
            Refusal::NotLocked,
            Refusal::NoSuchMail,
            Refusal::NoticeStays,
            Refusal::LinkDead,
            Refusal::StaffLinkLives,
            Refusal::IntegrationExists,
            Refusal::NoSuchIntegration,
            Refusal::NoSuchCustomer,
            Refusal::CustomerChanged,
            Refusal::OpKeyReused,
        ]
        .into_iter()
        .chain(retries.map(Refusal::NotRetried))
        .collect();
        for texts in Texts::all() {
            let mut said: Vec<String> = all.iter().map(|refusal| texts.refusal(refusal)).collect();
            if texts == Texts::default() {
                assert_eq!(said, all.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
            said.sort();
            said.dedup();
            assert_eq!(said.len(), all.len(), "{texts:?}");
        }
    }
}
