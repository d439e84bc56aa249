//! What customers do themselves: ask for a reset, choose a password, sign in.

use std::net::IpAddr;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::domain::{
    access_token::TokenId,
    command::Asked,
    customer::CustomerId,
    email::EmailAddress,
    integration::StoredLogin,
    mail_state::MailId,
    name::PersonName,
    reset::ResetId,
    safe_text::SafeText,
    sign_in::Lockout,
    throttle::Limits,
    website::{GroupId, WebsiteId},
};

/// Id of what somebody asked for on the "Forgot Your Password?" page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub i64);

/// A reset that somebody asks for, before it is known whose address it is.
#[derive(Clone, Debug)]
pub struct RequestReset {
    /// When.
    pub at: Timestamp,
    /// The address as typed.
    pub address: EmailAddress,
    /// Keyed digest of the address, to count requests by.
    pub address_digest: String,
    /// [`network`] of whoever asks; none where it is not known.
    pub network: Option<String>,
    /// On which website.
    pub website: WebsiteId,
    /// How many are allowed.
    pub limits: Limits,
}

/// A request that waits for being looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRequest {
    /// Which.
    pub id: RequestId,
    /// The address as typed.
    pub address: String,
    /// [`network`] of whoever asked.
    pub network: Option<String>,
    /// On which website.
    pub website: WebsiteId,
}

/// Who holds a link that works.
#[derive(Clone, Debug)]
pub struct LinkHolder {
    /// Whose link.
    pub customer: CustomerId,
    /// Their address, which is no good password.
    pub email: String,
    /// Their website.
    pub website: WebsiteId,
}

/// A password chosen with a link.
#[derive(Clone, Debug)]
pub struct RedeemReset {
    /// Who asks: the customer.
    pub asked: Asked,
    /// Whose link.
    pub customer: CustomerId,
    /// Digest of the link's token.
    pub token_digest: String,
    /// Hash of the new password.
    pub password_hash: SecretString,
}

/// What choosing a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordSet {
    /// Whose.
    pub customer: CustomerId,
    /// With which reset's link.
    pub reset: ResetId,
    /// The mail that tells the customer.
    pub mail: MailId,
    /// Browser sessions that ended.
    pub sessions: u32,
    /// Whether a lock was taken off.
    pub unlocked: bool,
}

/// Somebody signs in with an address and a password that was not looked at yet.
#[derive(Clone, Debug)]
pub struct SignInAttempt {
    /// When.
    pub at: Timestamp,
    /// The address as typed.
    pub email: String,
    /// On which website.
    pub website: WebsiteId,
    /// When wrong passwords lock.
    pub lockout: Lockout,
}

/// Whose sign-in was counted.
#[derive(Clone, Debug)]
pub enum Counted {
    /// A customer's.
    Customer(Credentials),
    /// Nobody has the address. The hash of some customer stands in, always of the same one for the
    /// same address: imported hashes take a millisecond or a hundred, and whoever measures that must
    /// find it as often where nobody is. None = that customer never chose a password.
    Nobody(Option<SecretString>),
}

/// What a password is compared with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose.
    pub customer: CustomerId,
    /// Hash of the password; none = never chosen.
    pub password_hash: Option<SecretString>,
    /// Whether the right password opens the account: it is switched on, confirmed and not locked.
    pub may_sign_in: bool,
}

/// A sign-in whose password was right.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// When it began.
    pub at: Timestamp,
    /// Who.
    pub customer: CustomerId,
    /// The hash that the password fitted; void when it was replaced meanwhile.
    pub seen_hash: SecretString,
    /// The same password hashed as it is done today, where it was not.
    pub new_hash: Option<SecretString>,
    /// What it gives.
    pub grant: Grant,
}

/// What a good password gives.
#[derive(Clone, Debug)]
pub enum Grant {
    /// A browser session.
    Session {
        /// Digest of its token.
        digest: String,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// An access token for an integration.
    Token {
        /// Digest of the token.
        digest: String,
        /// The integration as it signed in; void when it was removed meanwhile.
        integration: StoredLogin,
        /// When it ends; none = never.
        expires_at: Option<Timestamp>,
    },
}

/// A customer as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub customer: CustomerId,
    /// Website that the account belongs to.
    pub website: WebsiteId,
    /// Group.
    pub group: GroupId,
    /// Name parts, as entered.
    pub name: PersonName,
    /// Address as entered.
    pub email: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// Whom an access token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The token.
    pub token: TokenId,
    /// The integration that it was issued to.
    pub integration: SafeText,
    /// When it last signed a request.
    pub last_used_at: Option<Timestamp>,
    /// Whose.
    pub account: Account,
}

/// The network that requests are counted by: an IPv4 address, or the 64 bits of an IPv6 address
/// that one household has to itself.
#[must_use]
pub fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_household_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
    }
}
