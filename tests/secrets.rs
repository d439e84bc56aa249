//! Links and passwords are in the mails and in the files that the operator wrote, and nowhere else.
//!
//! `KEYDESK_LONG=1` sends a thousand mails.
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
#[path = "support/desk.rs"]
#[allow(dead_code, reason = "the tests of faulty relays use the rest")]
mod desk;
#[path = "secrets/hunt.rs"]
mod hunt;
#[path = "support/promises.rs"]
#[allow(dead_code, reason = "the tests of faulty relays use the rest")]
mod promises;
#[path = "support/smtp.rs"]
#[allow(dead_code, reason = "the mail tests use all of it")]
mod smtp;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use console::Console;
use desk::Desk;
use hunt::Hunt;
use nix::{
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        signal::{Signal, kill},
    },
    unistd::Pid,
};
use smtp::{Fault, Script, Server, Step};
use trials::{Trials, so_many};

/// The relay's password.
const CANARY: &str = "canary-Zq4vT7wKp2";
const PATIENCE: Duration = Duration::from_mins(1);

/// A shop whose relay wants the password, which is in a file of its own.
fn desk(server: &Server, customers: u32) -> Desk {
    let desk = Desk::new(customers, &format!("url = \"smtp://shop@{}\"\npassword_file = \"password\"", server.address));
    fs::write(desk.path("password"), CANARY).unwrap();
    fs::set_permissions(desk.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    desk
}

fn signed_in() -> Script {
    Script { auth: "PLAIN", ..Script::default() }
}

fn wait_for(server: &Server, mails: usize) {
    let end = Instant::now() + PATIENCE;
    while server.seen().mails.len() < mails {
        assert!(Instant::now() < end, "{} of {mails} mails", server.seen().mails.len());
        thread::sleep(Duration::from_millis(5));
    }
}

fn end(worker: Child, hunt: &mut Hunt) {
    kill(Pid::from_raw(i32::try_from(worker.id()).unwrap()), Signal::SIGTERM).unwrap();
    hunt.process("worker", worker.id());
    let output = worker.wait_with_output();
    let output = output.unwrap();
    hunt.look("output of the worker", [output.stdout, output.stderr].concat());
}

/// Resets from the first key to the mail, which the console itself delivers.
fn by_console(desk: &Desk, server: &Server, resets: usize, hunt: &mut Hunt) {
    let config = desk.path("keydesk.toml").display().to_string();
    let variables = [("TMPDIR", desk.path("tmp").display().to_string()), ("HOME", desk.path("").display().to_string())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut console = Console::start(100, 30, &["--operator", "mina", "--config", &config], &variables);
    console.wait_for(" ms");
    for n in 0..resets {
        let before = server.seen().mails.len();
        console.keys("r");
        console.wait_for("Do not send");
        thread::sleep(Duration::from_millis(250));
        console.keys("y");
        wait_for(server, before + 1);
        console.rest();
        hunt.look("screen", console.screen().into_bytes());
        console.keys("j");
        console.rest();
        if n == 0 {
            console.keys("m");
            console.wait_for("given up");
            console.wait_for("250 2.0.0");
            console.keys("\r");
            hunt.look("mail on the screen", console.wait_for("••••••••").into_bytes());
            console.keys("\u{1b}");
            thread::sleep(Duration::from_millis(150));
            console.keys("\u{1b}");
            console.rest();
        }
    }
    hunt.process("console", console.child.process_id().unwrap());
    console.keys("\u{3}");
    assert!(console.end().success());
    hunt.look("everything written to the terminal", console.raw());
}

/// Everything that can be asked for.
const QUESTIONS: &[&[&str]] = &[
    &["mail", "list", "--limit", "1000"],
    &["mail", "show", "1"],
    &["audit", "list", "--limit", "1000"],
    &["audit", "verify"],
    &["customers", "--limit", "1000"],
    &["show", "1"],
    &["reset-password", "1", "--dry-run"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_anywhere_but_in_the_mail() {
    let resets = so_many(100, 1000);
    let trials = Trials::new("resets without a trace", resets);
    let by_keys = resets / 20;
    let server = Server::start(signed_in());
    let desk = desk(&server, resets + 20);
    let mut hunt = Hunt::default();
    by_console(&desk, &server, by_keys as usize, &mut hunt);

    let worker = desk.command(&["mail", "deliver", "--watch"]).spawn().unwrap();
    for customer in 1..=resets - by_keys {
        let output = desk.run(&["reset-password", &customer.to_string(), "--reason", "T-4711"]);
        assert!(output.status.success(), "{output:?}");
        hunt.look("reset-password", [output.stdout, output.stderr].concat());
    }
    wait_for(&server, resets as usize);
    hunt.process("worker", worker.id());
    // While the worker has the database open, and its log is not yet in the file.
    hunt.folder(desk.folder(), &["password"]);
    end(worker, &mut hunt);
    for question in QUESTIONS {
        let output = desk.run(question);
        hunt.look(&question.join(" "), [output.stdout, output.stderr].concat());
    }
    hunt.folder(desk.folder(), &["password"]);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), resets as usize);
    trials.passed(hunt.finds_nothing(&mails, "shop", CANARY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_repeats_what_it_heard_does_not_spread_it() {
    for step in [Step::Auth, Step::Mail, Step::Dot] {
        let server = Server::start(Script { fault: Some((step, Fault::Echo, 0)), ..signed_in() });
        let desk = desk(&server, 5);
        let mut hunt = Hunt::default();
        desk.reset(1);
        for question in [&["mail", "deliver"][..]].iter().chain(QUESTIONS) {
            let output = desk.run(question);
            hunt.look(&question.join(" "), [output.stdout, output.stderr].concat());
        }
        hunt.folder(desk.folder(), &["password"]);
        assert!(hunt.holds("the words are not kept"), "{step:?}: the relay did not repeat anything");
        println!("{step:?}: {}", hunt.finds_nothing(&server.seen().mails, "shop", CANARY));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_in_the_environment_stays_there() {
    let server = Server::start(signed_in());
    let desk = Desk::new(5, "");
    let url = format!("smtp://shop:{CANARY}@{}", server.address);
    desk.reset(1);
    let mut hunt = Hunt::default();
    let worker = desk.command(&["mail", "deliver", "--watch"]).env("KEYDESK_MAIL", &url).spawn().unwrap();
    wait_for(&server, 1);
    hunt.arguments("worker", worker.id());
    end_without_environment(worker, &mut hunt);
    let wrong = desk.command(&["mail", "deliver"]).env("KEYDESK_MAIL", format!("{url}/inbox")).output().unwrap();
    hunt.look("a wrong URL", [wrong.stdout, wrong.stderr].concat());
    let flag = desk.run(&["mail", "deliver", "--mail", &url]);
    assert_eq!(flag.status.code(), Some(2), "{flag:?}");
    hunt.look("a URL as an argument", [flag.stdout, flag.stderr].concat());
    hunt.folder(desk.folder(), &[]);
    println!("{}", hunt.finds_nothing(&server.seen().mails, "shop", CANARY));
}

fn end_without_environment(worker: Child, hunt: &mut Hunt) {
    kill(Pid::from_raw(i32::try_from(worker.id()).unwrap()), Signal::SIGTERM).unwrap();
    let output = worker.wait_with_output().unwrap();
    hunt.look("output of the worker", [output.stdout, output.stderr].concat());
}

/// Aborts a worker in the middle of a mail, where cores are allowed and named after nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_aborts_leaves_no_core() {
    let (_, most) = getrlimit(Resource::RLIMIT_CORE).unwrap();
    setrlimit(Resource::RLIMIT_CORE, most, most).unwrap();
    let server = Server::start(Script { fault: Some((Step::Dot, Fault::Hang, 0)), ..signed_in() });
    let desk = desk(&server, 5);
    desk.reset(1);
    let mut worker = desk.command(&["mail", "deliver"]).spawn().unwrap();
    wait_for(&server, 1);
    let limits = fs::read_to_string(format!("/proc/{}/limits", worker.id())).unwrap();
    let cores = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(cores.split_whitespace().nth(4), Some("0"), "{cores}");
    kill(Pid::from_raw(i32::try_from(worker.id()).unwrap()), Signal::SIGABRT).unwrap();
    let status = worker.wait().unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false), "{status:?}");
    let mut hunt = Hunt::default();
    hunt.folder(desk.folder(), &["password"]);
    println!("{}", hunt.finds_nothing(&server.seen().mails, "shop", CANARY));
    // The same signal does leave a core of a program that allows it, or nothing was shown.
    let mut other = Command::new("sleep").arg("60").current_dir(desk.path("tmp")).spawn().unwrap();
    kill(Pid::from_raw(i32::try_from(other.id()).unwrap()), Signal::SIGABRT).unwrap();
    println!("another program leaves a core: {}", other.wait().unwrap().core_dumped());
}
