//! One story that every database must tell the same way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "contract/story.rs"]
mod story;

use keydesk::store::sql::{OpenMode, SqlStore};

#[tokio::test]
async fn sqlite_tells_the_story() {
    let dir = tempfile::tempdir().unwrap();
    let open = || async { SqlStore::open(&dir.path().join("shop.db"), OpenMode::CreateIfMissing).await.unwrap() };
    story::tell(open().await, open().await).await;
}
