//! Reading the audit log, and checking that nobody rewrote it.

use crate::{
    domain::audit::{AuditFilter, ChainReport, EntryLine, Verifier, Walk},
    service::Service,
    store::{Store, StoreResult},
};

/// Entries read at a time.
const BATCH: u32 = 1000;

impl<S: Store> Service<S> {
    /// Entries that fit a filter, newest first, older than number `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<EntryLine>> {
        self.store.audit_entries(filter, before, limit).await
    }

    /// Walks the whole audit log and says where its chain breaks, if it does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_audit(&self) -> StoreResult<ChainReport> {
        let mut verifier = Verifier::default();
        loop {
            match self.walk_audit(verifier).await? {
                Walk::Going(on) => verifier = on,
                Walk::Ended(report) => return Ok(report),
            }
        }
    }

    /// Walks a stretch of the audit log, from where the walk stands.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn walk_audit(&self, mut verifier: Verifier) -> StoreResult<Walk> {
        // From the very first row: one that was put in front of number 1 counts, too.
        let from = if verifier.count() == 0 { i64::MIN } else { verifier.count() + 1 };
        let entries = self.store.audit_chain(from, BATCH).await?;
        let broken = entries.iter().find_map(|entry| verifier.check(entry).err());
        if broken.is_none() && !entries.is_empty() {
            return Ok(Walk::Going(verifier));
        }
        Ok(Walk::Ended(ChainReport { entries: verifier.count(), head: verifier.head().to_owned(), broken }))
    }
}
