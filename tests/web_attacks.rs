//! Attacks on the storefront: the real program, and clients without manners.
//!
//! `KEYDESK_LONG=1` tries more often, and judges times.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "web_attacks/answers.rs"]
mod answers;
#[path = "web_attacks/enumeration.rs"]
mod enumeration;
#[path = "web_attacks/floods.rs"]
mod floods;
#[path = "web_attacks/forms.rs"]
mod forms;
#[path = "web_attacks/hosts.rs"]
mod hosts;
#[path = "web_attacks/load.rs"]
mod load;
#[path = "web_attacks/redeem.rs"]
mod redeem;
#[path = "web_attacks/secrets.rs"]
mod secrets;

#[path = "support/faketime.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod faketime;
#[path = "support/http.rs"]
mod http;
#[path = "secrets/hunt.rs"]
#[allow(dead_code, reason = "the tests of mails use the rest")]
mod hunt;
#[path = "support/promises.rs"]
#[allow(dead_code, reason = "the tests of mails use the rest")]
mod promises;
#[path = "support/storefront.rs"]
mod storefront;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;
