//! The embedded database: one file, opened by many processes at once.

mod backup;
mod batch;
mod bulk;
mod check;
mod customers;
mod draft;
mod error;
mod index;
mod migrate;
mod restore;
mod search;
mod statements;
mod stored;
mod verify;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::{Duration, SystemTime},
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

pub use batch::Batch;
pub use check::{Examined, examine};
pub(super) use error::error;
pub use restore::{plan as plan_restore, restore};

use crate::store::{StoreError, StoreResult};

/// How long a statement waits for another process. Writers queue at the lock file first, so
/// that this is only met while SQLite itself recovers or checkpoints.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a write waits for other processes at the lock file. A commit takes milliseconds: after
/// so long somebody is stuck.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// A worker refreshes its lock every two seconds; after so long it is taken for stopped.
const WORKER_SILENCE: Duration = Duration::from_mins(1);
/// Page cache of a connection, in KiB (negative is SQLite's way of saying KiB).
const CACHE_KIB: &str = "-4096";
/// The same of the connection that searches: of ten million customers it keeps the upper levels
/// of every tree, so that a row costs one read.
const SEARCH_CACHE_KIB: &str = "-24576";
/// Records, lists and the queue are read side by side.
const READERS: u32 = 2;

/// Whether a missing file is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The file must be there.
    MustExist,
    /// An empty database is made where there is none.
    CreateIfMissing,
}

/// A database in an SQLite file. Clones share its connections.
#[derive(Clone, Debug)]
pub struct SqlStore {
    pub(super) readers: SqlitePool,
    searcher: SqlitePool,
    counter: SqlitePool,
    writer: Writer,
    bulk: Arc<Mutex<Option<bulk::Bulk>>>,
    load_lock: PathBuf,
    sample: Arc<OnceCell<search::Sample>>,
    worker: Arc<WorkerLock>,
}

impl SqlStore {
    /// Opens the file at `path`, brings its tables up to date, and says in words what is wrong
    /// with it if that cannot be done. Nothing is written to a file that is not ours.
    ///
    /// # Errors
    /// When it is missing, not readable, damaged, not a keydesk database or made by a newer one.
    pub async fn open(path: &Path, mode: OpenMode) -> StoreResult<Self> {
        check_path(path, mode)?;
        let options = connect_options(path);
        let _log_is_kept = migrate::bring_up_to_date(path, &options).await?;
        let reading = options.clone().pragma("query_only", "ON");
        let readers = pool(READERS, 0, reading.clone());
        let counter = pool(1, 0, reading.clone());
        // Opened while the terminal is taken over: the first page does not wait for it.
        let searcher = pool(1, 1, reading.pragma("cache_size", SEARCH_CACHE_KIB));
        let writer = Writer { options, lock_path: beside(path, ".lock"), connection: Arc::default() };
        let worker = Arc::new(WorkerLock { path: beside(path, ".worker"), held: std::sync::Mutex::default() });
        let load_lock = beside(path, ".load");
        let (bulk, sample) = <_>::default();
        let store = Self { readers, searcher, counter, writer, bulk, load_lock, sample, worker };
        store.complete_abandoned_load().await?;
        Ok(store)
    }

    /// Starts a write transaction: waits for other processes at the lock file, then begins at
    /// once with the intention to write, so that it can never fail half way for a lock.
    pub(super) async fn write(&self) -> StoreResult<WriteTx> {
        self.writer.begin().await
    }

    /// Closes all connections, so that the file is complete by itself and can be moved. Clones
    /// of this store must not be used any more.
    pub async fn close(self) {
        self.readers.close().await;
        self.searcher.close().await;
        self.counter.close().await;
        if let Some(writer) = self.writer.connection.lock().await.take() {
            // What could not be closed is closed by being dropped.
            let _ = writer.close().await;
        }
    }

    /// Runs settings on the writing connection, outside of any transaction.
    async fn tune_writer(&self, settings: &'static [&'static str]) -> StoreResult<()> {
        let tx = self.write().await?;
        let WriteTx { mut connection, mut slot, .. } = tx;
        sqlx::query("ROLLBACK").execute(&mut connection).await.map_err(|e| error(&e))?;
        for sql in settings {
            sqlx::query(*sql).execute(&mut connection).await.map_err(|e| error(&e))?;
        }
        *slot = Some(connection);
        Ok(())
    }

    /// Whether this store is the one that delivers mails, becoming it if nobody is.
    pub(super) fn take_worker_lock(&self) -> StoreResult<bool> {
        self.worker.take()
    }

    /// Whether some process delivers mails.
    pub(super) fn has_worker(&self) -> StoreResult<bool> {
        self.worker.is_taken()
    }

    /// The load of very many customers that this process runs.
    fn bulk(&self) -> &Mutex<Option<bulk::Bulk>> {
        &self.bulk
    }
}

/// The one connection that writes; opened when first needed.
#[derive(Clone, Debug)]
struct Writer {
    options: SqliteConnectOptions,
    lock_path: PathBuf,
    connection: Arc<Mutex<Option<SqliteConnection>>>,
}

impl Writer {
    async fn begin(&self) -> StoreResult<WriteTx> {
        let mut slot = self.connection.clone().lock_owned().await;
        let lock = take_lock(self.lock_path.clone()).await?;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|e| error(&e))?,
        };
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.map_err(|e| error(&e))?;
        Ok(WriteTx { connection, slot, _lock: lock })
    }
}

/// A running write transaction. Dropped without [`WriteTx::commit`], its connection is closed,
/// which undoes it: after an error SQLite may have rolled back by itself, and sqlx would then
/// refuse every later transaction on that connection.
pub(super) struct WriteTx {
    connection: SqliteConnection,
    slot: OwnedMutexGuard<Option<SqliteConnection>>,
    _lock: File,
}

impl WriteTx {
    /// The connection to run statements on.
    pub(super) const fn on(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Commits. An error does not say that nothing was written: the caller asks for its
    /// operation key on a new connection.
    pub(super) async fn commit(mut self) -> StoreResult<()> {
        sqlx::query("COMMIT").execute(&mut self.connection).await.map_err(|e| error(&e))?;
        *self.slot = Some(self.connection);
        Ok(())
    }

    /// Undoes everything and keeps the connection: for answers such as "refused", where no
    /// statement failed.
    pub(super) async fn roll_back(mut self) -> StoreResult<()> {
        sqlx::query("ROLLBACK").execute(&mut self.connection).await.map_err(|e| error(&e))?;
        *self.slot = Some(self.connection);
        Ok(())
    }
}

/// So many connections, of which some are opened at once. They stay open, and with them what they
/// know of the file.
fn pool(connections: u32, at_once: u32, options: SqliteConnectOptions) -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(connections).min_connections(at_once);
    pool.idle_timeout(None).max_lifetime(None).test_before_acquire(false).connect_lazy_with(options)
}

/// Waits for the kernel's lock on the file beside the database. SQLite's own waiting is not
/// fair: with a hundred processes the unluckiest commit took eight seconds. The lock ends with
/// the process, so a killed one holds nobody up.
async fn take_lock(path: PathBuf) -> StoreResult<File> {
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(&path)?;
        file.lock().map(|()| file)
    });
    let failed = |why: &dyn std::fmt::Display| StoreError::NotWritten(format!("its lock file cannot be used ({why})"));
    // Only the waiting ends: the lock, should it come later, is dropped with what nobody waits for.
    let locked = tokio::time::timeout(LOCK_TIMEOUT, locked).await.map_err(|_| StoreError::Busy)?;
    locked.map_err(|e| failed(&e))?.map_err(|e| failed(&e))
}

/// The file beside the database with this ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Says which process delivers mails: a kernel lock, so that it passes on when a process dies,
/// on a file whose time the process refreshes, so that one that was stopped does not hold up the
/// others. Two workers at once are harmless: each mail has a lease of its own.
#[derive(Debug)]
struct WorkerLock {
    path: PathBuf,
    held: std::sync::Mutex<Option<File>>,
}

impl WorkerLock {
    /// Takes the lock if it is free; true when this store is to deliver.
    fn take(&self) -> StoreResult<bool> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = try_lock(to_lock(&self.path))?;
        }
        match held.as_ref() {
            // A time that cannot be set only makes others help.
            Some(file) => Ok(file.set_modified(SystemTime::now()).is_ok() || held.is_some()),
            None => Ok(self.is_stale()),
        }
    }

    /// Whether anybody holds it and works.
    fn is_taken(&self) -> StoreResult<bool> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Opened for reading only: who may not write here may look.
        let is_free = || try_lock(File::open(&self.path)).map(|lock| lock.is_some());
        Ok(held.is_some() || (self.path.exists() && !is_free()? && !self.is_stale()))
    }

    /// Whether its holder has not been heard of for long: a time in the future was set before the
    /// clock was set back, and is as old as it is far away.
    fn is_stale(&self) -> bool {
        let heard = self.path.metadata().and_then(|file| file.modified());
        heard.is_ok_and(|at| at.elapsed().unwrap_or_else(|ahead| ahead.duration()) > WORKER_SILENCE)
    }
}

fn to_lock(path: &Path) -> std::io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

fn try_lock(file: std::io::Result<File>) -> StoreResult<Option<File>> {
    let failed = |e: std::io::Error| StoreError::NotWritten(format!("its lock file cannot be used ({e})"));
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(failed(e)),
    }
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", CACHE_KIB)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("secure_delete", "FAST")
}

fn check_path(path: &Path, mode: OpenMode) -> StoreResult<()> {
    let shown = path.display();
    let unreachable = |why: String| Err(StoreError::Unreachable(why));
    match path.metadata() {
        Ok(found) if found.is_dir() => unreachable(format!("{shown} is a folder. Name the database file in it.")),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
            if !folder.is_dir() {
                return unreachable(format!(
                    "There is no folder {}. Make it, or name another database.",
                    folder.display()
                ));
            }
            match mode {
                OpenMode::CreateIfMissing => Ok(()),
                OpenMode::MustExist => unreachable(format!(
                    "There is no database {shown}. Start the console once to make an empty one, or try: keydesk demo"
                )),
            }
        }
        Err(e) => unreachable(format!("The database {shown} cannot be opened: {e}.")),
    }
}
