//! Adding customers in batches, and their place in the search index.

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};

use super::{
    SqlStore, error,
    index::{self, Indexed},
    statements,
};
use crate::{
    domain::customer::{CustomerId, NewCustomer},
    store::StoreResult,
};

impl SqlStore {
    pub(in crate::store::sql) async fn insert_customer_rows(
        &self,
        customers: &[NewCustomer],
    ) -> StoreResult<Vec<CustomerId>> {
        let mut bulk = self.bulk().lock().await;
        let mut tx = self.write().await?;
        let first = next_id(tx.on()).await?;
        let ids: Vec<CustomerId> = (first..).take(customers.len()).map(CustomerId).collect();
        let rows = ids.iter().zip(customers).map(|(id, customer)| row(*id, customer));
        index::run(tx.on(), statements::ADD_CUSTOMERS, rows).await?;
        let indexed: Vec<Indexed> =
            ids.iter().zip(customers).map(|(id, customer)| Indexed::new(*id, customer)).collect();
        if let Some(bulk) = bulk.as_mut() {
            bulk.add(tx.on(), &indexed).await?;
        } else {
            index::add(tx.on(), &indexed).await?;
            index::merge_a_little(tx.on()).await?;
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// Adds one customer in a transaction that does more.
    pub(in crate::store::sql) async fn insert_customer_row(
        &self,
        connection: &mut SqliteConnection,
        customer: &NewCustomer,
    ) -> StoreResult<CustomerId> {
        let id = CustomerId(next_id(connection).await?);
        index::run(connection, statements::ADD_CUSTOMERS, std::iter::once(row(id, customer))).await?;
        self.index(connection, id, customer).await?;
        Ok(id)
    }

    pub(in crate::store::sql) async fn insert_token_rows(
        &self,
        rows: impl Iterator<Item = Value> + Send,
    ) -> StoreResult<()> {
        let mut tx = self.write().await?;
        index::run(tx.on(), statements::ADD_TOKENS, rows).await?;
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
        index::add(connection, &[Indexed::new(id, customer)]).await?;
        index::merge_a_little(connection).await
    }
}

/// The id that AUTOINCREMENT would give next: also behind deleted customers.
async fn next_id(connection: &mut SqliteConnection) -> StoreResult<i64> {
    let last = sqlx::query("SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'customers'");
    let last: i64 = last.fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    Ok(last + 1)
}

fn row(id: CustomerId, customer: &NewCustomer) -> Value {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    json!([
        id.0,
        customer.website.0,
        customer.group.0,
        customer.email.as_str(),
        customer.name.first,
        customer.name.middle,
        customer.name.last,
        customer.phone,
        customer.password_hash,
        customer.active,
        customer.confirmed,
        customer.failed_sign_ins,
        micros(customer.locked_until),
        customer.created_at.as_microsecond(),
        micros(customer.last_sign_in_at),
    ])
}
