//! Parsers of outside input: nothing that is handed to them makes them panic, hang or grow, and
//! what they accept is what they say.
//!
//! Every run takes ten thousand inputs for each; a million are taken by
//! `KEYDESK_LONG=1 cargo test --release --test fuzz -- --nocapture`. Those that need a file, a
//! database or a network take a part of that, as they print.
//!
//! A new parser is a test more in the file of its kind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it looked at"
)]

#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod demo_shop;
#[path = "hostile/desk.rs"]
#[allow(dead_code, reason = "the tests of screens use the rest")]
mod desk;
#[path = "support/tty.rs"]
#[allow(dead_code, reason = "the tests of terminals use the rest")]
mod tty;

#[path = "fuzz/engine.rs"]
mod engine;

#[path = "fuzz/commands.rs"]
mod commands;
#[path = "fuzz/console.rs"]
mod console;
#[path = "fuzz/customer_file.rs"]
mod customer_file;
#[path = "fuzz/identity.rs"]
mod identity;
#[path = "fuzz/settings.rs"]
mod settings;
#[path = "fuzz/shop.rs"]
mod shop;
#[path = "fuzz/storefront.rs"]
mod storefront;
#[path = "fuzz/text.rs"]
mod text;
