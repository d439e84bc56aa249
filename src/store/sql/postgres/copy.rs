//! A server's database into which a shop is copied from a file.
//!
//! From the first row on, the table `copying` keeps everybody else out, and tells a copy that is
//! started again that it goes on with its own. What was committed stays, and the next row of a table
//! is the one behind its greatest key.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{
    Batch, Server, bulk,
    copy_rows::send,
    migrate,
    session::{Session, WriteTx},
};
use crate::{
    domain::{audit::Action, command::Asked, customer::CustomerId, server_address::ServerAddress, time_text},
    store::{
        StoreError, StoreResult,
        sql::{
            audit,
            connection::{Connection, Row, sql},
            copy::{Key, TABLES, Table, Told},
        },
    },
};

/// The number of the lock that whoever copies holds: "keyd", 5.
const COPY_LOCK: i64 = 0x6b65_7964_0005;
/// How long it is asked what became of the last commit when the server has gone away.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two such questions.
const PAUSE: Duration = Duration::from_millis(250);

/// Its one row says what is copied, and since when.
const MARK: &str = "CREATE TABLE copying (source TEXT NOT NULL, began_at BIGINT NOT NULL)";
const UNMARK: &str = "DROP TABLE copying";

pub(in crate::store::sql) const PAGE_OF_OPERATIONS: &str = "SELECT customer_id, op_key, action, answer, at FROM operations \
     WHERE customer_id >= $1 AND (customer_id > $1 OR op_key COLLATE \"C\" > $3) \
     ORDER BY customer_id, op_key COLLATE \"C\" LIMIT +$2";
const NEWEST_OPERATION: &str =
    "SELECT op_key FROM operations WHERE customer_id = $1 ORDER BY op_key COLLATE \"C\" DESC LIMIT 1";

/// A table and its sequence.
macro_rules! sequences {
    ($($table:literal),+) => {
        [$(($table, concat!("SELECT setval('", $table, "_id_seq', $1)"))),+]
    };
}

const SEQUENCES: [(&str, &str); 9] = sequences![
    "websites",
    "customer_groups",
    "integrations",
    "customers",
    "access_tokens",
    "web_sessions",
    "password_resets",
    "reset_requests",
    "outbox"
];

/// The database on the server, while this process alone copies into it.
pub(in crate::store::sql) struct Target {
    server: Server,
    address: String,
    /// Holds the lock, and ends with the server: what was committed last may be lost with it.
    running: Connection,
    reader: Connection,
}

/// A copy that was begun, now or before.
#[derive(Clone, Copy, Debug)]
pub(in crate::store::sql) struct Begun {
    /// When.
    pub at: Timestamp,
    /// Whether it was before.
    pub before: bool,
}

/// What is written at the end of a copy.
pub(in crate::store::sql) struct Finish<'a> {
    pub asked: &'a Asked,
    pub began_at: Timestamp,
    /// Links that were cancelled: resets and their customers.
    pub links: &'a [(i64, CustomerId)],
    /// What the audit log is told.
    pub detail: &'a str,
    /// Tables and the greatest id that each ever had.
    pub highest: &'a [(&'static str, i64)],
}

impl Target {
    /// Connects, and makes sure that nobody else copies or delivers mails.
    pub(in crate::store::sql) async fn open(address: &ServerAddress) -> StoreResult<Self> {
        let server = Server::over(address)?;
        let mut running = Connection::Postgres(Session::alone(&server.pool).await?);
        migrate::check_tables(&mut running).await?;
        let mut reader = Connection::Postgres(Session::alone(&server.pool).await?);
        // A page is planned for what it is asked.
        reader.server()?.run(sqlx::query("SET plan_cache_mode = force_custom_plan")).await?;
        let refused = |why: &str| StoreError::NotCopied(format!("{address}: {why}"));
        let owner = "SELECT pg_has_role(relowner, 'USAGE') AS owns FROM pg_class WHERE oid = to_regclass('customers')";
        if !sql(owner).fetch_one(&mut running).await?.flag("owns")? {
            return Err(refused(
                "this role does not own the tables. Nothing was done; copy as the role that ran keydesk migrate.",
            ));
        }
        let lock = sql("SELECT pg_try_advisory_lock($1) AS mine").bind(COPY_LOCK);
        if !lock.fetch_one(&mut running).await?.flag("mine")? {
            return Err(refused("another process is copying into this database. Nothing was done."));
        }
        if server.has_worker().await? {
            return Err(refused(
                "another process delivers the mails of this database. Nothing was done; end every console, worker and \
                 storefront that works on it first.",
            ));
        }
        Ok(Self { server, address: address.to_string(), running, reader })
    }

    /// Begins a copy of `source` in an empty database, or goes on with the one that was begun.
    pub(in crate::store::sql) async fn begin(&mut self, source: &str, at: Timestamp) -> StoreResult<Begun> {
        if migrate::check_tables(&mut self.reader).await? {
            let row = sql("SELECT source, began_at FROM copying").fetch_one(&mut self.reader).await?;
            let (other, at) = (row.text("source")?, row.time("began_at")?);
            if other != source {
                return Err(StoreError::NotCopied(format!(
                    "A copy of {other} into {} was begun {} and is not complete. Nothing was done; complete that one, or \
                     name an empty database.",
                    self.address,
                    time_text::second(at)
                )));
            }
            return Ok(Begun { at, before: true });
        }
        self.check_empty(source).await?;
        let mut tx = self.server.write().await?;
        sql(MARK).execute(tx.on()).await?;
        let mark = sql("INSERT INTO copying (source, began_at) VALUES ($1, $2)");
        mark.bind(source).bind(at.as_microsecond()).execute(tx.on()).await?;
        tx.commit().await?;
        Ok(Begun { at, before: false })
    }

    async fn check_empty(&mut self, source: &str) -> StoreResult<()> {
        for table in TABLES.iter().filter(|table| table.copy.is_some()) {
            if self.page(table, &Key::START, 1).await?.is_empty() {
                continue;
            }
            let copied = sql("SELECT at, detail FROM audit WHERE action = $1 ORDER BY seq DESC LIMIT 1");
            let copied = copied.bind(Action::DatabaseCopied.word()).fetch_optional(&mut self.reader).await?;
            let before = match copied {
                Some(row) if row.text("detail")?.starts_with(&format!("from {source}: ")) => {
                    format!(" The copy of {source} into it was completed {}.", time_text::second(row.time("at")?))
                }
                _ => String::new(),
            };
            return Err(StoreError::NotCopied(format!(
                "{} is not empty: there are {} in it.{before} Nothing was done; a shop is only copied into a database \
                 that has the tables of keydesk and nothing in them. Make an empty one, and run: keydesk migrate",
                self.address,
                table.name.replace('_', " ")
            )));
        }
        Ok(())
    }

    /// Rows behind a key.
    pub(in crate::store::sql) async fn page(
        &mut self,
        table: &Table,
        after: &Key,
        limit: i64,
    ) -> StoreResult<Vec<Row>> {
        let page = sql(table.target).bind(after.id).bind(limit);
        let page = if table.told == Told::Half { page.bind(after.half.as_str()) } else { page };
        page.fetch_all(&mut self.reader).await
    }

    /// How many rows a table has.
    pub(in crate::store::sql) async fn count(&mut self, table: &Table) -> StoreResult<i64> {
        sql(table.count).fetch_one(&mut self.reader).await?.int("number")
    }

    /// The last row of a table that is there.
    pub(in crate::store::sql) async fn newest(&mut self, table: &Table) -> StoreResult<Key> {
        let Some(id) = sql(table.newest).fetch_one(&mut self.reader).await?.maybe_int("newest")? else {
            return Ok(Key::START);
        };
        if table.told != Told::Half {
            return Ok(Key::behind(id));
        }
        let half = sql(NEWEST_OPERATION).bind(id).fetch_one(&mut self.reader).await?.text("op_key")?;
        Ok(Key { id, half })
    }

    /// Whether the server still is what it was when this copy began: one that went down meanwhile may
    /// have lost what was committed last, and what was put aside.
    async fn still_runs(&mut self) -> StoreResult<()> {
        sql("SELECT 1").fetch_one(&mut self.running).await.map(|_| ())
    }

    async fn begin_rows(&mut self) -> StoreResult<WriteTx> {
        self.still_runs().await?;
        let mut tx = self.server.write().await?;
        bulk::tune(tx.session()?).await?;
        Ok(tx)
    }

    /// Writes rows of a table, all or none.
    pub(in crate::store::sql) async fn write(&mut self, copy: &'static str, rows: Vec<u8>) -> StoreResult<()> {
        let mut tx = self.begin_rows().await?;
        send(tx.session()?, copy, rows.into()).await?;
        tx.commit().await
    }

    /// Writes customers, or only what those are found by who are there already.
    pub(in crate::store::sql) async fn write_customers(&mut self, customers: Batch) -> StoreResult<()> {
        self.still_runs().await?;
        self.server.insert_batch(customers).await.map(|_| ())
    }

    /// Up to which customer addresses are known, and searches find them.
    pub(in crate::store::sql) async fn indexed(&mut self) -> StoreResult<i64> {
        let newest = sql("SELECT COALESCE(max(customer_id), 0) AS newest FROM customer_emails");
        newest.fetch_one(&mut self.reader).await?.int("newest")
    }

    /// Puts aside what customers behind this one are found by, until [`Self::finish_load`].
    pub(in crate::store::sql) async fn begin_load(&self, behind: i64) -> StoreResult<()> {
        self.server.begin_load(Some(behind)).await
    }

    /// Writes what was put aside.
    pub(in crate::store::sql) async fn finish_load(&mut self) -> StoreResult<()> {
        self.still_runs().await?;
        self.server.finish_bulk_load().await
    }

    /// Writes the one row of the queue.
    pub(in crate::store::sql) async fn write_queue(&mut self, row: &Row) -> StoreResult<()> {
        let mut tx = self.begin_rows().await?;
        let queue = sql("UPDATE mail_queue SET stopped_until = $1, stopped_why = $2, token_key = $3 WHERE id = 1");
        let queue = queue.bind(row.maybe_int("stopped_until")?).bind(row.maybe_text("stopped_why")?);
        queue.bind(row.maybe_text("token_key")?).execute(tx.on()).await?;
        tx.commit().await
    }

    /// Writes the one row that unknown sign-ins are counted in.
    pub(in crate::store::sql) async fn write_unknown(&mut self, row: &Row) -> StoreResult<()> {
        let mut tx = self.begin_rows().await?;
        let unknown = sql("UPDATE unknown_sign_ins SET attempts = $1, last_at = $2 WHERE id = 1");
        unknown.bind(row.int("attempts")?).bind(row.int("last_at")?).execute(tx.on()).await?;
        tx.commit().await
    }

    /// How many addresses there are, and how many customers that searches find.
    pub(in crate::store::sql) async fn found_by(&mut self) -> StoreResult<[i64; 2]> {
        let emails = sql("SELECT count(*) AS number FROM customer_emails").fetch_one(&mut self.reader).await?;
        let texts = sql("SELECT count(*) AS number FROM search_texts WHERE apart IS NULL");
        Ok([emails.int("number")?, texts.fetch_one(&mut self.reader).await?.int("number")?])
    }

    /// Lets everybody in: in one transaction with the entries in the audit log.
    pub(in crate::store::sql) async fn finish(&mut self, finish: &Finish<'_>) -> StoreResult<()> {
        self.still_runs().await?;
        let mut tx = self.server.write().await?;
        tx.session()?.run(sqlx::query("SET LOCAL statement_timeout = 0")).await?;
        for (table, set) in SEQUENCES {
            let highest = finish.highest.iter().find(|(name, _)| *name == table).map_or(0, |(_, highest)| *highest);
            if highest > 0 {
                sql(set).bind(highest).fetch_one(tx.on()).await?;
            }
        }
        let began = Asked { at: finish.began_at, ..finish.asked.clone() };
        for (reset, customer) in finish.links {
            let detail = format!("link of reset {reset} cancelled: the shop was copied to another database");
            audit::append(tx.on(), &began, Action::ResetCancel, Some(*customer), &detail).await?;
        }
        audit::append(tx.on(), finish.asked, Action::DatabaseCopied, None, finish.detail).await?;
        sql(UNMARK).execute(tx.on()).await?;
        match tx.commit().await {
            Err(StoreError::Unknown(_)) => self.find_out().await,
            ended => ended,
        }
    }

    /// What became of the last commit, whose answer was lost.
    async fn find_out(&self) -> StoreResult<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let copying = async {
                let mut connection = Connection::Postgres(self.server.read().await?);
                migrate::check_tables(&mut connection).await
            };
            match copying.await {
                Ok(false) => return Ok(()),
                Err(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                Ok(true) | Err(_) => {
                    return Err(StoreError::Unreachable("The database server went away at the very end.".to_owned()));
                }
            }
        }
    }

    /// Closes all connections.
    pub(in crate::store::sql) fn close(self) {
        self.server.close();
    }
}
