//! The real console on a server that goes away and comes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod console;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/server_shop.rs"]
mod server_shop;

use std::{thread, time::Duration};

use console::Console;
use postgres::Server;
use server_shop::ServerShop;

/// Keys that come at once after a question are not taken for its answer.
const THOUGHT: Duration = Duration::from_millis(250);

fn open(shop: &ServerShop, cols: u16, rows: u16) -> Console {
    let config = shop.path("keydesk.toml").display().to_string();
    let mut console = Console::start(cols, rows, &["--operator", "mina", "--config", &config], &[]);
    console.wait_for(" ms");
    console
}

fn reset(console: &mut Console) {
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(THOUGHT);
    console.keys("y");
}

#[test]
fn a_console_outlives_its_server() {
    let server = Server::make();
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 200);
    let mut console = open(&shop, 80, 24);
    console.keys("/");
    console.keys("roni_cost");
    console.wait_for("Veronica Costello");
    console.keys("\r");
    console.keys("\r");
    console.wait_for("[r Reset Password]");

    server.kill9();
    console.wait_for("! As it was before.");
    console.wait_for("roni_cost@example.com");
    console.keys("r");
    console.wait_until("it is said that nothing was done", |screen| {
        screen.replace('\n', " ").contains("Nothing was done")
    });
    assert_eq!(std::fs::read_dir(shop.path("mail/new")).map_or(0, Iterator::count), 0);

    server.start();
    console.wait_until("the record is read again", |screen| !screen.contains("As it was before"));
    reset(&mut console);
    console.wait_for("leaves in");
    console.keys("u");
    console.wait_for("Taken back. The budget has its place back.");
    assert_eq!(database.psql("SELECT count(*), count(*) FILTER (WHERE state = 'cancelled') FROM outbox"), "1|1");
    console.keys("\u{3}");
    assert!(console.end().success() && console.is_restored());
}

#[test]
fn operators_see_each_others_work() {
    let server = Server::shared();
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 200);
    let [mut mina, mut jo] = [(80, 24), (200, 50)].map(|(cols, rows)| open(&shop, cols, rows));
    for console in [&mut mina, &mut jo] {
        console.keys("/id:1\r\r");
        console.wait_for("[r Reset Password]");
    }
    reset(&mut mina);
    mina.wait_for("accepted by the relay");
    jo.wait_for("accepted by the relay");
    assert_eq!(std::fs::read_dir(shop.path("mail/new")).unwrap().count(), 1);
    jo.wait_for("next in 09:");
    for console in [&mut mina, &mut jo] {
        console.keys("\u{3}");
        assert!(console.end().success() && console.is_restored());
    }
}
