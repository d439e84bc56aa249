//! Hostile text never reaches a terminal as anything but letters: not from the shop's data, not
//! from what is typed and pasted, not from the command line, files, variables or the relay.
//!
//! `KEYDESK_LONG=1 cargo test --test hostile -- --nocapture` takes every string; otherwise a sample.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it looked at"
)]

#[path = "support/hostile_shop.rs"]
mod hostile_shop;
#[path = "support/payloads.rs"]
mod payloads;
#[path = "support/console.rs"]
#[allow(dead_code, reason = "the other terminal tests use the rest")]
mod terminal;
#[path = "support/tty.rs"]
mod tty;

#[path = "hostile/console.rs"]
mod console;
#[path = "hostile/desk.rs"]
mod desk;
#[path = "hostile/program.rs"]
mod program;
#[path = "hostile/remains.rs"]
mod remains;
#[path = "hostile/screens.rs"]
mod screens;
#[path = "hostile/tour.rs"]
mod tour;

/// Whether everything is asked for, however long it takes.
fn is_long() -> bool {
    std::env::var_os("KEYDESK_LONG").is_some()
}
