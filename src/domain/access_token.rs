//! OAuth access tokens that integrations obtained for a customer.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::{customer::CustomerId, safe_text::SafeText};

/// Id of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(pub i64);

/// A token as staff see it: everything but the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Its id.
    pub id: TokenId,
    /// The integration (OAuth consumer) that it was issued to.
    pub integration: SafeText,
    /// What it may do, as the integration asked.
    pub scopes: SafeText,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it last signed a request.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Id of an integration (OAuth consumer).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntegrationId(pub i64);

/// A token as it is written down when an integration obtains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccessToken {
    /// Whose.
    pub customer: CustomerId,
    /// For which integration.
    pub integration: IntegrationId,
    /// [`digest`] of the token.
    pub digest: String,
    /// What it may do, such as `orders, customers:read`.
    pub scopes: String,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it last signed a request.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What Force Sign In ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every access token, as the manual has it.
    #[default]
    Tokens,
    /// One access token.
    Token(TokenId),
    /// The storefront's browser sessions.
    Sessions,
    /// Tokens and sessions.
    All,
}

impl Scope {
    /// Whether access tokens are revoked.
    #[must_use]
    pub const fn tokens(self) -> bool {
        !matches!(self, Self::Sessions)
    }

    /// Whether browser sessions are ended.
    #[must_use]
    pub const fn sessions(self) -> bool {
        matches!(self, Self::Sessions | Self::All)
    }

    /// The word for people, programs and the audit log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Token(_) => "token",
            Self::Sessions => "sessions",
            Self::All => "all",
        }
    }
}

/// What lives of a customer's access at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alive {
    /// Access tokens that are neither revoked nor expired.
    pub tokens: u32,
    /// Browser sessions that are neither ended nor expired.
    pub sessions: u32,
}

/// What the database keeps of a token: SHA-256, in hex.
#[must_use]
pub fn digest(token: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}
