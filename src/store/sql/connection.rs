//! One way of running a statement on either database, and of reading what it gives.
//!
//! Statements are constant text with binds `$1`, `$2`, which both databases understand. This file
//! and `database.rs` are the only ones that know that there are two.

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use sqlx::{
    Connection as _, Postgres, Row as _, Sqlite, SqliteConnection,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{postgres, sqlite};
use crate::{
    domain::safe_text::SafeText,
    store::{StoreError, StoreResult},
};

/// A connection to run statements on.
#[derive(Debug)]
pub(super) enum Connection {
    /// To the embedded database.
    Sqlite(SqliteHandle),
    /// To a server.
    Postgres(postgres::Session),
}

/// A connection to the embedded database: one that belongs to whoever has it, or one of a pool's.
#[derive(Debug)]
pub(super) enum SqliteHandle {
    Own(SqliteConnection),
    Pooled(PoolConnection<Sqlite>),
}

impl Deref for SqliteHandle {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Own(connection) => connection,
            Self::Pooled(connection) => connection,
        }
    }
}

impl DerefMut for SqliteHandle {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Own(connection) => connection,
            Self::Pooled(connection) => connection,
        }
    }
}

impl From<SqliteConnection> for Connection {
    fn from(connection: SqliteConnection) -> Self {
        Self::Sqlite(SqliteHandle::Own(connection))
    }
}

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(connection: PoolConnection<Sqlite>) -> Self {
        Self::Sqlite(SqliteHandle::Pooled(connection))
    }
}

impl Connection {
    /// Closes it; one of a pool's goes back.
    pub(super) async fn close(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(SqliteHandle::Own(connection)) => connection.close().await.map_err(|e| sqlite::error(&e)),
            Self::Sqlite(SqliteHandle::Pooled(_)) | Self::Postgres(_) => Ok(()),
        }
    }

    /// The connection to a file, for what only files know.
    pub(super) fn file(&mut self) -> StoreResult<&mut SqliteConnection> {
        match self {
            Self::Sqlite(handle) => Ok(handle),
            Self::Postgres(_) => Err(StoreError::Other("this is only done with a file".to_owned())),
        }
    }

    /// The connection to a server, for what only servers know.
    pub(super) fn server(&mut self) -> StoreResult<&mut postgres::Session> {
        match self {
            Self::Postgres(session) => Ok(session),
            Self::Sqlite(_) => Err(StoreError::Other("this is only done with a server".to_owned())),
        }
    }
}

/// A bound value.
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Flag(Option<bool>),
    Bytes(Vec<u8>),
}

macro_rules! value_from {
    ($($from:ty => $variant:ident, $value:ident => $make:expr;)+) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$variant($make)
            }
        })+
    };
}

value_from! {
    i64 => Int, value => Some(value);
    Option<i64> => Int, value => value;
    String => Text, value => Some(value);
    &str => Text, value => Some(value.to_owned());
    Option<String> => Text, value => value;
    bool => Flag, value => Some(value);
    Option<bool> => Flag, value => value;
    Vec<u8> => Bytes, value => value;
}

/// A statement with its bound values.
pub(super) struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// A statement without any values yet.
pub(super) const fn sql(text: &'static str) -> Statement {
    Statement { text, values: Vec::new() }
}

/// The statement as a driver takes it. The same body for both: their types differ, not their names.
macro_rules! driver_query {
    ($statement:expr) => {{
        let mut query = sqlx::query($statement.text);
        for value in $statement.values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Flag(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Statement {
    /// Binds the next value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    fn sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        driver_query!(self)
    }

    fn postgres(mut self) -> Query<'static, Postgres, PgArguments> {
        for value in &mut self.values {
            if let Value::Text(Some(text)) = value
                && text.contains('\0')
            {
                *text = postgres::storable(text);
            }
        }
        driver_query!(self)
    }

    /// Runs it, and says how many rows it changed.
    pub(super) async fn execute(self, connection: &mut Connection) -> StoreResult<u64> {
        match connection {
            Connection::Sqlite(handle) => {
                let done = self.sqlite().execute(&mut **handle).await.map_err(|e| sqlite::error(&e))?;
                Ok(done.rows_affected())
            }
            Connection::Postgres(session) => {
                let done = postgres::answer(self.postgres().execute(session.begin_statement()?)).await;
                Ok(session.end_statement(done)?.rows_affected())
            }
        }
    }

    /// Its first row, if it gives any.
    pub(super) async fn fetch_optional(self, connection: &mut Connection) -> StoreResult<Option<Row>> {
        match connection {
            Connection::Sqlite(handle) => {
                let row = self.sqlite().fetch_optional(&mut **handle).await.map_err(|e| sqlite::error(&e))?;
                Ok(row.map(Row::Sqlite))
            }
            Connection::Postgres(session) => {
                let done = postgres::answer(self.postgres().fetch_optional(session.begin_statement()?)).await;
                Ok(session.end_statement(done)?.map(Row::Postgres))
            }
        }
    }

    /// Its only row.
    pub(super) async fn fetch_one(self, connection: &mut Connection) -> StoreResult<Row> {
        let row = self.fetch_optional(connection).await?;
        row.ok_or_else(|| StoreError::Damaged("a row that must be there is missing".to_owned()))
    }

    /// All its rows.
    pub(super) async fn fetch_all(self, connection: &mut Connection) -> StoreResult<Vec<Row>> {
        match connection {
            Connection::Sqlite(handle) => {
                let rows = self.sqlite().fetch_all(&mut **handle).await.map_err(|e| sqlite::error(&e))?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Connection::Postgres(session) => {
                let done = postgres::answer(self.postgres().fetch_all(session.begin_statement()?)).await;
                Ok(session.end_statement(done)?.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

/// A row of either database. A missing or mistyped column is a damaged or foreign database.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Reads a column as the driver gives it.
macro_rules! column {
    ($row:expr, $column:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get($column).map_err(|e| sqlite::error(&e)),
            Row::Postgres(row) => row.try_get($column).map_err(|e| postgres::error(&e)),
        }
    };
}

impl Row {
    pub(super) fn int(&self, column: &str) -> StoreResult<i64> {
        column!(self, column)
    }

    pub(super) fn maybe_int(&self, column: &str) -> StoreResult<Option<i64>> {
        column!(self, column)
    }

    pub(super) fn text(&self, column: &str) -> StoreResult<String> {
        column!(self, column)
    }

    pub(super) fn maybe_text(&self, column: &str) -> StoreResult<Option<String>> {
        column!(self, column)
    }

    pub(super) fn maybe_bytes(&self, column: &str) -> StoreResult<Option<Vec<u8>>> {
        column!(self, column)
    }

    /// SQLite has no truth values; zero is false.
    pub(super) fn flag(&self, column: &str) -> StoreResult<bool> {
        match self {
            Self::Sqlite(row) => row.try_get::<i64, _>(column).map(|n| n != 0).map_err(|e| sqlite::error(&e)),
            Self::Postgres(row) => row.try_get(column).map_err(|e| postgres::error(&e)),
        }
    }

    pub(super) fn count(&self, column: &str) -> StoreResult<u32> {
        Ok(u32::try_from(self.int(column)?.max(0)).unwrap_or(u32::MAX))
    }

    pub(super) fn time(&self, column: &str) -> StoreResult<Timestamp> {
        Ok(from_micros(self.int(column)?))
    }

    pub(super) fn maybe_time(&self, column: &str) -> StoreResult<Option<Timestamp>> {
        Ok(self.maybe_int(column)?.map(from_micros))
    }

    pub(super) fn safe(&self, column: &str) -> StoreResult<SafeText> {
        Ok(SafeText::new(&self.text(column)?))
    }
}

/// A stored time. What lies outside of jiff's years (a damaged row) becomes the nearest that fits.
pub(super) fn from_micros(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
