//! Every path that is answered, in one table.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::{MethodFilter, on},
};

use crate::{
    store::Store,
    web::{Site, api, pages, problem::Problem, visit::Visit},
};

/// A way of asking. `HEAD` is answered wherever `GET` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

/// For whom an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For people: HTML. What they send needs a CSRF token, and has to come from our own page.
    Page,
    /// For programs: JSON in and out. They hold no cookies, so there is nothing to forge.
    Api,
    /// A file that is the same for everybody, and may be kept.
    File,
}

impl Kind {
    /// How problems with this path are told.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/rest/") { Self::Api } else { Self::Page }
    }
}

/// What is behind a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The way to the account or to the sign-in.
    Home,
    /// The sign-in form.
    SignInForm,
    /// Signing in.
    SignIn,
    /// Signing out.
    SignOut,
    /// The account page.
    Account,
    /// "Forgot Your Password?"
    ForgotForm,
    /// Asking for a mail.
    Forgot,
    /// What is said to everybody who asked.
    ForgotSent,
    /// The link out of a mail.
    Link,
    /// The form for a new password.
    ResetForm,
    /// Choosing a new password.
    Reset,
    /// It is chosen.
    ResetDone,
    /// The stylesheet.
    Style,
    /// The picture in the browser's tab.
    Icon,
    /// An integration obtains a token.
    IssueToken,
    /// Whom a token stands for.
    Me,
    /// Revoking a customer's tokens.
    RevokeTokens,
    /// A program asks for a reset mail.
    AskForReset,
    /// A program chooses a new password.
    ResetPassword,
}

/// A path and a way of asking.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// How.
    pub verb: Verb,
    /// Where; `{token}` is anything without a slash.
    pub path: &'static str,
    /// For whom the answer is.
    pub kind: Kind,
    /// What is behind it.
    pub target: Target,
}

const fn page(verb: Verb, path: &'static str, target: Target) -> Route {
    Route { verb, path, kind: Kind::Page, target }
}

const fn api(verb: Verb, path: &'static str, target: Target) -> Route {
    Route { verb, path, kind: Kind::Api, target }
}

/// All routes. Paths of the API are Magento's.
pub const ROUTES: [Route; 19] = [
    page(Verb::Get, "/", Target::Home),
    page(Verb::Get, "/sign-in", Target::SignInForm),
    page(Verb::Post, "/sign-in", Target::SignIn),
    page(Verb::Post, "/sign-out", Target::SignOut),
    page(Verb::Get, "/account", Target::Account),
    page(Verb::Get, "/forgot", Target::ForgotForm),
    page(Verb::Post, "/forgot", Target::Forgot),
    page(Verb::Get, "/forgot/sent", Target::ForgotSent),
    page(Verb::Get, "/r/{token}", Target::Link),
    page(Verb::Get, "/reset", Target::ResetForm),
    page(Verb::Post, "/reset", Target::Reset),
    page(Verb::Get, "/reset/done", Target::ResetDone),
    Route { verb: Verb::Get, path: "/style.css", kind: Kind::File, target: Target::Style },
    Route { verb: Verb::Get, path: "/icon.svg", kind: Kind::File, target: Target::Icon },
    api(Verb::Post, "/rest/V1/integration/customer/token", Target::IssueToken),
    api(Verb::Get, "/rest/V1/customers/me", Target::Me),
    api(Verb::Post, "/rest/V1/integration/customer/revoke-customer-token", Target::RevokeTokens),
    api(Verb::Put, "/rest/V1/customers/password", Target::AskForReset),
    api(Verb::Post, "/rest/V1/customers/resetPassword", Target::ResetPassword),
];

/// The way to a target.
pub(super) fn route_to(target: Target) -> Option<Route> {
    ROUTES.into_iter().find(|route| route.target == target)
}

/// The table as a router; everything else is not found, or asked in the wrong way.
pub(super) fn router<S: Store>(site: &Arc<Site<S>>) -> Router {
    let with_all = ROUTES.into_iter().fold(Router::new(), |router, route| {
        let answer =
            move |State(site): State<Arc<Site<S>>>, request: Request| answer(site, request, Some(route.target));
        router.route(route.path, on(filter(route.verb), answer))
    });
    with_all
        .fallback(|State(site): State<Arc<Site<S>>>, request: Request| answer(site, request, None))
        .method_not_allowed_fallback(|State(site): State<Arc<Site<S>>>, request: Request| async move {
            refuse(site, request, Problem::WrongMethod)
        })
        .with_state(Arc::clone(site))
}

const fn filter(verb: Verb) -> MethodFilter {
    match verb {
        Verb::Get => MethodFilter::GET,
        Verb::Post => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
    }
}

async fn answer<S: Store>(site: Arc<Site<S>>, request: Request, target: Option<Target>) -> Response {
    let visit = Visit::of(site, request);
    let answered = match target {
        Some(target) => answer_to(target, &visit).await,
        None => Err(Problem::NotFound),
    };
    answered.unwrap_or_else(|problem| visit.problem(problem))
}

fn refuse<S: Store>(site: Arc<Site<S>>, request: Request, problem: Problem) -> Response {
    Visit::of(site, request).problem(problem)
}

async fn answer_to<S: Store>(target: Target, visit: &Visit<S>) -> Result<Response, Problem> {
    match target {
        Target::Home => pages::account::home(visit).await,
        Target::SignInForm => pages::sign_in::form(visit),
        Target::SignIn => pages::sign_in::sign_in(visit).await,
        Target::SignOut => pages::sign_in::sign_out(visit).await,
        Target::Account => pages::account::account(visit).await,
        Target::ForgotForm => pages::forgot::form(visit),
        Target::Forgot => pages::forgot::ask(visit).await,
        Target::ForgotSent => pages::forgot::sent(visit),
        Target::Link => Ok(pages::reset::link(visit)),
        Target::ResetForm => pages::reset::form(visit).await,
        Target::Reset => pages::reset::choose(visit).await,
        Target::ResetDone => pages::reset::done(visit),
        Target::Style => Ok(pages::style()),
        Target::Icon => Ok(pages::icon()),
        Target::IssueToken => api::token::issue(visit).await,
        Target::Me => api::customer::me(visit).await,
        Target::RevokeTokens => api::token::revoke(visit).await,
        Target::AskForReset => api::password::ask(visit).await,
        Target::ResetPassword => api::password::reset(visit).await,
    }
}
