//! Backups: what was copied, and what a restored copy is not allowed to bring back to life.

use std::path::PathBuf;

use crate::domain::command::Asked;

/// What a whole and undamaged database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Customers.
    pub customers: u64,
    /// Entries of the audit log, whose chain holds.
    pub entries: i64,
    /// Hash of the last of them.
    pub head: String,
}

/// A backup that was made and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// What is in it.
    pub contents: Contents,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// A backup to be put in the place of the database.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Who asks.
    pub asked: Asked,
    /// The backup.
    pub from: PathBuf,
    /// A database that is there already is put aside; else it is a reason to refuse.
    pub replace: bool,
    /// Access tokens are revoked as well: those that were revoked after the backup was made would
    /// work again.
    pub revoke_tokens: bool,
}

/// A backup that took the place of the database, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the backup holds.
    pub contents: Contents,
    /// What was ended in it.
    pub ended: Ended,
    /// Where the database that was there before is now.
    pub aside: Option<PathBuf>,
}

/// What a restored copy must not bring back to life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Links that were alive.
    pub links: u64,
    /// Mails that waited.
    pub mails: u64,
    /// Browser sessions.
    pub sessions: u64,
    /// Access tokens that were revoked.
    pub tokens: u64,
    /// Access tokens that still work.
    pub tokens_left: u64,
}
