//! Password resets: the link, its token, its life.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::{
    customer::CustomerId, email::EmailAddress, mail_state::MailState, safe_text::SafeText, throttle::Limits,
};

/// Length of the token key in bytes: one block of HMAC-SHA-256, so that it is used as it is.
pub const KEY_LEN: usize = 64;
/// Length of a reset's nonce, in bytes.
pub const NONCE_LEN: usize = 16;

/// Id of a password reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResetId(pub i64);

/// What the shop decided about resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetPolicy {
    /// How long a link works, from the moment its mail is made.
    pub link_life: SignedDuration,
    /// How long a mail is held so that it can be taken back.
    pub hold: SignedDuration,
    /// How many, how often.
    pub limits: Limits,
}

impl Default for ResetPolicy {
    fn default() -> Self {
        Self {
            link_life: SignedDuration::from_hours(24),
            hold: SignedDuration::from_secs(10),
            limits: Limits::default(),
        }
    }
}

/// The key that link tokens are derived from. Whoever has it and the database can make links.
#[derive(Clone)]
pub struct TokenKey(Arc<SecretBox<[u8; KEY_LEN]>>);

impl TokenKey {
    /// Takes the key's bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// Derives the token of a reset: HMAC-SHA-256 over its id and nonce, base64url. The same
    /// reset always gets the same token, so a mail that has to be sent twice is the same mail.
    #[must_use]
    pub fn token(&self, reset: ResetId, nonce: &[u8]) -> ResetToken {
        let mut mac = self.mac();
        mac.update(b"keydesk reset v1\0");
        mac.update(&reset.0.to_be_bytes());
        mac.update(nonce);
        ResetToken(data_encoding::BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()).into())
    }
}

impl TokenKey {
    /// Tells this key from any other, and nothing of the key itself: HMAC-SHA-256, in hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut mac = self.mac();
        mac.update(b"keydesk key fingerprint v1\0");
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// What requests for an address are counted by: HMAC-SHA-256 of [`EmailAddress::key`], in hex.
    #[must_use]
    pub fn address_digest(&self, address: &EmailAddress) -> String {
        let mut mac = self.mac();
        mac.update(b"keydesk address v1\0");
        mac.update(address.key().as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    fn mac(&self) -> Hmac<Sha256> {
        <Hmac<Sha256> as KeyInit>::new(&(*self.0.expose_secret()).into())
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

/// The secret in a link. Only the mail holds it; the database holds its digest.
#[derive(Clone, Debug)]
pub struct ResetToken(SecretString);

impl ResetToken {
    /// What the database keeps: SHA-256, in hex.
    #[must_use]
    pub fn digest(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.0.expose_secret().as_bytes()))
    }

    /// The link that the customer opens. The customer's id stands beside the token so that a
    /// distributed database finds the reset on one shard.
    #[must_use]
    pub fn link(&self, base_url: &str, customer: CustomerId) -> SecretString {
        format!("{}/r/{}.{}", base_url.trim_end_matches('/'), customer.0, self.0.expose_secret()).into()
    }
}

/// The link as it may be shown to staff: everything but the secret.
#[must_use]
pub fn dotted_link(base_url: &str, customer: CustomerId) -> String {
    format!("{}/r/{}.{}", base_url.trim_end_matches('/'), customer.0, "•".repeat(8))
}

/// A reset as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Its id.
    pub id: ResetId,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// By whom: an operator, or the customer on the storefront.
    pub requested_by: SafeText,
    /// Why, as the operator wrote it.
    pub reason: SafeText,
    /// Where the link stands.
    pub link: LinkState,
    /// Where its mail stands; none when the mail was removed.
    pub mail: Option<MailState>,
    /// The relay's last answer.
    pub relay: SafeText,
}

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// The mail, and with it the link, is not made yet.
    Pending,
    /// It works until this time.
    Live {
        /// End of its life.
        until: Timestamp,
    },
    /// The customer chose a new password with it.
    Used {
        /// When.
        at: Timestamp,
    },
    /// Its time ran out.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Somebody took it back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// A newer reset took its place.
    Superseded {
        /// When.
        at: Timestamp,
    },
}

/// The times that are stored of a reset; [`LinkTimes::state`] reads them.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkTimes {
    /// End of the link's life; set when the mail is made.
    pub expires_at: Option<Timestamp>,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was superseded.
    pub superseded_at: Option<Timestamp>,
}

impl LinkTimes {
    /// What the times mean at `now`.
    #[must_use]
    pub fn state(self, now: Timestamp) -> LinkState {
        match self {
            Self { used_at: Some(at), .. } => LinkState::Used { at },
            Self { cancelled_at: Some(at), .. } => LinkState::Cancelled { at },
            // A link that had already run out was not superseded by the next one.
            Self { superseded_at: Some(at), expires_at, .. } if expires_at.is_none_or(|end| end > at) => {
                LinkState::Superseded { at }
            }
            Self { expires_at: Some(at), .. } if at <= now => LinkState::Expired { at },
            Self { expires_at: Some(until), .. } => LinkState::Live { until },
            Self { .. } => LinkState::Pending,
        }
    }
}

impl LinkState {
    /// Whether the customer can still (or soon) use it.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Live { .. })
    }

    /// The word for people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Live { .. } => "live",
            Self::Used { .. } => "used",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
            Self::Superseded { .. } => "superseded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> TokenKey {
        TokenKey::new([byte; KEY_LEN])
    }

    #[test]
    fn one_reset_has_one_token_and_another_has_another() {
        let token = |key: &TokenKey, id, nonce: &[u8]| key.token(ResetId(id), nonce).digest();
        assert_eq!(token(&key(1), 7, b"n"), token(&key(1), 7, b"n"));
        assert_ne!(token(&key(1), 7, b"n"), token(&key(1), 8, b"n"));
        assert_ne!(token(&key(1), 7, b"n"), token(&key(1), 7, b"m"));
        assert_ne!(token(&key(1), 7, b"n"), token(&key(2), 7, b"n"));
    }

    #[test]
    fn a_fingerprint_tells_keys_apart() {
        assert_eq!(key(1).fingerprint(), key(1).fingerprint());
        assert_ne!(key(1).fingerprint(), key(2).fingerprint());
        assert_ne!(key(1).fingerprint(), key(1).token(ResetId(0), b"").digest());
    }

    #[test]
    fn a_token_has_256_bits_and_stays_out_of_debug() {
        let token = key(1).token(ResetId(7), b"n");
        let link = token.link("https://luma.example/", CustomerId(3));
        let secret = link.expose_secret().strip_prefix("https://luma.example/r/3.").unwrap();
        assert_eq!(secret.len(), 43);
        assert!(!format!("{token:?} {:?} {link:?}", key(1)).contains(secret));
        assert!(!dotted_link("https://luma.example", CustomerId(3)).contains(secret));
    }

    #[test]
    fn what_ended_a_link_wins_over_its_age() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let old = LinkTimes { expires_at: Some(now), ..LinkTimes::default() };
        assert_eq!(old.state(now), LinkState::Expired { at: now });
        assert_eq!(LinkTimes { used_at: Some(now), ..old }.state(now), LinkState::Used { at: now });
        assert_eq!(LinkTimes { cancelled_at: Some(now), ..old }.state(now), LinkState::Cancelled { at: now });
        assert_eq!(LinkTimes::default().state(now), LinkState::Pending);
    }
}
