//! A database on a server, or on a cluster of them, shared by many operators.

mod batch;
mod bulk;
mod check;
mod citus;
mod connect;
mod copy;
mod copy_rows;
mod error;
mod grants;
mod index;
mod merge;
mod migrate;
mod posting;
mod search;
mod session;
mod stored;
mod worker;

use std::sync::Arc;

use deadpool::managed::{Pool, QueueMode};

pub use batch::Batch;
pub(super) use check::examine;
pub use citus::{Spread, spread};
use connect::Servers;
pub(super) use copy::{Finish, PAGE_OF_OPERATIONS, Target};
pub(super) use copy_rows::{Rows, storable};
pub(super) use error::error;
pub use grants::{GROUPS, grant};
pub(super) use index::{index, index_again, insert_customer, unindex};
pub use migrate::{Migrated, migrate};
pub(super) use session::{Session, WriteTx, answer, hold};

use crate::{
    domain::server_address::ServerAddress,
    store::{
        StoreError, StoreResult,
        sql::{connection::Connection, search::SharedSample},
    },
};

/// Connections that a process has open at most. A console needs one for what is typed, one for what
/// is counted and one for what is done.
const CONNECTIONS: usize = 8;

/// Why a server is not copied by keydesk.
pub(super) const BACKUP: &str = "keydesk backs up databases in a file. For one on a server use the server's own means, \
     which copy it while it is in use: pg_dump --format=custom, or pg_basebackup with archived logs. Nothing was done.";

/// A database on a server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Server {
    pool: Pool<Servers>,
    worker: Arc<worker::WorkerLock>,
    bulk: Arc<bulk::Loading>,
    sample: Arc<SharedSample>,
}

impl Server {
    /// Opens the database, whose tables must be those that this program knows.
    ///
    /// # Errors
    /// When no server can be reached, it lets nobody in by this name, or its tables are not ours.
    pub async fn open(address: &ServerAddress) -> StoreResult<Self> {
        let server = Self::over(address)?;
        migrate::check(&mut Connection::Postgres(server.read().await?)).await?;
        server.complete_abandoned_load().await?;
        Ok(server)
    }

    /// The database that is there, not looked at yet.
    fn over(address: &ServerAddress) -> StoreResult<Self> {
        let pool = Pool::builder(Servers::new(address.clone()));
        // The one that was used last comes first, so that the others have nothing to do and are closed.
        let pool = pool.max_size(CONNECTIONS).queue_mode(QueueMode::Lifo).build();
        let pool = pool.map_err(|e| StoreError::Other(e.to_string()))?;
        let (worker, bulk, sample) = <_>::default();
        Ok(Self { pool, worker, bulk, sample })
    }

    /// A connection to read with.
    pub(super) async fn read(&self) -> StoreResult<Session> {
        Session::get(&self.pool).await
    }

    /// Starts a write transaction.
    pub(super) async fn write(&self) -> StoreResult<WriteTx> {
        WriteTx::begin(&self.pool).await
    }

    /// Closes all connections.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}
