//! Force Sign In: integrations must ask the customer for access again.

use crate::{
    domain::{
        access_token::{Alive, Scope},
        command::{ForceSignIn, SignInForced},
        customer::{CustomerId, Version},
        refusal::Refusal,
    },
    service::{Request, Service},
    store::{ActionResult, Store},
};

impl<S: Store> Service<S> {
    /// Ends what `scope` says of a customer's access and reads back what is left.
    ///
    /// # Errors
    /// When the database fails; a rule that says no is the inner result.
    pub async fn force_sign_in(
        &self,
        customer: CustomerId,
        version: Option<Version>,
        scope: Scope,
        request: Request,
    ) -> ActionResult<SignInForced> {
        let asked = self.asked(request);
        self.store.force_sign_in(&ForceSignIn { asked, customer, version, scope }).await
    }

    /// What [`Service::force_sign_in`] would end now, without doing it.
    ///
    /// # Errors
    /// When the database cannot be read; a rule that says no is the inner result.
    pub async fn plan_force_sign_in(&self, customer: CustomerId, scope: Scope) -> ActionResult<Alive> {
        let Some(record) = self.open(customer).await? else { return Ok(Err(Refusal::NoSuchCustomer)) };
        if scope.tokens() && !scope.sessions() && !record.ever_had_tokens {
            return Ok(Err(Refusal::NeverHadTokens));
        }
        let tokens = match scope {
            Scope::Token(id) if record.tokens.iter().any(|token| token.id == id) => 1,
            Scope::Token(_) => return Ok(Err(Refusal::NoSuchToken)),
            Scope::Tokens | Scope::All => record.alive.tokens,
            Scope::Sessions => 0,
        };
        let sessions = if scope.sessions() { record.alive.sessions } else { 0 };
        Ok(Ok(Alive { tokens, sessions }))
    }
}
