//! The storefront: what customers' browsers and integrations see, over HTTP.
//!
//! ```text
//! server      connections, their limits and their end          listener   where they come from
//!   gate      which website, how large a body, whose address   host, proxies
//!     routes  the one table of paths and methods
//!       pages, api -> service                                  form, csrf, cookies, problem
//!   headers   on every answer
//! ```
//!
//! A handler runs in a task of its own: a browser that goes away never leaves a database action
//! half waited for. No request is logged, because paths hold tokens.

mod answer;
mod api;
mod chores;
mod cookies;
mod csrf;
mod form;
mod gate;
mod headers;
mod host;
mod listener;
mod pages;
mod problem;
mod proxies;
mod routes;
mod server;
mod visit;
pub mod within;

use std::{fmt, sync::Arc};

use axum::{Router, middleware};
use tokio::sync::{Notify, mpsc};

pub use chores::keep_house;
pub use host::Websites;
pub use listener::{Listener, NotListening};
pub use proxies::{Peer, Trusts};
pub use routes::{Kind, ROUTES, Route, Target, Verb};
pub use server::run;

use crate::{
    domain::reset::TokenKey,
    service::Service,
    store::{Store, StoreError},
};

/// Most pieces of [`News`] that wait for being told; further ones are left out.
const NEWS: usize = 16;

/// What the storefront tells whoever runs it.
#[derive(Debug)]
pub enum News {
    /// The database failed; the storefront goes on.
    Failed(StoreError),
    /// A connection could not be taken; the storefront goes on.
    NotAccepted(std::io::Error),
    /// A handler broke; its visitor was told that something went wrong.
    Broke,
}

/// Everything that requests are answered from.
pub struct Site<S> {
    service: Service<S>,
    /// What addresses are counted by.
    key: TokenKey,
    trusts: Trusts,
    websites: Websites,
    /// Somebody asked for a reset.
    asked: Notify,
    news: mpsc::Sender<News>,
}

impl<S> fmt::Debug for Site<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").finish_non_exhaustive()
    }
}

impl<S: Store> Site<S> {
    /// A storefront over these use cases, and what it tells. `trusts` says whose
    /// `X-Forwarded-For` is believed.
    pub fn new(service: Service<S>, key: TokenKey, trusts: Trusts) -> (Arc<Self>, mpsc::Receiver<News>) {
        let (news, told) = mpsc::channel(NEWS);
        let websites = Websites::default();
        (Arc::new(Self { service, key, trusts, websites, asked: Notify::new(), news }), told)
    }

    /// Tells whoever runs the storefront, unless they have not heard the last news yet.
    fn tell(&self, news: News) {
        let _ = self.news.try_send(news);
    }
}

/// All of [`ROUTES`], behind the gate.
pub fn router<S: Store>(site: &Arc<Site<S>>) -> Router {
    routes::router(site).layer(middleware::from_fn_with_state(Arc::clone(site), gate::let_in))
}
