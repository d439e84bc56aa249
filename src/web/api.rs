//! The web API for integrations, in the shape of Magento's REST.

pub(super) mod customer;
pub(super) mod password;
pub(super) mod token;

use axum::http::{HeaderMap, header};

use crate::{
    domain::email::EmailAddress,
    domain::{customer_token::CustomerToken, refusal::Refusal, storefront::TokenHolder, website::WebsiteId},
    store::Store,
    web::{problem::Problem, visit::Visit},
};

/// The one credential of a scheme that a request holds (RFC 9110, 11.4).
fn credential<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (given.next(), given.next()) else { return None };
    let (named, credential) = one.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then(|| credential.trim_ascii())
}

impl<S: Store> Visit<S> {
    /// Whom the request's access token stands for.
    async fn bearer(&self) -> Result<TokenHolder, Problem> {
        let token = credential(&self.headers, "Bearer").and_then(CustomerToken::parse).ok_or(Problem::NoToken)?;
        let holder = self.service().token_holder(&token).await.map_err(|error| self.site.failed(error))?;
        holder.ok_or(Problem::NoToken)
    }

    /// Writes down that somebody asks for a reset, and has it looked at a little later.
    pub(super) async fn ask_for_reset(&self, website: WebsiteId, address: EmailAddress) -> Result<(), Problem> {
        let asked = self.service().ask_for_reset(website, address, self.from, &self.site.key).await;
        match asked.map_err(|error| self.site.failed(error))? {
            Ok(_) => self.site.asked.notify_one(),
            Err(Refusal::Throttled(blocked)) => {
                return Err(Problem::until(blocked.next(), self.service().clock().now()));
            }
            // Whatever else may come in the way is nobody's business.
            Err(_) => {}
        }
        Ok(())
    }
}
