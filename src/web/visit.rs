//! A request that was let in, as handlers see it.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, header},
    response::Response,
};
use serde::de::DeserializeOwned;

use crate::{
    domain::{
        customer_token::CustomerToken,
        website::{Website, WebsiteId},
    },
    service::Service,
    store::Store,
    texts::Texts,
    web::{
        Site,
        cookies::Cookie,
        csrf::{self, Csrf},
        form::{FORM, Form},
        gate::Admitted,
        host::Host,
        pages::Frame,
        problem::Problem,
        routes::Kind,
    },
};

/// A request, and the shop that it is answered from.
pub(super) struct Visit<S> {
    pub(super) site: Arc<Site<S>>,
    pub(super) headers: HeaderMap,
    path: String,
    host: Arc<Host>,
    body: Bytes,
    /// Whom it comes from.
    pub(super) from: Option<IpAddr>,
}

impl<S: Store> Visit<S> {
    pub(super) fn of(site: Arc<Site<S>>, request: Request) -> Self {
        let (parts, _) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let nothing = || Admitted { host: Arc::default(), body: Bytes::new(), from: None };
        let Admitted { host, body, from } = parts.extensions.get().cloned().unwrap_or_else(nothing);
        Self { site, headers: parts.headers, path, host, body, from }
    }

    pub(super) fn service(&self) -> &Service<S> {
        &self.site.service
    }

    /// The websites that can be meant; more than one shares the host.
    pub(super) fn websites(&self) -> &[Website] {
        &self.host.websites
    }

    /// Whether an account of this website is at home here.
    pub(super) fn is_home_of(&self, website: WebsiteId) -> bool {
        self.host.has(website)
    }

    /// The website that is meant, by the id that a program gave where there are several.
    pub(super) fn website(&self, id: Option<WebsiteId>) -> Result<&Website, Problem> {
        self.host.website(id)
    }

    /// The website that is meant, by the field `website` of a form.
    pub(super) fn website_in(&self, form: &Form) -> Result<&Website, Problem> {
        let id = form.maybe("website").map(|id| id.parse().map(WebsiteId).map_err(|_| Problem::Malformed));
        self.website(id.transpose()?)
    }

    /// What stands behind the path's last slash.
    pub(super) fn last_of_path(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// What pages say here, in the language of the website; programs get English.
    pub(super) fn texts(&self) -> Texts {
        Texts::of(self.host.language())
    }

    /// What stands around every page.
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame { texts: self.texts(), shop: self.websites().first().map_or("", |website| website.name.as_str()) }
    }

    /// The answer to something that came in the way.
    pub(super) fn problem(&self, problem: Problem) -> Response {
        problem.answer(Kind::of(&self.path), self.texts(), Some(self.frame().shop))
    }

    /// A cookie's token, if the browser has it.
    pub(super) fn token_in(&self, cookie: Cookie) -> Option<CustomerToken> {
        CustomerToken::parse(cookie.of(&self.headers)?)
    }

    /// What our forms hold for this browser.
    pub(super) fn csrf(&self) -> Csrf {
        Csrf::of(&self.headers, || self.service().entropy().bytes())
    }

    /// What a form of ours sends. It has to come from our page and hold what the cookie holds.
    pub(super) fn form(&self, required: &[&'static str], optional: &[&'static str]) -> Result<Form, Problem> {
        if !csrf::is_from_us(&self.headers, &self.host) {
            return Err(Problem::Forged);
        }
        self.expect(FORM)?;
        let required: Vec<&'static str> = ["csrf"].into_iter().chain(required.iter().copied()).collect();
        let form = Form::read(&self.body, &required, optional)?;
        if csrf::fits(&self.headers, form.text("csrf")) { Ok(form) } else { Err(Problem::Forged) }
    }

    /// What a program sends. What is wrong with it is not repeated: it may hold a password.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.expect("application/json")?;
        // A list of the same values would be read as well.
        let is_object = self.body.trim_ascii_start().starts_with(b"{");
        let body = serde_json::from_slice(&self.body).ok().filter(|_| is_object);
        body.ok_or(Problem::Malformed)
    }

    /// Whether the body is of this media type.
    fn expect(&self, media_type: &str) -> Result<(), Problem> {
        let mut given = self.headers.get_all(header::CONTENT_TYPE).iter();
        let (Some(one), None) = (given.next(), given.next()) else { return Err(Problem::WrongType) };
        let bare = one.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim_ascii();
        if bare.eq_ignore_ascii_case(media_type) { Ok(()) } else { Err(Problem::WrongType) }
    }
}
