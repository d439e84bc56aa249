//! The use cases: what a console key, a command and a web form do.
//!
//! A [`Service`] adds to a [`Store`] what an action needs from outside: the time, randomness and
//! the shop's rules. It knows no screen, no HTTP and no SQL.

pub mod audit;
pub mod backup;
pub mod delivery;
pub mod doctor;
pub mod export;
pub mod find;
pub mod force_sign_in;
pub mod forgot;
pub mod hashing;
pub mod import;
pub mod integrations;
pub mod mails;
pub mod password_hash;
pub mod records;
pub mod redeem;
pub mod reset;
pub mod sign_in;
pub mod unlock;

use jiff::SignedDuration;

use crate::{
    clock::{Clock, Entropy},
    domain::{
        audit::AuditFilter, command::Asked, operation::OpKey, operator::Operator, password::PasswordPolicy,
        reset::ResetPolicy, sign_in::Lockout, website::Website,
    },
    service::hashing::Hashing,
    store::{Store, StoreResult},
};

/// What the shop decided.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Links and their limits.
    pub reset: ResetPolicy,
    /// New passwords.
    pub password: PasswordPolicy,
    /// Wrong passwords.
    pub lockout: Lockout,
    /// How long a browser session lasts.
    pub session_life: SignedDuration,
    /// How long an access token works; none = until it is revoked.
    pub token_life: Option<SignedDuration>,
    /// Takes the place of every website's base URL: for a staging copy of a shop.
    pub base_url: Option<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            reset: ResetPolicy::default(),
            password: PasswordPolicy::default(),
            lockout: Lockout::default(),
            session_life: SignedDuration::from_hours(12),
            token_life: Some(SignedDuration::from_hours(1)),
            base_url: None,
        }
    }
}

impl Rules {
    /// The website with the base URL that its links really get.
    #[must_use]
    pub fn website(&self, mut website: Website) -> Website {
        if self.base_url.is_some() {
            website.base_url.clone_from(&self.base_url);
        }
        website
    }
}

/// The use cases over one store.
#[derive(Clone, Debug)]
pub struct Service<S> {
    store: S,
    clock: Clock,
    entropy: Entropy,
    rules: Rules,
    hashing: Hashing,
}

/// Why somebody asks, as far as they said.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub by: Operator,
    /// Why; may be empty.
    pub reason: String,
    /// A key of their own; else one is made.
    pub op_key: Option<OpKey>,
}

impl Request {
    /// A request without a reason or a key of its own.
    #[must_use]
    pub const fn by(operator: Operator) -> Self {
        Self { by: operator, reason: String::new(), op_key: None }
    }
}

impl<S: Store> Service<S> {
    /// Puts the use cases over a store.
    pub fn new(store: S, clock: Clock, entropy: Entropy, rules: Rules) -> Self {
        Self { store, clock, entropy, rules, hashing: Hashing::default() }
    }

    /// The store itself, for set-up, delivery and verification.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The clock that all of this service's times come from.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Lets the clock go on from the newest audit entry where the machine's is behind it, so that
    /// nothing that has expired comes to life again when the machine is set back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn keep_time(&self) -> StoreResult<()> {
        if let Some(newest) = self.store.audit_entries(&AuditFilter::default(), None, 1).await?.first() {
            self.clock.not_before(newest.at);
        }
        Ok(())
    }

    /// Where its random bytes come from.
    pub const fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    /// The shop's rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Websites, by id, with the base URL that their links get.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn websites(&self) -> StoreResult<Vec<Website>> {
        let websites = self.store.websites().await?;
        Ok(websites.into_iter().map(|website| self.rules.website(website)).collect())
    }

    fn asked(&self, request: Request) -> Asked {
        let op_key = request.op_key.unwrap_or_else(|| OpKey::from_random(self.entropy.bytes()));
        Asked { at: self.clock.now(), by: request.by, reason: request.reason, op_key }
    }
}
