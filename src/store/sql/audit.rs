//! The audit log's rows.

use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{Columns, SqlStore, sqlite};
use crate::{
    domain::{
        audit::{Action, Entry, EntryLine, GENESIS},
        command::Asked,
        customer::{CustomerId, HistoryLine},
    },
    store::{Audit, StoreResult},
};

impl Audit for SqlStore {
    async fn audit_entries(
        &self,
        customer: Option<CustomerId>,
        before: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<EntryLine>> {
        let mut connection = self.readers.acquire().await.map_err(|e| sqlite::error(&e))?;
        let rows = newest(&mut connection, customer, before, limit).await?;
        rows.iter()
            .map(|row| {
                Ok(EntryLine {
                    seq: row.int("seq")?,
                    at: row.time("at")?,
                    operator: row.safe("operator")?,
                    action: row.safe("action")?,
                    customer: row.maybe_int("customer_id")?.map(CustomerId),
                    detail: row.safe("detail")?,
                    reason: row.safe("reason")?,
                })
            })
            .collect()
    }

    async fn audit_chain(&self, from: i64, limit: u32) -> StoreResult<Vec<Entry>> {
        let mut connection = self.readers.acquire().await.map_err(|e| sqlite::error(&e))?;
        entries(&mut connection, from, limit).await
    }
}

/// Entries as stored, from number `from` on.
pub(super) async fn entries(connection: &mut SqliteConnection, from: i64, limit: u32) -> StoreResult<Vec<Entry>> {
    let rows =
        sqlx::query("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2").bind(from).bind(i64::from(limit));
    let rows = rows.fetch_all(connection).await.map_err(|e| sqlite::error(&e))?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                seq: row.int("seq")?,
                at: row.time("at")?,
                operator: row.text("operator")?,
                action: row.text("action")?,
                customer: row.maybe_int("customer_id")?.map(CustomerId),
                detail: row.text("detail")?,
                reason: row.text("reason")?,
                previous: row.text("previous")?,
                hash: row.text("hash")?,
            })
        })
        .collect()
}

async fn newest(
    connection: &mut SqliteConnection,
    customer: Option<CustomerId>,
    before: Option<i64>,
    limit: u32,
) -> StoreResult<Vec<SqliteRow>> {
    // Two texts, so that each has its index.
    let query = match customer {
        Some(id) => sqlx::query(
            "SELECT seq, at, operator, action, customer_id, detail, reason FROM audit \
             WHERE customer_id = $3 AND seq < $1 ORDER BY seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .bind(id.0),
        None => sqlx::query(
            "SELECT seq, at, operator, action, customer_id, detail, reason FROM audit \
             WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit)),
    };
    query.fetch_all(connection).await.map_err(|e| sqlite::error(&e))
}

/// What happened to a customer, newest first.
pub(super) async fn history(
    connection: &mut SqliteConnection,
    id: CustomerId,
    limit: u32,
) -> StoreResult<Vec<HistoryLine>> {
    let rows = newest(connection, Some(id), None, limit).await?;
    rows.iter()
        .map(|row| {
            Ok(HistoryLine {
                at: row.time("at")?,
                action: row.safe("action")?,
                operator: row.safe("operator")?,
                reason: row.safe("reason")?,
                detail: row.safe("detail")?,
            })
        })
        .collect()
}

/// Adds an entry to the chain, in the transaction of what it tells about: no entry, no action.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    asked: &Asked,
    action: Action,
    customer: Option<CustomerId>,
    detail: &str,
) -> StoreResult<()> {
    let last =
        sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *connection).await;
    let (seq, previous) = match last.map_err(|e| sqlite::error(&e))? {
        Some(row) => (row.int("seq")? + 1, row.text("hash")?),
        None => (1, GENESIS.to_owned()),
    };
    let mut entry = Entry {
        seq,
        at: asked.at,
        operator: asked.by.name().as_str().to_owned(),
        action: action.word().to_owned(),
        customer,
        detail: detail.to_owned(),
        reason: asked.reason.clone(),
        previous,
        hash: String::new(),
    };
    entry.hash = entry.seal();
    sqlx::query(
        "INSERT INTO audit (seq, at, operator, action, customer_id, detail, reason, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.seq)
    .bind(entry.at.as_microsecond())
    .bind(entry.operator)
    .bind(entry.action)
    .bind(entry.customer.map(|id| id.0))
    .bind(entry.detail)
    .bind(entry.reason)
    .bind(entry.previous)
    .bind(entry.hash)
    .execute(connection)
    .await
    .map(|_| ())
    .map_err(|e| sqlite::error(&e))
}
