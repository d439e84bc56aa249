//! The worker as a program of its own, with a mail server that others wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/relay.rs"]
#[allow(dead_code, reason = "the mail tests use all of it")]
mod relay;

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use relay::Relay;
use serde_json::Value;

struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    /// A demo shop whose mails go to the server at once.
    fn new(relay: &Relay) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = Self { folder };
        let dir = shop.path().display().to_string();
        assert!(shop.run(&["demo", "--no-console", "--customers", "50", "--dir", &dir]).status.success());
        let config = format!(
            "database = \"sqlite:keydesk.db\"\n[mail]\nurl = \"smtp://127.0.0.1:{}\"\n[reset]\nundo = \"0s\"\n",
            relay.port
        );
        let mut file = OpenOptions::new().write(true).truncate(true).open(shop.path().join("keydesk.toml")).unwrap();
        file.write_all(config.as_bytes()).unwrap();
        shop
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.path()).stdin(Stdio::null());
        if args[0] != "demo" {
            command.args(["--operator", "mina", "--json", "--config"]).arg(self.path().join("keydesk.toml"));
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
    }

    /// A worker that watches, and the lines that it prints.
    fn watch(&self) -> (Child, impl Iterator<Item = Value> + use<>) {
        let mut worker = self.command(&["mail", "deliver", "--watch"]).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(worker.stdout.take().unwrap()).lines();
        (worker, lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()))
    }
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

#[test]
fn a_reset_of_one_process_is_mailed_by_another() {
    let relay = Relay::start(None, false);
    let shop = Shop::new(&relay);
    let (mut worker, mut told) = shop.watch();
    let queued = shop.json(&["reset-password", "1", "--reason", "T-4711"]);
    assert_eq!(queued["outcome"], "queued");
    let delivered = told.next().unwrap();
    assert_eq!(
        (&delivered["mail"]["to"], &delivered["mail"]["state"]),
        (&"roni_cost@example.com".into(), &"accepted".into())
    );
    let shown = shop.json(&["mail", "show", &queued["mail_id"].to_string()]);
    assert_eq!(
        (&shown["mail"]["state"], &shown["mail"]["relay"]),
        (&"accepted".into(), &"250 2.0.0 Ok: taken as 1".into())
    );

    // Stopped in order, and another one killed: what is queued meanwhile is not lost.
    signal(&worker, Signal::SIGTERM);
    assert!(worker.wait().unwrap().success());
    let (mut killed, _) = shop.watch();
    signal(&killed, Signal::SIGKILL);
    killed.wait().unwrap();
    assert_eq!(shop.json(&["reset-password", "4"])["outcome"], "queued");
    let (mut worker, mut told) = shop.watch();
    assert_eq!(told.next().unwrap()["mail"]["state"], "accepted");
    signal(&worker, Signal::SIGTERM);
    assert!(worker.wait().unwrap().success());

    let mails = relay::parse(&relay);
    assert_eq!(mails.len(), 2, "{mails:?}");
    let chain = shop.json(&["audit", "verify"]);
    assert_eq!((&chain["outcome"], &chain["entries"]), (&"done".into(), &4.into()), "{chain}");
}
