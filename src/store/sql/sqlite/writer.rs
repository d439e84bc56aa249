//! The one connection that writes, and transactions on it.
//!
//! Most of a small transaction is waiting for the disk. Actions of one process that come at the
//! same time therefore share a flush: whoever is done leaves the transaction open for the next in
//! line and queues again; whose turn comes first, and finds it still open, commits for all. None
//! is told that it is done before that commit has succeeded. An action that is refused is undone
//! alone; one that fails takes the others with it, who then ask for their operation keys.

use std::{fs::File, mem, path::PathBuf, sync::Arc};

use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::{error, lock::take_lock};
use crate::store::{
    StoreError, StoreResult,
    sql::connection::{Connection, sql},
};

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
    Idle(Connection),
    /// In a transaction that somebody left for the next in line.
    Open(Shared),
}

/// A transaction with finished actions in it. Dropped, none of them is done.
#[derive(Debug)]
struct Shared {
    connection: Connection,
    _lock: File,
    /// Tells those who wait that they are committed; its end without that tells the contrary.
    committed: watch::Sender<bool>,
}

impl Shared {
    async fn run(&mut self, text: &'static str) -> StoreResult<()> {
        sql(text).execute(&mut self.connection).await.map(|_| ())
    }

    async fn commit(mut self) -> StoreResult<Connection> {
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
            Desk::Closed => (self.share(self.connect().await?).await?, false),
        };
        shared.run(if joined { "SAVEPOINT action" } else { "BEGIN IMMEDIATE" }).await?;
        Ok(WriteTx { shared, joined, turn, line: self.line.clone() })
    }

    async fn connect(&self) -> StoreResult<Connection> {
        self.options.connect().await.map(Connection::from).map_err(|e| error(&e))
    }

    async fn share(&self, connection: Connection) -> StoreResult<Shared> {
        let lock = take_lock(self.lock_path.clone()).await?;
        Ok(Shared { connection, _lock: lock, committed: watch::Sender::new(false) })
    }

    /// Runs settings outside of any transaction.
    pub(super) async fn tune(&self, settings: &[&'static str]) -> StoreResult<()> {
        let mut turn = self.line.lock().await;
        settle(&mut turn).await?;
        let connection = match mem::take(&mut *turn) {
            Desk::Idle(connection) => connection,
            _ => self.connect().await?,
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
    pub(in crate::store::sql) const fn on(&mut self) -> &mut Connection {
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, future::join};
    use sqlx::{Row, SqliteConnection};

    struct Numbers {
        writer: Writer,
        _dir: tempfile::TempDir,
    }

    impl Numbers {
        async fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let options = SqliteConnectOptions::new().filename(dir.path().join("db")).create_if_missing(true);
            let writer = Writer::new(options, dir.path().join("db.lock"));
            writer.tune(&["PRAGMA journal_mode = WAL", "CREATE TABLE numbers (n INTEGER UNIQUE)"]).await.unwrap();
            Self { writer, _dir: dir }
        }

        async fn begin(&self, n: i64) -> StoreResult<WriteTx> {
            let mut tx = self.writer.begin().await?;
            sql("INSERT INTO numbers VALUES ($1)").bind(n).execute(tx.on()).await?;
            Ok(tx)
        }

        async fn add(&self, n: i64) -> StoreResult<()> {
            self.begin(n).await?.commit().await
        }

        /// What others see.
        async fn there(&self) -> Vec<i64> {
            let mut other: SqliteConnection = self.writer.options().connect().await.unwrap();
            let rows = sqlx::query("SELECT n FROM numbers ORDER BY n").fetch_all(&mut other).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }

    #[tokio::test]
    async fn whoever_waits_meanwhile_is_committed_with_the_first() {
        let numbers = Numbers::new().await;
        let first = numbers.begin(1).await.unwrap();
        // Waits in line before the first one is done, looks at what others see, and adds its own.
        let second = async {
            let tx = numbers.begin(2).await.unwrap();
            let before = numbers.there().await;
            (before, tx.commit().await)
        };
        let ((before, second), first) = join(second, first.commit()).await;
        assert_eq!((before.as_slice(), second.is_ok(), first.is_ok()), ([].as_slice(), true, true));
        assert_eq!(numbers.there().await, [1, 2]);
    }

    #[tokio::test]
    async fn a_refused_action_is_undone_alone() {
        let numbers = Numbers::new().await;
        let first = numbers.begin(1).await.unwrap();
        let refused = async { numbers.begin(2).await?.roll_back().await };
        let (refused, first) = join(refused, first.commit()).await;
        assert!(refused.is_ok() && first.is_ok());
        numbers.add(3).await.unwrap();
        assert_eq!(numbers.there().await, [1, 3]);
    }

    #[tokio::test]
    async fn who_shared_a_transaction_with_one_that_failed_is_told_so() {
        let numbers = Numbers::new().await;
        let first = numbers.begin(1).await.unwrap();
        let (failed, first) = join(numbers.begin(1), first.commit()).await;
        assert!(failed.is_err() && matches!(first, Err(StoreError::NotWritten(_))), "{first:?}");
        assert!(numbers.there().await.is_empty());
        numbers.add(1).await.unwrap();
        assert_eq!(numbers.there().await, [1]);
    }

    #[tokio::test]
    async fn who_no_longer_waits_holds_nobody_up() {
        let numbers = Numbers::new().await;
        let first = numbers.begin(1).await.unwrap();
        let mut second = Box::pin(numbers.begin(2));
        assert!((&mut second).now_or_never().is_none(), "it waits in line");
        let mut commit = Box::pin(first.commit());
        assert!((&mut commit).now_or_never().is_none(), "it waits behind the second");
        drop(second);
        drop(commit);
        numbers.add(3).await.unwrap();
        assert_eq!(numbers.there().await, [3]);
    }

    #[tokio::test]
    async fn settings_wait_for_what_was_left_open() {
        let numbers = Numbers::new().await;
        let first = numbers.begin(1).await.unwrap();
        let (tuned, first) = join(numbers.writer.tune(&["PRAGMA cache_size = -1024"]), first.commit()).await;
        assert!(tuned.is_ok() && first.is_ok());
        assert_eq!(numbers.there().await, [1]);
    }
}
