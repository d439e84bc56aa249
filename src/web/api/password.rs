//! Asking for a reset mail and choosing a password, by a program.

use axum::{http::StatusCode, response::Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use crate::{
    domain::{
        customer_token::CustomerToken,
        email::{EmailAddress, key_of},
        storefront::LinkHolder,
        website::WebsiteId,
    },
    service::redeem::Chosen,
    store::Store,
    web::{answer, problem::Problem, visit::Visit},
};

/// Whom to mail; Magento's two templates send the same mail here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    email: String,
    #[serde(rename = "template")]
    _template: Template,
    #[serde(rename = "websiteId")]
    website: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Template {
    EmailReset,
    EmailReminder,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    email: String,
    #[serde(rename = "resetToken")]
    token: String,
    #[serde(rename = "newPassword")]
    password: String,
}

/// `PUT /rest/V1/customers/password`: the same answer whether anybody has the address or not.
pub(in crate::web) async fn ask<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let body: Ask = visit.json()?;
    let website = visit.website(body.website.map(WebsiteId))?;
    let address = EmailAddress::parse(body.email.trim_ascii()).map_err(|_| Problem::NoAddress)?;
    visit.ask_for_reset(website.id, address).await?;
    Ok(answer::json(StatusCode::OK, &json!(true)))
}

/// `POST /rest/V1/customers/resetPassword`; the token is what stands behind the link's last slash.
pub(in crate::web) async fn reset<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let body: Reset = visit.json()?;
    let password = SecretString::from(body.password);
    let link = link(visit, body.email.trim_ascii(), &body.token).await?.ok_or(Problem::LinkDead)?;
    let chosen = visit.service().choose_password(&link, &password).await;
    match chosen.map_err(|problem| visit.site.not_done(problem))? {
        Chosen::Set(_) => Ok(answer::json(StatusCode::OK, &json!(true))),
        Chosen::NotAllowed(problems) => {
            let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Ok(answer::json(StatusCode::BAD_REQUEST, &json!({"message": sentences.join(" ")})))
        }
        Chosen::LinkDead => Err(Problem::LinkDead),
    }
}

/// The link with this token, if it works and belongs to this address.
async fn link<S: Store>(visit: &Visit<S>, email: &str, token: &str) -> Result<Option<CustomerToken>, Problem> {
    let Some(link) = CustomerToken::parse(token) else { return Ok(None) };
    let holder = visit.service().link_holder(&link).await.map_err(|error| visit.site.failed(error))?;
    let fits = |holder: LinkHolder| key_of(&holder.email) == key_of(email) && visit.is_home_of(holder.website);
    Ok(holder.is_some_and(fits).then_some(link))
}
