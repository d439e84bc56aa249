//! Access tokens: obtaining and giving back.

use axum::{http::StatusCode, response::Response};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::{
    domain::{integration::StoredLogin, website::WebsiteId},
    service::sign_in::Login,
    store::Store,
    web::{answer, api::credential, problem::Problem, visit::Visit},
};

/// Who wants a token; `websiteId` where several websites share the host.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    username: String,
    password: String,
    #[serde(rename = "websiteId")]
    website: Option<i64>,
}

/// `POST /rest/V1/integration/customer/token`
pub(in crate::web) async fn issue<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let integration = integration(visit).await?;
    let body: Body = visit.json()?;
    let website = visit.website(body.website.map(WebsiteId))?;
    let login = Login {
        website: website.id,
        email: body.username.trim_ascii().to_owned(),
        password: SecretString::from(body.password),
    };
    let token = visit.service().issue_token(&integration, &login).await;
    let token = token.map_err(|problem| visit.site.not_done(problem))?.ok_or(Problem::WrongPassword)?;
    Ok(answer::json(StatusCode::OK, &json!(token.text().expose_secret())))
}

/// `POST /rest/V1/integration/customer/revoke-customer-token`
pub(in crate::web) async fn revoke<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let holder = visit.bearer().await?;
    visit.service().give_tokens_back(&holder).await.map_err(|error| visit.site.failed(error))?;
    Ok(answer::json(StatusCode::OK, &json!(true)))
}

/// The integration that asks, by HTTP Basic (RFC 6749, 2.3.1). Key and secret are hex and
/// base64url, so there is nothing in them to be encoded once more.
async fn integration<S: Store>(visit: &Visit<S>) -> Result<StoredLogin, Problem> {
    let (key, secret) = credential(&visit.headers, "Basic").and_then(basic).ok_or(Problem::NotAnIntegration)?;
    let found = visit.service().integration(&key, &secret).await.map_err(|error| visit.site.failed(error))?;
    found.ok_or(Problem::NotAnIntegration)
}

fn basic(credential: &str) -> Option<(String, SecretString)> {
    let pair = String::from_utf8(BASE64.decode(credential.as_bytes()).ok()?).ok()?;
    pair.split_once(':').map(|(key, secret)| (key.to_owned(), secret.into()))
}
