//! Very many rows in one go: PostgreSQL's COPY in its binary form
//! (<https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format").

use sqlx::{PgConnection, postgres::PgCopyIn};

use super::session::Session;
use crate::store::StoreResult;

/// Sent in pieces of about this many bytes.
const PIECE: usize = 1 << 18;
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Rows in the form in which they are sent.
#[derive(Debug, Default)]
pub(in crate::store::sql) struct Rows(Vec<u8>);

impl Rows {
    /// Begins a row of so many fields.
    pub(in crate::store::sql) fn row(&mut self, fields: i16) -> &mut Self {
        self.0.extend(fields.to_be_bytes());
        self
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        let len = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.0.extend(len.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(in crate::store::sql) fn null(&mut self) -> &mut Self {
        self.0.extend((-1_i32).to_be_bytes());
        self
    }

    pub(in crate::store::sql) fn int(&mut self, value: i64) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub(in crate::store::sql) fn maybe_int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    pub(in crate::store::sql) fn flag(&mut self, value: bool) -> &mut Self {
        self.field(&[u8::from(value)])
    }

    /// A text. The server keeps no NUL in texts.
    pub(in crate::store::sql) fn text(&mut self, value: &str) -> &mut Self {
        if value.contains('\0') { self.field(storable(value).as_bytes()) } else { self.field(value.as_bytes()) }
    }

    pub(in crate::store::sql) fn maybe_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(in crate::store::sql) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.field(value)
    }

    /// Bytes that there may be none of.
    pub(in crate::store::sql) fn maybe_bytes(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => self.bytes(value),
            None => self.null(),
        }
    }

    /// Adds rows that were made elsewhere.
    pub(in crate::store::sql) fn append(&mut self, other: &[u8]) {
        self.0.extend_from_slice(other);
    }

    /// The rows so far, and begins anew.
    pub(in crate::store::sql) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// Whether it is worth sending what there is.
    pub(in crate::store::sql) fn is_large(&self) -> bool {
        self.0.len() > PIECE
    }
}

/// A text as the server can keep it: with U+FFFD in the place of every NUL.
pub(in crate::store::sql) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

impl From<Vec<u8>> for Rows {
    /// Rows that were made before.
    fn from(rows: Vec<u8>) -> Self {
        Self(rows)
    }
}

/// Sends all of the rows. `statement` is a constant `COPY ... FROM STDIN (FORMAT binary)`.
pub(super) async fn send(session: &mut Session, statement: &'static str, mut rows: Rows) -> StoreResult<u64> {
    let done = send_to(session.begin_statement()?, statement, rows.take()).await;
    session.end_statement(done)
}

async fn send_to(connection: &mut PgConnection, statement: &'static str, rows: Vec<u8>) -> Result<u64, sqlx::Error> {
    let mut copy = begin(connection, statement).await?;
    copy.send(rows).await?;
    finish(copy).await
}

/// Begins a COPY whose rows come piece by piece.
pub(super) async fn begin<'c>(
    connection: &'c mut PgConnection,
    statement: &'static str,
) -> Result<PgCopyIn<&'c mut PgConnection>, sqlx::Error> {
    let mut copy = connection.copy_in_raw(statement).await?;
    copy.send(SIGNATURE).await?;
    Ok(copy)
}

/// Ends it.
pub(super) async fn finish(mut copy: PgCopyIn<&mut PgConnection>) -> Result<u64, sqlx::Error> {
    copy.send((-1_i16).to_be_bytes().as_slice()).await?;
    copy.finish().await
}
