//! Actions that are understood and not done: not errors, but answers.

use std::fmt;

use jiff::Timestamp;

use crate::domain::{mail_retry::NoRetry, safe_text::SafeText, throttle::Blocked, time_text};

/// Why an action was not done. Nothing was changed when one of these is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A reset limit is reached.
    Throttled(Blocked),
    /// The stored address is not one that mail can be sent to.
    EmailUnusable,
    /// The customer's website has no sender or link address.
    WebsiteIncomplete {
        /// Code of the website.
        website: SafeText,
    },
    /// There is no live link and no waiting mail.
    NothingToCancel,
    /// Undo came too late: the worker has the mail. The link can still be cancelled.
    AlreadySent,
    /// The customer never had a token issued through an integration (Adobe's manual: Force Sign
    /// In is only possible for accounts that were given OAuth tokens).
    NeverHadTokens,
    /// The token does not exist or belongs to someone else.
    NoSuchToken,
    /// No lock keeps the customer out.
    NotLocked,
    /// There is no mail with this id.
    NoSuchMail,
    /// The mail cannot be sent again by hand.
    NotRetried(NoRetry),
    /// The mail is a notice, which is not for anybody to take back.
    NoticeStays,
    /// The link is used, expired, cancelled, superseded or was never made.
    LinkDead,
    /// The customer asked for a link, and the one that staff sent still works.
    StaffLinkLives,
    /// There is an integration of this name already.
    IntegrationExists,
    /// There is no integration of this name.
    NoSuchIntegration,
    /// Nobody has this id (any more).
    NoSuchCustomer,
    /// Somebody changed the customer since the record was read.
    CustomerChanged,
    /// The operation key was used before for something else.
    OpKeyReused,
}

impl Refusal {
    /// The word for programs; stable.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Throttled(Blocked::TooSoon { .. }) => "too_soon",
            Self::Throttled(Blocked::TooMany { .. }) => "too_many",
            Self::EmailUnusable => "email_unusable",
            Self::WebsiteIncomplete { .. } => "website_incomplete",
            Self::NothingToCancel => "nothing_to_cancel",
            Self::AlreadySent => "already_sent",
            Self::NeverHadTokens => "never_had_tokens",
            Self::NoSuchToken => "no_such_token",
            Self::NotLocked => "not_locked",
            Self::NoSuchMail => "no_such_mail",
            Self::NotRetried(why) => why.reason(),
            Self::NoticeStays => "notice_stays",
            Self::LinkDead => "link_dead",
            Self::StaffLinkLives => "staff_link_lives",
            Self::IntegrationExists => "integration_exists",
            Self::NoSuchIntegration => "no_such_integration",
            Self::NoSuchCustomer => "no_such_customer",
            Self::CustomerChanged => "customer_changed",
            Self::OpKeyReused => "op_key_reused",
        }
    }

    /// When the same action can be tried again, where time alone decides that.
    #[must_use]
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Throttled(blocked) => Some(blocked.next()),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled(Blocked::TooSoon { next }) => write!(
                f,
                "Not sent: the last reset mail was requested too short a time ago. The next one is allowed at {}.",
                time_text::second(*next)
            ),
            Self::Throttled(Blocked::TooMany { next }) => write!(
                f,
                "Not sent: this hour's reset mails are used up. The next one is allowed at {}.",
                time_text::second(*next)
            ),
            Self::EmailUnusable => {
                f.write_str("Not sent: the stored e-mail address is not valid. Correct the customer's record first.")
            }
            Self::WebsiteIncomplete { website } => {
                write!(f, "Not sent: website {website} has no sender or base URL. Set them first.")
            }
            Self::NothingToCancel => f.write_str("Nothing to cancel: there is no live link and no waiting mail."),
            Self::AlreadySent => {
                f.write_str("Too late to undo: the mail has left. Cancel the link instead; it works until used.")
            }
            Self::NeverHadTokens => f.write_str(
                "Nothing to revoke: no integration ever obtained a token for this customer. \
                 Ordinary accounts have none; to end browser sessions choose the scope \"sessions\".",
            ),
            Self::NoSuchToken => f.write_str("Not revoked: this customer has no such token."),
            Self::NotLocked => f.write_str("Nothing to unlock: the customer is not locked."),
            Self::NoSuchMail => f.write_str("Not done: there is no such mail."),
            Self::NotRetried(why) => write!(f, "Not sent again: {why}."),
            Self::NoticeStays => f.write_str(
                "Not taken back: this mail tells the customer that the password was changed, and has no link to cancel.",
            ),
            Self::LinkDead => f.write_str("Not done: this link does not work (any more). Ask for a new one."),
            Self::StaffLinkLives => f.write_str("Not sent: a link that staff sent still works."),
            Self::IntegrationExists => {
                f.write_str("Not added: there is an integration of this name. Remove it first, or choose another name.")
            }
            Self::NoSuchIntegration => f.write_str("Not done: there is no integration of this name."),
            Self::NoSuchCustomer => f.write_str("Not done: the customer no longer exists."),
            Self::CustomerChanged => {
                f.write_str("Not done: the customer was changed meanwhile. Look at the record and confirm again.")
            }
            Self::OpKeyReused => f.write_str("Not done: this operation key was already used for another action."),
        }
    }
}
