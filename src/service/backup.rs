//! Making a backup and saying so in the audit log.

use std::path::Path;

use crate::{
    domain::{audit::Action, backup::Backup},
    service::{Request, Service},
    store::{Cancel, Store, StoreResult},
};

/// A backup, and whether the audit log says that it was made.
#[derive(Debug)]
pub struct BackupMade {
    /// What was made; it stands whatever became of the entry.
    pub backup: Backup,
    /// Writing it down.
    pub noted: StoreResult<()>,
}

impl<S: Store> Service<S> {
    /// Copies the shop's database to a new file, reads the copy back and writes it down.
    ///
    /// # Errors
    /// When there is no good copy; then there is no file either.
    pub async fn back_up(&self, request: Request, to: &Path, cancel: &Cancel) -> StoreResult<BackupMade> {
        let backup = self.store.back_up(to, cancel).await?;
        let detail =
            format!("{}: {} customers, head {}", to.display(), backup.contents.customers, backup.contents.head);
        let noted = self.store.write_down(&self.asked(request), Action::BackupMade, &detail).await;
        Ok(BackupMade { backup, noted })
    }
}
