//! Whom keydesk signs in to: a database server whose identity is proven, and nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it tried"
)]

#[path = "support/postgres.rs"]
mod postgres;

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use keydesk::{
    domain::server_address::ServerAddress,
    store::{
        StoreError,
        sql::{SqlStore, postgres::migrate},
    },
};
use postgres::{OWNER, Server, certificates::Certificates, pair::Pair};

fn read(url: &str) -> ServerAddress {
    ServerAddress::parse(url).unwrap()
}

/// Why a server is not used.
async fn refused(url: &str) -> String {
    match SqlStore::open_server(&read(url)).await {
        Err(StoreError::Unreachable(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{} was used", read(url)),
    }
}

/// Who signs in is written to the server's log.
fn tell(server: &Server) {
    server.psql("postgres", "ALTER SYSTEM SET log_connections = on");
    server.psql("postgres", "SELECT pg_reload_conf()");
}

#[tokio::test]
async fn the_right_server_is_used_and_a_wrong_one_gets_no_password() {
    let (ours, strange) = (Certificates::make().and_elsewhere().and_expired(), Certificates::make());
    let authority = ours.file("ca.pem").display().to_string();
    let server = Server::with_tls(&ours, "localhost");
    tell(&server);
    let database = server.database();
    let trusting = |url: String| format!("{url}?sslrootcert={authority}");
    for host in ["localhost", "127.0.0.1"] {
        let address = read(&trusting(database.tcp_url(host)));
        migrate(&address).await.unwrap();
        SqlStore::open_server(&address).await.unwrap().close().await;
    }
    assert!(server.log().contains("method=scram"), "{}", server.log());
    let wrong_password = trusting(database.tcp_url("localhost")).replacen("p%40ss", "pass", 1);
    let why = refused(&wrong_password).await;
    assert!(why.contains("does not let this user in with this password") && !why.contains("pass:"), "{why}");
    let why = refused(&trusting(database.tcp_url("localhost")).replacen(&database.name, "no_shop", 1)).await;
    assert!(why.contains("no database of this name"), "{why}");
    // The system's authorities do not know ours.
    let why = refused(&database.tcp_url("localhost")).await;
    assert!(why.contains("identity cannot be verified") && why.contains("sslrootcert"), "{why}");

    let mut tried = 0;
    for (certificates, name, says) in
        [(&ours, "elsewhere", "another name"), (&ours, "expired", "expired"), (&strange, "localhost", "authority")]
    {
        let server = Server::with_tls(certificates, name);
        tell(&server);
        let why = refused(&trusting(server.database().tcp_url("localhost"))).await;
        assert!(why.contains("identity cannot be verified") && why.contains(says), "{why}");
        assert!(why.ends_with("Nothing was done."), "{why}");
        let log = server.log();
        let mine: Vec<&str> = log.lines().filter(|line| line.contains("host=127.0.0.1")).collect();
        assert!(!mine.is_empty(), "it was asked: {log}");
        assert!(!log.contains("method=scram"), "nobody gave a password: {log}");
        tried += 1;
    }
    println!("tried 2 names of the right server and {tried} servers with wrong certificates");
}

#[tokio::test]
async fn a_server_without_tls_hears_nothing_but_the_question_for_it() {
    let answers: [&[u8]; 5] = [b"N", b"S", b"SR\0\0\0\x08\0\0\0\x03", b"E\0\0\0\x08nope\0", b""];
    for answer in answers {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut heard = vec![0; 8];
            line.read_exact(&mut heard).unwrap();
            // Whoever is gone hears no answer.
            let _ = line.write_all(answer);
            let _ = line.shutdown(std::net::Shutdown::Write);
            let _ = line.read_to_end(&mut heard);
            heard
        });
        let why = refused(&format!("postgres://somebody:hunter2@localhost:{port}/shop")).await;
        assert!(why.contains("Nothing was done.") && !why.contains("hunter2"), "{why}");
        if answer == b"N" {
            assert!(why.contains("offers no TLS") && why.contains("sslmode=disable"), "{why}");
        }
        let heard = heard.join().unwrap();
        assert_eq!(heard[..8], [0, 0, 0, 8, 4, 210, 22, 47], "the question for TLS");
        assert!(answer.first() == Some(&b'S') || heard.len() == 8, "{heard:?}");
        for secret in ["hunter2", "somebody"] {
            assert!(!heard.windows(secret.len()).any(|window| window == secret.as_bytes()), "{answer:?}: {secret}");
        }
    }
    println!("{} answers to the question for TLS", answers.len());
}

#[tokio::test]
async fn plain_text_is_spoken_when_somebody_says_so() {
    let certificates = Certificates::make();
    let server = Server::with_tls(&certificates, "localhost");
    let why = refused(&format!("{}?sslmode=disable", server.database().tcp_url("localhost"))).await;
    assert!(why.contains("does not let this user in"), "{why}");
}

#[tokio::test]
async fn a_standby_is_passed_over() {
    let pair = Pair::make();
    let database = pair.primary.database();
    migrate(&read(&database.url())).await.unwrap();
    pair.catch_up();
    let folder = |server: &Server| server.folder().display().to_string().replace('/', "%2F");
    let both = format!("{},{}", folder(&pair.standby), folder(&pair.primary));
    let url = format!("postgres://{OWNER}@{both}/{}", database.name);
    let port = |url: &str| {
        let address = read(url);
        async move { SqlStore::open_server(&address).await.map(|_| ()) }
    };
    // Without a wish the first that answers will do.
    port(&url).await.unwrap();
    let writes = format!("{url}?target_session_attrs=read-write");
    let store = SqlStore::open_server(&read(&writes)).await.unwrap();
    keydesk::store::Setup::insert_group(&store, "General").await.unwrap();
    assert_eq!(database.psql("SELECT name FROM customer_groups"), "General");
    let alone =
        format!("postgres://{OWNER}@{}/{}?target_session_attrs=read-write", folder(&pair.standby), database.name);
    let why = refused(&alone).await;
    assert!(why.contains("is a standby, which cannot be written to"), "{why}");
}
