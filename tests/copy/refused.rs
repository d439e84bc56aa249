//! What is not copied, and says why.

use keydesk::{
    domain::copy::CopyProgress,
    store::{
        Outbox, Setup, StoreError,
        sql::{OpenMode, SqlStore, copy},
    },
};

use crate::{
    postgres::Server,
    shop::{Shop, address, copied, order, sqlx_run, target},
};

/// Why, and whether the server waits for it to be completed.
async fn why(shop: &Shop, url: &str) -> (String, bool) {
    let stopped = copied(&shop.file(), url).await.unwrap_err();
    (stopped.why.to_string(), stopped.begun)
}

#[tokio::test]
async fn only_an_empty_database_is_copied_into() {
    let shop = Shop::new().await;
    let server = Server::shared();
    let database = server.database();
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(text.contains("keydesk migrate") && !begun, "{text}");

    let database = target(server).await;
    let store = SqlStore::open_server(&address(&database.url())).await.unwrap();
    store.insert_group("General").await.unwrap();
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(text.contains("is not empty: there are customer groups in it") && !begun, "{text}");
    database.psql("DELETE FROM customer_groups");

    assert!(store.become_worker().await.unwrap());
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(text.contains("delivers the mails of this database") && !begun, "{text}");
    store.close().await;

    copied(&shop.file(), &database.url()).await.unwrap();
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(text.contains("is not empty") && text.contains("was completed 2026-11-20 15:00"), "{text}");
    assert!(!begun);
}

#[tokio::test]
async fn a_role_that_does_not_own_the_tables_is_told_so() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    let name = format!("clerk_of_{}", database.name);
    database.psql(&format!("CREATE ROLE {name} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"));
    let url = database.url().replace(crate::postgres::OWNER, &name);
    let (text, begun) = why(&shop, &url).await;
    assert!(text.contains("does not own the tables") && !begun, "{text}");
    database.psql(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
}

/// Whoever copies is alone: with the file, and on the server.
#[tokio::test]
async fn everybody_else_is_kept_out() {
    let shop = Shop::new().await;
    let other = Shop::new().await;
    let database = target(Server::shared()).await;
    let url = database.url();
    let store = SqlStore::open_file(&shop.file(), OpenMode::MustExist).await.unwrap();
    assert!(store.become_worker().await.unwrap());
    let (text, begun) = why(&shop, &url).await;
    assert!(text.contains("delivers the mails of") && text.contains("shop.db") && !begun, "{text}");
    store.close().await;

    let (heard, seen) = tokio::sync::oneshot::channel();
    let mut heard = Some(heard);
    let tell = |_: CopyProgress| {
        heard.take().map(|heard| heard.send(()));
    };
    let (order, to) = (order(&shop.file()), address(&url));
    let mut copying = Box::pin(copy(&order, &to, tell));
    tokio::select! {
        done = &mut copying => panic!("{done:?}"),
        _ = seen => {}
    }
    // It stands still now.
    let (text, begun) = why(&other, &url).await;
    assert!(text.contains("another process is copying") && !begun, "{text}");
    let opened = SqlStore::open_server(&address(&url)).await.unwrap_err();
    assert!(matches!(&opened, StoreError::Unusable(why) if why.contains("is not complete")), "{opened}");
    let store = SqlStore::open_file(&shop.file(), OpenMode::MustExist).await.unwrap();
    let written = tokio::time::timeout(std::time::Duration::from_millis(300), store.insert_group("Another")).await;
    assert!(written.is_err(), "{written:?}");
    store.close().await;

    drop(copying);
    let (text, begun) = why(&other, &url).await;
    let file = shop.file().canonicalize().unwrap().display().to_string();
    assert!(text.contains(&format!("A copy of {file} into")) && text.contains("2026-11-20 15:00"), "{text}");
    assert!(!begun);
    assert!(copied(&shop.file(), &url).await.unwrap().went_on_from.is_some());
}

/// Stops a copy when all customers are there.
async fn begin(shop: &Shop, url: &str) {
    let (heard, seen) = tokio::sync::oneshot::channel();
    let mut heard = Some(heard);
    let tell = |progress: CopyProgress| {
        if progress == CopyProgress::Indexing {
            heard.take().map(|heard| heard.send(()));
        }
    };
    let (order, to) = (order(&shop.file()), address(url));
    tokio::select! {
        _ = seen => {}
        done = copy(&order, &to, tell) => panic!("{done:?}"),
    }
}

/// What was copied before is not what is in the file now.
#[tokio::test]
async fn a_file_that_was_written_to_meanwhile_is_noticed() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    begin(&shop, &database.url()).await;
    sqlx_run(
        &shop.file(),
        "UPDATE customers SET phone = '1' WHERE id = 11; DELETE FROM reset_requests WHERE id = 10000",
    )
    .await;
    for _ in 0..2 {
        let (text, begun) = why(&shop, &database.url()).await;
        assert!(text.contains("customers (61 rows each, but not the same)") && text.contains("Copy it anew"), "{text}");
        assert!(begun && !text.contains("reset_requests"), "{text}");
        let opened = SqlStore::open_server(&address(&database.url())).await.unwrap_err().to_string();
        assert!(opened.contains("is not complete"), "{opened}");
    }
}

/// A program that keeps to no lock of keydesk's writes while it is copied.
#[tokio::test]
async fn a_stranger_who_writes_is_noticed() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    let (heard, seen) = tokio::sync::oneshot::channel();
    let mut heard = Some(heard);
    let tell = |_: CopyProgress| {
        heard.take().map(|heard| heard.send(()));
    };
    let (order, to) = (order(&shop.file()), address(&database.url()));
    let mut copying = Box::pin(copy(&order, &to, tell));
    tokio::select! {
        done = &mut copying => panic!("{done:?}"),
        _ = seen => {}
    }
    sqlx_run(&shop.file(), "UPDATE unknown_sign_ins SET attempts = attempts + 1").await;
    let stopped = copying.await.unwrap_err();
    assert!(stopped.begun && stopped.why.to_string().contains("Another program wrote to"), "{}", stopped.why);
    let again = copied(&shop.file(), &database.url()).await.unwrap();
    assert!(again.went_on_from.is_some());
}

/// Somebody who was in the server's database before the copy began writes there.
#[tokio::test]
async fn somebody_who_writes_on_the_server_is_noticed() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    let store = SqlStore::open_server(&address(&database.url())).await.unwrap();
    begin(&shop, &database.url()).await;
    // Ids that were copied are not given out before the copy is complete.
    assert!(store.insert_group("Another").await.is_err());
    store.close().await;
    database.psql("INSERT INTO customer_groups (id, name) VALUES (99, 'Another')");
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(begun && text.contains("customer_groups (4 and 5 rows)"), "{text}");
}

/// A value that no database of keydesk's has.
#[tokio::test]
async fn a_damaged_file_is_named() {
    let shop = Shop::new().await;
    let database = target(Server::shared()).await;
    sqlx_run(&shop.file(), "UPDATE customers SET first_name = CAST(x'ff00fe' AS TEXT) WHERE id = 20").await;
    let (text, begun) = why(&shop, &database.url()).await;
    assert!(begun && text.contains("The table customers of") && text.contains("cannot be read"), "{text}");
}
