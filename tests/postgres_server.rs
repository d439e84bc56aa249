//! The PostgreSQL servers that other tests stand on do what those tests take for granted.
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
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use postgres::{Server, certificates::Certificates, is_alive, pair::Pair, psql_at, until};
use proxy::{Cut, Proxy, Way};

const FILL: &str = "CREATE TABLE t (n integer); INSERT INTO t VALUES (1)";

#[test]
fn databases_of_one_server_are_empty_apart_and_go_with_their_values() {
    let server = Server::shared();
    let (one, other) = (server.database(), server.database());
    one.psql(FILL);
    assert_eq!(one.psql("SELECT n, 'x' FROM t"), "1|x");
    assert!(other.try_psql("SELECT n FROM t").unwrap_err().contains("relation \"t\" does not exist"));
    assert_eq!(
        psql_at(&one.url(), "SELECT current_user, current_database()"),
        Ok(format!("keydesk_owner|{}", one.name))
    );
    assert_eq!(one.copy().psql("SELECT n FROM t"), "1");

    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", one.name);
    assert_eq!(other.psql(&left), "1");
    drop(one);
    assert_eq!(other.psql(&left), "0");
}

#[test]
fn a_server_that_was_stopped_or_killed_has_what_was_committed() {
    // From here on initdb's work is there to be copied.
    Server::shared();
    let before = Instant::now();
    let server = Server::make();
    let made = before.elapsed();
    let database = server.database();
    database.psql(FILL);
    server.restart();
    assert_eq!(database.psql("SELECT n FROM t"), "1");
    for n in 2..5 {
        database.psql(&format!("INSERT INTO t VALUES ({n})"));
        server.kill9();
        assert!(database.try_psql("SELECT n FROM t").is_err());
        server.start();
        assert_eq!(database.psql("SELECT max(n) FROM t"), n.to_string());
    }
    assert_eq!(server.log().matches("was not properly shut down").count(), 3, "{}", server.log());
    println!("made and started in {made:?}");
    assert!(!trials::is_long() || made < Duration::from_millis(1500), "{made:?}");
}

#[test]
fn settings_are_taken_and_a_durable_server_waits_for_the_disk() {
    let set = |server: &Server, name: &str| server.psql("postgres", &format!("SHOW {name}"));
    assert_eq!(set(Server::shared(), "fsync"), "off");
    assert_eq!(set(Server::shared(), "synchronous_commit"), "on");
    assert_eq!(set(&Server::durable(), "fsync"), "on");
    assert_eq!(set(&Server::with(&["max_connections=7"]), "max_connections"), "7");
}

#[test]
fn a_standby_has_every_commit_and_takes_the_primarys_place() {
    let before = Instant::now();
    let pair = Pair::make();
    println!("pair made in {:?}", before.elapsed());
    let database = pair.primary.database();
    database.psql(FILL);
    pair.catch_up();
    assert_eq!(pair.standby.psql(&database.name, "SELECT n FROM t"), "1");
    assert!(pair.standby.try_psql(&database.name, &["INSERT INTO t VALUES (2)"]).unwrap_err().contains("read-only"));

    pair.standby.stop();
    std::thread::scope(|scope| {
        let commit = scope.spawn(|| database.psql("INSERT INTO t VALUES (2)"));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        until("a commit waits for the standby", || database.psql(waits) == "1");
        assert!(!commit.is_finished());
        pair.standby.start();
        commit.join().unwrap();
    });
    database.psql("INSERT INTO t VALUES (3)");

    pair.kill_primary();
    pair.promote_standby();
    let url = format!("{}?target_session_attrs=read-write", pair.url(&database));
    assert_eq!(psql_at(&url, "INSERT INTO t VALUES (4) RETURNING n"), Ok("4".to_owned()));
    assert_eq!(pair.standby.psql(&database.name, "SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "1,2,3,4");
}

#[test]
fn a_server_with_tls_takes_nobody_in_plain_text_or_without_the_password() {
    let certificates = Certificates::make().and_elsewhere().and_expired();
    let authority = certificates.file("ca.pem").display().to_string();
    let verified = |url: String| psql_at(&format!("{url}?sslmode=verify-full&sslrootcert={authority}"), "SELECT 1");
    let server = Server::with_tls(&certificates, "localhost");
    let database = server.database();
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(verified(database.tcp_url(host)), Ok("1".to_owned()), "{host}");
    }
    let plain = psql_at(&format!("{}?sslmode=disable", database.tcp_url("127.0.0.1")), "SELECT 1").unwrap_err();
    assert!(plain.contains("no encryption"), "{plain}");
    let wrong = database.tcp_url("localhost").replacen("p%40ss", "pass", 1);
    assert!(verified(wrong).unwrap_err().contains("password authentication failed"));
    assert_eq!(psql_at(&database.url(), "SELECT 1"), Ok("1".to_owned()));
    assert_eq!(
        server
            .psql("postgres", "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = current_user"),
        "t"
    );

    for (name, error) in [("elsewhere", "does not match host name"), ("expired", "certificate verify failed")] {
        let server = Server::with_tls(&certificates, name);
        let refused = verified(server.database().tcp_url("localhost")).unwrap_err();
        assert!(refused.contains(error), "{refused}");
    }
}

/// What psql's first connection through a proxy leads to, and how many bytes passed.
async fn through(proxy: &Proxy<tempfile::TempDir>, url: &str) -> (Result<String, String>, [usize; 2]) {
    let url = url.to_owned();
    let answer = tokio::task::spawn_blocking(move || psql_at(&url, "SELECT 41 + 1")).await.unwrap();
    (answer, proxy.passed())
}

#[tokio::test]
async fn a_proxy_cuts_the_conversation_at_the_byte() {
    let server = Server::shared();
    let database = server.database();
    let proxy = Proxy::postgres(server.folder(), None);
    let (answer, whole) = through(&proxy, &database.url_through(proxy.address.path())).await;
    assert_eq!(answer, Ok("42".to_owned()));
    assert!(whole.iter().all(|bytes| *bytes > 50), "{whole:?}");

    let mut cuts = 0;
    for (way, end) in [(Way::ToServer, whole[0]), (Way::FromServer, whole[1])] {
        for after in (0..end).step_by(17) {
            let proxy = Proxy::postgres(server.folder(), Some(Cut { way, after, reset: false }));
            let url = database.url_through(proxy.address.path());
            let (answer, passed) = through(&proxy, &url).await;
            assert_eq!(passed[way as usize], after, "{way:?}");
            // The last bytes to the server are the leave it takes; the answer has come by then.
            assert!(
                answer.is_err() || (way == Way::ToServer && after + 5 >= end),
                "{way:?} {after} of {end}: {answer:?}"
            );
            let (later, _) = through(&proxy, &url).await;
            assert_eq!(later, Ok("42".to_owned()), "{way:?} {after} of {end}");
            cuts += 1;
        }
    }
    println!("{cuts} cuts in a conversation of {whole:?} bytes");
}

#[tokio::test]
async fn a_proxy_cuts_connections_that_are_open_and_lets_bytes_wait() {
    let server = Server::shared();
    let database = server.database();
    let proxy = Proxy::postgres(server.folder(), None);
    let url = database.url_through(proxy.address.path());
    let held = tokio::spawn({
        proxy.hold();
        async move { tokio::task::spawn_blocking(move || psql_at(&url, "SELECT pg_sleep(30)")).await.unwrap() }
    });
    while proxy.connections() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(proxy.passed(), [0, 0]);
    proxy.release();
    while database.psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "0" {
        tokio::task::yield_now().await;
    }
    proxy.cut(Cut { way: Way::FromServer, after: 0, reset: false });
    database.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'");
    let error = held.await.unwrap().unwrap_err();
    assert!(error.contains("server closed the connection unexpectedly"), "{error}");
    assert!(!error.contains("terminating connection"), "{error}");
}

/// Runs itself in a process of its own, which is killed.
#[test]
fn a_server_is_gone_after_its_test_was_killed() {
    const NAME: &str = "a_server_is_gone_after_its_test_was_killed";
    const INSIDE: &str = "KEYDESK_TEST_INSIDE";
    if let Some(way) = std::env::var_os(INSIDE) {
        let server = Server::make();
        if way == "killed" {
            server.kill9();
        }
        println!("\nserver {} {}", server.process(), server.folder().display());
        std::thread::sleep(Duration::from_mins(1));
        return;
    }
    for way in ["running", "killed"] {
        let mut test = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(INSIDE, way)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(test.stdout.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.starts_with("server ")).unwrap();
        let [_, process, folder] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (process, folder): (u32, _) = (process.parse().unwrap(), Path::new(folder));
        assert_eq!(process != 0 && is_alive(process), way == "running");
        assert!(folder.join("data/PG_VERSION").exists());
        let before = Instant::now();
        test.kill().unwrap();
        test.wait().unwrap();
        until("the server ends and its folder goes", || !folder.exists());
        assert!(process == 0 || !is_alive(process));
        println!("{way}: gone in {:?}", before.elapsed());
    }
}
