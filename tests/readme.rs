//! The README's tables are the program's own. Run with `UPDATE_README=1` to write them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

use keydesk::{config::settings, tui::command};

/// What stands between the two marks, or, when asked, is put there.
fn check(mark: &str, wanted: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let start = readme.find(&format!("<!-- {mark}:")).expect("the mark is there");
    let from = start + readme[start..].find('\n').unwrap() + 1;
    let to = from + readme[from..].find(&format!("<!-- /{mark} -->")).expect("the end mark is there");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, format!("{}{}\n{}", &readme[..from], wanted.trim_end(), &readme[to..])).unwrap();
    } else {
        let advice = "run UPDATE_README=1 cargo test --test readme -- --test-threads=1";
        assert_eq!(readme[from..to].trim_end(), wanted.trim_end(), "{advice}");
    }
}

#[test]
fn the_keys_are_the_consoles_own() {
    check("keys", &command::markdown());
}

#[test]
fn the_settings_are_the_programs_own() {
    check("settings", &settings::markdown());
}
