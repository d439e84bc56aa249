//! Copies that are killed, whose connections end, or whose server falls, at every statement that
//! writes: nobody can open the database before it is complete, and completed it is what it would
//! have been.

use std::{
    env,
    fmt::Write as _,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use keydesk::{
    demo,
    domain::copy::CopyProgress,
    store::sql::{OpenMode, SqlStore, copy},
};

use crate::{
    postgres::{Database, Server, until},
    shop::{Shop, address, copied, order, runtime, start, target},
    tables::{TABLES, all},
    trials::{Trials, is_long},
};

/// Halts whoever writes at a statement of the test's choice. Sequences count on when transactions
/// are undone.
const HALT: &str = "\
    CREATE SCHEMA halt; CREATE SEQUENCE halt.step; CREATE TABLE halt.place (n BIGINT); INSERT INTO halt.place VALUES (0); \
    CREATE FUNCTION halt.made() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF nextval('halt.step') = (SELECT n FROM halt.place) THEN PERFORM pg_sleep(60); END IF; \
    END $$; \
    CREATE FUNCTION halt.written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF nextval('halt.step') = (SELECT n FROM halt.place) THEN PERFORM pg_sleep(60); END IF; RETURN NULL; \
    END $$; ";

fn halting(database: &Database<'_>) {
    let mut sql = HALT.to_owned();
    let more = ["search_texts", "gram_blocks", "gram_counts"];
    for table in TABLES.iter().map(|(table, _)| *table).chain(more) {
        write!(
            sql,
            "CREATE TRIGGER halt AFTER INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION halt.written(); "
        )
        .unwrap();
    }
    sql.push_str("CREATE EVENT TRIGGER halt ON ddl_command_end EXECUTE FUNCTION halt.made()");
    database.psql(&sql);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Killed {
    Program,
    Connection,
    Server,
}

#[test]
fn copies_killed_at_every_statement() {
    let runtime = runtime();
    let shop = runtime.block_on(Shop::new());
    // Else a server looks after its client only between two statements.
    let server = Server::with(&["client_connection_check_interval=5ms"]);
    let halted = runtime.block_on(target(&server));
    halting(&halted);
    let clean = halted.copy();
    let done = runtime.block_on(copied(&shop.file(), &clean.url())).unwrap();
    let wanted = all(&clean);
    let steps: u32 = clean.psql("SELECT last_value FROM halt.step").parse().unwrap();
    assert!(steps > 35, "only {steps} statements that write something");
    let (mut trials, mut unbegun) = (0, 0);
    for step in 1..=steps {
        for kind in [Killed::Program, Killed::Connection, Killed::Server] {
            // In the short form one of nine, each time in another way.
            if !is_long() && step % 9 != kind as u32 * 3 {
                continue;
            }
            trials += 1;
            let database = halted.copy();
            database.psql(&format!("UPDATE halt.place SET n = {step}"));
            interrupt(&server, &database, &shop, kind);
            let begun = database.psql("SELECT to_regclass('copying') IS NOT NULL") == "t";
            let opened = runtime.block_on(SqlStore::open_server(&address(&database.url())));
            if begun {
                let why = opened.unwrap_err().to_string();
                assert!(why.contains("is not complete") && why.contains("keydesk copy again"), "{why}");
            } else {
                unbegun += 1;
                runtime.block_on(opened.unwrap().close());
            }
            database.psql("UPDATE halt.place SET n = 0");
            let again = runtime.block_on(copied(&shop.file(), &database.url()));
            let again = again.unwrap_or_else(|e| panic!("{step} {kind:?}: {}", e.why));
            assert_eq!(again.tables, done.tables, "{step} {kind:?}");
            assert_eq!(again.went_on_from.is_some(), begun);
            assert_eq!(all(&database), wanted, "{step} {kind:?}");
        }
    }
    Trials::new("copies killed at a statement", trials).passed(format!("Of {steps}; {unbegun} had not begun."));
}

/// Kills whoever copies when they are halted.
fn interrupt(server: &Server, database: &Database<'_>, shop: &Shop, kind: Killed) {
    let mut actor = Command::new(env::current_exe().unwrap());
    actor.args(["--ignored", "--exact", "--nocapture", "killed::act_a_copier"]);
    actor.env("DATABASE", database.url()).env("FILE", shop.file()).env("RUST_BACKTRACE", "0");
    let mut copier = actor.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let halted = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let mut process = String::new();
    until("it is halted", || {
        process = database.psql(halted);
        thread::sleep(Duration::from_millis(5));
        !process.is_empty()
    });
    match kind {
        Killed::Program => copier.kill().unwrap(),
        Killed::Connection => assert_eq!(database.psql(&format!("SELECT pg_terminate_backend({process})")), "t"),
        Killed::Server => {
            server.kill9();
            server.start();
        }
    }
    let ended = copier.wait_with_output().unwrap();
    assert!(!ended.status.success());
    if kind != Killed::Program {
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(told.contains("Unreachable") || told.contains("Unknown"), "{told}");
    }
    until("its connections have gone", || {
        database.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == "1"
    });
}

/// Copies.
#[test]
#[ignore = "acted out in the test above"]
fn act_a_copier() {
    let file = env::var("FILE").unwrap();
    runtime().block_on(copied(file.as_ref(), &env::var("DATABASE").unwrap())).unwrap();
}

/// More customers than are written at once: whoever no longer waits for a copy, at whatever page,
/// leaves one that goes on.
#[test]
fn copies_dropped_at_every_page() {
    const CUSTOMERS: u64 = 21_000;
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let made = async {
        let store = SqlStore::open_file(&file, OpenMode::CreateIfMissing).await.unwrap();
        demo::build(&store, &demo::Shop { customers: CUSTOMERS, seed: 7, now: start() }, None, |_| ()).await.unwrap();
        store.close().await;
    };
    runtime.block_on(made);
    let empty = runtime.block_on(target(Server::shared()));
    let (clean, dropped) = (empty.copy(), empty.copy());
    let events = AtomicU32::new(0);
    let count = |_| {
        events.fetch_add(1, Ordering::Relaxed);
    };
    let done = runtime.block_on(copy(&order(&file), &address(&clean.url()), count)).unwrap();
    let events = events.into_inner();
    assert!(events > 15, "{events}");
    for (resumed, stop) in (1..events * 2).enumerate() {
        // The database of the trials before goes on being completed, and stopped again.
        let order = order(&file);
        let address = address(&dropped.url());
        let (heard, seen) = tokio::sync::oneshot::channel();
        let (mut heard, mut n) = (Some(heard), 0);
        let tell = |_: CopyProgress| {
            n += 1;
            if n == stop {
                heard.take().map(|heard| heard.send(()));
            }
        };
        let stopped = runtime.block_on(async {
            tokio::select! {
                biased;
                _ = seen => None,
                done = copy(&order, &address, tell) => Some(done),
            }
        });
        until("its connections have gone", || {
            dropped.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == "1"
        });
        if let Some(again) = stopped {
            let again = again.unwrap();
            assert_eq!(again.tables, done.tables);
            assert!(resumed > 5, "{resumed}");
            assert_eq!(all(&dropped), all(&clean));
            return;
        }
    }
    panic!("never complete");
}
