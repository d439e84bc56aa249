//! Adding very many customers: what is in random order is put aside and written in one sorted go
//! at the end. All of it is in tables, so that a load whose process died can be completed.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sqlx::{PgConnection, Row as _};
use tokio::sync::Mutex;

use super::{
    Server,
    copy_rows::{self, Rows},
    merge::Holders,
    posting::{Posting, block_of, offset_of},
    session::Session,
};
use crate::store::{
    StoreError, StoreResult,
    sql::connection::{Connection, sql},
};

/// The number of the lock that whoever loads holds: "keyd", 3.
const LOAD_LOCK: i64 = 0x6b65_7964_0003;

const BEGIN: [&str; 4] = [
    "CREATE UNLOGGED TABLE staged_emails (email_key TEXT COLLATE \"C\", website_id BIGINT, customer_id BIGINT)",
    "CREATE UNLOGGED TABLE staged_keys (key TEXT COLLATE \"C\", customer_id BIGINT)",
    "CREATE UNLOGGED TABLE staged_postings (gram TEXT COLLATE \"C\", block BIGINT, ids BYTEA)",
    "CREATE UNLOGGED TABLE staged_from AS SELECT 1 + COALESCE(max(customer_id), 0) AS customer_id FROM search_texts",
];
pub(super) const COPY_EMAILS: &str =
    "COPY staged_emails (email_key, website_id, customer_id) FROM STDIN (FORMAT binary)";
pub(super) const COPY_KEYS: &str = "COPY staged_keys (key, customer_id) FROM STDIN (FORMAT binary)";
pub(super) const COPY_POSTINGS: &str = "COPY staged_postings (gram, block, ids) FROM STDIN (FORMAT binary)";

const ADD_EMAILS: &str = "INSERT INTO customer_emails (email_key, website_id, customer_id) \
     SELECT email_key, website_id, customer_id FROM staged_emails ORDER BY email_key, website_id";
const ADD_KEYS: &str =
    "INSERT INTO search_keys (key, customer_id) SELECT key, customer_id FROM staged_keys ORDER BY key, customer_id";
const STAGED_POSTINGS: &str = "SELECT gram, block, ids FROM staged_postings ORDER BY gram, block";
const COPY_BLOCKS: &str = "COPY gram_blocks (gram, block, customers, ids) FROM STDIN (FORMAT binary)";
const ADD_COUNTS: &str = "INSERT INTO gram_counts (gram, customers) SELECT gram, sum(customers)::bigint FROM gram_blocks \
     WHERE block >= $1 GROUP BY gram ON CONFLICT (gram) DO UPDATE SET customers = gram_counts.customers + excluded.customers";
const VACUUM: &str = "VACUUM (ANALYZE) customers, customer_emails, access_tokens, search_texts, search_keys, gram_blocks, \
     gram_counts";
const DROP: [&str; 4] =
    ["DROP TABLE staged_emails", "DROP TABLE staged_keys", "DROP TABLE staged_postings", "DROP TABLE staged_from"];
const GIVE_UP: [&str; 4] = [
    "DROP TABLE IF EXISTS staged_emails",
    "DROP TABLE IF EXISTS staged_keys",
    "DROP TABLE IF EXISTS staged_postings",
    "DROP TABLE IF EXISTS staged_from",
];

/// A load that this process runs.
#[derive(Debug, Default)]
pub(super) struct Loading(Mutex<Option<Load>>);

#[derive(Debug)]
struct Load {
    /// Holds the lock that tells others of the load, and ends with the process.
    _running: Connection,
    /// Who has which gram in the block that is not full yet.
    holders: HashMap<String, Vec<u16>>,
    /// The block that is not full yet.
    block: i64,
    /// Blocks before this one were there before, perhaps with somebody in them.
    first: i64,
}

impl Loading {
    /// Whether this process loads.
    pub(super) async fn is_mine(&self) -> bool {
        self.0.lock().await.is_some()
    }

    /// Takes in who has which gram, by places among `ids`, which go up. Gives the blocks that are
    /// full now; the last one is made from the customers at the end.
    pub(super) async fn full_blocks(&self, ids: &[i64], holders: HashMap<String, Vec<u32>>) -> Rows {
        let (mut rows, mut load) = (Rows::default(), self.0.lock().await);
        let (Some(load), Some(last)) = (load.as_mut(), ids.last()) else { return rows };
        let mut held: HashMap<i64, HashMap<String, Vec<u16>>> = HashMap::new();
        for (gram, places) in holders {
            let id = |place: &u32| usize::try_from(*place).ok().and_then(|place| ids.get(place)).copied();
            for id in places.iter().filter_map(id) {
                let of_block = held.entry(block_of(id)).or_default();
                match of_block.get_mut(&gram) {
                    Some(offsets) => offsets.push(offset_of(id)),
                    None => drop(of_block.insert(gram.clone(), vec![offset_of(id)])),
                }
            }
        }
        let mut blocks: Vec<i64> = held.keys().copied().collect();
        blocks.sort_unstable();
        for block in blocks {
            if block > load.block {
                load.write_block(&mut rows);
                load.block = block;
            }
            for (gram, offsets) in held.remove(&block).unwrap_or_default() {
                load.holders.entry(gram).or_default().extend(offsets);
            }
        }
        if block_of(last.saturating_add(1)) > load.block {
            load.write_block(&mut rows);
        }
        rows
    }
}

impl Load {
    fn write_block(&mut self, rows: &mut Rows) {
        // What may have been begun by others is made from the customers at the end.
        let full = self.block > self.first;
        for (gram, offsets) in self.holders.drain().filter(|_| full) {
            rows.row(3).text(&gram).int(self.block).bytes(&Posting::new(offsets).encode());
        }
    }
}

impl Server {
    pub(in crate::store::sql) async fn begin_bulk_load(&self) -> StoreResult<()> {
        self.begin_load(None).await
    }

    /// Begins a load; of customers behind `done`, where it takes the place of one that was given up
    /// before their addresses and what they are found by were written.
    pub(super) async fn begin_load(&self, done: Option<i64>) -> StoreResult<()> {
        let mut running = Connection::Postgres(Session::alone(&self.pool).await?);
        let lock = sql("SELECT pg_try_advisory_lock($1) AS mine").bind(LOAD_LOCK);
        if !lock.fetch_one(&mut running).await?.flag("mine")? {
            return Err(loads());
        }
        let mut tx = self.write().await?;
        if done.is_some() {
            for text in GIVE_UP {
                sql(text).execute(tx.on()).await?;
            }
        }
        for text in BEGIN {
            sql(text).execute(tx.on()).await?;
        }
        if let Some(done) = done {
            let from = sql("UPDATE staged_from SET customer_id = 1 + $1");
            from.bind(done).execute(tx.on()).await?;
        }
        let first = block_of(sql("SELECT customer_id FROM staged_from").fetch_one(tx.on()).await?.int("customer_id")?);
        tx.commit().await?;
        let load = Load { _running: running, holders: HashMap::new(), block: first, first };
        *self.bulk.0.lock().await = Some(load);
        Ok(())
    }

    pub(in crate::store::sql) async fn finish_bulk_load(&self) -> StoreResult<()> {
        let mut load = self.bulk.0.lock().await;
        if load.is_none() {
            return Ok(());
        }
        self.complete_load().await?;
        *load = None;
        // What a server would do by itself, but minutes later. Searches do without it, only slower.
        let _ = self.tidy_up().await;
        Ok(())
    }

    /// Lets the server learn what the tables hold, and that all of it is there for everybody.
    async fn tidy_up(&self) -> StoreResult<()> {
        let mut session = Session::alone(&self.pool).await?;
        session.run(sqlx::query("SET statement_timeout = 0")).await?;
        session.run(sqlx::query(VACUUM)).await?;
        Ok(())
    }

    /// Completes a load whose process died; leaves one alone that goes on, and one that somebody else
    /// has to complete who may write.
    pub(super) async fn complete_abandoned_load(&self) -> StoreResult<()> {
        let mut reader = Connection::Postgres(self.read().await?);
        // Only the owner can complete it; others work on, and find less.
        if !is_staged(&mut reader).await? || !owns(&mut reader).await? {
            return Ok(());
        }
        let mut running = Connection::Postgres(Session::alone(&self.pool).await?);
        let lock = sql("SELECT pg_try_advisory_lock($1) AS mine").bind(LOAD_LOCK);
        if lock.fetch_one(&mut running).await?.flag("mine")? && is_staged(&mut reader).await? {
            self.complete_load().await?;
        }
        Ok(())
    }

    async fn complete_load(&self) -> StoreResult<()> {
        let mut tx = self.write().await?;
        tune(tx.session()?).await?;
        for text in [ADD_EMAILS, ADD_KEYS] {
            tx.session()?.run(sqlx::query(text)).await?;
        }
        let first = sql("SELECT customer_id FROM staged_from").fetch_one(tx.on()).await?.int("customer_id")?;
        let last = sql("SELECT COALESCE(max(customer_id), 0) AS last FROM search_texts").fetch_one(tx.on()).await?;
        let last = block_of(last.int("last")?);
        self.write_blocks(tx.session()?).await?;
        let counted = sqlx::query(ADD_COUNTS).bind(block_of(first) + 1);
        tx.session()?.run(counted).await?;
        // The first and the last block have customers of others in them, or not all of their own.
        for block in [block_of(first), last] {
            Holders::loaded(tx.on(), block, first).await?.merge(tx.on()).await?;
        }
        for text in DROP {
            sql(text).execute(tx.on()).await?;
        }
        tx.commit().await
    }

    /// Writes the full blocks, in the order in which searches read them.
    async fn write_blocks(&self, writer: &mut Session) -> StoreResult<()> {
        let mut reader = self.write().await?;
        tune(reader.session()?).await?;
        let from = reader.session()?;
        let done = copy_blocks(from.begin_statement()?, writer.begin_statement()?).await;
        writer.end_statement(done)?;
        from.end_statement(Ok(()))?;
        reader.roll_back().await
    }
}

async fn copy_blocks(from: &mut PgConnection, to: &mut PgConnection) -> Result<u64, sqlx::Error> {
    let mut staged = sqlx::query(STAGED_POSTINGS).fetch(from);
    let mut copy = copy_rows::begin(to, COPY_BLOCKS).await?;
    let mut rows = Rows::default();
    while let Some(row) = staged.try_next().await? {
        let (gram, block, ids): (String, i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let customers = i64::try_from(Posting::decode(&ids).len()).unwrap_or(i64::MAX);
        rows.row(4).text(&gram).int(block).int(customers).bytes(&ids);
        if rows.is_large() {
            copy.send(rows.take()).await?;
        }
    }
    copy.send(rows.take()).await?;
    copy_rows::finish(copy).await
}

/// For transactions that take minutes. After a crash of the server the last batches of a load are
/// loaded again.
pub(super) async fn tune(session: &mut Session) -> StoreResult<()> {
    for text in [
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        "SET LOCAL synchronous_commit = off",
        "SET LOCAL work_mem = '64MB'",
    ] {
        session.run(sqlx::query(text)).await?;
    }
    Ok(())
}

/// Refuses to add customers while another process loads: the addresses that it has put aside are
/// not known yet, so that one could come twice, and the load could not be completed.
pub(super) async fn not_while_loading(connection: &mut Connection) -> StoreResult<()> {
    if is_staged(connection).await? { Err(loads()) } else { Ok(()) }
}

async fn owns(connection: &mut Connection) -> StoreResult<bool> {
    let owns = sql("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('staged_from') \
         AND pg_has_role(relowner, 'USAGE')) AS owns");
    owns.fetch_one(connection).await?.flag("owns")
}

async fn is_staged(connection: &mut Connection) -> StoreResult<bool> {
    let staged = sql("SELECT to_regclass('staged_from') IS NOT NULL AS staged");
    staged.fetch_one(connection).await?.flag("staged")
}

fn loads() -> StoreError {
    StoreError::Other("another process is loading customers into this database".to_owned())
}
