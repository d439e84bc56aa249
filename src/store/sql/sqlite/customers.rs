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
    store::{StoreError, StoreResult},
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
            not_while_loading(tx.on()).await?;
            index::add(tx.on(), first, batch).await?;
            index::merge_a_little(tx.on()).await?;
        }
        tx.commit().await?;
        Ok((first..).take(len).map(CustomerId).collect())
    }

    /// Adds one customer in a transaction that does more.
    pub(in crate::store::sql) async fn insert_customer_row(
        &self,
        connection: &mut SqliteConnection,
        customer: &NewCustomer,
    ) -> StoreResult<CustomerId> {
        let (id, mut batch) = (next_id(connection).await?, Batch::new(std::slice::from_ref(customer)));
        index::run(connection, statements::ADD_CUSTOMERS, std::mem::take(&mut batch.customers), id).await?;
        index::add(connection, id, batch).await?;
        index::merge_a_little(connection).await?;
        Ok(CustomerId(id))
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
        not_while_loading(connection).await?;
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

/// Refuses to touch the index while another process loads: the addresses that it has put aside
/// are not in it yet, so that one could come twice, and the load could not be completed.
async fn not_while_loading(connection: &mut SqliteConnection) -> StoreResult<()> {
    let staged = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = 'staged_keys'");
    match staged.fetch_optional(connection).await.map_err(|e| error(&e))? {
        None => Ok(()),
        Some(_) => Err(StoreError::Other("another process is loading customers into this database".to_owned())),
    }
}

/// The id that AUTOINCREMENT would give next: also behind deleted customers.
async fn next_id(connection: &mut SqliteConnection) -> StoreResult<i64> {
    let last = sqlx::query("SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'customers'");
    let last: i64 = last.fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    Ok(last + 1)
}
