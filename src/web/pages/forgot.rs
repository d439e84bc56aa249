//! "Forgot Your Password?": asking for a link.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::{
    domain::{email::EmailAddress, safe_text::SafeText, website::Website},
    store::Store,
    web::{
        answer,
        pages::{Frame, Notice},
        problem::Problem,
        visit::Visit,
    },
};

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    csrf: &'a str,
    websites: &'a [Website],
    chosen: i64,
    email: SafeText,
    message: Option<&'a str>,
}

/// `GET /forgot`
pub(in crate::web) fn form<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    show(visit, StatusCode::OK, None, "", None)
}

/// `POST /forgot`: the same answer in the same time, whether anybody has the address or not.
pub(in crate::web) async fn ask<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let form = visit.form(&["email"], &["website"])?;
    let website = visit.website_in(&form)?;
    let typed = form.text("email").trim_ascii();
    let Ok(address) = EmailAddress::parse(typed) else {
        let no_address = visit.texts().page_problem_no_address();
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(website), typed, Some(&no_address));
    };
    visit.ask_for_reset(website.id, address).await?;
    Ok(answer::see("/forgot/sent"))
}

/// `GET /forgot/sent`
pub(in crate::web) fn sent<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let (frame, texts) = (visit.frame(), visit.texts());
    let (title, sentence) = (&texts.page_forgot_sent_title(), &texts.page_forgot_sent());
    let way_on = ("/sign-in", &*texts.page_to_sign_in());
    let notice = Notice { frame, title, role: "status", sentence, way_on };
    answer::page(StatusCode::OK, &notice)
}

fn show<S: Store>(
    visit: &Visit<S>,
    status: StatusCode,
    website: Option<&Website>,
    email: &str,
    message: Option<&str>,
) -> Result<Response, Problem> {
    let (frame, csrf) = (visit.frame(), visit.csrf());
    let page = ForgotPage {
        frame,
        title: &frame.texts.page_forgot_title(),
        csrf: &csrf.value,
        websites: visit.websites(),
        chosen: website.map_or(0, |website| website.id.0),
        email: SafeText::new(email),
        message,
    };
    Ok(csrf.with(answer::page(status, &page)?))
}
