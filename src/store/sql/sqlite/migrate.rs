//! Making the tables, and refusing files that are not ours.

use std::{fs::File, io::Read, path::Path};

use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqliteConnectOptions,
};

use super::{beside, error, lock::take_lock};
use crate::store::{StoreError, StoreResult};

/// "keyd", in the header of the file (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x6b65_7964;
/// The newest migration below.
pub(super) const LATEST: i64 = 6;

pub(super) fn migrator() -> Migrator {
    let step = |version, name: &'static str, text: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sqlx::SqlStr::from_static(text), false)
    };
    Migrator::with_migrations(vec![
        step(1, "shop", include_str!("../../../../migrations/sqlite/0001_shop.sql")),
        step(2, "search", include_str!("../../../../migrations/sqlite/0002_search.sql")),
        step(3, "depth", include_str!("../../../../migrations/sqlite/0003_depth.sql")),
        step(4, "lists", include_str!("../../../../migrations/sqlite/0004_lists.sql")),
        step(5, "storefront", include_str!("../../../../migrations/sqlite/0005_storefront.sql")),
        step(6, "roles", include_str!("../../../../migrations/sqlite/0006_roles.sql")),
    ])
}

/// Length of the header of a database file.
const HEADER_LEN: u64 = 100;

/// What a file turned out to be.
pub(super) enum Kind {
    Empty,
    Ours { version: i64 },
}

/// Looks at the file, and makes or completes its tables. Gives the connection that looked, where
/// there was nothing to do: closed before another one is open, it would take SQLite's log away,
/// only for the next one to make it anew.
pub(super) async fn bring_up_to_date(
    path: &Path,
    options: &SqliteConnectOptions,
) -> StoreResult<Option<SqliteConnection>> {
    if path.exists() {
        check_header(path)?;
        let mut connection = inspect_options(options).connect().await.map_err(|e| error(&e))?;
        let kind = inspect(&mut connection, path).await;
        if matches!(kind, Ok(Kind::Ours { version: LATEST })) {
            return Ok(Some(connection));
        }
        connection.close().await.map_err(|e| error(&e))?;
        kind?;
    }
    let _lock = take_lock(beside(path, ".lock")).await?;
    let mut connection = options.connect().await.map_err(|e| error(&e))?;
    // Again behind the lock: another process may have been faster.
    if let Kind::Empty = inspect(&mut connection, path).await? {
        sqlx::query("PRAGMA application_id = 1801812324").execute(&mut connection).await.map_err(|e| error(&e))?;
    }
    let done = migrator().run_direct(None, &mut connection, false).await;
    connection.close().await.map_err(|e| error(&e))?;
    done.map(|()| None).map_err(|e| {
        StoreError::Unusable(format!("The tables of {} could not be brought up to date: {e}.", path.display()))
    })
}

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    Empty,
    Ours,
    Foreign,
    /// No database at all, or its first page is damaged.
    Garbled,
}

/// Reads what a file says of itself, without SQLite: even to look at a database SQLite may have
/// to complete what its owner left unfinished.
/// The places are those of <https://www.sqlite.org/fileformat.html>, 1.3.
pub(super) fn header(path: &Path) -> StoreResult<Header> {
    let header = first_bytes(path)?;
    if header.is_empty() {
        return Ok(Header::Empty);
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Ok(Header::Garbled);
    }
    let number = |at: usize| header.get(at..at + 4).map(|bytes| bytes.iter().fold(0, |n, b| n << 8 | i64::from(*b)));
    // One page without an identity is an empty database, or one of ours whose first transaction
    // still is in the journal; SQLite will know.
    Ok(match (number(68), number(28)) {
        (Some(APPLICATION_ID), _) | (Some(0), Some(0 | 1)) => Header::Ours,
        _ => Header::Foreign,
    })
}

/// Whether the file says that it is written by way of a write-ahead log.
pub(super) fn writes_ahead(path: &Path) -> StoreResult<bool> {
    Ok(matches!(first_bytes(path)?.get(18..20), Some([2, 2])))
}

fn first_bytes(path: &Path) -> StoreResult<Vec<u8>> {
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER_LEN).read_to_end(&mut header));
    let failed = |e| StoreError::Unreachable(format!("The database {} cannot be opened: {e}.", path.display()));
    read.map_err(failed).map(|_| header)
}

/// Refuses a file that says of itself that it is somebody else's, before SQLite touches it.
pub(super) fn check_header(path: &Path) -> StoreResult<()> {
    match header(path)? {
        Header::Empty | Header::Ours => Ok(()),
        Header::Foreign => Err(foreign(path)),
        Header::Garbled => Err(garbled(path)),
    }
}

fn garbled(path: &Path) -> StoreError {
    let shown = path.display();
    StoreError::Unusable(format!("{shown} is not a database, or it is damaged. Nothing was written to it."))
}

pub(super) fn foreign(path: &Path) -> StoreError {
    StoreError::Unusable(format!("{} is not a keydesk database. Nothing was written to it.", path.display()))
}

/// Opens without switching the journal or making anything.
fn inspect_options(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(options.get_filename()).create_if_missing(false).pragma("query_only", "ON")
}

pub(super) async fn inspect(connection: &mut SqliteConnection, path: &Path) -> StoreResult<Kind> {
    let shown = path.display();
    let id = number(connection, "SELECT application_id FROM pragma_application_id").await;
    let id = match id {
        Err(StoreError::Unusable(_)) => return Err(garbled(path)),
        other => other?,
    };
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema").await?;
    if tables == 0 && (id == 0 || id == APPLICATION_ID) {
        return Ok(Kind::Empty);
    }
    if id != APPLICATION_ID {
        return Err(foreign(path));
    }
    let version = match number(connection, "SELECT COALESCE(max(version), 0) FROM _sqlx_migrations").await {
        Ok(version) => version,
        // The identity was written, then the process died before the first table.
        Err(StoreError::Other(_)) => 0,
        Err(e) => return Err(e),
    };
    if version > LATEST {
        return Err(StoreError::Unusable(format!(
            "{shown} was made by a newer keydesk (tables {version}, this program knows {LATEST}). \
             Use the newer program. Nothing was written to it."
        )));
    }
    Ok(Kind::Ours { version })
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> StoreResult<i64> {
    let row = sqlx::query(sql).fetch_one(connection).await.map_err(|e| error(&e))?;
    row.try_get(0).map_err(|e| error(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_one_that_is_known() {
        assert_eq!(migrator().iter().map(|m| m.version).max(), Some(LATEST));
        assert_eq!(APPLICATION_ID, 1_801_812_324);
    }
}
