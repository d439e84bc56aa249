//! Adding very many customers: what is in random order is put aside and written in one sorted go
//! at the end. Both are ordinary tables, so that a load whose process died can be completed.

use std::fs::File;

use sqlx::SqliteConnection;

use super::{
    Embedded,
    batch::Batch,
    error, index,
    lock::{to_lock, try_lock},
    statements,
};
use crate::store::{StoreError, StoreResult};

/// A load that this process runs.
#[derive(Debug)]
pub(super) struct Bulk {
    /// Tells others that it goes on; ends with the process.
    _running: File,
}

/// Writes what is in id order, and puts the rest aside.
pub(super) async fn add(connection: &mut SqliteConnection, first: i64, batch: Batch) -> StoreResult<()> {
    let Batch { emails, keys, texts, grams, gram_counts, .. } = batch;
    index::run(connection, statements::STAGE_EMAILS, emails, first).await?;
    index::run(connection, statements::STAGE_KEYS, keys, first).await?;
    index::run(connection, statements::ADD_TEXTS, texts, first).await?;
    index::run(connection, statements::ADD_GRAMS, grams, first).await?;
    index::run(connection, statements::ADD_COUNTS, gram_counts, first).await
}

impl Embedded {
    pub(in crate::store::sql) async fn begin_bulk_load(&self) -> StoreResult<()> {
        let Some(running) = try_lock(to_lock(&self.load_lock))? else {
            return Err(StoreError::Other("another process is loading customers into this database".to_owned()));
        };
        self.tune_writer(statements::TUNE_FOR_BULK).await?;
        let mut tx = self.write().await?;
        for sql in statements::BEGIN_BULK {
            sqlx::query(*sql).execute(tx.on().file()?).await.map_err(|e| error(&e))?;
        }
        tx.commit().await?;
        *self.bulk().lock().await = Some(Bulk { _running: running });
        Ok(())
    }

    pub(in crate::store::sql) async fn finish_bulk_load(&self) -> StoreResult<()> {
        let Some(_running) = self.bulk().lock().await.take() else { return Ok(()) };
        self.complete_load().await
    }

    /// Completes a load whose process died; leaves one alone that goes on. `looking` is a
    /// connection that is open anyway.
    pub(super) async fn complete_abandoned_load(&self, looking: &mut SqliteConnection) -> StoreResult<()> {
        let staged = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = 'staged_keys'");
        if staged.fetch_optional(looking).await.map_err(|e| error(&e))?.is_none() {
            return Ok(());
        }
        let Some(_running) = try_lock(to_lock(&self.load_lock))? else { return Ok(()) };
        self.tune_writer(statements::TUNE_FOR_BULK).await?;
        self.complete_load().await
    }

    async fn complete_load(&self) -> StoreResult<()> {
        let mut tx = self.write().await?;
        for sql in statements::FINISH_BULK {
            sqlx::query(*sql).execute(tx.on().file()?).await.map_err(|e| error(&e))?;
        }
        tx.commit().await?;
        self.tune_writer(statements::TUNE_FOR_USE).await
    }
}
