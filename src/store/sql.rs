//! Databases that are spoken to in SQL.
//!
//! What is one SQL text for both databases stands in `sql/{customers,resets,tokens,outbox,audit}`
//! and their neighbours. What differs stands in a folder for each, `sqlite` and `postgres`; only
//! `connection` and `database` know that there are two.

mod audit;
mod connection;
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

pub use database::{Batch, SqlStore};
pub use sqlite::{Examined, OpenMode, examine, plan_restore, restore};

use crate::{domain::server_address::ServerAddress, store::StoreResult};

impl SqlStore {
    /// Opens the file at `path`, brings its tables up to date, and says in words what is wrong with
    /// it if that cannot be done. Nothing is written to a file that is not ours.
    ///
    /// # Errors
    /// When it is missing, not readable, damaged, not a keydesk database or made by a newer one.
    pub async fn open_file(path: &Path, mode: OpenMode) -> StoreResult<Self> {
        sqlite::Embedded::open(path, mode).await.map(Self::Sqlite)
    }

    /// Opens the database that a server keeps, whose tables must be up to date.
    ///
    /// # Errors
    /// When no server can be reached, it lets nobody in by this name, or its tables are not ours.
    pub async fn open_server(address: &ServerAddress) -> StoreResult<Self> {
        postgres::Server::open(address).await.map(Self::Postgres)
    }
}
