//! Files that are missing, foreign, newer, damaged or full: a sentence, and nothing written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod shop;

use std::{fs, path::Path};

use keydesk::store::{
    StoreError,
    sql::{OpenMode, SqlStore},
};
use shop::{Shop, VERONICA, mina};
use sqlx::{Connection, SqliteConnection};

async fn open(path: &Path, mode: OpenMode) -> StoreError {
    match SqlStore::open_file(path, mode).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(e) => e,
    }
}

async fn run(path: &Path, sql: &'static str) {
    let url = format!("sqlite:{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let missing = open(&dir.path().join("shop.db"), OpenMode::MustExist).await;
    assert!(matches!(&missing, StoreError::Unreachable(text) if text.contains("no database")), "{missing}");
    let nowhere = open(&dir.path().join("no/folder/shop.db"), OpenMode::CreateIfMissing).await;
    assert!(matches!(&nowhere, StoreError::Unreachable(text) if text.contains("no folder")), "{nowhere}");
    let folder = open(dir.path(), OpenMode::CreateIfMissing).await;
    assert!(matches!(&folder, StoreError::Unreachable(text) if text.contains("is a folder")), "{folder}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test]
async fn somebody_elses_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    fs::write(&text, "These are my notes. ".repeat(500)).unwrap();
    let foreign = dir.path().join("other.db");
    run(&foreign, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')").await;
    for path in [&text, &foreign] {
        let before = fs::read(path).unwrap();
        let refused = open(path, OpenMode::CreateIfMissing).await;
        assert!(matches!(&refused, StoreError::Unusable(text) if text.contains("Nothing was written")), "{refused}");
        assert_eq!(fs::read(path).unwrap(), before);
    }
}

#[tokio::test]
async fn a_newer_database_is_left_to_the_newer_program() {
    let shop = Shop::new(1).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99, 'later', TRUE, x'00', 0)";
    run(&shop.database, newer).await;
    let refused = open(&shop.database, OpenMode::MustExist).await;
    assert!(matches!(&refused, StoreError::Unusable(text) if text.contains("newer keydesk")), "{refused}");
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_does_not_end_the_program() {
    let shop = Shop::new(500).await;
    run(&shop.database, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let whole = fs::read(&shop.database).unwrap();
    let mut told = 0;
    for page in 1..whole.len() / 4096 {
        let copy = shop.dir.path().join("damaged.db");
        let mut bytes = whole.clone();
        bytes[page * 4096..page * 4096 + 200].fill(0xa5);
        fs::write(&copy, &bytes).unwrap();
        let answer = match SqlStore::open_file(&copy, OpenMode::MustExist).await {
            Ok(store) => {
                let rules = keydesk::service::Rules::default();
                let (clock, entropy) = (keydesk::clock::Clock::default(), keydesk::clock::Entropy::default());
                keydesk::service::Service::new(store, clock, entropy, rules)
                    .start_reset(VERONICA, None, mina())
                    .await
                    .map(|_| ())
            }
            Err(e) => Err(e),
        };
        if let Err(e) = answer {
            let known = matches!(e, StoreError::Damaged(_) | StoreError::Unusable(_) | StoreError::Other(_));
            assert!(known, "page {page}: {e:?}");
            told += 1;
        }
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(shop.dir.path().join(format!("damaged.db{ending}")));
        }
    }
    assert!(told > 5, "of all damages only {told} were met");
}

#[tokio::test]
async fn a_write_that_fails_half_way_leaves_nothing_and_the_next_one_works() {
    let shop = Shop::new(10).await;
    // The audit log refuses: the reset before it in the same transaction must not stay.
    run(&shop.database, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END").await;
    let failed = shop.service.start_reset(VERONICA, None, mina()).await;
    assert!(matches!(failed, Err(StoreError::Other(_))), "{failed:?}");
    let record = shop.service.open(VERONICA).await.unwrap().unwrap();
    assert_eq!((record.last_reset, record.budget.used), (None, 0));
    run(&shop.database, "DROP TRIGGER full").await;
    assert!(shop.service.start_reset(VERONICA, None, mina()).await.unwrap().is_ok(), "the same session goes on");
}

#[tokio::test]
async fn the_audit_log_cannot_be_changed_or_shortened() {
    let shop = Shop::new(10).await;
    shop.service.start_reset(VERONICA, None, mina()).await.unwrap().unwrap();
    let url = format!("sqlite:{}", shop.database.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for sql in ["UPDATE audit SET operator = 'nobody'", "DELETE FROM audit"] {
        let refused = sqlx::raw_sql(sql).execute(&mut connection).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    // Whoever removes the triggers first is found out by the chain.
    let forge = "DROP TRIGGER audit_is_not_changed; UPDATE audit SET reason = 'T-1' WHERE seq = 1";
    sqlx::raw_sql(forge).execute(&mut connection).await.unwrap();
    assert!(shop.service.verify_audit().await.unwrap().broken.is_some());
}

#[tokio::test]
async fn an_entry_put_in_front_of_the_audit_log_is_found() {
    let shop = Shop::new(10).await;
    shop.service.start_reset(VERONICA, None, mina()).await.unwrap().unwrap();
    let forge = "PRAGMA ignore_check_constraints = ON; INSERT INTO audit SELECT -1, at, 'alice', action, customer_id, \
                 detail, reason, previous, hash FROM audit WHERE seq = 1";
    run(&shop.database, forge).await;
    assert!(shop.service.verify_audit().await.unwrap().broken.is_some());
}

#[tokio::test]
async fn an_unfinished_database_of_somebody_else_is_left_unfinished() {
    let dir = tempfile::tempdir().unwrap();
    let (path, wal) = (dir.path().join("other.db"), dir.path().join("other.db-wal"));
    run(&path, "PRAGMA application_id = 7; CREATE TABLE notes (text TEXT)").await;
    let url = format!("sqlite:{}", path.display());
    let mut writer = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA journal_mode = WAL; INSERT INTO notes VALUES ('mine')").execute(&mut writer).await.unwrap();
    let before = (fs::read(&path).unwrap(), fs::read(&wal).unwrap());
    let refused = open(&path, OpenMode::CreateIfMissing).await;
    assert!(matches!(&refused, StoreError::Unusable(text) if text.contains("not a keydesk database")), "{refused}");
    assert_eq!((fs::read(&path).unwrap(), fs::read(&wal).unwrap()), before);
}

#[tokio::test]
async fn a_write_does_not_wait_for_ever_for_somebody_who_is_stuck() {
    let shop = Shop::new(10).await;
    let stuck = fs::File::open(shop.dir.path().join("keydesk.db.lock")).unwrap();
    stuck.lock().unwrap();
    let busy = shop.service.start_reset(VERONICA, None, mina()).await;
    assert!(matches!(busy, Err(StoreError::Busy)), "{busy:?}");
    drop(stuck);
    assert!(shop.service.start_reset(VERONICA, None, mina()).await.unwrap().is_ok());
}
