//! Resets queued through the service one after another, compared with bare commits of the same
//! durability on the same disk.

use std::time::{Duration, Instant};

use keydesk::{
    domain::customer::CustomerId,
    service::{Rules, Service},
    store::sql::SqlStore,
};

use crate::{
    bare::Bare,
    samples::Samples,
    shops::{self, FEW, Shops, request},
    table::Row,
};

/// Rounds of either, by turns, so that both meet the same disk.
const ROUNDS: i64 = 20;
const RESETS: i64 = 100;
/// Percent of the bare commits.
const GOAL: f64 = 90.0;

pub async fn measure(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let service = shops::open(&shops.new_shop("resets", FEW).await, Rules::default()).await;
    let mut bare = Bare::new(&shops.new_file("bare.db")).await;
    let (mut resets, mut commits): (Vec<Duration>, Vec<Duration>) = <_>::default();
    for round in 0..ROUNDS {
        let before = (resets.len(), commits.len());
        for _ in 0..RESETS {
            commits.push(bare.commit().await);
        }
        for n in 0..RESETS {
            resets.extend(reset(&service, CustomerId(1 + round * RESETS + n)).await);
        }
        if verbose {
            let (resets, commits): (Samples, Samples) =
                (resets.iter().skip(before.0).copied().collect(), commits.iter().skip(before.1).copied().collect());
            eprintln!("  resets {resets}; bare commits {commits}");
        }
    }
    let (resets, commits): (Samples, Samples) = (resets.into_iter().collect(), commits.into_iter().collect());
    let (rate, bare_rate) = (resets.per_second(), commits.per_second());
    let percent = 100.0 * rate / bare_rate;
    vec![
        Row::note(format!("Reset queued, {} times", resets.len()), resets.to_string()),
        Row::note(format!("Bare commit of SQLite, {} times", commits.len()), commits.to_string()),
        Row::new(
            "Resets a second, compared with bare commits",
            format!("≥ {GOAL} %"),
            format!("{percent:.0} % ({rate:.0} and {bare_rate:.0})"),
            percent >= GOAL,
        ),
    ]
}

/// How long it took to queue a reset; none for a customer to whom none can be sent.
async fn reset(service: &Service<SqlStore>, customer: CustomerId) -> Option<Duration> {
    service.plan_reset(customer).await.unwrap().ok()?;
    let started = Instant::now();
    service.start_reset(customer, None, request()).await.unwrap().unwrap();
    Some(started.elapsed())
}
