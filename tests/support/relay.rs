//! A real SMTP server, and a mail parser that is not ours: Debian's aiosmtpd, Python's `email`.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

#[path = "certificates.rs"]
mod certificates;

pub use certificates::Certificates;

/// Debian's, which sees Debian's packages.
const PYTHON: &str = "/usr/bin/python3";

fn support(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(file)
}

/// The server; ends with this value.
pub struct Relay {
    pub port: u16,
    process: Child,
    folder: tempfile::TempDir,
}

impl Relay {
    pub fn start(certificates: Option<&Certificates>, implicit_tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(PYTHON);
        command.arg(support("relay.py")).arg(folder.path());
        if let Some(certificates) = certificates {
            command.args(["localhost.pem", "localhost.key"].map(|file| certificates.file(file)));
            command.args(implicit_tls.then_some("implicit"));
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let Ok(port) = port.trim().parse() else {
            let mut error = String::new();
            process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("{PYTHON} cannot run aiosmtpd; install Debian's package python3-aiosmtpd:\n{error}");
        };
        Self { port, process, folder }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What another parser reads in the mails that the server took, in order.
pub fn parse(relay: &Relay) -> Vec<serde_json::Value> {
    let output = Command::new(PYTHON).arg(support("read_mails.py")).arg(relay.folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}
