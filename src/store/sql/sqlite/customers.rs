//! Adding customers in batches, and their place in the search index.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{
    Embedded,
    batch::{self, Batch},
    bulk, error, index as rows, statements,
};
use crate::{
    domain::{
        access_token::NewAccessToken,
        customer::{CustomerId, NewCustomer},
    },
    store::{StoreError, StoreResult},
};

impl Embedded {
    pub(in crate::store::sql) async fn insert_batch(&self, mut batch: Batch) -> StoreResult<Vec<CustomerId>> {
        let bulk = self.bulk().lock().await;
        let mut tx = self.write().await?;
        let file = tx.on().file()?;
        let (first, len) = (next_id(file).await?, batch.len);
        rows::run(file, statements::ADD_CUSTOMERS, std::mem::take(&mut batch.customers), first).await?;
        if bulk.is_some() {
            bulk::add(file, first, batch).await?;
        } else {
            not_while_loading(file).await?;
            rows::add(file, first, batch).await?;
            rows::merge_a_little(file).await?;
        }
        tx.commit().await?;
        Ok((first..).take(len).map(CustomerId).collect())
    }

    pub(in crate::store::sql) async fn insert_token_rows(&self, tokens: &[NewAccessToken]) -> StoreResult<()> {
        let rows = tokens.iter().map(|token| {
            (
                token.customer.0,
                token.integration.0,
                &token.digest,
                &token.scopes,
                token.created_at.as_microsecond(),
                token.last_used_at.map(Timestamp::as_microsecond),
                token.expires_at.map(Timestamp::as_microsecond),
            )
        });
        let mut tx = self.write().await?;
        rows::run(tx.on().file()?, statements::ADD_TOKENS, batch::rows(rows), 0).await?;
        tx.commit().await
    }
}

/// Adds one customer in a transaction that does more.
pub(in crate::store::sql) async fn insert_customer(
    connection: &mut SqliteConnection,
    customer: &NewCustomer,
) -> StoreResult<CustomerId> {
    let (id, mut batch) = (next_id(connection).await?, Batch::new(std::slice::from_ref(customer)));
    rows::run(connection, statements::ADD_CUSTOMERS, std::mem::take(&mut batch.customers), id).await?;
    rows::add(connection, id, batch).await?;
    rows::merge_a_little(connection).await?;
    Ok(CustomerId(id))
}

/// Takes a customer out of the index, before the row is changed or deleted.
pub(in crate::store::sql) async fn unindex(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<()> {
    not_while_loading(connection).await?;
    rows::remove(connection, id).await
}

/// Puts a changed customer back into the index.
pub(in crate::store::sql) async fn index(
    connection: &mut SqliteConnection,
    id: CustomerId,
    customer: &NewCustomer,
) -> StoreResult<()> {
    rows::add(connection, id.0, Batch::new(std::slice::from_ref(customer))).await?;
    rows::merge_a_little(connection).await
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
