//! What can happen to the console.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Position;

use crate::{
    domain::{
        audit::{EntryLine, Walk},
        command::{MailRetried, ResetCancelled, ResetQueued, SignInForced, Unlocked},
        customer::Customer,
        find::{Count, Page},
        outbox::{MailLine, MailText, QueueState},
        refusal::Refusal,
        safe_text::SafeText,
        website::Website,
    },
    tui::key::Key,
};

/// Ties a reply to what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Something happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Msg {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// Something was done with the mouse.
    Mouse {
        /// Where.
        at: Position,
        /// What.
        what: Mouse,
    },
    /// The terminal has this size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// An effect is done.
    Reply {
        /// Which one.
        ticket: Ticket,
        /// How long it took.
        took: Duration,
        /// What came of it.
        reply: Reply,
    },
    /// The time that [`crate::tui::effect::Effect::Wake`] asked for has come.
    Woke,
    /// The program could not be suspended: there is no shell to come back from.
    NotSuspended,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Press,
    /// It was let go.
    Release,
    /// The wheel turned up.
    WheelUp,
    /// The wheel turned down.
    WheelDown,
}

/// Something failed, as a sentence that says what happened to the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nobody waits for the answer any more.
    Cancelled,
    /// Anything else.
    Failed(SafeText),
}

/// Answer of a read.
pub type Answer<T> = Result<T, Problem>;
/// Answer of an action: done, refused by a rule, or failed.
pub type Outcome<T> = Result<Result<T, Refusal>, Problem>;

/// What came of an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Of [`crate::tui::effect::Ask::Page`].
    Page(Answer<Page>),
    /// Of [`crate::tui::effect::Ask::Count`].
    Count(Answer<Count>),
    /// Of [`crate::tui::effect::Ask::Total`].
    Total(Answer<Count>),
    /// Of [`crate::tui::effect::Ask::Record`]; none when the customer is gone.
    Record(Box<Answer<Option<Customer>>>),
    /// Of [`crate::tui::effect::Ask::Websites`].
    Websites(Answer<Vec<Website>>),
    /// Of [`crate::tui::effect::Ask::Queue`].
    Queue(Answer<QueueState>),
    /// Of [`crate::tui::effect::Ask::Audit`].
    Audit(Answer<Vec<EntryLine>>),
    /// Of [`crate::tui::effect::Ask::AuditChain`].
    AuditChain(Answer<Walk>),
    /// Of [`crate::tui::effect::Ask::Mails`].
    Mails(Answer<Vec<MailLine>>),
    /// Of [`crate::tui::effect::Ask::MailText`].
    MailText(Answer<Option<MailText>>),
    /// Of [`crate::tui::effect::Ask::Preview`].
    Preview(Outcome<MailText>),
    /// Of [`crate::tui::effect::Write::StartReset`].
    ResetQueued(Outcome<ResetQueued>),
    /// Of [`crate::tui::effect::Write::UndoReset`], [`crate::tui::effect::Write::CancelReset`] and
    /// [`crate::tui::effect::Write::CancelMail`].
    ResetCancelled(Outcome<ResetCancelled>),
    /// Of [`crate::tui::effect::Write::ForceSignIn`].
    SignInForced(Outcome<SignInForced>),
    /// Of [`crate::tui::effect::Write::Unlock`].
    Unlocked(Outcome<Unlocked>),
    /// Of [`crate::tui::effect::Write::RetryMail`].
    MailRetried(Outcome<MailRetried>),
}
