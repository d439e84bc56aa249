//! What customers see of their own account.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    domain::{safe_text::SafeText, storefront::Account},
    store::Store,
    web::{answer, cookies::SESSION, pages::Frame, problem::Problem, visit::Visit},
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    csrf: &'a str,
    name: SafeText,
    email: SafeText,
}

/// `GET /`
pub(in crate::web) async fn home<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    Ok(answer::see(if signed_in(visit).await?.is_some() { "/account" } else { "/sign-in" }))
}

/// `GET /account`
pub(in crate::web) async fn account<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let Some(account) = signed_in(visit).await? else {
        let mut response = answer::see("/sign-in");
        SESSION.clear(response.headers_mut());
        return Ok(response);
    };
    let (frame, csrf) = (visit.frame(), visit.csrf());
    let page = AccountPage {
        frame,
        title: &frame.texts.page_account_title(),
        csrf: &csrf.value,
        name: SafeText::new(&account.name.full()),
        email: SafeText::new(&account.email),
    };
    Ok(csrf.with(answer::page(StatusCode::OK, &page)?))
}

/// Whose session the browser holds, if it works and belongs to this website.
async fn signed_in<S: Store>(visit: &Visit<S>) -> Result<Option<Account>, Problem> {
    let Some(session) = visit.token_in(SESSION) else { return Ok(None) };
    let account = visit.service().session_holder(&session).await.map_err(|error| visit.site.failed(error))?;
    Ok(account.filter(|account| visit.is_home_of(account.website)))
}
