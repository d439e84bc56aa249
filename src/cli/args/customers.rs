//! Finding customers, and files of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{reason, trimmed};
use crate::{
    config::value,
    domain::{
        email::EmailAddress,
        find::{Sort, SortKey},
    },
};

/// Whom a command means.
#[derive(Args)]
pub struct Who {
    /// Id or e-mail address of the customer
    #[arg(value_parser = trimmed)]
    pub who: String,
    /// Website's code, where an e-mail address is known on several
    #[arg(long, value_name = "CODE")]
    pub website: Option<String>,
}

/// `customers`
#[derive(Args)]
pub struct CustomersArgs {
    /// Words that must all match, and filters: email: name: phone: id: group: website: is: has: created:
    pub query: Vec<String>,
    /// Most customers in one answer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Go on where another answer ended: its "next"
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// Order
    #[arg(long, value_enum, default_value_t)]
    pub sort: SortWord,
    /// Largest, latest, last letter first
    #[arg(long)]
    pub desc: bool,
}

impl CustomersArgs {
    /// The order asked for.
    #[must_use]
    pub const fn order(&self) -> Sort {
        Sort { key: self.sort.key(), descending: self.desc }
    }
}

/// What customers are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SortWord {
    /// Whoever begins with what was typed, then the newest
    #[default]
    Best,
    /// Id
    Id,
    /// Family name, given name
    Name,
    /// E-mail address
    Email,
    /// When the account was made
    Created,
    /// Last sign-in
    LastSignIn,
}

impl SortWord {
    const fn key(self) -> SortKey {
        match self {
            Self::Best => SortKey::Best,
            Self::Id => SortKey::Id,
            Self::Name => SortKey::Name,
            Self::Email => SortKey::Email,
            Self::Created => SortKey::Created,
            Self::LastSignIn => SortKey::LastSignIn,
        }
    }
}

/// `import`
#[derive(Args)]
pub struct ImportArgs {
    /// The file, comma-separated values in UTF-8; - is standard input
    pub file: PathBuf,
    /// Put rows that are not taken here instead of FILE.rejects.csv; never over a file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Make the websites that the file names and the shop does not have
    #[arg(long)]
    pub create_websites: bool,
    /// Where their links point: scheme and host
    #[arg(long, value_name = "URL", requires = "create_websites", value_parser = value::base_url)]
    pub base_url: Option<String>,
    /// Whom their mails come from
    #[arg(long, value_name = "ADDRESS", requires = "create_websites", value_parser = EmailAddress::parse)]
    pub sender: Option<EmailAddress>,
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Read and check everything, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `export`
#[derive(Args)]
pub struct ExportArgs {
    /// The file, which must not be there yet; - is standard output
    pub file: PathBuf,
    /// Whom: words and filters, as for `customers`; without it everybody
    pub query: Vec<String>,
    /// Order
    #[arg(long, value_enum, default_value = "id")]
    pub sort: SortWord,
    /// Largest, latest, last letter first
    #[arg(long)]
    pub desc: bool,
    /// Why, such as a ticket, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
}

impl ExportArgs {
    /// The order asked for.
    #[must_use]
    pub const fn order(&self) -> Sort {
        Sort { key: self.sort.key(), descending: self.desc }
    }
}
