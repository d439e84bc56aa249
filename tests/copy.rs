//! A shop that moves from a file to a server: whole, the same, without a link that lives on, and
//! whatever kills it on the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it tried"
)]

#[path = "support/hostile_shop.rs"]
mod hostile_shop;
#[path = "support/payloads.rs"]
#[allow(dead_code, reason = "the tests of hostile texts use the rest")]
mod payloads;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/server_shop.rs"]
mod server_shop;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;

#[path = "copy/killed.rs"]
mod killed;
#[path = "copy/program.rs"]
mod program;
#[path = "copy/refused.rs"]
mod refused;
#[path = "copy/shop.rs"]
mod shop;
#[path = "copy/tables.rs"]
mod tables;
#[path = "copy/whole.rs"]
mod whole;
