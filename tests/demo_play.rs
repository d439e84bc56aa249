//! A script that is shown in a terminal: the keys of whoever shows it, and the terminal afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod console;

use console::Console;
use nix::sys::signal::Signal;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/undo.toml");

fn play(cols: u16, rows: u16, speed: &str) -> Console {
    Console::start(cols, rows, &["demo", "play", SCRIPT, "--speed", speed], &[])
}

#[test]
fn it_is_played_to_its_end_and_stays_until_somebody_leaves() {
    let mut console = play(100, 30, "20");
    console.wait_for("the end: q leaves");
    let screen = console.screen();
    assert!(screen.contains("taken back, never left") && screen.contains("0 of 5 this hour"), "{screen}");
    console.keys("q");
    assert_eq!(console.end().exit_code(), 0);
    assert!(console.is_restored());
}

#[test]
fn it_stops_goes_on_and_is_left_at_any_time() {
    let mut console = play(80, 24, "0.1");
    console.wait_for("customers");
    console.keys(" ");
    console.wait_for("stopped: Space goes on, q leaves");
    console.resize(70, 24);
    console.wait_for("The tour needs 80x24, this is 70x24.");
    console.resize(80, 24);
    console.wait_for("stopped");
    console.keys(" ");
    console.wait_until("no note", |screen| !screen.contains("stopped") && screen.contains("customers"));
    console.keys("\u{3}");
    assert_eq!(console.end().exit_code(), 0);
    let mut console = play(80, 24, "0.1");
    console.wait_for("customers");
    console.signal(Signal::SIGTERM);
    assert_eq!(console.end().exit_code(), 128 + Signal::SIGTERM as u32);
}

#[test]
fn a_terminal_that_is_too_small_is_told_before_it_begins() {
    let mut console = play(79, 24, "1");
    console.wait_for("80x24; this one has 79x24. Make");
    assert_eq!(console.end().exit_code(), 2);
}
