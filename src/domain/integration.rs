//! Integrations (OAuth consumers): programs that may obtain access tokens for customers.

use jiff::Timestamp;
use secrecy::SecretString;

use crate::domain::{access_token::IntegrationId, command::Asked, safe_text::SafeText};

/// Longest name, in characters.
pub const MAX_NAME: usize = 100;

/// An integration as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Its name, such as `ERP sync`.
    pub name: SafeText,
    /// What it names itself with; none = it was set up without a way to sign in.
    pub key: Option<SafeText>,
    /// What its tokens may do, as the shop wrote it.
    pub scopes: SafeText,
    /// When it was added.
    pub created_at: Timestamp,
}

/// An integration to be added.
#[derive(Clone, Debug)]
pub struct AddIntegration {
    /// Who asks.
    pub asked: Asked,
    /// Its name; unique among those that are not removed.
    pub name: String,
    /// What it names itself with; random.
    pub key: String,
    /// SHA-256 of its secret, in hex.
    pub secret_digest: String,
    /// What its tokens may do.
    pub scopes: String,
}

/// An integration to be removed: it can obtain no token any more, and those that it has end.
#[derive(Clone, Debug)]
pub struct RemoveIntegration {
    /// Who asks.
    pub asked: Asked,
    /// Its name.
    pub name: String,
}

/// An integration that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegrationRemoved {
    /// Which.
    pub id: IntegrationId,
    /// Tokens that ended with it.
    pub tokens: u64,
}

/// What an integration signs in with. Shown once, when it is added.
#[derive(Clone, Debug)]
pub struct IntegrationLogin {
    /// Which.
    pub id: IntegrationId,
    /// Its name.
    pub key: String,
    /// Its password: 256 bits.
    pub secret: SecretString,
}

/// What is stored to check an integration's secret.
#[derive(Clone, Debug)]
pub struct StoredLogin {
    /// Which.
    pub id: IntegrationId,
    /// Its name.
    pub name: SafeText,
    /// SHA-256 of its secret, in hex.
    pub secret_digest: String,
    /// What its tokens may do.
    pub scopes: String,
}
