//! The line to the server is cut at every byte: what was said is what is stored.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keydesk::{
    clock::Clock,
    domain::customer::CustomerId,
    store::{StoreError, sql::SqlStore},
};

use crate::{
    postgres::{Server, until},
    proxy::{Cut, Proxy, Way},
    shop::{address, desk, furnish, hold, open, request, runtime},
    trials::{Trials, is_long},
};

/// Places on each way in the short form.
const PLACES: usize = 30;
const WHO: CustomerId = CustomerId(1);

#[test]
fn a_line_cut_anywhere_in_a_reset() {
    let server = Server::shared();
    let database = server.database();
    runtime().block_on(async {
        furnish(&database, 20).await;
        // One that is not cut: opening the shop, and a reset.
        let proxy = Proxy::postgres(server.folder(), None);
        let far = open(&database.url_through(proxy.address.path())).await;
        far.start_reset(WHO, None, request("whole-0-00000")).await.unwrap().unwrap();
        let whole = proxy.passed();
        let (mut done, mut undone, mut at_open, mut found_out) = (vec!["whole-0-00000".to_owned()], Vec::new(), 0, 0);
        let mut count = 0;
        for way in [Way::ToServer, Way::FromServer] {
            let step = if is_long() { 1 } else { whole[way as usize].div_ceil(PLACES) };
            for after in (1..=whole[way as usize]).rev().step_by(step) {
                count += 1;
                let key = format!("cut-{}-{after:05}", way as usize);
                let proxy = Proxy::postgres(server.folder(), Some(Cut { way, after, reset: false }));
                let url = database.url_through(proxy.address.path());
                let Ok(store) = SqlStore::open_server(&address(&url)).await else {
                    at_open += 1;
                    continue;
                };
                let far = desk(store, Clock::default());
                match far.start_reset(WHO, None, request(&key)).await {
                    Ok(queued) => {
                        queued.unwrap();
                        found_out += u32::from(proxy.connections() > 1);
                        done.push(key);
                    }
                    // The server is there all the time, and can be asked.
                    Err(StoreError::Unknown(why)) => panic!("{key}: {why}"),
                    Err(_) => undone.push(key),
                }
                let next = format!("next-{}-{after:05}", way as usize);
                far.start_reset(WHO, None, request(&next)).await.unwrap().unwrap();
                done.push(next);
            }
        }
        hold(&database.url(), |sql| database.psql(sql), &done, &undone).await;
        assert!(found_out > 0 && !undone.is_empty(), "{found_out} {undone:?}");
        let more = format!(
            "Of {whole:?} bytes to and from the server; {at_open} while it was opened; {} were said not to be done, \
             {found_out} were done on another connection or found to be done.",
            undone.len()
        );
        Trials::new("resets whose line was cut", count).passed(more);
    });
}

/// An answer is waited for half a minute, and what became of it is asked for half a minute.
const SILENCE: Duration = Duration::from_secs(90);

/// A network that falls silent while a server commits, and stays so: only then nobody knows, and
/// who asks again under the same key afterwards is told.
#[test]
fn only_a_silent_network_leaves_it_unknown() {
    if !is_long() {
        return;
    }
    let server = Server::shared();
    let database = server.database();
    runtime().block_on(async {
        furnish(&database, 20).await;
        database.psql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'; \
             CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION slow()",
        );
        let proxy = Proxy::postgres(server.folder(), None);
        let far = Arc::new(open(&database.url_through(proxy.address.path())).await);
        let began = Instant::now();
        let asking = Arc::clone(&far);
        let asked = tokio::spawn(async move { asking.start_reset(WHO, None, request("silent")).await });
        until("it commits", || {
            let commits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query = 'COMMIT' \
                AND datname = current_database()";
            database.psql(commits) == "1"
        });
        proxy.hold();
        let told = asked.await.unwrap();
        let took = began.elapsed();
        assert!(matches!(told, Err(StoreError::Unknown(_))) && took < SILENCE, "{told:?} after {took:?}");
        proxy.release();
        database.psql("DROP TRIGGER slow ON outbox");
        let queued = far.start_reset(WHO, None, request("silent")).await.unwrap().unwrap();
        assert_eq!(
            database.psql("SELECT count(*), max(id) FROM password_resets WHERE requested_by = 'mina'"),
            format!("1|{}", queued.reset.0)
        );
        Trials::new("networks that fell silent in a commit", 1).passed(format!("Nobody knew after {took:?}."));
    });
}
