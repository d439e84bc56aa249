//! Whether a database is whole: its pages, its audit log, its search index.

use std::path::Path;

use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

use super::{error, migrate};
use crate::{
    domain::backup::Contents,
    store::{
        StoreError, StoreResult,
        sql::{audit, connection::Connection},
    },
};

/// How closely pages are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Every page; not whether every index agrees with its table.
    Quick,
    /// Both.
    Full,
}

/// Opens a file that nobody writes to, without leaving anything beside it.
pub(super) async fn open_still(path: &Path) -> StoreResult<Connection> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).read_only(true).immutable(true);
    options.connect().await.map(Connection::from).map_err(|e| error(&e))
}

/// What a whole and undamaged file of ours holds, with the version of its tables.
pub(super) async fn read_back(path: &Path, depth: Depth) -> StoreResult<(Contents, i64)> {
    migrate::check_header(path)?;
    let mut connection = open_still(path).await?;
    let read = whole(&mut connection, path, depth).await;
    // It was only read; what cannot be closed is dropped.
    drop(connection);
    read
}

async fn whole(connection: &mut Connection, path: &Path, depth: Depth) -> StoreResult<(Contents, i64)> {
    let bad = |what: &str| StoreError::NotCopied(format!("{} {what}. Nothing was done.", path.display()));
    let version = match migrate::inspect(connection.file()?, path).await? {
        migrate::Kind::Ours { version } if version > 0 => version,
        _ => return Err(bad("is an empty database")),
    };
    let damaged = |what: &dyn std::fmt::Display| bad(&format!("is damaged ({what})"));
    if let Some(what) = damage(connection, depth).await.map_err(|e| damaged(&e))? {
        return Err(damaged(&what));
    }
    let chain = audit::chain(connection).await.map_err(|e| damaged(&e))?;
    if let Some(broken) = chain.broken {
        return Err(bad(&format!("cannot be trusted: {broken}")));
    }
    let customers = number(connection, "SELECT count(*) FROM customers").await?;
    let customers = u64::try_from(customers).unwrap_or_default();
    Ok((Contents { customers, entries: chain.entries, head: chain.head }, version))
}

/// What SQLite finds wrong first with the pages.
pub(super) async fn damage(connection: &mut Connection, depth: Depth) -> StoreResult<Option<String>> {
    let sql = match depth {
        Depth::Quick => "PRAGMA quick_check(1)",
        Depth::Full => "PRAGMA integrity_check(1)",
    };
    let found = text(connection, sql).await?;
    Ok((found != "ok").then(|| found.replace('\n', " ")))
}

/// How often the customers are counted, each time by somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub customers: i64,
    /// Folded texts that a search looks at.
    pub texts: i64,
    /// Addresses.
    pub emails: i64,
    /// The search index' own count.
    pub counted: i64,
}

impl Counts {
    pub(super) async fn of(connection: &mut Connection) -> StoreResult<Self> {
        Ok(Self {
            customers: number(connection, "SELECT count(*) FROM customers").await?,
            texts: number(connection, "SELECT count(*) FROM search_texts").await?,
            emails: number(connection, "SELECT count(*) FROM customer_emails").await?,
            counted: number(connection, "SELECT COALESCE(sum(customers), 0) FROM gram_counts WHERE gram = ''").await?,
        })
    }

    pub(super) const fn agree(self) -> bool {
        self.customers == self.texts && self.customers == self.emails && self.customers == self.counted
    }
}

/// One number.
pub(super) async fn number(connection: &mut Connection, sql: &'static str) -> StoreResult<i64> {
    let row = sqlx::query(sql).fetch_one(connection.file()?).await.map_err(|e| error(&e))?;
    row.try_get(0).map_err(|e| error(&e))
}

/// One text.
pub(super) async fn text(connection: &mut Connection, sql: &'static str) -> StoreResult<String> {
    let row = sqlx::query(sql).fetch_one(connection.file()?).await.map_err(|e| error(&e))?;
    row.try_get(0).map_err(|e| error(&e))
}
