//! Copying a shop from a file to a server: what it comes to.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::command::Asked;

/// A shop to be copied.
#[derive(Clone, Debug)]
pub struct CopyOrder {
    /// Who asks.
    pub asked: Asked,
    /// The file that it is in.
    pub from: PathBuf,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyProgress {
    /// So many rows are on the server, of so many.
    Copied(u64, u64),
    /// What customers are found by is being written.
    Indexing,
    /// So many rows were read again on both sides, of so many.
    Compared(u64, u64),
}

/// A shop that is on the server now, found to be the same row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// What it was copied from.
    pub from: String,
    /// Tables, in the order in which they were copied.
    pub tables: Vec<TableCopied>,
    /// Links that were alive; they work neither here nor there.
    pub links: u64,
    /// Mails with such links that waited; they are not sent.
    pub mails: u64,
    /// Notices that waited, and still do.
    pub notices: u64,
    /// When it was begun, where this only completed it.
    pub went_on_from: Option<Timestamp>,
}

impl Copied {
    /// Rows of a table.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|copied| copied.name == table).map_or(0, |copied| copied.rows)
    }
}

/// A table that is the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCopied {
    /// Its name.
    pub name: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 over the rows in the order of their keys, in hex.
    pub sha256: String,
}
