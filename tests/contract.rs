//! One story that every database must tell the same way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "contract/audit.rs"]
mod audit;
#[path = "contract/mails.rs"]
mod mails;
#[path = "contract/records.rs"]
mod records;
#[path = "contract/shop.rs"]
mod shop;
#[path = "contract/story.rs"]
mod story;
#[path = "contract/unlock.rs"]
mod unlock;

use keydesk::store::sql::{OpenMode, SqlStore};

/// An empty database, and as many connections to it as a story needs.
struct Database(tempfile::TempDir);

impl Database {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SqlStore {
        SqlStore::open(&self.0.path().join("shop.db"), OpenMode::CreateIfMissing).await.unwrap()
    }
}

#[tokio::test]
async fn sqlite_tells_the_story() {
    let database = Database::new();
    story::tell(database.open().await, database.open().await).await;
}

#[tokio::test]
async fn sqlite_sends_mails_again() {
    let database = Database::new();
    mails::tell(database.open().await, database.open().await).await;
}

#[tokio::test]
async fn sqlite_lists_mails_and_tells_their_fate() {
    mails::are_listed(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_takes_mails_back() {
    mails::are_taken_back(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_unlocks() {
    let database = Database::new();
    unlock::tell(database.open().await, database.open().await).await;
}

#[tokio::test]
async fn sqlite_filters_the_audit_log() {
    audit::tell(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_adds_changes_and_deletes_customers() {
    let database = Database::new();
    records::tell(database.open().await, database.open().await).await;
}

#[tokio::test]
async fn sqlite_keeps_what_was_of_a_deleted_customer() {
    records::leave_a_trace(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_knows_one_key() {
    let database = Database::new();
    mails::have_one_key(database.open().await, database.open().await).await;
}
