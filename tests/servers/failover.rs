//! The primary is killed while eight desks write, and its standby takes its place: nothing that was
//! acknowledged is lost.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use keydesk::{
    domain::customer::CustomerId,
    service::Service,
    store::{StoreError, sql::SqlStore},
};

use crate::{
    postgres::pair::Pair,
    shop::{furnish, hold, open, request, runtime},
    trials::{Times, Trials, so_many},
};

const WRITERS: i64 = 8;
/// How long after the promotion is asked for everybody works again.
const BACK: Duration = Duration::from_secs(10);

/// What a desk was told.
#[derive(Default)]
struct Told {
    done: Vec<String>,
    undone: Vec<String>,
    /// Outcomes that were asked for again under their key.
    unknown: u32,
    /// When each was told to be done, and at which desk.
    at: Vec<(i64, Instant)>,
}

#[test]
fn a_primary_killed_under_load_loses_nothing() {
    let trials = Trials::new("primaries killed under load", so_many(1, 10));
    let (mut back, mut acknowledged, mut unknown, mut refused) = (Times::default(), 0, 0, 0);
    for (n, mut dice) in trials.each() {
        let pair = Pair::make();
        let database = pair.primary.database();
        let url = format!("{}?target_session_attrs=read-write", pair.url(&database));
        runtime().block_on(async {
            furnish(&database, 50).await;
            pair.catch_up();
            let (stop, told) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Told::default())));
            let mut writers = Vec::new();
            for writer in 1..=WRITERS {
                let service = open(&url).await;
                let (stop, told) = (Arc::clone(&stop), Arc::clone(&told));
                writers.push(tokio::spawn(async move { write(&service, writer, n, &stop, &told).await }));
            }
            let so_far = |told: &Mutex<Told>| told.lock().unwrap().at.len();
            let enough = 100 + dice.place(200);
            reach(Duration::from_secs(30), || so_far(&told) > enough).await;
            tokio::task::block_in_place(|| pair.kill_primary());
            let promoted = Instant::now();
            tokio::task::block_in_place(|| pair.promote_standby());
            let first = |told: &Told, desk| {
                let since = told.at.iter().filter(|(writer, at)| *writer == desk && *at > promoted);
                since.map(|(_, at)| at.duration_since(promoted)).min()
            };
            let everybody = || (1..=WRITERS).all(|desk| first(&told.lock().unwrap(), desk).is_some());
            reach(Duration::from_mins(1), everybody).await;
            stop.store(true, Ordering::SeqCst);
            for writer in writers {
                writer.await.unwrap();
            }
            let told = std::mem::take(&mut *told.lock().unwrap());
            for desk in 1..=WRITERS {
                let first = first(&told, desk).unwrap();
                assert!(first <= BACK, "desk {desk} is back only {first:?} after the promotion");
                back.0.push(first);
            }
            acknowledged += told.done.len();
            unknown += told.unknown;
            refused += told.undone.len();
            hold(&url, |sql| pair.standby.psql(&database.name, sql), &told.done, &told.undone).await;
        });
    }
    trials.passed(format!(
        "{WRITERS} desks: {acknowledged} resets were acknowledged and are there, {refused} said not to be done are not; \
         {unknown} outcomes were not known and asked for under their key. Desks back after the promotion was asked for: {back}."
    ));
}

async fn reach(patience: Duration, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !is_so() {
        assert!(Instant::now() < end, "it does not come to that");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Resets one customer of its own again and again, each time under a key of its own.
async fn write(service: &Service<SqlStore>, writer: i64, trial: u32, stop: &AtomicBool, told: &Mutex<Told>) {
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("{trial}-{writer}-{n}");
        let mut doubt = false;
        loop {
            match service.start_reset(CustomerId(writer), None, request(&key)).await {
                Ok(queued) => {
                    queued.unwrap();
                    let mut told = told.lock().unwrap();
                    told.done.push(key);
                    told.at.push((writer, Instant::now()));
                }
                Err(StoreError::Unknown(_)) => {
                    doubt = true;
                    told.lock().unwrap().unknown += 1;
                    continue;
                }
                // Whoever is in doubt asks until somebody answers.
                Err(StoreError::Unreachable(_) | StoreError::NotWritten(_)) if doubt => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                Err(e @ (StoreError::Unreachable(_) | StoreError::NotWritten(_))) => {
                    assert!(e.to_string().to_lowercase().contains("nothing was done"), "{e}");
                    told.lock().unwrap().undone.push(key);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(e) => panic!("{e}"),
            }
            break;
        }
    }
}
