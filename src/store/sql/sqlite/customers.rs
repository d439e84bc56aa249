//! Adding customers in batches, and their place in the search index.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Row, SqliteConnection};

use super::{
    SqlStore,
    bulk::Bulk,
    error,
    index::{self, Indexed},
    statements,
};
use crate::{
    domain::customer::{CustomerId, IndexedCustomer, NewCustomer},
    store::StoreResult,
};

impl SqlStore {
    pub(in crate::store::sql) async fn insert_customer_rows(
        &self,
        new: &[IndexedCustomer],
    ) -> StoreResult<Vec<CustomerId>> {
        let indexed: Vec<Indexed<'_>> = new.iter().map(Indexed::new).collect();
        let bulk = self.bulk().lock().await;
        let mut tx = self.write().await?;
        let first = next_id(tx.on()).await?;
        index::run(tx.on(), statements::ADD_CUSTOMERS, first, new.iter().map(|new| row(&new.customer))).await?;
        if bulk.is_some() {
            Bulk::add(tx.on(), first, &indexed).await?;
        } else {
            index::add(tx.on(), first, &indexed).await?;
            index::merge_a_little(tx.on()).await?;
        }
        tx.commit().await?;
        Ok((first..).take(new.len()).map(CustomerId).collect())
    }

    pub(in crate::store::sql) async fn insert_token_rows(
        &self,
        rows: impl Iterator<Item = impl Serialize> + Send,
    ) -> StoreResult<()> {
        let mut tx = self.write().await?;
        index::run(tx.on(), statements::ADD_TOKENS, 0, rows).await?;
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
        customer: NewCustomer,
    ) -> StoreResult<()> {
        index::add(connection, id.0, &[Indexed::new(&customer.into())]).await?;
        index::merge_a_little(connection).await
    }
}

/// The id that AUTOINCREMENT would give next: also behind deleted customers.
async fn next_id(connection: &mut SqliteConnection) -> StoreResult<i64> {
    let last = sqlx::query("SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'customers'");
    let last: i64 = last.fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    Ok(last + 1)
}

/// The columns of a customer in the order of [`statements::ADD_CUSTOMERS`].
fn row(customer: &NewCustomer) -> impl Serialize {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    (
        customer.website.0,
        customer.group.0,
        customer.email.as_str(),
        &customer.name.first,
        &customer.name.middle,
        &customer.name.last,
        &customer.phone,
        &customer.password_hash,
        customer.active,
        customer.confirmed,
        customer.failed_sign_ins,
        micros(customer.locked_until),
        customer.created_at.as_microsecond(),
        micros(customer.last_sign_in_at),
    )
}
