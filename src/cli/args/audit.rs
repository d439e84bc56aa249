//! The audit log.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::values::{action, customer_id, operator, since, until};
use crate::domain::{
    audit::{ActionFilter, AuditFilter},
    customer::CustomerId,
    operator::Operator,
};

/// `audit ...`
#[derive(Subcommand)]
pub enum AuditCommand {
    /// List entries, newest first
    List(AuditListArgs),
    /// Check that nobody changed or removed an entry
    Verify,
}

/// `audit list`
#[derive(Args)]
pub struct AuditListArgs {
    /// Only what was done to this customer
    #[arg(long, value_name = "ID", value_parser = customer_id)]
    pub customer: Option<CustomerId>,
    /// Only what this operator did
    #[arg(long, value_name = "NAME", value_parser = operator)]
    pub by: Option<Operator>,
    /// Only this action: reset, force, lock, unlock, password, token, integration, mail, record, cancel, undo,
    /// or a stored word such as reset.start
    #[arg(long, value_name = "WORD", value_parser = action)]
    pub action: Option<ActionFilter>,
    /// Only from this time on: 2026-11-20T12:00:00Z, or a day, month or year in UTC
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Only before this time, or up to the end of this day, month or year
    #[arg(long, value_name = "TIME", value_parser = until)]
    pub until: Option<Timestamp>,
    /// Most entries in one answer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Only entries older than this one
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub before: Option<i64>,
}

impl AuditListArgs {
    /// What is asked for.
    #[must_use]
    pub fn filter(&self) -> AuditFilter {
        AuditFilter {
            customer: self.customer,
            operator: self.by.clone(),
            action: self.action.clone(),
            from: self.since,
            to: self.until,
        }
    }
}
