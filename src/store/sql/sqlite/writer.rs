//! The one connection that writes, and transactions on it.
//!
//! Most of a small transaction is waiting for the disk. Actions of one process that come at the
//! same time therefore share a flush: whoever is done leaves the transaction open for the next in
//! line and queues again; whose turn comes first, and finds it still open, commits for all. None
//! is told that it is done before that commit has succeeded. An action that is refused is undone
//! alone; one that fails takes the others with it, who then ask for their operation keys.

use std::{fs::File, mem, path::PathBuf, sync::Arc};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::{error, lock::take_lock};
use crate::store::{StoreError, StoreResult};

/// Hands the connection to one transaction after the other, in the order in which they ask.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    options: SqliteConnectOptions,
    lock_path: PathBuf,
    line: Arc<Mutex<Desk>>,
}

/// What the connection is left as between two turns.
#[derive(Debug, Default)]
enum Desk {
    /// Not opened yet, or closed after an error.
    #[default]
    Closed,
    /// Outside of any transaction.
    Idle(SqliteConnection),
    /// In a transaction that somebody left for the next in line.
    Open(Shared),
}

/// A transaction with finished actions in it. Dropped, none of them is done.
#[derive(Debug)]
struct Shared {
    connection: SqliteConnection,
    _lock: File,
    /// Tells those who wait that they are committed; its end without that tells the contrary.
    committed: watch::Sender<bool>,
}

impl Shared {
    async fn run(&mut self, sql: &'static str) -> StoreResult<()> {
        sqlx::query(sql).execute(&mut self.connection).await.map(|_| ()).map_err(|e| error(&e))
    }

    async fn commit(mut self) -> StoreResult<SqliteConnection> {
        self.run("COMMIT").await?;
        self.committed.send_replace(true);
        Ok(self.connection)
    }
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, lock_path: PathBuf) -> Self {
        Self { options, lock_path, line: Arc::default() }
    }

    /// How the connection is opened.
    pub(super) const fn options(&self) -> &SqliteConnectOptions {
        &self.options
    }

    /// Waits for its turn, and for other processes, and begins; or joins the transaction that
    /// somebody left open.
    pub(super) async fn begin(&self) -> StoreResult<WriteTx> {
        let mut turn = self.line.clone().lock_owned().await;
        let (mut shared, joined) = match mem::take(&mut *turn) {
            Desk::Open(shared) => (shared, true),
            Desk::Idle(connection) => (self.share(connection).await?, false),
            Desk::Closed => (self.share(self.options.connect().await.map_err(|e| error(&e))?).await?, false),
        };
        shared.run(if joined { "SAVEPOINT action" } else { "BEGIN IMMEDIATE" }).await?;
        Ok(WriteTx { shared, joined, turn, line: self.line.clone() })
    }

    async fn share(&self, connection: SqliteConnection) -> StoreResult<Shared> {
        let lock = take_lock(self.lock_path.clone()).await?;
        Ok(Shared { connection, _lock: lock, committed: watch::Sender::new(false) })
    }

    /// Runs settings outside of any transaction.
    pub(super) async fn tune(&self, settings: &[&'static str]) -> StoreResult<()> {
        let mut turn = self.line.lock().await;
        settle(&mut turn).await?;
        let connection = match mem::take(&mut *turn) {
            Desk::Idle(connection) => connection,
            _ => self.options.connect().await.map_err(|e| error(&e))?,
        };
        let mut shared = self.share(connection).await?;
        for sql in settings {
            shared.run(sql).await?;
        }
        *turn = Desk::Idle(shared.connection);
        Ok(())
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        let mut turn = self.line.lock().await;
        // What was not committed is told so; what could not be closed is closed by being dropped.
        if settle(&mut turn).await.is_ok()
            && let Desk::Idle(connection) = mem::take(&mut *turn)
        {
            let _ = connection.close().await;
        }
    }
}

/// Commits what was left open.
async fn settle(desk: &mut Desk) -> StoreResult<()> {
    *desk = match mem::take(desk) {
        Desk::Open(shared) => Desk::Idle(shared.commit().await?),
        other => other,
    };
    Ok(())
}

/// A running action. Dropped without [`WriteTx::commit`], its connection is closed, which undoes
/// it: after an error SQLite may have rolled back by itself, and sqlx would then refuse every
/// later transaction on that connection.
pub(in crate::store::sql) struct WriteTx {
    shared: Shared,
    /// Others finished in this transaction before.
    joined: bool,
    turn: OwnedMutexGuard<Desk>,
    line: Arc<Mutex<Desk>>,
}

impl WriteTx {
    /// The connection to run statements on.
    pub(in crate::store::sql) const fn on(&mut self) -> &mut SqliteConnection {
        &mut self.shared.connection
    }

    /// Commits, alone or with those who wait. An error does not say that nothing was written: the
    /// caller asks for its operation key on a new connection.
    pub(in crate::store::sql) async fn commit(self) -> StoreResult<()> {
        let Self { mut shared, joined, mut turn, line } = self;
        if joined {
            shared.run("RELEASE action").await?;
        }
        let committed = shared.committed.subscribe();
        *turn = Desk::Open(shared);
        drop(turn);
        let left = LeftOpen(&line);
        let mut turn = line.lock().await;
        mem::forget(left);
        if *committed.borrow() {
            return Ok(());
        }
        if committed.has_changed().is_err() {
            return Err(StoreError::NotWritten("another action in the same transaction failed".to_owned()));
        }
        settle(&mut turn).await
    }

    /// Undoes everything and keeps the connection: for answers such as "refused", where no
    /// statement failed.
    pub(in crate::store::sql) async fn roll_back(mut self) -> StoreResult<()> {
        *self.turn = if self.joined {
            self.shared.run("ROLLBACK TO action").await?;
            self.shared.run("RELEASE action").await?;
            Desk::Open(self.shared)
        } else {
            self.shared.run("ROLLBACK").await?;
            Desk::Idle(self.shared.connection)
        };
        Ok(())
    }
}

/// Whoever left a transaction open and then no longer waits undoes it, unless others wait who
/// will commit it: nobody else could write meanwhile.
struct LeftOpen<'a>(&'a Mutex<Desk>);

impl Drop for LeftOpen<'_> {
    fn drop(&mut self) {
        if let Ok(mut desk) = self.0.try_lock()
            && matches!(*desk, Desk::Open(_))
        {
            *desk = Desk::Closed;
        }
    }
}
