//! Mails between the moment somebody asked for them and the relay's answer.

use jiff::Timestamp;

use crate::domain::{
    customer::CustomerId,
    mail_state::{AfterTry, MailId, MailState, SendResult},
    reset::{LinkState, ResetId},
    safe_text::SafeText,
    website::Website,
};

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// It brings the link to choose a new password with.
    Reset,
    /// The notice that a new password was chosen: whoever owns the address learns of it, in case
    /// it was somebody else (ASVS 5.0, 6.3.7). It has no link that is secret.
    PasswordChanged,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Reset, Self::PasswordChanged];

    /// The word stored, and shown to programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::PasswordChanged => "changed",
        }
    }

    /// Reads a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Reset => "Reset link",
            Self::PasswordChanged => "Password changed",
        }
    }

    /// What people call it in a sentence.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Reset => "mail",
            Self::PasswordChanged => "notice",
        }
    }
}

/// A mail that this worker holds.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub id: MailId,
    /// What it is for.
    pub kind: MailKind,
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
    /// Whose mail.
    pub customer: CustomerId,
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
    /// What it is for.
    pub kind: MailKind,
    /// Left part of its Message-ID.
    pub message_id: SafeText,
    /// Whose.
    pub customer: CustomerId,
    /// Where to.
    pub to: SafeText,
    /// The reset that it is about.
    pub reset: ResetId,
    /// Where the link of that reset stands.
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
    /// When it is tried next, as long as it is queued.
    pub next_at: Option<Timestamp>,
    /// When it reached its state.
    pub done_at: Option<Timestamp>,
    /// The relay's last answer.
    pub relay: SafeText,
}

impl MailLine {
    /// Where it stands, with the moment of its sending told apart.
    #[must_use]
    pub fn stage(&self) -> MailStage {
        MailStage::of(self.state, self.leased)
    }

    /// What became of it.
    #[must_use]
    pub fn fate(self) -> MailFate {
        MailFate {
            id: self.id,
            kind: self.kind,
            stage: self.stage(),
            attempts: self.attempts,
            next_at: self.next_at,
            done_at: self.done_at,
            relay: self.relay,
            link: self.link,
        }
    }
}

/// What became of a mail and of its reset's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFate {
    /// The mail.
    pub id: MailId,
    /// What it is for.
    pub kind: MailKind,
    /// Where it stands.
    pub stage: MailStage,
    /// Tries so far.
    pub attempts: u32,
    /// When it is tried next, as long as it is queued.
    pub next_at: Option<Timestamp>,
    /// When it reached its state.
    pub done_at: Option<Timestamp>,
    /// The relay's last answer.
    pub relay: SafeText,
    /// Where the link of its reset stands.
    pub link: LinkState,
}

/// Where a mail stands, as people look for it: its state, with the moment of its sending apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailStage {
    /// Waits for its time.
    Queued,
    /// A worker has it right now.
    Sending,
    /// The relay took it.
    Accepted,
    /// The relay refused the recipient for good.
    Refused,
    /// Given up: its link would have been worthless, or it was tried for a day.
    Expired,
    /// Taken back before it was sent.
    Cancelled,
    /// A newer reset took its place before it was sent.
    Superseded,
}

impl MailStage {
    /// All of them, in the order of a mail's life.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sending, Self::Accepted, Self::Refused, Self::Expired, Self::Cancelled, Self::Superseded];

    /// Reads a mail's state and whether a worker has it.
    #[must_use]
    pub const fn of(state: MailState, leased: bool) -> Self {
        match state {
            MailState::Queued if leased => Self::Sending,
            MailState::Queued => Self::Queued,
            MailState::Accepted => Self::Accepted,
            MailState::Refused => Self::Refused,
            MailState::Expired => Self::Expired,
            MailState::Cancelled => Self::Cancelled,
            MailState::Superseded => Self::Superseded,
        }
    }

    /// Reads a word of [`MailStage::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The state that is stored of such a mail.
    #[must_use]
    pub const fn state(self) -> MailState {
        match self {
            Self::Queued | Self::Sending => MailState::Queued,
            Self::Accepted => MailState::Accepted,
            Self::Refused => MailState::Refused,
            Self::Expired => MailState::Expired,
            Self::Cancelled => MailState::Cancelled,
            Self::Superseded => MailState::Superseded,
        }
    }

    /// The word for people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            other => other.state().word(),
        }
    }
}

/// Which mails are listed; the default lists all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// Only those that stand here.
    pub stage: Option<MailStage>,
    /// Only those of this customer.
    pub customer: Option<CustomerId>,
}

/// How the queue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Waiting for undo to pass.
    pub held: u32,
    /// Waiting to be tried, first time or again.
    pub waiting: u32,
    /// Of those, in the hands of a worker right now.
    pub sending: u32,
    /// Of those, tried before and due later.
    pub retrying: u32,
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
    /// The host that the link in it points to.
    pub link_host: SafeText,
    /// Language of its texts.
    pub language: SafeText,
    /// Its subject.
    pub subject: SafeText,
    /// Its plain text, line by line.
    pub lines: Vec<SafeText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(MailKind::from_word("newsletter"), None);
    }
}
