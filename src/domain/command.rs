//! What can be done to a customer, and what comes of it.

use jiff::Timestamp;

use crate::domain::{
    access_token::{Alive, Scope},
    customer::{CustomerId, NewCustomer, Version},
    mail_state::{MailId, MailState},
    operation::OpKey,
    operator::Operator,
    reset::{ResetId, ResetPolicy},
    safe_text::SafeText,
    storefront::WaitingRequest,
};

/// Who asks for an action, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Operator,
    /// Why; may be empty.
    pub reason: String,
    /// Makes the action happen once.
    pub op_key: OpKey,
}

/// A customer to be added.
#[derive(Clone, Debug)]
pub struct AddCustomer {
    /// Who asks.
    pub asked: Asked,
    /// Whom.
    pub data: NewCustomer,
}

/// A customer's new data.
#[derive(Clone, Debug)]
pub struct ChangeCustomer {
    /// Who asks.
    pub asked: Asked,
    /// Whom.
    pub customer: CustomerId,
    /// The record as it was read; refused when it changed since.
    pub version: Version,
    /// The new data; the website stays.
    pub data: NewCustomer,
}

/// A customer to be deleted.
#[derive(Clone, Debug)]
pub struct DeleteCustomer {
    /// Who asks.
    pub asked: Asked,
    /// Whom.
    pub customer: CustomerId,
}

/// A customer whose lock is to be taken off.
#[derive(Clone, Debug)]
pub struct Unlock {
    /// Who asks.
    pub asked: Asked,
    /// Whose.
    pub customer: CustomerId,
    /// The record as the operator saw it; none = as it is now.
    pub version: Option<Version>,
}

/// A lock that was taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// Whose.
    pub customer: CustomerId,
    /// When the lock would have ended.
    pub until: Timestamp,
    /// Wrong passwords that no longer count.
    pub failed_sign_ins: u32,
}

/// A mail to be tried again now.
#[derive(Clone, Debug)]
pub struct RetryMail {
    /// Who asks.
    pub asked: Asked,
    /// Which.
    pub mail: MailId,
}

/// A mail that is due again: the same mail with the same link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRetried {
    /// Whose.
    pub customer: CustomerId,
    /// Which.
    pub mail: MailId,
    /// Where it goes.
    pub email: SafeText,
    /// The reset that it is about.
    pub reset: ResetId,
    /// Where it stood before.
    pub was: MailState,
}

/// A reset to be queued.
#[derive(Clone, Debug)]
pub struct StartReset {
    /// Who asks.
    pub asked: Asked,
    /// For whom.
    pub customer: CustomerId,
    /// The record as the operator saw it; none = as it is now.
    pub version: Option<Version>,
    /// The shop's rules.
    pub policy: ResetPolicy,
    /// Takes the place of the website's own base URL.
    pub base_url: Option<String>,
    /// Random part of the link's token.
    pub nonce: Vec<u8>,
    /// Where it was asked for.
    pub origin: Origin,
}

/// Where a reset was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By an operator, in the console or by a command.
    Console,
    /// By somebody on the sign-in page, or over the web API.
    Storefront(WaitingRequest),
}

impl Origin {
    /// Whether an operator asked.
    #[must_use]
    pub const fn is_console(&self) -> bool {
        matches!(self, Self::Console)
    }

    /// The network that a request on the sign-in page came from.
    #[must_use]
    pub fn network(&self) -> Option<&str> {
        match self {
            Self::Console => None,
            Self::Storefront(request) => request.network.as_deref(),
        }
    }
}

/// A reset that was queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetQueued {
    /// For whom.
    pub customer: CustomerId,
    /// Where the mail goes.
    pub email: SafeText,
    /// The reset.
    pub reset: ResetId,
    /// Its mail.
    pub mail: MailId,
    /// When the mail leaves, if nobody takes it back.
    pub send_at: Timestamp,
    /// Whether an older link stopped working for it.
    pub superseded: bool,
}

/// A reset to be taken back.
#[derive(Clone, Debug)]
pub struct CancelReset {
    /// Who asks.
    pub asked: Asked,
    /// Whose.
    pub customer: CustomerId,
    /// This one; none = the newest.
    pub reset: Option<ResetId>,
    /// Only while the mail is held; refused with [`Refusal::AlreadySent`] after that.
    pub only_undo: bool,
}

/// A reset that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetCancelled {
    /// Whose.
    pub customer: CustomerId,
    /// Which.
    pub reset: ResetId,
    /// The mail was still here: it will never leave, and the budget has its place back.
    pub undone: bool,
    /// The mail is with the relay or on its way there; only its link is dead.
    pub mail_may_arrive: bool,
    /// The link of the reset before this one works again.
    pub restored: bool,
}

/// What to end of a customer's access.
#[derive(Clone, Debug)]
pub struct ForceSignIn {
    /// Who asks.
    pub asked: Asked,
    /// Whose.
    pub customer: CustomerId,
    /// The record as the operator saw it; none = as it is now.
    pub version: Option<Version>,
    /// What.
    pub scope: Scope,
}

/// What was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInForced {
    /// Whose.
    pub customer: CustomerId,
    /// Ended by this action.
    pub ended: Alive,
    /// Read back afterwards, in the same transaction.
    pub left: Alive,
}
