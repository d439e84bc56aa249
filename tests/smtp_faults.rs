//! Relays and networks that fail in every way at every moment, and workers that are killed meanwhile.
//!
//! `KEYDESK_LONG=1` runs the long form; `KEYDESK_SEED=N` throws other dice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "support/desk.rs"]
#[allow(dead_code, reason = "the test of secrets uses the rest")]
mod desk;
#[path = "support/promises.rs"]
mod promises;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod shop;
#[path = "support/smtp.rs"]
#[allow(dead_code, reason = "the mail tests use all of it")]
mod smtp;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the other tests of faults use the rest")]
mod trials;

#[path = "smtp_faults/cuts.rs"]
mod cuts;
#[path = "smtp_faults/matrix.rs"]
mod matrix;
#[path = "smtp_faults/worker.rs"]
mod worker;

use std::{net::SocketAddr, time::Duration};

use jiff::SignedDuration;
use keydesk::{
    domain::{
        customer::CustomerId,
        mail_state::MailId,
        reset::{KEY_LEN, ResetPolicy, TokenKey},
        throttle::Limits,
    },
    mail::{transport::Transport, url::MailUrl},
    service::{
        Rules,
        delivery::{DeliveryReport, Mailer},
    },
};
use shop::{Shop, mina};

/// Customers of a shop that is tried on.
const CUSTOMERS: u64 = 50;
const LONG: Duration = Duration::from_secs(20);

/// A shop that sends anybody any number of links.
async fn unlimited() -> Shop {
    let limits = Limits { max_per_hour: 0, min_interval: SignedDuration::ZERO, ..Limits::default() };
    let rules = Rules { reset: ResetPolicy { limits, ..ResetPolicy::default() }, ..Rules::default() };
    Shop::with_rules(CUSTOMERS, rules).await
}

fn mailer(login: &str, relay: SocketAddr, option: &str, deadline: Duration) -> Mailer {
    let url = MailUrl::parse(&format!("smtp://{login}{relay}{option}")).unwrap();
    let transport = Transport::new(&url, deadline).unwrap();
    Mailer { transport, key: TokenKey::new([7; KEY_LEN]), owner: "test worker".into() }
}

/// Asks for a reset and lets its hold pass.
async fn reset(shop: &Shop, customer: i64) -> MailId {
    let queued = shop.service.start_reset(CustomerId(customer), None, mina()).await.unwrap().unwrap();
    shop.clock.advance(SignedDuration::from_secs(10));
    queued.mail
}

async fn deliver(shop: &Shop, mailer: &Mailer) -> DeliveryReport {
    shop.service.deliver_due(mailer, &|| true, &mut |_| ()).await.unwrap()
}
