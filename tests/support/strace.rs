//! Faults at an exact place: strace lets a system call fail, or kills the program there.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use nix::{sys::signal::Signal, unistd::Pid};

use crate::office::signal;

/// System calls with which the program changes files.
pub const WRITING: [&str; 8] = ["pwrite64", "write", "fdatasync", "fsync", "openat", "ftruncate", "unlink", "rename"];

/// What runs a program so that `fault` (`signal=KILL`, `error=EIO` ...) meets a call of this name
/// at its n-th time, counted from 1 in each thread.
pub fn runner(call: &str, fault: &str, n: u32) -> Vec<String> {
    let inject = format!("inject={call}:{fault}:when={n}");
    let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    words.map(str::to_owned).to_vec()
}

/// The same, and a log in which [`was_injected`] sees whether there was such a call.
pub fn logging_runner(call: &str, fault: &str, n: u32, log: &str) -> Vec<String> {
    let mut words = runner(call, fault, n);
    log.clone_into(&mut words[4]);
    words
}

/// Whether the fault was met.
pub fn was_injected(log: &str) -> bool {
    fs::read_to_string(log).unwrap().contains("(INJECTED)")
}

/// A fault that a running program is under, until this value is dropped.
pub struct Spell(Child);

impl Spell {
    /// `when` is one call (`3`) or all from one on (`3+`).
    pub fn cast(on: Pid, call: &str, fault: &str, when: &str) -> Self {
        let inject = format!("inject={call}:{fault}:when={when}");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject, "-p", &on.to_string()]);
        let mut strace = strace.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(strace.stderr.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "strace cannot look at the program: {line}");
        Self(strace)
    }
}

impl Drop for Spell {
    fn drop(&mut self) {
        // It lets go of the program and ends.
        signal(&self.0, Signal::SIGINT);
        let _ = self.0.wait();
    }
}
