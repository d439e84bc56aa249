//! Databases that are spoken to in SQL.
//!
//! What is one SQL text for both databases stands in `sql/{customers,resets,tokens,outbox,audit}`
//! and their neighbours. What differs stands in a folder for each, `sqlite` and `postgres`; only
//! `connection` and `database` know that there are two.

mod audit;
mod connection;
mod copy;
mod customers;
mod database;
mod integrations;
mod locks;
mod marks;
mod operations;
mod outbox;
#[cfg(test)]
mod plans;
pub mod postgres;
mod records;
mod resets;
mod search;
pub mod sqlite;
mod storefront;
mod tokens;

use std::path::Path;

use jiff::Timestamp;

pub use copy::{Stopped, copy};
pub use database::{Batch, SqlStore};
pub use sqlite::{Examined, OpenMode, plan_restore, restore};

use crate::{
    domain::{database::Place, server_address::ServerAddress},
    store::StoreResult,
};

/// Looks over the database; `full` at all that can be looked at. Never fails: what cannot be looked
/// at is a finding.
pub async fn examine(place: &Place, full: bool, now: Timestamp) -> Examined {
    match place {
        Place::File(file) => sqlite::examine(file, full, now).await,
        Place::Server(address) => Box::pin(postgres::examine(address, full, now)).await,
    }
}

impl SqlStore {
    /// Opens the database, as [`SqlStore::open_file`] and [`SqlStore::open_server`] do.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn open(place: &Place, mode: OpenMode) -> StoreResult<Self> {
        match place {
            Place::File(file) => Self::open_file(file, mode).await,
            Place::Server(address) => Box::pin(Self::open_server(address)).await,
        }
    }

    /// Opens the file at `path`, brings its tables up to date, and says in words what is wrong with
    /// it if that cannot be done. Nothing is written to a file that is not ours.
    ///
    /// # Errors
    /// When it is missing, not readable, damaged, not a keydesk database or made by a newer one.
    pub async fn open_file(path: &Path, mode: OpenMode) -> StoreResult<Self> {
        sqlite::Embedded::open(path, mode).await.map(|file| Self::Sqlite(Box::new(file)))
    }

    /// Opens the database that a server keeps, whose tables must be up to date.
    ///
    /// # Errors
    /// When no server can be reached, it lets nobody in by this name, or its tables are not ours.
    pub async fn open_server(address: &ServerAddress) -> StoreResult<Self> {
        postgres::Server::open(address).await.map(Self::Postgres)
    }
}
