//! Signing in and out.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    domain::{safe_text::SafeText, website::Website},
    service::sign_in::Login,
    store::Store,
    web::{
        answer,
        cookies::{self, SESSION},
        pages::Frame,
        problem::Problem,
        visit::Visit,
    },
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    csrf: &'a str,
    websites: &'a [Website],
    chosen: i64,
    email: SafeText,
    message: Option<&'a str>,
}

/// `GET /sign-in`
pub(in crate::web) fn form<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    show(visit, StatusCode::OK, None, "", None)
}

/// `POST /sign-in`
pub(in crate::web) async fn sign_in<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let mut form = visit.form(&["email", "password"], &["website"])?;
    let website = visit.website_in(&form)?;
    let login = Login {
        website: website.id,
        email: form.text("email").trim_ascii().to_owned(),
        password: form.secret("password"),
    };
    let token = visit.service().sign_in(&login).await.map_err(|problem| visit.site.not_done(problem))?;
    let Some(token) = token else {
        let wrong = visit.texts().page_problem_wrong_password();
        return show(visit, StatusCode::UNAUTHORIZED, Some(website), &login.email, Some(&wrong));
    };
    // Whoever was signed in here before is not any more.
    if let Some(before) = visit.token_in(SESSION) {
        visit.service().sign_out(&before).await.map_err(|error| visit.site.failed(error))?;
    }
    let mut response = answer::see("/account");
    SESSION.set(response.headers_mut(), &token.text(), None);
    Ok(response)
}

/// `POST /sign-out`
pub(in crate::web) async fn sign_out<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    visit.form(&[], &[])?;
    if let Some(session) = visit.token_in(SESSION) {
        visit.service().sign_out(&session).await.map_err(|error| visit.site.failed(error))?;
    }
    let mut response = answer::see("/sign-in");
    for cookie in [SESSION, cookies::RESET, cookies::CSRF] {
        cookie.clear(response.headers_mut());
    }
    Ok(response)
}

fn show<S: Store>(
    visit: &Visit<S>,
    status: StatusCode,
    website: Option<&Website>,
    email: &str,
    message: Option<&str>,
) -> Result<Response, Problem> {
    let (frame, csrf) = (visit.frame(), visit.csrf());
    let page = SignInPage {
        frame,
        title: &frame.texts.page_sign_in_title(),
        csrf: &csrf.value,
        websites: visit.websites(),
        chosen: website.map_or(0, |website| website.id.0),
        email: SafeText::new(email),
        message,
    };
    Ok(csrf.with(answer::page(status, &page)?))
}
