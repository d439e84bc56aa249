//! The recordings in `demo` are what the console shows today, the same on every machine. Run with
//! `UPDATE_DEMO=1` to record them anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use serde_json::Value;
use tempfile::TempDir;
use unicode_width::UnicodeWidthChar;

const RENEW: &str = "If that is meant: UPDATE_DEMO=1 cargo test --test demo_casts, look at the difference, \
                     then demo/render for the pictures.";

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo")
}

fn scripts() -> Vec<PathBuf> {
    let files = fs::read_dir(demo()).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|e| e == "toml")).collect();
    scripts.sort();
    scripts
}

/// Records in surroundings that nobody else has.
fn record(script: &Path, variables: &[(&str, &str)]) -> Output {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
    command.args(["demo", "record"]).arg(script).current_dir(home.path()).env("HOME", home.path());
    command.envs(variables.iter().copied()).output().unwrap()
}

fn cast(script: &Path, variables: &[(&str, &str)]) -> String {
    let output = record(script, variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares a script's recording with one that is made now, and with another one that is made as if
/// somewhere else.
fn check(script: &Path) {
    let file = script.with_extension("cast");
    let made = cast(script, &[("TZ", "UTC"), ("LANG", "C")]);
    let elsewhere =
        [("TZ", "Asia/Seoul"), ("LANG", "ko_KR.UTF-8"), ("NO_COLOR", "1"), ("USER", "joon"), ("TERM", "dumb")];
    assert!(made == cast(script, &elsewhere), "{}: a second recording is another one", script.display());
    if std::env::var_os("UPDATE_DEMO").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let differs = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    let line = differs.unwrap_or_else(|| kept.lines().count().min(made.lines().count())) + 1;
    assert!(kept == made, "{}, line {line}, is not what the console shows now. {RENEW}", file.display());
    for event in made.lines().skip(1) {
        let event: Value = serde_json::from_str(event).unwrap();
        let odd = |c: &char| !c.is_control() && c.width() != Some(1);
        // The maker of GIFs puts those in the wrong place.
        assert_eq!(event[2].as_str().unwrap().chars().find(odd), None, "{}: {event}", script.display());
    }
    for picture in ["gif", "svg"] {
        assert!(file.with_extension(picture).exists(), "{} has no {picture}: run demo/render", file.display());
    }
}

#[test]
fn every_recording_is_what_the_console_shows() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 4, "{scripts:?}");
    thread::scope(|scope| {
        for script in &scripts {
            scope.spawn(move || check(script));
        }
    });
}

fn failure(steps: &str) -> String {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("wrong.toml");
    let head = "title = \"A\"\ncustomers = 20\nseed = 1\ntime = \"2026-11-20T14:03:00Z\"\noperator = \"mina\"\n";
    fs::write(&script, format!("{head}steps = [\n{steps}\n]\n")).unwrap();
    let output = record(&script, &[]);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_text_that_does_not_come_is_told_with_what_the_screen_showed() {
    let said = failure("{ press = \"/\" },\n{ wait_for = \"Nobody at all\" },");
    assert!(said.contains("wrong.toml, line 8: \"Nobody at all\" did not come within 120 seconds"), "{said}");
    assert!(said.contains("The screen showed:") && said.contains("20 customers"), "{said}");
}

#[test]
fn a_mistake_in_a_script_is_told_with_its_place() {
    let said = failure("{ prss = \"r\" },");
    assert!(said.contains("wrong.toml, line 7: unknown variant `prss`, expected one of `caption`"), "{said}");
    let said = failure("{ press = \"q\" },");
    assert!(said.contains("wrong.toml, line 7: this key leaves the console."), "{said}");
}
