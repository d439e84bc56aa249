//! From the link in a mail to a new password.
//!
//! The link itself only moves its token out of the address bar, where history, referrers and logs
//! would keep it, into a cookie. Only the form that is sent with a good password uses it up, so
//! mail programs may open the link as often as they like.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::{
    domain::{customer_token::CustomerToken, safe_text::SafeText, storefront::LinkHolder},
    service::redeem::Chosen,
    store::Store,
    web::{
        answer,
        cookies::{RESET, SESSION},
        pages::{Frame, Notice},
        problem::Problem,
        visit::Visit,
    },
};

/// How long a browser keeps a link, in seconds.
const KEPT: u32 = 15 * 60;

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    csrf: &'a str,
    email: SafeText,
    differ: Option<&'a str>,
    problems: &'a [String],
}

/// `GET /r/{token}`: the same for every token. Whether it works is said by the page behind it.
pub(in crate::web) fn link<S: Store>(visit: &Visit<S>) -> Response {
    let mut response = answer::see("/reset");
    match CustomerToken::parse(visit.last_of_path()) {
        Some(token) => RESET.set(response.headers_mut(), &token.text(), Some(KEPT)),
        None => RESET.clear(response.headers_mut()),
    }
    response
}

/// `GET /reset`
pub(in crate::web) async fn form<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    match working(visit).await? {
        Some((_, holder)) => show(visit, StatusCode::OK, &holder, None, &[]),
        None => Ok(dead(visit)),
    }
}

/// `POST /reset`
pub(in crate::web) async fn choose<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let mut form = visit.form(&["password", "password_again"], &[])?;
    let Some((link, holder)) = working(visit).await? else { return Ok(dead(visit)) };
    let (password, again) = (form.secret("password"), form.secret("password_again"));
    if !bool::from(password.expose_secret().as_bytes().ct_eq(again.expose_secret().as_bytes())) {
        let differ = visit.texts().page_new_password_differ();
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, &holder, Some(&differ), &[]);
    }
    let chosen = visit.service().choose_password(&link, &password).await;
    match chosen.map_err(|problem| visit.site.not_done(problem))? {
        Chosen::Set(_) => {
            let mut response = answer::see("/reset/done");
            RESET.clear(response.headers_mut());
            SESSION.clear(response.headers_mut());
            Ok(response)
        }
        Chosen::NotAllowed(problems) => {
            let problems: Vec<String> =
                problems.into_iter().map(|problem| visit.texts().password_problem(problem)).collect();
            show(visit, StatusCode::UNPROCESSABLE_ENTITY, &holder, None, &problems)
        }
        Chosen::LinkDead => Ok(dead(visit)),
    }
}

/// `GET /reset/done`
pub(in crate::web) fn done<S: Store>(visit: &Visit<S>) -> Result<Response, Problem> {
    let (frame, texts) = (visit.frame(), visit.texts());
    let (title, sentence) = (&texts.page_new_password_done_title(), &texts.page_new_password_done());
    let way_on = ("/sign-in", &*texts.page_to_sign_in());
    let notice = Notice { frame, title, role: "status", sentence, way_on };
    answer::page(StatusCode::OK, &notice)
}

/// The link that the browser holds, if it works and belongs to this website.
async fn working<S: Store>(visit: &Visit<S>) -> Result<Option<(CustomerToken, LinkHolder)>, Problem> {
    let Some(link) = visit.token_in(RESET) else { return Ok(None) };
    let holder = visit.service().link_holder(&link).await.map_err(|error| visit.site.failed(error))?;
    Ok(holder.filter(|holder| visit.is_home_of(holder.website)).map(|holder| (link, holder)))
}

fn show<S: Store>(
    visit: &Visit<S>,
    status: StatusCode,
    holder: &LinkHolder,
    differ: Option<&str>,
    problems: &[String],
) -> Result<Response, Problem> {
    let (frame, csrf) = (visit.frame(), visit.csrf());
    let page = ResetPage {
        frame,
        title: &frame.texts.page_new_password_title(),
        csrf: &csrf.value,
        email: SafeText::new(&holder.email),
        differ,
        problems,
    };
    Ok(csrf.with(answer::page(status, &page)?))
}

/// One answer for links that were used, replaced, taken back, have run out or never were.
fn dead<S: Store>(visit: &Visit<S>) -> Response {
    let mut response = visit.problem(Problem::LinkDead);
    RESET.clear(response.headers_mut());
    response
}
