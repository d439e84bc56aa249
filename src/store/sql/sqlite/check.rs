//! Looking over a database without changing it, however it is.

mod files;

use std::{path::Path, time::SystemTime};

use jiff::Timestamp;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use super::{
    WorkerLock, beside, connect_options, error,
    migrate::{self, Header, Kind},
    verify::{self, Counts, Depth, number, text},
};
use crate::{
    domain::check::{Check, ShopState, Verdict},
    store::{
        StoreError, StoreResult,
        sql::{
            audit,
            connection::{Connection, from_micros},
            customers, outbox,
        },
    },
};

/// Below this version two processes that write at the same moment can damage the file
/// (<https://www.sqlite.org/wal.html>, "the WAL-reset bug").
const SQLITE_NEEDED: (u32, u32, u32) = (3, 51, 3);

/// What to do about a damaged database.
const RESTORE: &str = "Put a backup in its place: keydesk restore FILE --replace";

/// What was found.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Check by check.
    pub checks: Vec<Check>,
    /// What the database says of the shop; none when it cannot be read.
    pub shop: Option<ShopState>,
}

/// Looks at the database and the files beside it; `full` at all that can be looked at. Never
/// fails: what cannot be looked at is a finding.
pub async fn examine(database: &Path, full: bool, now: Timestamp) -> Examined {
    let mut checks = vec![engine().await];
    checks.extend(files::checks(database));
    if let Some(found) = header(database) {
        checks.push(found);
        return Examined { checks, shop: None };
    }
    let mut found = look(database, full, now).await;
    // A file that nobody had open was read without locks. Somebody who opened it since may have
    // written meanwhile; then it only seemed wrong.
    if found.checks.iter().any(|check| check.verdict == Verdict::Wrong) && has_journal(database) {
        found = look(database, full, now).await;
    }
    checks.append(&mut found.checks);
    Examined { checks, shop: found.shop }
}

/// The SQLite that is built in, and how it writes.
async fn engine() -> Check {
    let name = "sqlite";
    let asked = async {
        let memory = connect_options(Path::new(":memory:"));
        let mut connection = Connection::from(memory.connect().await.map_err(|e| error(&e))?);
        let version = text(&mut connection, "SELECT sqlite_version()").await?;
        let synchronous = number(&mut connection, "SELECT synchronous FROM pragma_synchronous").await?;
        let foreign_keys = number(&mut connection, "SELECT foreign_keys FROM pragma_foreign_keys").await?;
        StoreResult::Ok((version, synchronous, foreign_keys))
    };
    let advice = "Build keydesk with the SQLite that its Cargo.lock names.";
    match asked.await {
        Ok((version, 2, 1)) if parts(&version) >= Some(SQLITE_NEEDED) => {
            Check::fine(name, format!("SQLite {version}, every commit is flushed to the disk (synchronous FULL)"))
        }
        Ok((version, synchronous, foreign_keys)) => {
            let text = format!("SQLite {version}, synchronous {synchronous}, foreign keys {foreign_keys}");
            Check::wrong(name, format!("{text}; needed are 3.51.3, 2 and 1"), advice)
        }
        Err(e) => Check::wrong(name, e.to_string(), advice),
    }
}

fn parts(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// What keeps the file from being opened at all.
fn header(database: &Path) -> Option<Check> {
    let name = "database";
    let shown = database.display();
    match migrate::header(database) {
        Ok(Header::Ours) => None,
        Ok(Header::Empty) => {
            Some(Check::wrong(name, format!("{shown} is an empty file"), "Make its tables: keydesk migrate"))
        }
        Ok(Header::Foreign) => Some(Check::wrong(
            name,
            format!("{shown} is a database, but not one of keydesk"),
            "Name another one with --database or in the configuration.",
        )),
        Ok(Header::Garbled) => {
            Some(Check::wrong(name, format!("{shown} is not a database, or its beginning is damaged"), RESTORE))
        }
        Err(_) if !database.exists() => Some(Check::wrong(
            name,
            format!("There is no database {shown}"),
            "Name another one, make an empty one with keydesk migrate, or put a backup there with keydesk restore FILE.",
        )),
        Err(e) => Some(Check::wrong(name, e.to_string(), "Run doctor as the user who works with keydesk.")),
    }
}

fn has_journal(database: &Path) -> bool {
    beside(database, "-wal").metadata().is_ok_and(|file| file.len() > 0)
}

/// A connection that writes nothing, not even a journal beside a database that has none.
async fn open(database: &Path) -> StoreResult<Connection> {
    if !has_journal(database) {
        return verify::open_still(database).await;
    }
    let options = SqliteConnectOptions::new().filename(database).create_if_missing(false).read_only(true);
    options.busy_timeout(super::BUSY_TIMEOUT).connect().await.map(Connection::from).map_err(|e| error(&e))
}

async fn look(database: &Path, full: bool, now: Timestamp) -> Examined {
    let mut connection = match open(database).await {
        Ok(connection) => connection,
        Err(e) => return Examined { checks: vec![Check::wrong("database", e.to_string(), RESTORE)], shop: None },
    };
    let mut checks = vec![tables(&mut connection, database).await, journal(database)];
    checks.push(pages(&mut connection, if full { Depth::Full } else { Depth::Quick }).await);
    checks.extend(unfinished_load(&mut connection).await);
    if full {
        checks.push(references(&mut connection).await);
        checks.push(audit_log(&mut connection).await);
        checks.push(search_index(&mut connection).await);
    }
    let shop = match shop(&mut connection, database, now).await {
        Ok(shop) => Some(shop),
        Err(e) => {
            checks.push(Check::wrong("shop", format!("Websites and mails cannot be read: {e}"), RESTORE));
            None
        }
    };
    Examined { checks, shop }
}

async fn tables(connection: &mut Connection, database: &Path) -> Check {
    let name = "database";
    let shown = database.display();
    let found = match connection.file() {
        Ok(file) => migrate::inspect(file, database).await,
        Err(e) => Err(e),
    };
    match found {
        Ok(Kind::Ours { version: migrate::LATEST }) => {
            Check::fine(name, format!("{shown}, tables {}", migrate::LATEST))
        }
        Ok(Kind::Ours { version }) => Check::warning(
            name,
            format!("{shown} has tables {version}, this program makes {}", migrate::LATEST),
            "Bring them up to date: keydesk migrate",
        ),
        Ok(Kind::Empty) => Check::wrong(name, format!("{shown} has no tables"), "Make them: keydesk migrate"),
        Err(StoreError::Unusable(why)) if why.contains("newer") => {
            Check::wrong(name, why, "Install the newer keydesk.")
        }
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

/// Whether the file says that it is written by way of a journal that readers do not wait for.
fn journal(database: &Path) -> Check {
    let name = "journal";
    match migrate::writes_ahead(database) {
        Ok(true) => Check::fine(name, "write-ahead: readers and writers do not wait for each other"),
        Ok(false) => Check::warning(
            name,
            "not write-ahead: another program changed it",
            "Open the console once; keydesk sets it back.",
        ),
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

async fn pages(connection: &mut Connection, depth: Depth) -> Check {
    let name = "integrity";
    let what = match depth {
        Depth::Quick => "every page is whole",
        Depth::Full => "every page and every index is whole",
    };
    match verify::damage(connection, depth).await {
        Ok(None) => Check::fine(name, what),
        Ok(Some(damage)) => Check::wrong(name, format!("the database is damaged: {damage}"), RESTORE),
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

/// Whether very many customers are being added, or were when their process died.
async fn unfinished_load(connection: &mut Connection) -> Option<Check> {
    let staged = number(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'staged_keys'").await;
    staged.is_ok_and(|staged| staged > 0).then(|| {
        let advice = "Unless somebody is adding them now, open the console once: it completes them.";
        Check::warning("load", "many customers are being added, or their process died: searches lack them", advice)
    })
}

async fn references(connection: &mut Connection) -> Check {
    let name = "references";
    match number(connection, "SELECT count(*) FROM pragma_foreign_key_check").await {
        Ok(0) => Check::fine(name, "every row that another one names is there"),
        Ok(n) => Check::wrong(name, format!("{n} rows name others that are gone"), RESTORE),
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

async fn audit_log(connection: &mut Connection) -> Check {
    let name = "audit";
    match audit::chain(connection).await {
        Ok(report) => match report.broken {
            None => Check::fine(name, format!("the chain of {} entries holds, head {}", report.entries, report.head)),
            Some(broken) => Check::wrong(
                name,
                format!("{broken}; the {} before hold", report.entries),
                "Find out who could write to the file, and compare it with a backup.",
            ),
        },
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

async fn search_index(connection: &mut Connection) -> Check {
    let name = "search";
    match Counts::of(connection).await {
        Ok(counts) if counts.agree() => Check::fine(name, format!("all {} customers can be found", counts.customers)),
        Ok(Counts { customers, texts, emails, counted }) => Check::wrong(
            name,
            format!(
                "{customers} customers, but {texts} texts, {emails} addresses and a count of {counted} to find them by: \
                 adding many was not finished, or somebody else wrote"
            ),
            "Put a backup in its place, and add them again.",
        ),
        Err(e) => Check::wrong(name, e.to_string(), RESTORE),
    }
}

async fn shop(connection: &mut Connection, database: &Path, now: Timestamp) -> StoreResult<ShopState> {
    let newest = number(
        connection,
        "SELECT max(COALESCE((SELECT at FROM audit ORDER BY seq DESC LIMIT 1), 0), \
         COALESCE((SELECT max(created_at) FROM customers), 0))",
    );
    let newest = Some(newest.await?).filter(|at| *at != 0).map(from_micros);
    let queue = outbox::queue_state(connection, now).await?;
    // A database of an older keydesk has no place for it yet.
    let token_key = text(connection, "SELECT token_key FROM mail_queue WHERE id = 1 AND token_key NOT NULL").await.ok();
    let websites = customers::websites(connection).await?;
    let worker = WorkerLock::new(beside(database, ".worker"));
    let heard = worker.path.metadata().and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let works = worker.is_taken()?;
    let worker_heard = works.then(|| Timestamp::try_from(heard).unwrap_or(Timestamp::UNIX_EPOCH));
    Ok(ShopState { newest, queue, worker_heard, token_key, websites })
}
