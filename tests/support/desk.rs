//! The real program, in processes of its own, on a shop whose mails go to a relay.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// A demo shop; `mail` is what its configuration says about mail.
    pub fn new(customers: u32, mail: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(desk.path("tmp")).unwrap();
        let (customers, folder) = (customers.to_string(), desk.path("").display().to_string());
        let made = desk.bare(&["demo", "--no-console", "--customers", &customers, "--dir", &folder]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let rules = "[reset]\nmax_per_hour = 0\nmin_interval = \"0s\"\nundo = \"0s\"\n";
        let config = format!("database = \"sqlite:keydesk.db\"\n[mail]\n{mail}\n{rules}");
        fs::write(desk.path("keydesk.toml"), config).unwrap();
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.path("keydesk.db")
    }

    fn bare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.folder()).env("TMPDIR", self.path("tmp"));
        command.current_dir(self.folder()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The program with these arguments, on this shop.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command.args(["--operator", "mina", "--json", "--config"]).arg(self.path("keydesk.toml"));
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Asks for a reset; the mail's id.
    pub fn reset(&self, customer: u32) -> i64 {
        let output = self.run(&["reset-password", &customer.to_string()]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        answer["mail_id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }
}
