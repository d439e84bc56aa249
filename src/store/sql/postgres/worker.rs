//! Who delivers mails: everybody who may. Many workers share the queue, and each mail has a lease.

use tokio::sync::Mutex;

use super::{Server, session::Session};
use crate::store::{
    StoreResult,
    sql::connection::{Connection, sql},
};

/// The number of the lock that every worker shares: "keyd", 2.
const WORKER_LOCK: i64 = 0x6b65_7964_0002;

/// The connection that says of this process that it delivers, for as long as it is open.
#[derive(Debug, Default)]
pub(super) struct WorkerLock(Mutex<Option<Connection>>);

impl Server {
    /// Says that this process delivers mails. Ends with its connection, however that ends, and is
    /// then said anew.
    pub(in crate::store::sql) async fn take_worker_lock(&self) -> StoreResult<bool> {
        let mut held = self.worker.0.lock().await;
        if let Some(connection) = held.as_mut()
            && sql("SELECT 1").fetch_one(connection).await.is_ok()
        {
            return Ok(true);
        }
        let mut connection = Connection::Postgres(Session::alone(&self.pool).await?);
        sql("SELECT pg_advisory_lock_shared($1)").bind(WORKER_LOCK).fetch_one(&mut connection).await?;
        *held = Some(connection);
        Ok(true)
    }

    /// Whether some process delivers mails.
    pub(in crate::store::sql) async fn has_worker(&self) -> StoreResult<bool> {
        let mut connection = Connection::Postgres(self.read().await?);
        let row = sql(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock' \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND classid::bigint = $1 >> 32 AND objid::bigint = $1 & 4294967295) AS works",
        );
        row.bind(WORKER_LOCK).fetch_one(&mut connection).await?.flag("works")
    }
}
