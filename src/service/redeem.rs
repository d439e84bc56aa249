//! Choosing a new password with the link out of a mail.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{
        customer_token::CustomerToken,
        operator::Operator,
        password::PasswordProblem,
        storefront::{LinkHolder, PasswordSet, RedeemReset},
    },
    service::{Request, Service, sign_in::NotDone},
    store::{Store, StoreResult},
};

/// What choosing a password came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// It is the customer's password now.
    Set(PasswordSet),
    /// It is none that the shop allows; the link still works.
    NotAllowed(Vec<PasswordProblem>),
    /// The link does not work (any more).
    LinkDead,
}

impl<S: Store> Service<S> {
    /// Who holds a link, as long as it works. Looking consumes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn link_holder(&self, link: &CustomerToken) -> StoreResult<Option<LinkHolder>> {
        self.store.link_holder(link, self.clock.now()).await
    }

    /// Sets the customer's password, if the link works and the shop's rules allow the password.
    /// Nobody is signed in by it (OWASP, Forgot Password Cheat Sheet).
    ///
    /// # Errors
    /// When too many passwords are hashed at this moment, or the database fails.
    pub async fn choose_password(&self, link: &CustomerToken, password: &SecretString) -> Result<Chosen, NotDone> {
        let Some(holder) = self.link_holder(link).await? else { return Ok(Chosen::LinkDead) };
        let problems = self.rules.password.problems(password.expose_secret(), &holder.email);
        if !problems.is_empty() {
            return Ok(Chosen::NotAllowed(problems));
        }
        let password_hash = self.hashing.place()?.hash(password, self.entropy.bytes()).await?;
        let asked = self.asked(Request::by(Operator::customer()));
        let redeem = RedeemReset { asked, customer: link.customer(), token_digest: link.digest(), password_hash };
        Ok(self.store.redeem_reset(&redeem).await?.map_or(Chosen::LinkDead, Chosen::Set))
    }
}
