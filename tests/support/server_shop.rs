//! The real program on a shop that a server has.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// A folder with a configuration that names a database on a server.
pub struct ServerShop {
    folder: tempfile::TempDir,
}

impl ServerShop {
    /// A folder without anything in it.
    pub fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A demo shop of so many customers in the database at `url`, whose tables are made first.
    pub fn demo(url: &str, customers: u32) -> Self {
        let shop = Self::bare();
        let migrated = shop.run(&["migrate", "--database", url]);
        assert!(migrated.status.success(), "{migrated:?}");
        let made = shop.make_demo(url, customers);
        assert!(made.status.success(), "{made:?}");
        shop
    }

    pub fn make_demo(&self, url: &str, customers: u32) -> Output {
        let (customers, dir) = (customers.to_string(), self.folder().display().to_string());
        self.run(&["demo", "--no-console", "--database", url, "--customers", &customers, "--dir", &dir])
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// With nothing of this machine's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.folder()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Of the demo shop here, asked for JSON.
    pub fn asked(&self, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command.args(["--operator", "mina", "--json", "--config"]).arg(self.path("keydesk.toml"));
        command
    }

    /// Exit code and answer.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        answer(&self.asked(args).output().unwrap())
    }
}

/// Exit code and answer of a command that was asked for JSON.
pub fn answer(output: &Output) -> (i32, Value) {
    assert!(output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output.status.code().unwrap(), serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")))
}
