//! The process that minds a PostgreSQL server, and what can be seen of the server's own.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::programs::{as_server, newest};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// What a test needs not wait for. A commit that was answered is in the kernel's hands all the same,
/// and outlives the server; it would not outlive the machine.
const FAST: [&str; 2] = ["fsync=off", "full_page_writes=off"];

/// The process of `postgres.sh`.
pub struct Minder {
    process: Child,
    /// Closed to let it end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The server's process.
    pub server: Option<u32>,
}

impl Minder {
    pub fn start(folder: &Path, port: u16, settings: &[&str]) -> Self {
        let mut command = Command::new("/bin/sh");
        // The user that the server runs as may not be able to read the file.
        command.args(["-c", include_str!("postgres.sh"), "postgres.sh"]).arg(folder);
        command.arg(newest().1.join("postgres")).arg("-D").arg(folder.join("data"));
        // Memory that goes with the folder if the server is killed.
        let own = ["listen_addresses=", "dynamic_shared_memory_type=mmap", &format!("port={port}")];
        command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
        command.args(own.iter().chain(&FAST).chain(settings).flat_map(|setting| ["-c", setting]));
        // A key that ends the tests leaves the minder time to tidy up.
        command.process_group(0);
        let pipes = as_server(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = pipes.spawn().unwrap();
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, commands, answers, server: None }
    }

    pub fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }

    pub fn end(&mut self) {
        drop(self.commands.take());
        let _ = self.process.wait();
    }
}

/// Waits for something that is to happen.
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < deadline, "after {PATIENCE:?} still not: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// State and parent of a process.
fn state(process: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind its name, which may be anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Whether a process is there and more than a number for its parent to ask for.
pub fn is_alive(process: u32) -> bool {
    state(process).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

pub fn children_of(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    entries.filter(|process| state(*process).is_some_and(|(_, its)| its == parent)).collect()
}
