//! The storefront in this process: the gate, the table of routes, and what every answer carries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "web/answers.rs"]
mod answers;
#[path = "web/connections.rs"]
mod connections;
#[path = "web/forms.rs"]
mod forms;
#[path = "web/front.rs"]
mod front;
#[path = "web/languages.rs"]
mod languages;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod shop;
#[path = "web/visits.rs"]
mod visits;
