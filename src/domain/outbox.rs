//! Mails between the moment somebody asked for them and the relay's answer.

use jiff::Timestamp;

use crate::domain::{
    customer::CustomerId,
    mail_state::{AfterTry, MailId, MailState, SendResult},
    reset::{LinkState, ResetId},
    safe_text::SafeText,
    website::Website,
};

/// A mail that this worker holds.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub id: MailId,
    /// Its stable Message-ID's left part; the same on every try.
    pub message_id: String,
    /// Whose.
    pub customer: CustomerId,
    /// The address as stored on the mail; the customer's own address is compared with it.
    pub to: String,
    /// The address that the customer has now; none when the customer is gone.
    pub current_email: Option<String>,
    /// The reset that it is about.
    pub reset: ResetId,
    /// Where the reset stands.
    pub link: LinkState,
    /// Random part of the token.
    pub nonce: Vec<u8>,
    /// Who asked, to word the mail: an operator, or the customer.
    pub from_console: bool,
    /// Sender, link host and language.
    pub website: Website,
    /// When it was queued: the Date of the mail.
    pub created_at: Timestamp,
    /// Tries, this one included.
    pub attempt: u32,
    /// Who holds it.
    pub owner: String,
}

/// What a try came to.
#[derive(Clone, Debug)]
pub struct FinishMail {
    /// The mail.
    pub id: MailId,
    /// Who held it.
    pub owner: String,
    /// Which try it was.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// The relay's answer, or what went wrong.
    pub result: SendResult,
    /// What follows.
    pub after: AfterTry,
}

/// A mail as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLine {
    /// The mail.
    pub id: MailId,
    /// Left part of its Message-ID.
    pub message_id: SafeText,
    /// Whose.
    pub customer: CustomerId,
    /// Where to.
    pub to: SafeText,
    /// The reset that it is about.
    pub reset: ResetId,
    /// Where the link stands.
    pub link: LinkState,
    /// Who asked, to word the mail.
    pub from_console: bool,
    /// Sender, link host and language.
    pub website: Website,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Not sent before.
    pub not_before: Timestamp,
    /// Where it stands.
    pub state: MailState,
    /// Tries so far.
    pub attempts: u32,
    /// A worker has it right now.
    pub leased: bool,
    /// When it reached its state.
    pub done_at: Option<Timestamp>,
    /// The relay's last answer.
    pub relay: SafeText,
}

/// How the queue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Waiting for undo to pass.
    pub held: u32,
    /// Waiting to be tried, first time or again.
    pub waiting: u32,
    /// Refused or given up.
    pub dead: u32,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
    /// The relay refuses us: what it said, and when the queue looks again.
    pub stopped: Option<(SafeText, Timestamp)>,
    /// Whether a worker is running somewhere.
    pub worker: bool,
}

/// The text of a mail as it may be shown to staff: the secret of its link is dotted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// Who it says it is from.
    pub from: SafeText,
    /// Where it goes.
    pub to: SafeText,
    /// Its subject.
    pub subject: SafeText,
    /// Its plain text, line by line.
    pub lines: Vec<SafeText>,
}
