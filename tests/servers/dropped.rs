//! Somebody stops waiting in the middle of an action: nothing of it is left, and nobody waits for it.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use keydesk::domain::{access_token::Scope, customer::CustomerId};

use crate::{
    postgres::{Server, until},
    proxy::Proxy,
    shop::{furnish, hold, open, request, runtime},
    trials::Trials,
};

/// Polls an action so many times at most; none when it was dropped before its end.
async fn for_a_while<T>(action: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut action = pin!(action);
    let mut polled = 0;
    poll_fn(|context| {
        polled += 1;
        match action.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if polled >= polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Whoever acts next on the same customer waits for a server that undoes a transaction, not for a
/// connection that lies about: for one of those a lock is waited for five seconds.
const SOON: Duration = Duration::from_secs(4);
const WHO: CustomerId = CustomerId(1);

#[test]
fn an_action_dropped_at_every_wait_leaves_nothing_behind() {
    let database = Server::shared().database();
    runtime().block_on(async {
        furnish(&database, 20).await;
        // Answers that take a little way are waited for.
        let proxy = Proxy::postgres(Server::shared().folder(), None);
        let service = open(&database.url_through(proxy.address.path())).await;
        let other = open(&database.url()).await;
        let (mut places, mut done, mut undone, mut longest) = (0, Vec::new(), Vec::new(), Duration::ZERO);
        for polls in 1.. {
            let key = format!("dropped-{polls}");
            let dropped = for_a_while(Box::pin(service.start_reset(WHO, None, request(&key))), polls).await;
            if let Some(queued) = dropped {
                queued.unwrap().unwrap();
                done.push(key);
                break;
            }
            places += 1;
            let (began, next) = (Instant::now(), format!("next-{polls}"));
            // Somebody else's, and the same desk's.
            other.force_sign_in(WHO, None, Scope::All, request(&next)).await.unwrap().unwrap();
            service.cancel_reset(WHO, request(&format!("same-{polls}"))).await.unwrap().ok();
            longest = longest.max(began.elapsed());
            done.push(next);
            // A commit that was on its way is done all the same, and known by its key.
            let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state <> 'idle' AND pid <> pg_backend_pid()";
            until("no transaction is left", || database.psql(left) == "0");
            let used = database.psql(&format!("SELECT count(*) FROM operations WHERE op_key = '{key}'"));
            if used == "0" { undone.push(key) } else { done.push(key) }
        }
        assert!(places > 10, "only {places} waits were found to drop it at");
        assert!(longest < SOON, "somebody waited for {longest:?}");
        hold(&database.url(), |sql| database.psql(sql), &done, &undone).await;
        Trials::new("resets dropped at each wait", places)
            .passed(format!("Whoever came next waited {longest:?} at most."));
    });
}
