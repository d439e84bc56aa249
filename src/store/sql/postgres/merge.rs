//! Taking customers into the gram index who were written since it was last looked after.
//!
//! Writing a customer does not touch the index: its rows are everybody's, and two who change two
//! customers must not wait for each other. Whoever delivers mails takes in what stands apart, a
//! block at a time, when there is nothing else to do.

use std::collections::{BTreeSet, HashMap};

use super::{
    Server,
    posting::{BLOCK, Posting, block_of, offset_of},
};
use crate::{
    domain::{
        search_text::SearchText,
        website::{GroupId, WebsiteId},
    },
    store::{
        StoreResult,
        sql::{
            connection::{Connection, Row, sql},
            marks::Marks,
        },
    },
};

/// The number of the lock that whoever changes the index holds: "keyd", 4.
const MERGE_LOCK: i64 = 0x6b65_7964_0004;
/// Customers taken in at once.
const STEP: i64 = 500;

macro_rules! holders {
    ($condition:literal) => {
        concat!(
            "SELECT t.customer_id, t.names, t.email, t.phone, t.apart, c.website_id, c.group_id, c.confirmed, c.active \
             FROM search_texts t JOIN customers c ON c.id = t.customer_id \
             WHERE t.customer_id >= $1 AND t.customer_id < $2 AND ",
            $condition,
            " ORDER BY t.customer_id LIMIT +$3"
        )
    };
}

const APART: &str = holders!("t.apart IS NOT NULL");
const LOADED: &str = holders!("t.apart IS NULL");

/// Who of a block has which gram.
pub(super) struct Holders {
    block: i64,
    /// Customers, and the numbers of their rows that stand apart.
    customers: Vec<i64>,
    apart: Vec<i64>,
    offsets: HashMap<String, BTreeSet<u16>>,
}

impl Server {
    /// Takes some in. Says whether there may be more.
    pub(in crate::store::sql) async fn merge_grams(&self) -> StoreResult<bool> {
        let next = "SELECT min(customer_id) AS next FROM search_texts WHERE apart IS NOT NULL";
        let mut reader = Connection::Postgres(self.read().await?);
        let Some(next) = sql(next).fetch_one(&mut reader).await?.maybe_int("next")? else { return Ok(false) };
        drop(reader);
        let mut tx = self.write().await?;
        let lock = sql("SELECT pg_try_advisory_xact_lock($1) AS mine").bind(MERGE_LOCK);
        if !lock.fetch_one(tx.on()).await?.flag("mine")? {
            tx.roll_back().await?;
            return Ok(false);
        }
        let holders = Holders::read(tx.on(), APART, block_of(next), next).await?;
        holders.merge(tx.on()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

impl Holders {
    /// Everybody of a block, from an id on, whom a load has written.
    pub(super) async fn loaded(connection: &mut Connection, block: i64, from: i64) -> StoreResult<Self> {
        Self::read(connection, LOADED, block, from).await
    }

    async fn read(connection: &mut Connection, text: &'static str, block: i64, from: i64) -> StoreResult<Self> {
        let limit = if text == APART { STEP } else { BLOCK };
        let rows = sql(text).bind(from.max(block * BLOCK)).bind((block + 1) * BLOCK).bind(limit);
        let mut holders = Self { block, customers: Vec::new(), apart: Vec::new(), offsets: HashMap::new() };
        for row in rows.fetch_all(connection).await? {
            holders.add(&row)?;
        }
        Ok(holders)
    }

    fn add(&mut self, row: &Row) -> StoreResult<()> {
        let id = row.int("customer_id")?;
        let text = SearchText { names: row.text("names")?, email: row.text("email")?, phone: row.text("phone")? };
        let marks = Marks {
            website: WebsiteId(row.int("website_id")?),
            group: GroupId(row.int("group_id")?),
            confirmed: row.flag("confirmed")?,
            active: row.flag("active")?,
        };
        for gram in text.grams().iter().chain(marks.grams()) {
            self.offsets.entry(gram).or_default().insert(offset_of(id));
        }
        self.customers.push(id);
        self.apart.extend(row.maybe_int("apart")?);
        Ok(())
    }

    /// Adds them to what the index has. A row that was written anew meanwhile goes on standing apart.
    pub(super) async fn merge(self, connection: &mut Connection) -> StoreResult<()> {
        let grams: Vec<String> = self.offsets.keys().cloned().collect();
        let known = sqlx::query("SELECT gram, ids FROM gram_blocks WHERE block = $1 AND gram = ANY($2)");
        let known = connection.server()?.rows(known.bind(self.block).bind(grams)).await?;
        let mut known: HashMap<String, Posting> = known
            .iter()
            .map(|row| Ok((row.text("gram")?, Posting::decode(&row.maybe_bytes("ids")?.unwrap_or_default()))))
            .collect::<StoreResult<_>>()?;
        let (mut grams, mut customers, mut ids, mut added) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut offsets: Vec<_> = self.offsets.into_iter().collect();
        // In one order, so that no two wait for each other.
        offsets.sort_unstable();
        for (gram, offsets) in offsets {
            let posting = Posting::new(offsets.into_iter().collect());
            let (before, posting) = match known.remove(&gram) {
                Some(known) => (known.len(), known.or(&posting)),
                None => (0, posting),
            };
            let now = posting.len();
            if now > before {
                grams.push(gram);
                customers.push(i64::try_from(now).unwrap_or(i64::MAX));
                added.push(i64::try_from(now - before).unwrap_or(i64::MAX));
                ids.push(posting.encode());
            }
        }
        let session = connection.server()?;
        let blocks = sqlx::query(
            "INSERT INTO gram_blocks (gram, block, customers, ids) SELECT gram, $1, customers, ids \
             FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS new (gram, customers, ids) \
             ON CONFLICT (gram, block) DO UPDATE SET customers = excluded.customers, ids = excluded.ids",
        );
        session.run(blocks.bind(self.block).bind(grams.clone()).bind(customers).bind(ids)).await?;
        let counts = sqlx::query(
            "INSERT INTO gram_counts (gram, customers) SELECT gram, customers \
             FROM unnest($1::text[], $2::bigint[]) AS new (gram, customers) \
             ON CONFLICT (gram) DO UPDATE SET customers = gram_counts.customers + excluded.customers",
        );
        session.run(counts.bind(grams).bind(added)).await?;
        let done = sqlx::query("UPDATE search_texts SET apart = NULL WHERE customer_id = ANY($1) AND apart = ANY($2)");
        session.run(done.bind(self.customers).bind(self.apart)).await.map(|_| ())
    }
}
