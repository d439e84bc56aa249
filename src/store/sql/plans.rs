//! How SQLite goes about a statement: tests look at it, because a list that walks no index is only
//! noticed where there are millions.

use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{OpenMode, SqlStore};

/// The steps of each statement's plan in an empty shop.
pub(super) async fn plans(texts: &[&str]) -> Vec<Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    SqlStore::open_file(&path, OpenMode::CreateIfMissing).await.unwrap().close().await;
    let mut connection = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
    let mut plans = Vec::new();
    for text in texts {
        let mut explain = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
        let plan = explain.push(*text).build().fetch_all(&mut connection).await.unwrap();
        plans.push(plan.iter().map(|row| row.get("detail")).collect());
    }
    plans
}
