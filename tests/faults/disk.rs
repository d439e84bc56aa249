//! A disk that is full or fails: a sentence, nothing half done, and the same session goes on.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Command,
    thread,
    time::Duration,
};

use nix::{sys::signal::Signal, unistd::Pid};

use crate::{
    console::Console,
    invariants::{self, Promise},
    office::{Office, Told, signal},
    strace::{self, Spell},
    trials::{Trials, is_long},
};

/// What a disk does to a program.
const FAULTS: [&str; 2] = ["error=EIO", "error=ENOSPC"];

/// Calls that a disk can refuse.
const CALLS: [&str; 5] = ["pwrite64", "fdatasync", "fsync", "openat", "ftruncate"];

#[test]
fn a_command_whose_disk_fails_at_every_call() {
    let office = Office::new(20);
    let log = office.folder().join("strace").display().to_string();
    let (mut promises, mut points, mut failed) = (Vec::new(), 0, 0);
    for (call, fault) in CALLS.iter().flat_map(|call| FAULTS.map(|fault| (*call, fault))) {
        for n in 1.. {
            let key = format!("{call}-{fault}-{n}");
            let words = ["reset-password", "1", "--op-key", &key, "--reason", &key];
            let runner = strace::logging_runner(call, fault, n, &log);
            let runner: Vec<&str> = runner.iter().map(String::as_str).collect();
            let told = Told::from(office.command(&runner, &words).output().unwrap());
            assert!(told.is_orderly(), "{key}: {told:?}");
            failed += u32::from(!told.is_done());
            let again = office.run(&words);
            assert!(again.is_done(), "{key}: {again:?}");
            // "Nothing was done" was true, and so was "done".
            if told.message().contains("Nothing was done") {
                assert_eq!(again.facts["repeated"], false, "{key}: {told:?}");
            }
            assert!(!told.is_done() || again.facts["repeated"] == true, "{key}: {told:?}");
            promises.push(Promise::Operation(key));
            if !strace::was_injected(&log) {
                break;
            }
            points += 1;
        }
    }
    invariants::hold(&office, &promises);
    assert!(failed > 20, "only {failed} of {points} faults did any harm");
    Trials::new("disk faults of a command", points).passed(format!("{failed} of them kept it from being done."));
}

/// Where a console says what came of a reset.
const QUEUED: &str = "is queued";
const NOT_DONE: [&str; 3] = ["Nothing was done", "It is not known whether", "cannot be opened"];

/// Asks for a reset while the disk may fail, and reads what came of it.
fn try_reset(console: &mut Console, reason: &str) -> &'static str {
    console.keys("r");
    let [not_done, _, not_read] = NOT_DONE;
    match console.lives_to_show(&["Do not send", not_done, not_read]) {
        Some("Do not send") => answer(console, reason),
        _ => not_read,
    }
}

/// Says yes, with a reason, and reads what came of it.
fn answer(console: &mut Console, reason: &str) -> &'static str {
    // Keys that come at once decide nothing.
    thread::sleep(Duration::from_millis(250));
    console.keys(&format!("\t{reason}\ty"));
    let texts = [QUEUED, NOT_DONE[0], NOT_DONE[1], NOT_DONE[2]];
    console.lives_to_show(&texts).expect("the console goes on")
}

/// The disk works again: so does the console.
fn reset(console: &mut Console, reason: String) -> Promise {
    console.keys("r");
    console.wait_for("Do not send");
    assert_eq!(answer(console, &reason), QUEUED, "{}", console.screen());
    Promise::Reset { reason }
}

#[test]
fn a_console_whose_disk_fails_goes_on_when_it_works_again() {
    let office = Office::new(20);
    let mut console = office.console(&[]);
    let (mut promises, mut points, mut failed) = (Vec::new(), 0, 0);
    for (call, fault) in CALLS.iter().flat_map(|call| FAULTS.map(|fault| (*call, fault))) {
        for when in if is_long() { &["1", "2", "3", "5", "8", "1+", "4+"][..] } else { &["2", "1+"] } {
            let reason = format!("{call}-{fault}-{when}");
            let spell = Spell::cast(console.id(), call, fault, when);
            let answer = try_reset(&mut console, &reason);
            drop(spell);
            if answer == QUEUED {
                promises.push(Promise::Reset { reason: reason.clone() });
            }
            failed += u32::from(answer != QUEUED);
            points += 1;
            promises.push(reset(&mut console, format!("{reason}-again")));
        }
    }
    console.keys("\u{3}");
    assert!(console.end().success());
    invariants::hold(&office, &promises);
    assert!(failed > 2, "only {failed} of {points} faults did any harm");
    Trials::new("disk faults of a console", points).passed(format!("{failed} of them kept a reset from being done."));
}

#[test]
fn a_worker_whose_disk_failed_goes_on_when_it_works_again() {
    let office = Office::new(20);
    let mut worker = office.command(&[], &["mail", "deliver", "--watch"]).spawn().unwrap();
    let mut news = BufReader::new(worker.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let promise = |key: &str| {
        assert!(office.run(&["reset-password", "1", "--op-key", key]).is_done());
        Promise::Operation(key.to_owned())
    };
    let mut promises = vec![promise("before")];
    assert!(news.next().unwrap().contains("\"accepted\""));
    let spell = Spell::cast(Pid::from_raw(i32::try_from(worker.id()).unwrap()), "pwrite64", "error=EIO", "1+");
    promises.push(promise("meanwhile"));
    let failed = news.next().unwrap();
    assert!(failed.contains("not_written"), "{failed}");
    drop(spell);
    let delivered = news.next().unwrap();
    assert!(delivered.contains("\"accepted\""), "{delivered}");
    signal(&worker, Signal::SIGTERM);
    assert!(worker.wait().unwrap().success());
    invariants::hold(&office, &promises);
}

#[test]
fn a_full_disk() {
    // In a name space of its own, where anybody may mount.
    let folder = tempfile::tempdir().unwrap();
    let act = Command::new("unshare")
        .args(["-Urm", "sh", "-ec", "mount -t tmpfs -o size=8m disk \"$DISK\"; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "disk::act_on_a_full_disk"])
        .env("DISK", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&act.stdout);
    assert!(act.status.success(), "{told}\n{}", String::from_utf8_lossy(&act.stderr));
    println!("{}", told.lines().find(|line| line.contains("went wrong")).unwrap());
}

#[test]
#[ignore = "acted out on a small disk by the test above"]
fn act_on_a_full_disk() {
    let disk = std::env::var("DISK").unwrap();
    let disk = std::path::Path::new(&disk);
    let office = Office::at(disk, 20);
    let mut console = office.console(&[]);
    let (filler, mut promises) = (disk.join("filler"), Vec::new());
    let rounds = 5;
    for n in 0..rounds {
        let fill = Command::new("dd").args(["if=/dev/zero", "bs=1k"]).arg(format!("of={}", filler.display())).output();
        assert!(!fill.unwrap().status.success(), "the disk is not full");
        let reason = format!("full-{n}");
        assert_eq!(try_reset(&mut console, &reason), NOT_DONE[0], "{}", console.screen());
        let words = ["reset-password", "2", "--op-key", &reason];
        let told = office.run(&words);
        assert!(told.is_orderly() && !told.is_done(), "{told:?}");
        fs::remove_file(&filler).unwrap();
        promises.push(reset(&mut console, format!("space-{n}")));
        assert!(office.run(&words).is_done());
        promises.push(Promise::Operation(words[3].to_owned()));
    }
    console.keys("\u{3}");
    assert!(console.end().success());
    invariants::hold(&office, &promises);
    Trials::new("full disks", rounds).passed("The same console went on each time.");
}
