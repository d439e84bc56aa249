//! Adding customers in batches, and their place in the search index.

use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use super::{
    SqlStore,
    batch::{self, Batch},
    bulk, error, index, statements,
};
use crate::{
    domain::customer::{CustomerId, NewCustomer},
    store::StoreResult,
};

impl SqlStore {
    pub(in crate::store::sql) async fn insert_batch(&self, mut batch: Batch) -> StoreResult<Vec<CustomerId>> {
        let bulk = self.bulk().lock().await;
        let mut tx = self.write().await?;
        let (first, len) = (next_id(tx.on()).await?, batch.len);
        index::run(tx.on(), statements::ADD_CUSTOMERS, std::mem::take(&mut batch.customers), first).await?;
        if bulk.is_some() {
            bulk::add(tx.on(), first, batch).await?;
        } else {
            index::add(tx.on(), first, batch).await?;
            index::merge_a_little(tx.on()).await?;
        }
        tx.commit().await?;
        Ok((first..).take(len).map(CustomerId).collect())
    }

    pub(in crate::store::sql) async fn insert_token_rows(
        &self,
        rows: impl Iterator<Item = impl Serialize> + Send,
    ) -> StoreResult<()> {
        let mut tx = self.write().await?;
        index::run(tx.on(), statements::ADD_TOKENS, batch::rows(rows), 0).await?;
        tx.commit().await
    }

    /// Takes a customer out of the index, before the row is changed or deleted.
    pub(in crate::store::sql) async fn unindex(
        &self,
        connection: &mut SqliteConnection,
        id: CustomerId,
    ) -> StoreResult<()> {
        index::remove(connection, id).await
    }

    /// Puts a changed customer back into the index.
    pub(in crate::store::sql) async fn index(
        &self,
        connection: &mut SqliteConnection,
        id: CustomerId,
        customer: &NewCustomer,
    ) -> StoreResult<()> {
        index::add(connection, id.0, Batch::new(std::slice::from_ref(customer))).await?;
        index::merge_a_little(connection).await
    }
}

/// The id that AUTOINCREMENT would give next: also behind deleted customers.
async fn next_id(connection: &mut SqliteConnection) -> StoreResult<i64> {
    let last = sqlx::query("SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'customers'");
    let last: i64 = last.fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    Ok(last + 1)
}
