//! Tables that are being made when the program is killed, or its connection ended: they are as
//! before or as after, and who makes them again completes them.

use std::{thread, time::Duration};

use keydesk::store::sql::{SqlStore, postgres::migrate};

use crate::{
    postgres::{Database, Server, until},
    shop::{actor, address, runtime, variable},
    trials::{Trials, is_long},
};

/// Halts whoever makes tables at a statement of the test's choice. Sequences count on when
/// transactions are undone.
const HALT: &str = "\
    CREATE SCHEMA halt; CREATE SEQUENCE halt.step; CREATE TABLE halt.place (n BIGINT); INSERT INTO halt.place VALUES (0); \
    CREATE FUNCTION halt.now() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF nextval('halt.step') = (SELECT n FROM halt.place) THEN PERFORM pg_sleep(60); END IF; \
    END $$; \
    CREATE EVENT TRIGGER halt ON ddl_command_end EXECUTE FUNCTION halt.now()";

/// All that there is, word for word.
const SCHEMA: &str = "\
    SELECT table_name || column_name || ordinal_position || data_type || COALESCE(collation_name, '') \
        || COALESCE(column_default, '') || is_nullable || COALESCE(generation_expression, '') AS what \
        FROM information_schema.columns WHERE table_schema = 'public' AND column_name NOT IN ('installed_on', 'execution_time') \
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
    UNION ALL SELECT conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid) FROM pg_constraint \
        WHERE connamespace = 'public'::regnamespace \
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
    UNION ALL SELECT relname || COALESCE(array_to_string(reloptions, ','), '') FROM pg_class \
        WHERE relnamespace = 'public'::regnamespace \
    UNION ALL SELECT version || encode(checksum, 'hex') || success FROM _sqlx_migrations \
    UNION ALL SELECT 'queue ' || id FROM mail_queue UNION ALL SELECT 'unknown ' || id FROM unknown_sign_ins \
    ORDER BY what";

#[test]
fn migrations_killed_at_every_statement() {
    // Else a server looks after its client only between two statements.
    let server = Server::with(&["client_connection_check_interval=5ms"]);
    let halted = server.database();
    halted.psql(HALT);
    let clean = halted.copy();
    let runtime = runtime();
    let made = runtime.block_on(migrate(&address(&clean.url()))).unwrap();
    let wanted = clean.psql(SCHEMA);
    let steps: u32 = clean.psql("SELECT last_value FROM halt.step").parse().unwrap();
    assert!(steps > 40, "only {steps} statements that make something");
    let (mut trials, mut old, mut part) = (0, 0, 0);
    for step in 1..=steps {
        for kind in [Killed::Program, Killed::Connection] {
            // In the short form one of six, and now this, now that.
            if !is_long() && (step % 6 != 1 || (step / 6) % 2 != kind as u32) {
                continue;
            }
            trials += 1;
            let database = halted.copy();
            database.psql(&format!("UPDATE halt.place SET n = {step}"));
            interrupt(&database, kind);
            let there = database.psql("SELECT to_regclass('_sqlx_migrations') IS NOT NULL");
            let done =
                if there == "t" { database.psql("SELECT max(version) FROM _sqlx_migrations") } else { String::new() };
            if done.is_empty() {
                old += 1;
                assert_eq!(database.psql("SELECT to_regclass('customers') IS NULL"), "t", "half a migration at {step}");
            } else {
                part += 1;
                assert_eq!(database.psql("SELECT bool_and(success) FROM _sqlx_migrations"), "t");
            }
            let why = runtime.block_on(SqlStore::open_server(&address(&database.url()))).unwrap_err().to_string();
            assert!(why.contains("keydesk migrate"), "{why}");
            database.psql("UPDATE halt.place SET n = 0");
            let again = runtime.block_on(migrate(&address(&database.url()))).unwrap();
            assert_eq!((again.before, again.now), (done.parse().unwrap_or(0), made.now));
            assert_eq!(database.psql(SCHEMA), wanted, "killed at {step}");
            runtime.block_on(async { SqlStore::open_server(&address(&database.url())).await.unwrap().close().await });
        }
    }
    let more = format!("Of {steps} statements; after {old} there was nothing, after {part} some migrations were done.");
    Trials::new("migrations killed at a statement", trials).passed(more);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Killed {
    Program,
    Connection,
}

/// Kills whoever makes tables when they are halted.
fn interrupt(database: &Database<'_>, kind: Killed) {
    let mut maker = actor("migrations::act_a_maker", &[("DATABASE", database.url())]).spawn().unwrap();
    let halted = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let mut process = String::new();
    until("it is halted", || {
        process = database.psql(halted);
        thread::sleep(Duration::from_millis(5));
        !process.is_empty()
    });
    match kind {
        Killed::Program => maker.kill().unwrap(),
        Killed::Connection => assert_eq!(database.psql(&format!("SELECT pg_terminate_backend({process})")), "t"),
    }
    let ended = maker.wait_with_output().unwrap();
    assert!(!ended.status.success());
    if kind == Killed::Connection {
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(told.contains("Unreachable"), "{told}");
    }
    until("its connection has gone", || {
        database.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == "1"
    });
}

/// Makes the tables.
#[test]
#[ignore = "acted out in the test above"]
fn act_a_maker() {
    runtime().block_on(migrate(&address(&variable("DATABASE")))).unwrap();
}
