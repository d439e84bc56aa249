//! Resets queued through the service by several operators at once, compared with bare commits of as
//! many connections to the same server.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use keydesk::{
    domain::customer::CustomerId,
    service::{Rules, Service},
    store::sql::SqlStore,
};
use sqlx::{Connection, PgConnection};

use super::{Servers, place};
use crate::{
    bare::ROW_BYTES,
    shops::{self, FEW, request},
    table::Row,
};

const OPERATORS: [usize; 3] = [1, 8, 32];
/// Rounds of either, by turns, so that both meet the same disk.
const ROUNDS: usize = 5;
/// Resets of a round, and commits.
const OF_A_ROUND: usize = 320;

impl Servers {
    pub async fn resets(&mut self) -> Vec<Row> {
        let database = self.new_shop(FEW).await;
        database.psql("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, content BYTEA NOT NULL)");
        let (next, mut rows) = (AtomicI64::new(1), Vec::new());
        for operators in OPERATORS {
            let (mut services, place) = (Vec::new(), place(&database.url()));
            let mut bare = Vec::new();
            for _ in 0..operators {
                services.push(shops::open_at(&place, Rules::default()).await);
                bare.push(PgConnection::connect(&database.url()).await.unwrap());
            }
            let (mut resets, mut commits) = (Duration::ZERO, Duration::ZERO);
            for _ in 0..ROUNDS {
                let began = Instant::now();
                join_all(bare.iter_mut().map(|connection| commit(connection, OF_A_ROUND / operators))).await;
                commits += began.elapsed();
                let began = Instant::now();
                join_all(services.iter().map(|service| reset(service, &next, OF_A_ROUND / operators))).await;
                resets += began.elapsed();
            }
            let count = f64::from(u32::try_from(ROUNDS * (OF_A_ROUND / operators) * operators).unwrap());
            let (resets, commits) = (count / resets.as_secs_f64(), count / commits.as_secs_f64());
            let percent = 100.0 * resets / commits;
            let operators = if operators == 1 { "one operator".to_owned() } else { format!("{operators} operators") };
            rows.push(Row::note(
                format!("Resets a second on a server, {operators}, compared with its bare commits"),
                format!("{percent:.0} % ({resets:.0} and {commits:.0})"),
            ));
        }
        rows
    }
}

async fn commit(connection: &mut PgConnection, count: usize) {
    for _ in 0..count {
        let insert = sqlx::query("INSERT INTO bare (content) VALUES ($1)").bind(vec![0x2a_u8; ROW_BYTES]);
        insert.execute(&mut *connection).await.unwrap();
    }
}

/// Queues so many, each for another customer to whom one can be sent.
async fn reset(service: &Service<SqlStore>, next: &AtomicI64, count: usize) {
    let mut done = 0;
    while done < count {
        let customer = CustomerId(next.fetch_add(1, Ordering::Relaxed));
        if service.start_reset(customer, None, request()).await.unwrap().is_ok() {
            done += 1;
        }
    }
}
