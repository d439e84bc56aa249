//! The embedded database: one file, opened by many processes at once.

mod backup;
mod batch;
mod bulk;
mod check;
mod copy;
mod customers;
mod draft;
mod error;
mod index;
mod lock;
mod migrate;
mod restore;
mod search;
mod statements;
mod stored;
mod verify;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

pub use batch::Batch;
pub use check::{Examined, examine};
pub(super) use copy::{PAGE_OF_MAILS, PAGE_OF_OPERATIONS, PAGE_OF_RESETS, Source};
pub(super) use customers::{index, insert_customer, unindex};
pub(super) use error::error;
use lock::WorkerLock;
pub use restore::{plan as plan_restore, restore};
pub(super) use writer::WriteTx;
use writer::Writer;

use crate::store::{
    StoreError, StoreResult,
    sql::{connection::Connection, search::SharedSample},
};

/// How long a statement waits for another process. Writers queue at the lock file first, so
/// that this is only met while SQLite itself recovers or checkpoints.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of a connection, in KiB (negative is SQLite's way of saying KiB).
const CACHE_KIB: &str = "-4096";
/// The same of the connection that searches: of ten million customers it keeps the upper levels
/// of every tree, so that a row costs one read.
const SEARCH_CACHE_KIB: &str = "-16384";
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

/// A database in a file. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Embedded {
    readers: SqlitePool,
    searcher: SqlitePool,
    counter: SqlitePool,
    writer: Writer,
    bulk: Arc<Mutex<Option<bulk::Bulk>>>,
    load_lock: PathBuf,
    sample: Arc<SharedSample>,
    worker: Arc<WorkerLock>,
}

impl Embedded {
    /// Opens the file at `path`, brings its tables up to date, and says in words what is wrong
    /// with it if that cannot be done. Nothing is written to a file that is not ours.
    ///
    /// # Errors
    /// When it is missing, not readable, damaged, not a keydesk database or made by a newer one.
    pub async fn open(path: &Path, mode: OpenMode) -> StoreResult<Self> {
        check_path(path, mode)?;
        let options = connect_options(path);
        let mut log_is_kept = migrate::bring_up_to_date(path, &options).await?;
        let reading = options.clone().pragma("query_only", "ON");
        let readers = pool(READERS, 0, reading.clone());
        let counter = pool(1, 0, reading.clone());
        // Opened while the terminal is taken over: the first page does not wait for it.
        let searcher = pool(1, 1, reading.pragma("cache_size", SEARCH_CACHE_KIB));
        let writer = Writer::new(options, beside(path, ".lock"));
        let worker = Arc::new(WorkerLock::new(beside(path, ".worker")));
        let load_lock = beside(path, ".load");
        let (bulk, sample) = <_>::default();
        let store = Self { readers, searcher, counter, writer, bulk, load_lock, sample, worker };
        if let Some(looking) = &mut log_is_kept {
            store.complete_abandoned_load(looking).await?;
        }
        Ok(store)
    }

    /// Starts a write transaction: waits for other processes at the lock file, then begins at
    /// once with the intention to write, so that it can never fail half way for a lock.
    pub(super) async fn write(&self) -> StoreResult<WriteTx> {
        self.writer.begin().await
    }

    /// A connection to read with.
    pub(super) async fn read(&self) -> StoreResult<Connection> {
        self.readers.acquire().await.map(Connection::from).map_err(|e| error(&e))
    }

    /// Closes all connections, so that the file is complete by itself and can be moved. Clones
    /// of this store must not be used any more.
    pub async fn close(self) {
        self.readers.close().await;
        self.searcher.close().await;
        self.counter.close().await;
        self.writer.close().await;
    }

    /// Runs settings on the writing connection, outside of any transaction.
    async fn tune_writer(&self, settings: &[&'static str]) -> StoreResult<()> {
        self.writer.tune(settings).await
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

/// So many connections, of which some are opened at once. They stay open, and with them what they
/// know of the file.
fn pool(connections: u32, at_once: u32, options: SqliteConnectOptions) -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(connections).min_connections(at_once);
    pool.idle_timeout(None).max_lifetime(None).test_before_acquire(false).connect_lazy_with(options)
}

/// The file beside the database with this ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
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
