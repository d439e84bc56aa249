//! `kill -9`, at random moments and at every system call that writes.

use std::{
    process::Child,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::{
    console::Console,
    invariants::{self, Promise},
    office::{Office, Told},
    strace,
    trials::{Dice, Trials, so_many},
};

/// What an operator does in a trial, under a key of its own.
struct Action {
    key: String,
    words: Vec<String>,
}

impl Action {
    fn new(key: String, words: &[&str]) -> Self {
        let words = words.iter().copied().chain(["--op-key", &key, "--reason", &key]).map(str::to_owned).collect();
        Self { key, words }
    }

    fn random(key: String, dice: &mut Dice, customers: u64) -> Self {
        let who = (1 + dice.below(customers)).to_string();
        match dice.below(6) {
            0 => Self::new(key, &["cancel-reset", &who]),
            1 => Self::new(key, &["force-sign-in", &who, "--scope", "all"]),
            _ => Self::new(key, &["reset-password", &who]),
        }
    }

    fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }

    /// What the person now knows. Where the program died without a word, the same is asked again.
    fn settle(&self, office: &Office, told: &Told) -> Option<Promise> {
        if !told.is_promise() && told.code.is_none() {
            return self.settle(office, &office.run(&self.words()));
        }
        // Only the rules may say no: nothing to cancel, no tokens to revoke.
        assert!(told.is_promise() || told.code == Some(3), "{told:?}");
        told.is_promise().then(|| Promise::Operation(self.key.clone()))
    }
}

fn killed(mut child: Child, after: Duration) -> Told {
    thread::sleep(after);
    child.kill().unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn commands_and_workers_killed_at_random() {
    let office = Office::new(50);
    let trials = Trials::new("commands and workers killed", so_many(150, 800));
    let mut promises = Vec::new();
    let mut unknown = 0;
    let mut at_work = Duration::from_millis(60);
    for (n, mut dice) in trials.each() {
        let action = Action::random(format!("kill-{n}"), &mut dice, 50);
        if dice.below(3) == 0 {
            // A worker begins with whatever waits, so there is always something to be killed at.
            promises.extend(action.settle(&office, &office.run(&action.words())));
            let worker = office.command(&[], &["mail", "deliver", "--watch"]).spawn().unwrap();
            killed(worker, dice.moment(at_work * 2));
        } else {
            let began = Instant::now();
            let told = killed(office.command(&[], &action.words()).spawn().unwrap(), dice.moment(at_work));
            if told.code.is_some() {
                at_work = (at_work + began.elapsed()) / 2;
            }
            unknown += u32::from(told.code.is_none() && !told.is_promise());
            promises.extend(action.settle(&office, &told));
        }
    }
    invariants::hold(&office, &promises);
    trials.passed(format!("{} actions were promised and kept, {unknown} of them after asking again.", promises.len()));
}

#[test]
fn consoles_killed_at_random() {
    let office = Office::new(50);
    let trials = Trials::new("consoles killed", so_many(12, 200));
    let mut promises = Vec::new();
    for (n, mut dice) in trials.each() {
        let mut console = office.console(&[]);
        let (id, moment) = (console.id(), dice.moment(Duration::from_millis(1500)));
        let killer = thread::spawn(move || {
            thread::sleep(moment);
            nix::sys::signal::kill(id, Signal::SIGKILL).unwrap();
        });
        promises.extend(resets_until_the_end(&mut console, n));
        killer.join().unwrap();
        console.child.wait().unwrap();
    }
    invariants::hold(&office, &promises);
    trials.passed(format!("{} resets were seen to be done and are.", promises.len()));
}

/// Resets one customer after the other until the console is gone; those that it said are queued.
fn resets_until_the_end(console: &mut Console, trial: u32) -> Vec<Promise> {
    let mut seen = Vec::new();
    for n in 0.. {
        console.try_keys("j");
        console.try_keys("r");
        if console.lives_to_show(&["Do not send"]).is_none() {
            break;
        }
        // Keys that come at once decide nothing.
        thread::sleep(Duration::from_millis(250));
        let reason = format!("trial-{trial}-{n}");
        console.try_keys(&format!("\t{reason}\ty"));
        if console.lives_to_show(&["is queued"]).is_none() {
            break;
        }
        seen.push(Promise::Reset { reason });
    }
    seen
}

/// Kills a command at the n-th call of each kind, until it is through unharmed.
fn at_every_call(what: &'static str, mut trial: impl FnMut(&Office, &str, &[&str]) -> (Told, Option<Promise>)) {
    let office = Office::new(20);
    let mut promises = Vec::new();
    let mut points = 0;
    for call in strace::WRITING {
        for n in 1.. {
            let runner = strace::runner(call, "signal=KILL", n);
            let runner: Vec<&str> = runner.iter().map(String::as_str).collect();
            let (told, promise) = trial(&office, &format!("{call}-{n}"), &runner);
            promises.extend(promise);
            if told.code.is_some() {
                assert!(told.is_done(), "{told:?}");
                break;
            }
            points += 1;
        }
    }
    invariants::hold(&office, &promises);
    assert!(points > 20, "only {points} calls were found to kill it at");
    Trials::new(what, points).passed("These are all such calls.");
}

#[test]
fn a_reset_killed_at_every_call() {
    at_every_call("resets killed at each writing call", |office, key, runner| {
        let action = Action::new(key.to_owned(), &["reset-password", "1"]);
        let told = Told::from(office.command(runner, &action.words()).output().unwrap());
        let promise = action.settle(office, &told);
        (told, promise)
    });
}

#[test]
fn a_delivery_killed_at_every_call() {
    at_every_call("deliveries killed at each writing call", |office, key, runner| {
        let action = Action::new(key.to_owned(), &["reset-password", "1"]);
        let promise = action.settle(office, &office.run(&action.words()));
        (Told::from(office.command(runner, &["mail", "deliver"]).output().unwrap()), promise)
    });
}
