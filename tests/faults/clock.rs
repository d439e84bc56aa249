//! A clock that is set: by a day and by ten years, ahead and back, between commands and under a
//! running console. What has expired stays so, what waits still comes, and no limit is freed.

use std::{fs, thread, time::Duration};

use jiff::{SignedDuration, Timestamp};

use crate::{
    console::Console,
    faketime,
    invariants::{self, Promise},
    office::{Office, Told},
    strace,
    trials::{Trials, so_many},
};

/// The right time. All others are what the clock is off, as faketime is told.
const NOW: &str = "+0";

/// A command at a time.
fn at(office: &Office, time: &str, words: &[&str]) -> Told {
    let mut command = office.command(&[], words);
    faketime::shift(&mut command, time);
    command.output().unwrap().into()
}

/// A limit of two resets an hour.
const LIMITED: &str = "[reset]\nmax_per_hour = 2\nmin_interval = \"0s\"\nundo = \"0s\"\n";

/// What may only become less: a live link, tokens that live, places in the budget.
#[derive(Debug, PartialEq, Eq)]
struct Powers {
    link_is_live: bool,
    tokens: i64,
    places: i64,
}

fn powers(office: &Office, time: &str) -> Powers {
    let shown = at(office, time, &["show", "1"]);
    assert!(shown.is_done(), "{shown:?}");
    Powers {
        link_is_live: shown.facts["reset"]["link"] == "live",
        tokens: shown.facts["alive"]["tokens"].as_i64().unwrap(),
        places: 2 - shown.facts["budget"]["used"].as_i64().unwrap(),
    }
}

#[test]
fn what_has_expired_does_not_come_to_life_when_the_clock_is_set_back() {
    for (away, back) in [("+25h", NOW), ("+25h", "-25h"), ("+10y", NOW), ("+10y", "-10y")] {
        let office = Office::new(20);
        office.set_rules(LIMITED);
        assert!(at(&office, NOW, &["reset-password", "1"]).is_done());
        assert!(at(&office, NOW, &["mail", "deliver"]).is_done());
        let before = powers(&office, NOW);
        assert!(before.link_is_live && before.tokens == 3 && before.places == 1, "{before:?}");
        // Something is done while the clock is ahead: then it was that late.
        assert!(at(&office, away, &["force-sign-in", "2", "--scope", "all"]).is_done());
        let ahead = powers(&office, away);
        assert!(!ahead.link_is_live && ahead.tokens == 2, "{away}: {ahead:?}");
        assert_eq!(powers(&office, back), ahead, "{away}, then {back}");
        // Places that the hour ahead had given back are there once, however often the clock is set.
        let resets = [back, away, back, away, back].map(|time| at(&office, time, &["reset-password", "1"]).is_done());
        assert_eq!(resets, [true, true, false, false, false], "{away}, then {back}");
        invariants::hold(&office, &[]);
    }
}

#[test]
fn a_mail_that_waits_leaves_at_the_time_that_it_is() {
    for (asked, now) in [("+10y", NOW), ("-10y", NOW), (NOW, "-10y"), (NOW, "+10y"), ("+25h", "-25h")] {
        let office = Office::new(20);
        let key = "waits";
        assert!(at(&office, asked, &["reset-password", "1", "--op-key", key]).is_done());
        let told = at(&office, now, &["mail", "deliver"]);
        assert_eq!(told.facts["accepted"], 1, "asked for at {asked}, delivered at {now}: {told:?}");
        invariants::hold(&office, &[Promise::Operation(key.to_owned())]);
    }
}

/// A worker takes a mail while the clock is ahead, and dies: its claim would hold, and the link
/// live, until that time comes.
#[test]
fn a_claim_from_the_future_holds_nothing_up() {
    for ahead in ["+25h", "+10y"] {
        let office = Office::new(20);
        assert!(at(&office, NOW, &["reset-password", "1"]).is_done());
        let runner = strace::runner("rename", "signal=KILL", 1);
        let runner: Vec<&str> = runner.iter().map(String::as_str).collect();
        let mut worker = office.command(&runner, &["mail", "deliver"]);
        faketime::shift(&mut worker, ahead);
        assert_eq!(Told::from(worker.output().unwrap()).code, None, "it was to be killed");
        let told = at(&office, NOW, &["mail", "deliver"]);
        assert_eq!(told.facts["accepted"], 1, "{ahead}: {told:?}");
        let end: Timestamp =
            at(&office, NOW, &["show", "1"]).facts["reset"]["link_at"].as_str().unwrap().parse().unwrap();
        assert!(end <= Timestamp::now() + SignedDuration::from_hours(24), "{ahead}: the link lives until {end}");
        invariants::hold(&office, &[]);
    }
}

/// The time that a running program is shown.
struct Dial(tempfile::NamedTempFile);

impl Dial {
    fn new() -> Self {
        let dial = Self(tempfile::NamedTempFile::new().unwrap());
        dial.set(NOW);
        dial
    }

    fn set(&self, time: &str) {
        fs::write(self.0.path(), time).unwrap();
    }

    fn console(&self, office: &Office) -> Console {
        let variables = faketime::variables(self.0.path());
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
        office.console(&variables)
    }
}

/// Fails when a duration is shown that is less than nothing.
fn no_time_runs_backwards(console: &Console, jump: &str) {
    let screen = console.screen();
    let is_negative =
        |word: &str| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    assert!(!screen.split_whitespace().any(is_negative), "{jump}:\n{screen}");
}

#[test]
fn a_running_console_whose_clock_is_set() {
    let office = Office::new(20);
    office.set_rules("[reset]\nmax_per_hour = 2\nmin_interval = \"0s\"\nundo = \"5m\"\n");
    let dial = Dial::new();
    let trials = Trials::new("clocks set under a console", so_many(3, 40));
    let mut console = dial.console(&office);
    console.keys("/id:1");
    console.wait_for("1 of 20");
    console.keys("\r");
    console.keys("\r");
    console.wait_for("3 alive");
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(Duration::from_millis(250));
    console.keys("y");
    console.wait_for("u undo");
    // A day later the mail has left for good; whatever the clock then says, nothing comes back.
    dial.set("+25h");
    console.wait_for("accepted by the relay");
    let tokens = |screen: &str| screen.lines().find(|line| line.contains("Access tokens")).map(str::to_owned);
    let late = console.wait_for("2 alive");
    for (_, mut dice) in trials.each() {
        let jump = dice.pick(&["+25h", NOW, "-25h", "-10y"]);
        dial.set(jump);
        // Longer than the record is shown without being read again.
        console.keys("\u{c}");
        thread::sleep(Duration::from_millis(5500));
        let screen = console.screen();
        no_time_runs_backwards(&console, jump);
        assert_eq!(tokens(&screen), tokens(&late), "{jump}:\n{screen}");
        console.keys("u");
        console.rest();
        assert!(!console.screen().contains("Taken back"), "{jump}:\n{}", console.screen());
    }
    console.keys("\u{3}");
    assert!(console.end().success());
    invariants::hold(&office, &[]);
    trials.passed("Nothing came back to life, nothing was counted below zero.");
}
