//! Customers: as a row of the table, as an open record, as data to be written.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    access_token::{AccessToken, Alive},
    email::EmailAddress,
    name::PersonName,
    outbox::MailFate,
    password::PasswordHash,
    reset::Reset,
    safe_text::SafeText,
    throttle::Budget,
    website::{GroupId, Website, WebsiteId},
};

/// Id of a customer; every action is bound to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerId(pub i64);

/// Counts the changes of a customer's record, so that an action confirmed for one state is not
/// done to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub i64);

/// Whether the customer can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Yes.
    Active,
    /// Not before the e-mail address is confirmed.
    Unconfirmed,
    /// Not before this time: too many wrong passwords.
    Locked {
        /// End of the lock.
        until: Timestamp,
    },
    /// The account is switched off.
    Disabled,
}

impl Status {
    /// Reads the stored facts at the time `now`. What keeps out longest is named first.
    #[must_use]
    pub fn of(active: bool, confirmed: bool, locked_until: Option<Timestamp>, now: Timestamp) -> Self {
        match locked_until.filter(|&until| until > now) {
            _ if !active => Self::Disabled,
            Some(until) => Self::Locked { until },
            None if !confirmed => Self::Unconfirmed,
            None => Self::Active,
        }
    }

    /// The word for people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unconfirmed => "unconfirmed",
            Self::Locked { .. } => "locked",
            Self::Disabled => "disabled",
        }
    }
}

/// One row of the customers table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// Id.
    pub id: CustomerId,
    /// Name as it is written.
    pub name: SafeText,
    /// Address as entered.
    pub email: SafeText,
    /// Website's code.
    pub website: SafeText,
    /// Group's name.
    pub group: SafeText,
    /// Whether they can sign in.
    pub status: Status,
    /// Live access tokens.
    pub tokens: u32,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

impl CustomerRow {
    /// What they are called: the name, or the e-mail address where there is none.
    #[must_use]
    pub fn called(&self) -> SafeText {
        called(&self.name, &self.email)
    }
}

/// An open record: everything the detail pane and the popups show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Id.
    pub id: CustomerId,
    /// Changes with every change of the record.
    pub version: Version,
    /// Name as it is written.
    pub name: SafeText,
    /// Address as entered.
    pub email: SafeText,
    /// Phone as entered.
    pub phone: SafeText,
    /// Group's name.
    pub group: SafeText,
    /// The website that the account belongs to.
    pub website: Website,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Whether they can sign in.
    pub status: Status,
    /// Whether they have a password at all.
    pub has_password: bool,
    /// Wrong passwords since the last good one.
    pub failed_sign_ins: u32,
    /// End of a lock that holds, also where the account is switched off besides.
    pub locked_until: Option<Timestamp>,
    /// What is left of this hour's resets.
    pub budget: Budget,
    /// The newest reset.
    pub last_reset: Option<Reset>,
    /// Live access tokens, newest first.
    pub tokens: Vec<AccessToken>,
    /// Live tokens and sessions, counted.
    pub alive: Alive,
    /// Whether an integration ever obtained a token for this customer.
    pub ever_had_tokens: bool,
    /// What happened to this customer, newest first.
    pub history: Vec<HistoryLine>,
}

impl Customer {
    /// What they are called: the name, or the e-mail address where there is none.
    #[must_use]
    pub fn called(&self) -> SafeText {
        called(&self.name, &self.email)
    }
}

fn called(name: &SafeText, email: &SafeText) -> SafeText {
    if name.as_str().trim().is_empty() { email.clone() } else { name.clone() }
}

/// One thing that happened to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// What was done, as stored (`reset.start`).
    pub action: SafeText,
    /// By whom.
    pub operator: SafeText,
    /// Why, as the operator wrote it.
    pub reason: SafeText,
    /// What came of it at that time.
    pub detail: SafeText,
    /// For a reset: what became of its mail and its link since.
    pub mail: Option<MailFate>,
}

/// A customer that `keydesk` knows nothing of yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCustomer {
    /// Website that the account belongs to.
    pub website: WebsiteId,
    /// Group.
    pub group: GroupId,
    /// Name parts, as entered.
    pub name: PersonName,
    /// Address.
    pub email: EmailAddress,
    /// Phone as entered; may be empty.
    pub phone: String,
    /// Password hash; none = never chosen.
    pub password_hash: Option<PasswordHash>,
    /// Whether the account is switched on.
    pub active: bool,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Wrong passwords since the last good one.
    pub failed_sign_ins: u32,
    /// End of a lock.
    pub locked_until: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Columns of an imported file that keydesk only keeps: a JSON object of texts by name.
    pub attributes: Option<String>,
}

/// A customer as stored, word for word: to compare and to export, never for a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCustomer {
    /// Id.
    pub id: CustomerId,
    /// Changes with every change of the record.
    pub version: Version,
    /// All that is stored.
    pub data: NewCustomer,
}

/// What is known of a customer that an e-mail address or id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Id.
    pub id: CustomerId,
    /// Address as entered.
    pub email: SafeText,
    /// Website's code.
    pub website: SafeText,
}

/// How long a lock still holds at `now`.
#[must_use]
pub fn lock_left(status: Status, now: Timestamp) -> Option<SignedDuration> {
    match status {
        Status::Locked { until } => Some(until.duration_since(now)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_by_itself_a_switch_does_not() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let later = now.saturating_add(SignedDuration::from_mins(7)).unwrap();
        assert_eq!(Status::of(true, true, Some(later), now), Status::Locked { until: later });
        assert_eq!(Status::of(true, true, Some(later), later), Status::Active);
        assert_eq!(Status::of(false, true, Some(later), now), Status::Disabled);
        assert_eq!(Status::of(true, false, None, now), Status::Unconfirmed);
    }
}
