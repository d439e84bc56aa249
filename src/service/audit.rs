//! Checking that nobody rewrote the audit log.

use crate::{
    domain::audit::{ChainReport, Verifier},
    service::Service,
    store::{Store, StoreResult},
};

/// Entries read at a time.
const BATCH: u32 = 1000;

impl<S: Store> Service<S> {
    /// Walks the whole audit log and says where its chain breaks, if it does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_audit(&self) -> StoreResult<ChainReport> {
        let mut verifier = Verifier::default();
        let mut broken = None;
        'walk: loop {
            let entries = self.store.audit_chain(verifier.count() + 1, BATCH).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                if let Err(at) = verifier.check(entry) {
                    broken = Some(at);
                    break 'walk;
                }
            }
        }
        Ok(ChainReport { entries: verifier.count(), head: verifier.head().to_owned(), broken })
    }
}
