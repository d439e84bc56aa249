//! Commits of SQLite without keydesk, to compare with.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// About what the rows of a reset hold together: reset, request, mail, audit entry, operation.
pub const ROW_BYTES: usize = 900;

/// A database of one table, as durable as a shop.
pub struct Bare(SqliteConnection);

impl Bare {
    pub async fn new(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await.unwrap();
        let table = "CREATE TABLE rows (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT";
        sqlx::query(table).execute(&mut connection).await.unwrap();
        Self(connection)
    }

    /// Adds one row in a transaction of its own, and says how long that took.
    pub async fn commit(&mut self) -> Duration {
        let content = vec![0x2a; ROW_BYTES];
        let started = Instant::now();
        let insert = sqlx::query("INSERT INTO rows (content) VALUES ($1)").bind(content);
        insert.execute(&mut self.0).await.unwrap();
        started.elapsed()
    }
}
