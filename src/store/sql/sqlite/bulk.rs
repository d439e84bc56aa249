//! Adding very many customers to a new database: what is in random order is put aside and
//! written in one sorted go at the end.

use sqlx::SqliteConnection;

use super::{GramCounts, SqlStore, error, index, index::Indexed, statements};
use crate::store::StoreResult;

/// What has been put aside.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    counts: GramCounts,
}

impl Bulk {
    /// Writes what is in id order, and puts the rest aside.
    pub(super) async fn add(&mut self, connection: &mut SqliteConnection, customers: &[Indexed]) -> StoreResult<()> {
        for customer in customers {
            customer.count_into(&mut self.counts, 1);
        }
        index::run(connection, statements::STAGE_EMAILS, customers.iter().map(Indexed::email_row)).await?;
        index::run(connection, statements::STAGE_KEYS, customers.iter().flat_map(Indexed::key_rows)).await?;
        index::run(connection, statements::ADD_TEXTS, customers.iter().map(Indexed::text_row)).await?;
        index::run(connection, statements::ADD_GRAMS, customers.iter().map(Indexed::gram_row)).await
    }
}

impl SqlStore {
    pub(in crate::store::sql) async fn begin_bulk_load(&self) -> StoreResult<()> {
        self.tune_writer(statements::TUNE_FOR_BULK).await?;
        let mut tx = self.write().await?;
        for sql in statements::BEGIN_BULK {
            sqlx::query(*sql).execute(tx.on()).await.map_err(|e| error(&e))?;
        }
        tx.commit().await?;
        *self.bulk().lock().await = Some(Bulk::default());
        Ok(())
    }

    pub(in crate::store::sql) async fn finish_bulk_load(&self) -> StoreResult<()> {
        let Some(bulk) = self.bulk().lock().await.take() else { return Ok(()) };
        let mut tx = self.write().await?;
        for sql in statements::FINISH_BULK {
            sqlx::query(*sql).execute(tx.on()).await.map_err(|e| error(&e))?;
        }
        index::add_counts(tx.on(), &bulk.counts).await?;
        tx.commit().await?;
        self.tune_writer(statements::TUNE_FOR_USE).await
    }
}
