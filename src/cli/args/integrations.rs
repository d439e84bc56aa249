//! Programs that may obtain access tokens for customers.

use clap::{Args, Subcommand};

use super::values::{any_name, integration_name, reason, scopes};
use crate::{domain::operator::Operator, service::Request};

/// `integrations ...`
#[derive(Subcommand)]
pub enum IntegrationsCommand {
    /// Add one, and print the key and the secret that it signs in with
    Add {
        /// Its name, such as "ERP sync"
        #[arg(value_parser = integration_name)]
        name: String,
        /// What its tokens may do, such as "orders, customers:read"; shown to staff
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = scopes)]
        scopes: String,
        /// How.
        #[command(flatten)]
        action: IntegrationAction,
    },
    /// List them
    List,
    /// Remove one; its tokens end with it
    Remove {
        /// Its name
        #[arg(value_parser = any_name)]
        name: String,
        /// How.
        #[command(flatten)]
        action: IntegrationAction,
    },
}

/// What goes with adding and removing. A key for repeating is not among it: a name is added once
/// and removed once by itself.
#[derive(Args)]
pub struct IntegrationAction {
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl IntegrationAction {
    /// The request as an operator makes it.
    #[must_use]
    pub fn request(&self, by: &Operator) -> Request {
        Request { reason: self.reason.clone(), ..Request::by(by.clone()) }
    }
}
