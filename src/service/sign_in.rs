//! Signing in: with a browser, or through an integration.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{
        customer_token::CustomerToken,
        integration::StoredLogin,
        operator::Operator,
        password::{MAX_BYTES, one_spelling},
        storefront::{Account, Counted, Credentials, Grant, SignIn, SignInAttempt, TokenHolder},
        website::WebsiteId,
    },
    service::{
        Request, Service,
        hashing::{NotHashed, Place},
        password_hash,
    },
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
        let life = self.rules.session_life;
        self.admit(login, |digest, at| Grant::Session { digest, expires_at: after(at, life) }).await
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
        let life = self.rules.token_life;
        let grant = |digest, at| Grant::Token {
            digest,
            integration: integration.clone(),
            expires_at: life.map(|life| after(at, life)),
        };
        self.admit(login, grant).await
    }

    async fn admit(
        &self,
        login: &Login,
        grant: impl Fn(String, Timestamp) -> Grant + Send,
    ) -> Result<Option<CustomerToken>, NotDone> {
        // A place first: whoever finds none was not looked at, and is not counted as wrong.
        let place = self.hashing.place()?;
        // Of several who bring the right password at the same moment, one replaces an old hash that
        // it fitted. The others look once more.
        for _ in 0..2 {
            let at = self.clock.now();
            let Some((credentials, seen_hash)) = self.prove(&place, login, at).await? else { return Ok(None) };
            let new_hash = if password_hash::needs_rehash(seen_hash.expose_secret()) {
                Some(place.hash(&login.password, self.entropy.bytes()).await?)
            } else {
                None
            };
            let is_replaced = new_hash.is_some();
            let token = CustomerToken::new(credentials.customer, self.entropy.bytes());
            let grant = grant(token.digest(), at);
            let sign_in = SignIn { at, customer: credentials.customer, seen_hash, new_hash, grant };
            if self.store.complete_sign_in(&sign_in).await? {
                return Ok(Some(token));
            }
            if !is_replaced {
                break;
            }
        }
        Ok(None)
    }

    /// The account whose password this is, with the hash that it fitted.
    async fn prove(
        &self,
        place: &Place,
        login: &Login,
        at: Timestamp,
    ) -> Result<Option<(Credentials, SecretString)>, NotDone> {
        let attempt =
            SignInAttempt { at, email: login.email.clone(), website: login.website, lockout: self.rules.lockout };
        let counted = self.store.count_sign_in(&attempt).await?;
        let stored = match &counted {
            Counted::Customer(found) => found.password_hash.as_ref(),
            Counted::Nobody(stand_in) => stand_in.as_ref(),
        };
        // A longer password can be nobody's; hashing it would only cost us more.
        let stored = stored.filter(|_| one_spelling(login.password.expose_secret()).len() <= MAX_BYTES);
        let fits = place.fits(&login.password, stored).await?;
        let seen = stored.cloned();
        Ok(match counted {
            Counted::Customer(found) if fits && found.may_sign_in => Some(found).zip(seen),
            // A password that fits the hash of a stand-in is as wrong as any other.
            _ => None,
        })
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
            let _ = self.store.token_used(&holder, now).await;
        }
        Ok(Some(holder))
    }

    /// Revokes all of a customer's access tokens because the holder of one asks for it. Says how
    /// many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_tokens_back(&self, holder: &TokenHolder) -> StoreResult<u32> {
        self.store.give_tokens_back(&self.asked(Request::by(Operator::integration())), holder).await
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
