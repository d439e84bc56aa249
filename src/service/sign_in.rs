//! Signing in: with a browser, or through an integration.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{
        customer_token::CustomerToken,
        integration::StoredLogin,
        operator::Operator,
        password::MAX_BYTES,
        storefront::{Account, Credentials, Grant, SignIn, SignInAttempt, TokenHolder},
        website::WebsiteId,
    },
    service::{Request, Service, hashing::NotHashed, password_hash},
    store::{Store, StoreError, StoreResult},
};

/// A token's last use is written down at most this often.
const USE_NOTED: SignedDuration = SignedDuration::from_mins(1);

/// Why a sign-in or a new password could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// No password could be hashed.
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody who wants to sign in.
#[derive(Clone, Debug)]
pub struct Login {
    /// On which website.
    pub website: WebsiteId,
    /// The address as typed.
    pub email: String,
    /// The password as typed.
    pub password: SecretString,
}

impl<S: Store> Service<S> {
    /// Begins a browser session; none when address and password do not open an account, for
    /// whatever reason. The reason is told to nobody, and takes no time of its own.
    ///
    /// # Errors
    /// When too many sign in at this moment, or the database fails.
    pub async fn sign_in(&self, login: &Login) -> Result<Option<CustomerToken>, NotDone> {
        let at = self.clock.now();
        let Some((credentials, seen)) = self.prove(login, at).await? else { return Ok(None) };
        let token = CustomerToken::new(credentials.customer, self.entropy.bytes());
        let expires_at = after(at, self.rules.session_life);
        let grant = Grant::Session { digest: token.digest(), expires_at };
        Ok(self.complete(at, &credentials, seen, login, grant).await?.then_some(token))
    }

    /// Gives an integration an access token for a customer; none when address and password do not
    /// open an account.
    ///
    /// # Errors
    /// When too many sign in at this moment, or the database fails.
    pub async fn issue_token(
        &self,
        integration: &StoredLogin,
        login: &Login,
    ) -> Result<Option<CustomerToken>, NotDone> {
        let at = self.clock.now();
        let Some((credentials, seen)) = self.prove(login, at).await? else { return Ok(None) };
        let token = CustomerToken::new(credentials.customer, self.entropy.bytes());
        let grant = Grant::Token {
            digest: token.digest(),
            integration: integration.id,
            integration_name: integration.name.clone(),
            scopes: integration.scopes.clone(),
            expires_at: self.rules.token_life.map(|life| after(at, life)),
        };
        Ok(self.complete(at, &credentials, seen, login, grant).await?.then_some(token))
    }

    /// The account whose password this is, with the hash that it fitted.
    async fn prove(&self, login: &Login, at: Timestamp) -> Result<Option<(Credentials, SecretString)>, NotDone> {
        let attempt =
            SignInAttempt { at, email: login.email.clone(), website: login.website, lockout: self.rules.lockout };
        let credentials = self.store.count_sign_in(&attempt).await?;
        let stored = credentials.as_ref().and_then(|found| found.password_hash.as_ref());
        // A longer password can be nobody's; hashing it would only cost us more.
        let stored = stored.filter(|_| login.password.expose_secret().len() <= MAX_BYTES);
        let fits = self.hashing.fits(&login.password, stored).await?;
        let seen = stored.cloned();
        Ok(credentials.filter(|found| fits && found.may_sign_in).zip(seen))
    }

    async fn complete(
        &self,
        at: Timestamp,
        credentials: &Credentials,
        seen_hash: SecretString,
        login: &Login,
        grant: Grant,
    ) -> Result<bool, NotDone> {
        let new_hash = if password_hash::needs_rehash(seen_hash.expose_secret()) {
            Some(self.hashing.hash(&login.password, self.entropy.bytes()).await?)
        } else {
            None
        };
        let sign_in = SignIn { at, customer: credentials.customer, seen_hash, new_hash, grant };
        Ok(self.store.complete_sign_in(&sign_in).await?)
    }

    /// Whose browser session this is; none when it has ended.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session_holder(&self, session: &CustomerToken) -> StoreResult<Option<Account>> {
        self.store.session_holder(session, self.clock.now()).await
    }

    /// Ends a browser session.
    ///
    /// # Errors
    /// When the database fails; the session may go on then.
    pub async fn sign_out(&self, session: &CustomerToken) -> StoreResult<()> {
        self.store.end_session(session, self.clock.now()).await
    }

    /// Whom an access token stands for; none when it does not work (any more). Its use is written
    /// down at most once a minute.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_holder(&self, token: &CustomerToken) -> StoreResult<Option<TokenHolder>> {
        let now = self.clock.now();
        let Some(holder) = self.store.token_holder(token, now).await? else { return Ok(None) };
        if holder.last_used_at.is_none_or(|used| after(used, USE_NOTED) <= now) {
            // Whether that can be written down is not the customer's concern.
            let _ = self.store.token_used(holder.token, now).await;
        }
        Ok(Some(holder))
    }

    /// Revokes all of a customer's access tokens because the holder of one asks for it. Says how
    /// many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_tokens_back(&self, holder: &TokenHolder) -> StoreResult<u32> {
        let by = Operator::new(holder.integration.as_str()).unwrap_or_else(Operator::customer);
        self.store.give_tokens_back(&self.asked(Request::by(by)), holder.account.customer).await
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
