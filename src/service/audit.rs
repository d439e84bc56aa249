//! Reading the audit log, and checking that nobody rewrote it.

use crate::{
    domain::audit::{AuditFilter, ChainReport, EntryLine, Verifier},
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
        let mut broken = None;
        // From the very first row: one that was put in front of number 1 counts, too.
        let mut from = i64::MIN;
        'walk: loop {
            let entries = self.store.audit_chain(from, BATCH).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                if let Err(at) = verifier.check(entry) {
                    broken = Some(at);
                    break 'walk;
                }
            }
            from = verifier.count() + 1;
        }
        Ok(ChainReport { entries: verifier.count(), head: verifier.head().to_owned(), broken })
    }
}
