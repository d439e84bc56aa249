//! Customers in the form in which a server takes very many.

use super::{Server, index::insert_customer};
use crate::{
    domain::{
        access_token::NewAccessToken,
        customer::{CustomerId, NewCustomer},
    },
    store::{StoreResult, sql::connection::sql},
};

/// New customers, ready to be written.
#[derive(Debug)]
pub struct Batch(Vec<NewCustomer>);

impl Batch {
    pub(in crate::store::sql) fn new(customers: &[NewCustomer]) -> Self {
        Self(customers.to_vec())
    }
}

impl Server {
    pub(in crate::store::sql) async fn insert_batch(&self, batch: Batch) -> StoreResult<Vec<CustomerId>> {
        let mut tx = self.write().await?;
        let mut ids = Vec::with_capacity(batch.0.len());
        for customer in &batch.0 {
            ids.push(insert_customer(tx.on(), customer).await?);
        }
        tx.commit().await?;
        Ok(ids)
    }

    pub(in crate::store::sql) async fn insert_token_rows(&self, tokens: &[NewAccessToken]) -> StoreResult<()> {
        let mut tx = self.write().await?;
        for token in tokens {
            let add = sql(
                "INSERT INTO access_tokens (customer_id, integration_id, digest, scopes, created_at, last_used_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let add = add.bind(token.customer.0).bind(token.integration.0).bind(token.digest.as_str());
            let add = add.bind(token.scopes.as_str()).bind(token.created_at.as_microsecond());
            let micros = |at: Option<jiff::Timestamp>| at.map(jiff::Timestamp::as_microsecond);
            let add = add.bind(micros(token.last_used_at)).bind(micros(token.expires_at));
            add.execute(tx.on()).await?;
        }
        tx.commit().await
    }
}
