//! What the storefront does beside answering: it looks at requests for resets, and clears away.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{
    store::{Store, StoreResult},
    web::Site,
};

/// How long a request for a reset rests before it is looked at, so that nobody can read off the
/// time of their own request what an earlier one came to.
const PAUSE: Duration = Duration::from_secs(1);
/// How often requests are looked for that nobody woke us for: another process took them.
const LOOK: Duration = Duration::from_mins(1);
/// How long a database that failed is left alone.
const REST: Duration = Duration::from_secs(5);
/// How often what nothing counts any more is cleared away.
const SWEEP: Duration = Duration::from_hours(1);

/// Does so until `stop` turns true. A database that fails is told of and tried again.
pub async fn keep_house<S: Store>(site: Arc<Site<S>>, stop: watch::Receiver<bool>) {
    tokio::join!(answer_requests(&site, stop.clone()), clear_away(&site, stop));
}

async fn answer_requests<S: Store>(site: &Site<S>, mut stop: watch::Receiver<bool>) {
    // Only waiting is ever broken off, never the database at work.
    while !*stop.borrow_and_update() {
        let done = site.service.answer_requests().await;
        let failed = note(site, done);
        let wait = async {
            if failed {
                tokio::time::sleep(REST).await;
            } else {
                let _ = tokio::time::timeout(LOOK, site.asked.notified()).await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            told = stop.changed() => if told.is_err() { break },
            () = wait => {}
        }
    }
}

async fn clear_away<S: Store>(site: &Site<S>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        let wait = match site.service.store().sweep(site.service.clock().now()).await {
            Ok(0) => SWEEP,
            // There may be more; others get their turn in between.
            Ok(_) => PAUSE,
            failed @ Err(_) => {
                note(site, failed);
                SWEEP
            }
        };
        tokio::select! {
            told = stop.changed() => if told.is_err() { break },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Tells of a failure; whether it is one.
fn note<S: Store, T>(site: &Site<S>, done: StoreResult<T>) -> bool {
    done.map_err(|error| site.failed(error)).is_err()
}
