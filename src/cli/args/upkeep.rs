//! Looking after a shop.

use std::path::PathBuf;

use clap::Args;

use super::{Global, values::reason};
use crate::config::Flags;

/// `serve`
#[derive(Args)]
pub struct ServeArgs {
    /// Listen at this address: IP:PORT, unix:PATH, or systemd
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

impl ServeArgs {
    /// The flags that are settings, with this command's own.
    #[must_use]
    pub fn flags(&self, global: &Global) -> Flags {
        Flags { listen: self.listen.clone(), ..global.flags() }
    }
}

/// `doctor`
#[derive(Args)]
pub struct DoctorArgs {
    /// Look also at every index, reference, audit entry and the search index; takes longer
    #[arg(long)]
    pub full: bool,
    /// Do not connect to the mail relay
    #[arg(long)]
    pub no_relay: bool,
}

/// `man`
#[derive(Args)]
pub struct ManArgs {
    /// Write the pages into this folder: the whole manual, and one for each command
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `migrate`
#[derive(Args)]
pub struct MigrateArgs {
    /// On a server: make the groups of roles that operators are put into, and give them their rights
    #[arg(long)]
    pub grants: bool,
    /// On a server: spread the tables, which must be empty, over the nodes of a Citus cluster
    #[arg(long)]
    pub citus: bool,
}

/// `backup`
#[derive(Args)]
pub struct BackupArgs {
    /// The file to make; never one that is there
    pub file: PathBuf,
    /// Why, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
}

const COPY_TO_HELP: &str = "The server's empty database, with the tables of keydesk migrate: \
     postgres://USER@HOST/DATABASE (without a password)";

/// `copy`
#[derive(Args)]
pub struct CopyArgs {
    /// The file that the shop is in: sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// The server's database.
    #[arg(long, value_name = "URL", help = COPY_TO_HELP)]
    pub to: String,
    /// File that holds the server's password and nobody else can read
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Why, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
}

/// `restore`
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Put a database that is there aside, under another name
    #[arg(long)]
    pub replace: bool,
    /// Revoke every access token: those that were revoked after the backup was made would work again
    #[arg(long)]
    pub revoke_tokens: bool,
    /// Why, in one line; written to the audit log
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    pub reason: String,
    /// Read the backup, say what would be done and do nothing
    #[arg(long)]
    pub dry_run: bool,
}
