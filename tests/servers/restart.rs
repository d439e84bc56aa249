//! The server is started anew under a shop that is open: nobody starts keydesk anew.

use std::time::Duration;

use keydesk::{
    domain::{
        customer::CustomerId,
        reset::{KEY_LEN, TokenKey},
    },
    mail::transport::{Memory, Transport},
    service::delivery::Mailer,
};

use crate::{
    postgres::Server,
    shop::{furnish, hold, open, request, runtime},
    trials::{Trials, so_many},
};

/// A worker that found no server looks again after so long, and a little.
const WORKER: Duration = Duration::from_secs(10);

#[test]
fn a_server_started_anew_under_an_open_shop() {
    let server = Server::make();
    let database = server.database();
    let trials = Trials::new("servers started anew under an open shop", so_many(4, 40));
    runtime().block_on(async {
        furnish(&database, 20).await;
        let service = open(&database.url()).await;
        let memory = Memory::default();
        let (quit, stopped) = tokio::sync::watch::channel(false);
        let worker = {
            let mailer = Mailer {
                transport: Transport::Memory(memory.clone()),
                key: TokenKey::new([7; KEY_LEN]),
                owner: "worker".into(),
            };
            let service = open(&database.url()).await;
            tokio::spawn(async move { service.run_worker(mailer, stopped, &mut |_| ()).await })
        };
        let mut done = Vec::new();
        for (n, mut dice) in trials.each() {
            let who = CustomerId(1 + i64::from(n) % 10);
            service.open(who).await.unwrap().unwrap();
            tokio::task::block_in_place(|| {
                if dice.below(2) == 0 {
                    server.restart();
                } else {
                    server.kill9();
                    server.start();
                }
            });
            // What is looked at first, and what is done first: neither tells of what has passed.
            if n % 2 == 0 {
                service.open(who).await.unwrap().unwrap();
            }
            let key = format!("restart-{n}");
            service.start_reset(who, None, request(&key)).await.unwrap().unwrap();
            done.push(key);
            let waiting = async || service.queue().await.unwrap().waiting;
            let end = tokio::time::Instant::now() + WORKER;
            while waiting().await > 0 {
                assert!(tokio::time::Instant::now() < end, "the worker does not come back");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(service.queue().await.unwrap().worker, "it is seen that somebody delivers");
        }
        quit.send(true).unwrap();
        worker.await.unwrap();
        hold(&database.url(), |sql| database.psql(sql), &done, &[]).await;
    });
    trials.passed("Each time the next look and the next reset were answered, and the worker went on.");
}
