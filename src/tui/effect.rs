//! What the console wants done; the runtime does it and answers with a message.

use std::time::Duration;

use crate::{
    domain::{
        access_token::Scope,
        audit::{AuditFilter, Verifier},
        customer::{CustomerId, Version},
        find::{PageFrom, Sort},
        mail_state::MailId,
        outbox::MailFilter,
        query::Query,
        reset::ResetId,
        safe_text::SafeText,
    },
    tui::msg::Ticket,
};

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read something. A read may be given up.
    Ask(Ticket, Ask),
    /// Nobody waits for this read any more.
    GiveUp(Ticket),
    /// Change something. A write is never given up.
    Do(Ticket, Write),
    /// Wake the console after this time, instead of any time asked for before; none = let it sleep.
    Wake(Option<Duration>),
    /// Put this into the clipboard of the person's own terminal.
    Copy(SafeText),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Paint everything anew.
    Repaint,
    /// Go to the background.
    Suspend,
    /// End the program.
    Quit,
}

/// Something to be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A page of customers.
    Page {
        /// Whom.
        query: Query,
        /// In which order.
        sort: Sort,
        /// Where to begin.
        from: PageFrom,
        /// Most rows.
        limit: u32,
    },
    /// How many customers a search finds.
    Count(Query),
    /// How many customers there are.
    Total,
    /// A customer's record.
    Record(CustomerId),
    /// The shop's websites.
    Websites,
    /// The queue of mails.
    Queue,
    /// Entries of the audit log, newest first.
    Audit {
        /// Which.
        filter: AuditFilter,
        /// Only those older than this number.
        before: Option<i64>,
        /// Most of them.
        limit: u32,
    },
    /// The next stretch of the audit log's check.
    AuditChain(Verifier),
    /// Mails, newest first.
    Mails {
        /// Which.
        filter: MailFilter,
        /// Only those older than this one.
        before: Option<MailId>,
        /// Most of them.
        limit: u32,
    },
    /// What a mail says.
    MailText(MailId),
    /// What the mail would say that a reset sends to this customer.
    Preview(CustomerId),
}

/// An action on a customer, confirmed by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Queue a reset mail.
    StartReset {
        /// For whom.
        customer: CustomerId,
        /// The record as it was shown.
        version: Version,
        /// Why; may be empty.
        reason: String,
    },
    /// Take back a reset whose mail is still held.
    UndoReset {
        /// Whose.
        customer: CustomerId,
        /// Which.
        reset: ResetId,
    },
    /// End the newest reset's link.
    CancelReset {
        /// Whose.
        customer: CustomerId,
        /// Why; may be empty.
        reason: String,
    },
    /// End tokens or sessions.
    ForceSignIn {
        /// Whose.
        customer: CustomerId,
        /// The record as it was shown.
        version: Version,
        /// What.
        scope: Scope,
        /// Why; may be empty.
        reason: String,
    },
    /// Take off a lock.
    Unlock {
        /// Whose.
        customer: CustomerId,
        /// The record as it was shown.
        version: Version,
        /// Why; may be empty.
        reason: String,
    },
    /// Try a mail again now.
    RetryMail {
        /// Whose.
        customer: CustomerId,
        /// Which.
        mail: MailId,
        /// Why; may be empty.
        reason: String,
    },
    /// Take the reset back that a mail belongs to.
    CancelMail {
        /// Whose.
        customer: CustomerId,
        /// Which.
        mail: MailId,
        /// Why; may be empty.
        reason: String,
    },
}

impl Write {
    /// Whom it concerns.
    #[must_use]
    pub const fn customer(&self) -> CustomerId {
        match self {
            Self::StartReset { customer, .. }
            | Self::UndoReset { customer, .. }
            | Self::CancelReset { customer, .. }
            | Self::ForceSignIn { customer, .. }
            | Self::Unlock { customer, .. }
            | Self::RetryMail { customer, .. }
            | Self::CancelMail { customer, .. } => *customer,
        }
    }
}
