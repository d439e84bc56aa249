//! Connections: how many, how slow, how long, and how they end.
//!
//! `axum::serve` sets no timer, so that a client that sends half a header is waited for for ever;
//! hence a loop of our own.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

use crate::{
    store::Store,
    web::{
        News, Peer, Site,
        chores::keep_house,
        listener::{Listener, Stream},
        router,
    },
};

/// Most connections at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// How long the headers of a request may take, and how long a connection may say nothing.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// How long a client may not read while an answer waits for it.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// Longest headers, in bytes.
const MAX_HEADERS: usize = 32 * 1024;
/// Longest life of a connection; what is at work then is still answered.
const LIFE: Duration = Duration::from_mins(5);
/// How long answers that are at work may take when their connection is to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a system that gives no connection is left alone.
const REST: Duration = Duration::from_millis(100);

/// Answers what comes in, and keeps house, until `stop` turns true; then finishes what is at work.
pub async fn run<S: Store>(site: Arc<Site<S>>, listener: Listener, stop: watch::Receiver<bool>) {
    // In tasks of their own: neither waits for the other, or for what else the caller does.
    let house = tokio::spawn(keep_house(Arc::clone(&site), stop.clone()));
    let doors = tokio::spawn(take_in(site, listener, stop));
    let _ = tokio::join!(house, doors);
}

async fn take_in<S: Store>(site: Arc<Site<S>>, listener: Listener, mut stop: watch::Receiver<bool>) {
    let (router, places) = (router(&site), Arc::new(Semaphore::new(CONNECTIONS)));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let taken = tokio::select! {
            taken = next => taken,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match taken {
            (Ok(place), Ok((stream, peer))) => {
                connections.spawn(connection(router.clone(), stream, peer, stop.clone(), place));
            }
            (Err(_), _) => break,
            (_, Err(error)) => {
                site.tell(News::NotAccepted(error));
                sleep(REST).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    // Whoever takes longer is cut off.
    let _ = timeout(GRACE, rest).await;
}

async fn connection(
    router: Router,
    stream: Box<dyn Stream>,
    peer: Peer,
    mut stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let router = TowerToHyperService::new(router);
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request.map(Body::new))
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIME));
    let stream = TokioIo::new(Box::pin(stream));
    let mut rules = http1::Builder::new();
    rules.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(MAX_HEADERS);
    let mut connection = pin!(rules.serve_connection(stream, answer));
    tokio::select! {
        // What goes wrong with a connection is the client's affair.
        _ = connection.as_mut() => return,
        () = sleep(LIFE) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}
