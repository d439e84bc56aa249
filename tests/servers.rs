//! What breaks when a shop's database is on a server, and what must hold all the same: processes,
//! connections and servers are killed, lines are cut, and many work at once.
//!
//! `KEYDESK_LONG=1` runs the long form; `KEYDESK_SEED=N` throws other dice. Processes that race each
//! other are this test program again, as one of its tests that are ignored otherwise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::duplicate_mod,
    reason = "a test fails by panicking; certificates are for relays and for servers"
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/relay.rs"]
#[allow(dead_code, reason = "the mail tests use the rest")]
mod relay;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the other tests of faults use the rest")]
mod trials;

#[path = "servers/crowd.rs"]
mod crowd;
#[path = "servers/cuts.rs"]
mod cuts;
#[path = "servers/deadlocks.rs"]
mod deadlocks;
#[path = "servers/dropped.rs"]
mod dropped;
#[path = "servers/failover.rs"]
mod failover;
#[path = "servers/migrations.rs"]
mod migrations;
#[path = "servers/redeem.rs"]
mod redeem;
#[path = "servers/restart.rs"]
mod restart;
#[path = "servers/shop.rs"]
mod shop;
#[path = "servers/workers.rs"]
mod workers;
