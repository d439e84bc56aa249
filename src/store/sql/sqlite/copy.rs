//! A file from which a shop is copied to a server.
//!
//! Nobody writes to it meanwhile: the copy holds the lock that everybody who writes waits for, and
//! the one of whoever delivers mails. All is read in one read transaction besides, and a program
//! that keeps to no lock of ours is noticed at the end.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, Row as _};

use super::{Embedded, OpenMode, beside, connect_options, error, lock::take_lock};
use crate::{
    domain::customer::CustomerId,
    store::{
        StoreError, StoreResult,
        sql::connection::{Connection, sql},
    },
};

/// Page cache of the connection that reads, in KiB (negative is SQLite's way of saying KiB).
const CACHE_KIB: &str = "-65536";

/// Resets, of which those whose link works, or will, are cancelled at `$3`.
pub(in crate::store::sql) const PAGE_OF_RESETS: &str = "SELECT id, customer_id, nonce, token_digest, requested_at, \
     requested_by, from_console, reason, ip, expires_at, used_at, CASE WHEN used_at IS NULL AND cancelled_at IS NULL \
     AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $3) THEN $3 ELSE cancelled_at END AS cancelled_at, \
     superseded_at, superseded_by FROM password_resets WHERE id > $1 ORDER BY id LIMIT +$2";
/// Those, in the same order.
const LINKS: &str = "SELECT id, customer_id FROM password_resets WHERE used_at IS NULL AND cancelled_at IS NULL \
     AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $1) ORDER BY id";

/// Mails, of which those that wait to bring such a link are cancelled at `$3`. A notice goes on waiting.
pub(in crate::store::sql) const PAGE_OF_MAILS: &str = "SELECT id, customer_id, reset_id, message_id, template, recipient, \
     from_console, website_id, created_at, not_before, \
     CASE WHEN state = 'queued' AND template = 'reset' THEN 'cancelled' ELSE state END AS state, attempts, next_at, \
     CASE WHEN state = 'queued' AND template = 'reset' THEN NULL ELSE lease_owner END AS lease_owner, \
     CASE WHEN state = 'queued' AND template = 'reset' THEN NULL ELSE lease_until END AS lease_until, \
     CASE WHEN state = 'queued' AND template = 'reset' THEN $3 ELSE done_at END AS done_at, \
     CASE WHEN state = 'queued' AND template = 'reset' THEN 'cancelled: the shop was copied to another database' \
     ELSE relay END AS relay FROM outbox WHERE id > $1 ORDER BY id LIMIT +$2";
const WAITING: &str = "SELECT count(*) FILTER (WHERE template = 'reset') AS mails, \
     count(*) FILTER (WHERE template <> 'reset') AS notices FROM outbox WHERE state = 'queued'";

pub(in crate::store::sql) const PAGE_OF_OPERATIONS: &str = "SELECT customer_id, op_key, action, answer, at \
     FROM operations WHERE (customer_id, op_key) > ($1, $3) ORDER BY customer_id, op_key LIMIT +$2";

/// The greatest id that a table ever had.
const HIGHEST: &str = "SELECT COALESCE(max(seq), 0) AS highest FROM sqlite_sequence WHERE name = $1";
/// The greatest that a customer ever had, as far as the audit log knows.
const HIGHEST_CUSTOMER: &str = "SELECT COALESCE(max(customer_id), 0) AS highest FROM audit";
const LOADING: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'staged_keys'";
const VERSION: &str = "PRAGMA data_version";

/// The file, read as it was at one moment.
pub(in crate::store::sql) struct Source {
    connection: Connection,
    path: PathBuf,
    /// Changes when somebody else writes to the file.
    version: i64,
    _writing: File,
    /// Holds the lock of whoever delivers mails.
    _worker: super::WorkerLock,
}

impl Source {
    /// Opens the file, brings its tables up to date and keeps everybody from writing to it.
    pub(in crate::store::sql) async fn open(path: &Path) -> StoreResult<Self> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Embedded::open(&path, OpenMode::MustExist).await?.close().await;
        let path = path.canonicalize().unwrap_or(path);
        let in_use = || {
            StoreError::NotCopied(format!(
                "Another process delivers the mails of {}. Nothing was done; end every console, worker and storefront \
                 that works on it first.",
                path.display()
            ))
        };
        let worker = super::WorkerLock::new(beside(&path, ".worker"));
        if !worker.take()? {
            return Err(in_use());
        }
        let writing = take_lock(beside(&path, ".lock")).await?;
        let options = connect_options(&path).create_if_missing(false).pragma("cache_size", CACHE_KIB);
        let connection = options.pragma("query_only", "ON").connect().await.map_err(|e| error(&e))?;
        let mut connection = Connection::from(connection);
        let version = data_version(&mut connection).await?;
        sql("BEGIN").execute(&mut connection).await?;
        // The transaction begins with the first look.
        if sql(LOADING).fetch_optional(&mut connection).await?.is_some() {
            return Err(StoreError::NotCopied(format!(
                "Customers are being loaded into {}. Nothing was done; wait until they are.",
                path.display()
            )));
        }
        Ok(Self { connection, path, version, _writing: writing, _worker: worker })
    }

    /// What it is called.
    pub(in crate::store::sql) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(in crate::store::sql) const fn on(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Links that work, or will, at this time: resets and their customers.
    pub(in crate::store::sql) async fn links(&mut self, at: i64) -> StoreResult<Vec<(i64, CustomerId)>> {
        let rows = sql(LINKS).bind(at).fetch_all(&mut self.connection).await?;
        rows.iter().map(|row| Ok((row.int("id")?, CustomerId(row.int("customer_id")?)))).collect()
    }

    /// How many mails with a link wait, and how many notices.
    pub(in crate::store::sql) async fn waiting(&mut self) -> StoreResult<(u64, u64)> {
        let row = sql(WAITING).fetch_one(&mut self.connection).await?;
        Ok((row.count("mails")?.into(), row.count("notices")?.into()))
    }

    /// The greatest id that a table ever had: none of them is given again.
    pub(in crate::store::sql) async fn highest(&mut self, table: &'static str) -> StoreResult<i64> {
        let highest = sql(HIGHEST).bind(table).fetch_one(&mut self.connection).await?.int("highest")?;
        if table != "customers" {
            return Ok(highest);
        }
        let known = sql(HIGHEST_CUSTOMER).fetch_one(&mut self.connection).await?.int("highest")?;
        Ok(highest.max(known))
    }

    /// Whether somebody wrote to the file since it was opened.
    pub(in crate::store::sql) async fn has_changed(&mut self) -> StoreResult<bool> {
        sql("COMMIT").execute(&mut self.connection).await?;
        let changed = data_version(&mut self.connection).await? != self.version;
        sql("BEGIN").execute(&mut self.connection).await?;
        Ok(changed)
    }
}

async fn data_version(connection: &mut Connection) -> StoreResult<i64> {
    let row = sqlx::query(VERSION).fetch_one(connection.file()?).await.map_err(|e| error(&e))?;
    row.try_get(0).map_err(|e| error(&e))
}
