//! A program that breaks gives the terminal back and says why.
//!
//! The real program has no way to break on purpose, so this test program starts itself in a
//! terminal and breaks there: the ignored tests are what it then acts out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "the other terminal tests use the rest")]
mod console;
#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod shop;

use std::time::Duration;

use console::Console;
use keydesk::{
    domain::operator::Operator,
    tui::{self, Options, Symbols, Theme, Worker},
};
use shop::Shop;

const BROKEN: &str = "the works are broken";

#[test]
fn a_panic_of_the_console_itself_gives_the_terminal_back_and_reports() {
    let mut console = Console::act(80, 24, "act_a_console_that_panics");
    console.wait_for(BROKEN);
    assert!(!console.end().success());
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    assert!(raw.contains("\u{1b}[?1049h") && raw.contains("\u{1b}[?1000h"), "it had screen and mouse");
    assert!(console.is_restored(), "{}", console.screen());
}

#[test]
fn a_panic_beside_the_console_ends_it_in_order_and_reports() {
    let mut console = Console::act(80, 24, "act_a_worker_that_panics");
    console.wait_for("a part of the program failed");
    let screen = console.screen();
    assert!(screen.contains(BROKEN), "{screen}");
    assert!(!console.end().success());
    assert!(console.is_restored(), "{screen}");
}

#[test]
fn a_panic_passes_nothing_on_to_the_terminal() {
    let mut console = Console::act(200, 24, "act_a_program_that_panics_over_a_name");
    console.wait_for("0;owned<U+0007>");
    assert!(!console.end().success());
    let raw = String::from_utf8_lossy(&console.raw()).into_owned();
    assert!(!raw.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{raw:?}");
    // The report has no colours of its own either.
    assert_eq!(raw.matches("<U+001B>").count(), 1, "{raw:?}");
}

#[test]
#[ignore = "acted out in a terminal by the test above"]
fn act_a_program_that_panics_over_a_name() {
    keydesk::app::reports::install().unwrap();
    panic!("{}", "\u{1b}]0;owned\u{7}\u{202e}");
}

#[test]
#[ignore = "acted out in a terminal by the first test"]
fn act_a_console_that_panics() {
    let mut screen = tui::terminal::Screen::enter().unwrap();
    screen.mouse(true).unwrap();
    let _crashed = screen.guard_panics();
    screen.draw(|_| ()).unwrap();
    panic!("{BROKEN}");
}

#[test]
#[ignore = "acted out in a terminal by the second test"]
fn act_a_worker_that_panics() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let shop = Shop::new(50).await;
        let task = Box::pin(async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            panic!("{BROKEN}");
        });
        let options = Options {
            texts: keydesk::texts::Texts::default(),
            operator: Operator::new("mina").unwrap(),
            database: "shop".into(),
            symbols: Symbols::Unicode,
            theme: Theme::Colour,
            mouse: true,
            title: true,
            keys: tui::keymap::Keymap::default(),
            columns: tui::model::columns::Columns::default(),
            searches: Vec::new(),
            slow_line: false,
            worker: Some(Worker { task, stop: tokio::sync::watch::channel(false).0 }),
        };
        tui::run(shop.service.clone(), options).await
    });
    // What the program itself does with it: a sentence, and an exit code.
    panic!("{}", ended.unwrap_err());
}
