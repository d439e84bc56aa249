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
#[path = "contract/storefront.rs"]
mod storefront;
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
        SqlStore::open_file(&self.0.path().join("shop.db"), OpenMode::CreateIfMissing).await.unwrap()
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

#[tokio::test]
async fn sqlite_lets_customers_choose_a_password() {
    let database = Database::new();
    storefront::choose_a_password(database.open().await, database.open().await).await;
    storefront::opening_a_mail_confirms(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_knows_dead_links() {
    storefront::dead_links(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_ends_what_a_new_password_ends() {
    storefront::new_password_ends_sessions(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_locks() {
    storefront::lock(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_replaces_old_hashes() {
    storefront::old_hashes(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_stands_in_for_nobody() {
    storefront::stand_ins(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_ends_sessions_and_tokens() {
    let database = Database::new();
    storefront::sessions_and_tokens(database.open().await, database.open().await).await;
}

#[tokio::test]
async fn sqlite_answers_who_asks_for_a_reset() {
    storefront::ask_for_a_reset(Database::new().open().await).await;
}

#[tokio::test]
async fn sqlite_lets_one_of_eight_use_a_link() {
    let database = Database::new();
    let mut stores = Vec::new();
    for _ in 0..8 {
        stores.push(database.open().await);
    }
    storefront::one_winner(stores).await;
}
