//! The program that calls a demo shop's web API in a tour.

use std::sync::Arc;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::PASSWORD;
use crate::{
    cli::answer::{Answer, Outcome},
    domain::{operator::Operator, reset::TokenKey, safe_text::SafeText},
    service::{Request, Service},
    store::sql::SqlStore,
    tui::tour::{
        Answered, Integration,
        script::{Call, IntegrationTable},
    },
    web::{Site, Target, within},
};

/// An integration of a demo shop, and the token that it holds.
pub(super) struct Program {
    site: Arc<Site<SqlStore>>,
    host: String,
    table: IntegrationTable,
    /// Its key and secret, as HTTP Basic has them.
    login: SecretString,
    token: SecretString,
}

impl Program {
    /// Adds it to a shop.
    pub(super) async fn add(
        service: &Service<SqlStore>,
        key: TokenKey,
        table: &IntegrationTable,
        by: Operator,
    ) -> Result<Self, Answer> {
        let broken = |problem: String| Answer::not_done(Outcome::Failed, "integration", problem);
        let added = service.add_integration(&table.name, &table.scopes, Request::by(by)).await?;
        let login = added.map_err(|_| broken(format!("The demo shop has an integration {} already.", table.name)))?;
        let websites = service.websites().await?;
        let base = websites.into_iter().find_map(|website| website.base_url).unwrap_or_default();
        let host = base.split_once("://").map_or("", |(_, host)| host).to_owned();
        // What goes wrong is in its answers, which are shown.
        let (site, _) = Site::new(service.clone(), key, Arc::new(|_| false));
        let pair = format!("{}:{}", login.key, login.secret.expose_secret());
        let login = format!("Basic {}", BASE64.encode(pair.as_bytes())).into();
        Ok(Self { site, host, table: table.clone(), login, token: SecretString::default() })
    }
}

const fn target(call: Call) -> Target {
    match call {
        Call::Token => Target::IssueToken,
        Call::Me => Target::Me,
    }
}

impl Integration for Program {
    fn name(&self) -> &str {
        &self.table.name
    }

    fn request(&self, call: Call) -> String {
        within::request_line(target(call))
    }

    async fn call(&mut self, call: Call) -> Result<Answered, String> {
        let (authorization, body) = match call {
            Call::Token => {
                let who = json!({"username": self.table.customer, "password": PASSWORD});
                (self.login.clone(), who.to_string().into())
            }
            Call::Me => (format!("Bearer {}", self.token.expose_secret()).into(), SecretString::default()),
        };
        let ask = within::Ask { target: target(call), host: self.host.clone(), authorization, body };
        let answer = within::ask(&self.site, ask).await?;
        let said = answer.body.expose_secret();
        let said = match (call, serde_json::from_str::<String>(said)) {
            (Call::Token, Ok(token)) => {
                self.token = token.into();
                "\"...\"   an access token"
            }
            _ => said,
        };
        Ok(Answered { status: answer.status, reason: answer.reason.to_owned(), said: SafeText::new(said) })
    }
}

/// A tour whose script names no integration has none that could be called.
impl Integration for Option<Program> {
    fn name(&self) -> &str {
        self.as_ref().map_or("", Program::name)
    }

    fn request(&self, call: Call) -> String {
        within::request_line(target(call))
    }

    async fn call(&mut self, call: Call) -> Result<Answered, String> {
        match self {
            Some(program) => program.call(call).await,
            None => Err("the script names no integration.".to_owned()),
        }
    }
}
