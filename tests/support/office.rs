//! A shop in a folder, and the real program at work on it in processes of its own.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::console::Console;

/// Nobody waits for anything: what is tested here are faults, not the limits.
const RULES: &str = "[reset]\nmax_per_hour = 0\nmin_interval = \"0s\"\nundo = \"0s\"\n";

/// A demo shop whose mails end in the folder `mail`.
pub struct Office {
    folder: PathBuf,
    /// Removes the folder.
    _kept: Option<tempfile::TempDir>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Told {
    /// None when it was killed.
    pub code: Option<i32>,
    pub facts: Value,
    pub stderr: String,
}

impl Told {
    pub fn is_done(&self) -> bool {
        self.code == Some(0)
    }

    /// Whether it said that an action is done, even if it was killed before it could say more.
    pub fn is_promise(&self) -> bool {
        ["queued", "cancelled", "undone", "revoked"].iter().any(|word| self.facts["outcome"] == *word)
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        self.facts["message"].as_str().unwrap_or_default()
    }

    /// Fails when the program broke instead of saying what is wrong.
    pub fn is_orderly(&self) -> bool {
        self.code.is_some_and(|code| (0..=6).contains(&code)) && !self.stderr.contains("panicked")
    }
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            facts: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Office {
    /// In a temporary folder.
    pub fn new(customers: u32) -> Self {
        let kept = tempfile::tempdir().unwrap();
        Self { folder: Self::furnish(kept.path(), customers), _kept: Some(kept) }
    }

    /// In a folder that is somebody else's to remove.
    pub fn at(folder: &Path, customers: u32) -> Self {
        Self { folder: Self::furnish(folder, customers), _kept: None }
    }

    fn furnish(folder: &Path, customers: u32) -> PathBuf {
        let folder = folder.join("shop");
        let mut made = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        made.args(["demo", "--no-console", "--customers", &customers.to_string(), "--dir"]).arg(&folder);
        let made = made.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let office = Self { folder: folder.clone(), _kept: None };
        office.add_rules(RULES);
        folder
    }

    /// Adds to the configuration file.
    pub fn add_rules(&self, text: &str) {
        let mut file = fs::OpenOptions::new().append(true).open(self.config()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Puts something else in the place of the rules.
    pub fn set_rules(&self, text: &str) {
        let before = fs::read_to_string(self.config()).unwrap();
        let (kept, _) = before.split_once("[reset]").unwrap();
        fs::write(self.config(), format!("{kept}{text}")).unwrap();
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn config(&self) -> PathBuf {
        self.folder.join("keydesk.toml")
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join("keydesk.db")
    }

    /// Left parts of the Message-IDs of all mails that arrived.
    pub fn mails(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("mail/new")).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The program with these arguments, on this shop; another program may run it.
    pub fn command(&self, runner: &[&str], args: &[&str]) -> Command {
        let mut words = runner.iter().copied().chain([env!("CARGO_BIN_EXE_keydesk")]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(args).args(["--operator", "mina", "--json", "--config"]).arg(self.config());
        command.env_clear().env("HOME", &self.folder).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Told {
        self.command(&[], args).output().unwrap().into()
    }

    /// The console, with the table filled.
    pub fn console(&self, variables: &[(&str, &str)]) -> Console {
        let mut console = self.start_console(variables);
        console.wait_for(" ms");
        console
    }

    /// The console, which may not have drawn anything yet.
    pub fn start_console(&self, variables: &[(&str, &str)]) -> Console {
        let config = self.config().display().to_string();
        Console::start(100, 30, &["--operator", "mina", "--config", &config], variables)
    }

    /// Does something while a worker has the database open, and kills the worker: what was done
    /// is then left in the log, for the next program to take over into the file.
    pub fn leaving_a_log(&self, work: impl FnOnce()) {
        let mut worker = self.command(&[], &["mail", "deliver", "--watch"]).spawn().unwrap();
        while !self.folder.join("keydesk.db.worker").exists() {
            thread::sleep(Duration::from_millis(5));
        }
        work();
        worker.kill().unwrap();
        worker.wait().unwrap();
        assert!(self.folder.join("keydesk.db-wal").metadata().unwrap().len() > 0);
    }
}

pub fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}
