//! Actions on a customer.

use clap::{Args, ValueEnum};

use super::{
    customers::Who,
    values::{op_key, reason},
};
use crate::{
    domain::{
        access_token::{Scope, TokenId},
        operation::OpKey,
        operator::Operator,
    },
    service::Request,
};

/// What goes with every action.
#[derive(Args)]
pub struct Action {
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do it once, however often it is asked for with this key; the key of another action is refused
    #[arg(long, value_name = "KEY", value_parser = op_key)]
    pub op_key: Option<OpKey>,
}

impl Action {
    /// The request as an operator makes it.
    #[must_use]
    pub fn request(&self, by: &Operator) -> Request {
        Request { by: by.clone(), reason: self.reason.clone(), op_key: self.op_key.clone() }
    }
}

/// `reset-password`
#[derive(Args)]
pub struct ResetPasswordArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `cancel-reset`
#[derive(Args)]
pub struct CancelResetArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `unlock`
#[derive(Args)]
pub struct UnlockArgs {
    /// Whom.
    #[command(flatten)]
    pub who: Who,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

/// `force-sign-in`
#[derive(Args)]
pub struct ForceSignInArgs {
    /// Whose.
    #[command(flatten)]
    pub who: Who,
    /// What to end: access tokens, browser sessions, or both
    #[arg(long, value_enum, default_value_t)]
    pub scope: ScopeWord,
    /// Revoke this one token only; `show` lists them
    #[arg(long, value_name = "ID", conflicts_with = "scope", value_parser = clap::value_parser!(i64).range(1..))]
    pub token: Option<i64>,
    /// How.
    #[command(flatten)]
    pub action: Action,
}

impl ForceSignInArgs {
    /// What is to end.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.token, self.scope) {
            (Some(id), _) => Scope::Token(TokenId(id)),
            (None, ScopeWord::Tokens) => Scope::Tokens,
            (None, ScopeWord::Sessions) => Scope::Sessions,
            (None, ScopeWord::All) => Scope::All,
        }
    }
}

/// What Force Sign In ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScopeWord {
    /// Every access token
    #[default]
    Tokens,
    /// Every browser session of the storefront
    Sessions,
    /// Tokens and sessions
    All,
}
