//! Certificates that openssl makes: an authority, and what it gave to servers.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

#[path = "faketime.rs"]
mod faketime;

/// What openssl is told of every key: made fast, not encrypted, good for two days.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
/// The names of this machine.
const HERE: &str = "DNS:localhost,IP:127.0.0.1";

/// A folder with an authority, `ca.pem`, and with certificates that it gave, `NAME.pem` and
/// `NAME.key`: first of all `localhost`.
pub enum Certificates {
    Made(tempfile::TempDir),
    In(PathBuf),
}

impl Certificates {
    pub fn make() -> Self {
        let made = Self::Made(tempfile::tempdir().unwrap());
        made.openssl(&format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN=authority"), "+0");
        made.give("localhost", HERE, "+0")
    }

    /// With `elsewhere`: in order, but for a machine of another name.
    pub fn and_elsewhere(self) -> Self {
        self.give("elsewhere", "DNS:elsewhere.example", "+0")
    }

    /// With `expired`: for this machine, until eight days ago.
    pub fn and_expired(self) -> Self {
        self.give("expired", HERE, "-10d")
    }

    fn give(self, name: &str, holders: &str, when: &str) -> Self {
        let request = format!(
            "req -x509 {KEY} -keyout {name}.key -out {name}.pem -subj /CN={name} -CA ca.pem -CAkey ca.key \
             -addext subjectAltName={holders} -addext basicConstraints=CA:FALSE"
        );
        self.openssl(&request, when);
        self
    }

    fn openssl(&self, args: &str, when: &str) {
        let mut command = Command::new("openssl");
        command.args(args.split(' ')).current_dir(self.folder());
        if when != "+0" {
            faketime::shift(&mut command, when);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn folder(&self) -> &Path {
        match self {
            Self::Made(folder) => folder.path(),
            Self::In(folder) => folder,
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }
}
