//! A database server that goes away, comes back, or has somebody on it who does not let go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says its times"
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/server_shop.rs"]
mod server_shop;

use std::{
    thread,
    time::{Duration, Instant},
};

use keydesk::{
    clock::{Clock, Entropy},
    domain::{customer::CustomerId, operator::Operator, server_address::ServerAddress},
    service::{Request, Rules, Service},
    store::{StoreError, sql::SqlStore},
};
use postgres::{Server, until};
use serde_json::json;
use server_shop::ServerShop;

async fn service(url: &str) -> Service<SqlStore> {
    let store = SqlStore::open_server(&ServerAddress::parse(url).unwrap()).await.unwrap();
    Service::new(store, Clock::system(), Entropy::System, Rules::default())
}

fn mina() -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: "T-4711".into(), op_key: None }
}

#[tokio::test]
async fn who_has_a_shop_open_goes_on_when_its_server_is_back() {
    let server = Server::make();
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 10);
    let service = service(&database.url()).await;
    let is_there = async || service.open(CustomerId(1)).await.map(|customer| customer.is_some());
    assert!(is_there().await.unwrap());
    let mut went_away = 0;
    for kill in [false, true] {
        if kill {
            server.kill9();
        } else {
            server.stop();
        }
        for _ in 0..3 {
            match is_there().await.unwrap_err() {
                StoreError::Unreachable(why) => assert!(why.ends_with("try again.") || why.ends_with("done."), "{why}"),
                other => panic!("{other:?}"),
            }
        }
        let (code, away) = shop.json(&["show", "1"]);
        assert_eq!(
            (code, &away["outcome"], &away["reason"]),
            (6, &json!("unreachable"), &json!("unreachable")),
            "{away}"
        );
        assert!(away["message"].as_str().unwrap().starts_with("No database server can be used: "), "{away}");
        server.start();
        let (began, mut asked) = (Instant::now(), 0);
        loop {
            asked += 1;
            match is_there().await {
                Ok(found) => break assert!(found),
                Err(StoreError::Unreachable(_)) => assert!(began.elapsed() < Duration::from_secs(10)),
                Err(other) => panic!("{other:?}"),
            }
        }
        println!("after {}: {asked} questions in {:?}", if kill { "kill -9" } else { "stop" }, began.elapsed());
        went_away += 1;
    }
    assert_eq!(went_away, 2);
    // Without anybody looking first: what was open before the restart is not written to.
    server.restart();
    let limits = service.start_reset(CustomerId(2), None, mina()).await;
    assert!(limits.unwrap().is_ok());
    assert_eq!(database.psql("SELECT count(*) FROM outbox WHERE customer_id = 2 AND state = 'queued'"), "1");
}

#[tokio::test]
async fn connections_without_work_are_closed() {
    let database = Server::shared().database();
    let shop = ServerShop::demo(&database.url(), 10);
    let service = service(&database.url()).await;
    let ask = async || service.open(CustomerId(1)).await.unwrap();
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let connections = || database.psql(others).parse::<u32>().unwrap();
    tokio::join!(ask(), ask(), ask(), ask(), ask(), ask());
    let most = connections();
    assert!(most > 1, "{most}");
    let began = Instant::now();
    while connections() > 1 {
        assert!(began.elapsed() < Duration::from_mins(1), "{} are left", connections());
        ask().await;
    }
    println!("{most} connections, one after {:?}", began.elapsed());
    drop(shop);
}

/// What an action on a customer comes to, and after how long, while somebody else does this.
async fn meanwhile(
    url: &str,
    id: i64,
    holds: &'static str,
    until_held: &str,
    database: &postgres::Database<'_>,
) -> (StoreError, Duration) {
    let service = service(url).await;
    thread::scope(|scope| {
        let holder = scope.spawn(|| database.try_psql(holds));
        until("it is held", || database.psql(until_held) == "1");
        let began = Instant::now();
        let done = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(service.start_reset(CustomerId(id), None, mina()))
        });
        let took = began.elapsed();
        database.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%held by a test%' AND pid <> pg_backend_pid()");
        drop(holder.join());
        (done.unwrap_err(), took)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_longer_for_somebody_elses_lock_than_five_seconds() {
    let server = Server::make();
    let database = server.database();
    let _shop = ServerShop::demo(&database.url(), 10);
    let (why, took) = meanwhile(
        &database.url(),
        1,
        "BEGIN; SELECT 1 FROM customers WHERE id = 1 FOR UPDATE; SELECT pg_sleep(60) /* held by a test */",
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
        &database,
    )
    .await;
    assert!(matches!(why, StoreError::Busy), "{why:?}");
    println!("a lock that is held: {took:?}");
    assert!((4..9).contains(&took.as_secs()), "{took:?}");
    assert_eq!(
        database.psql(
            "SELECT count(*) FROM password_resets WHERE customer_id = 1 AND used_at IS NULL AND requested_by = 'mina'"
        ),
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let server = Server::make();
    let database = server.database();
    let _shop = ServerShop::demo(&database.url(), 10);
    database.psql(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'; \
         CREATE TRIGGER slow BEFORE INSERT ON password_resets FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let service = service(&database.url()).await;
    let began = Instant::now();
    let why = service.start_reset(CustomerId(1), None, mina()).await.unwrap_err();
    let took = began.elapsed();
    println!("a statement of a minute: {took:?}");
    assert!(matches!(why, StoreError::Busy) && (14..20).contains(&took.as_secs()), "{why:?} {took:?}");
    database.psql("DROP TRIGGER slow ON password_resets");
    assert!(service.start_reset(CustomerId(1), None, mina()).await.unwrap().is_ok());
}
