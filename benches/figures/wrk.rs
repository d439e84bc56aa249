//! A public tool that sends requests: wrk, from Debian's packages.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What a run came to.
pub struct Load {
    pub per_second: f64,
    /// Answers that were neither 2xx nor 3xx, and connections that broke.
    pub failed: u64,
    /// `p50 1.2 ms, p99 3.4 ms`, as wrk says it.
    pub latency: String,
}

/// Where it is, if it is there.
pub fn tool() -> Option<PathBuf> {
    ["/usr/bin/wrk", "/usr/local/bin/wrk"].into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// Sends what the script makes over so many connections for so many seconds.
pub fn run(tool: &Path, script: &Path, connections: u32, seconds: u32, url: &str) -> Load {
    let mut command = Command::new(tool);
    command.args(["--latency", "-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "10s"]);
    let output = command.arg("-s").arg(script).arg(url).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "wrk failed: {text}");
    let behind = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(|rest| rest.trim_start_matches(':').trim().to_owned())
    };
    let errors = behind("Non-2xx or 3xx responses").map_or(0, |count| count.parse().unwrap());
    let broken = behind("Socket errors").map_or(0, |line| numbers(&line));
    Load {
        per_second: behind("Requests/sec").expect("wrk says a rate").parse().unwrap(),
        failed: errors + broken,
        latency: format!("p50 {}, p99 {}", behind("50%").unwrap(), behind("99%").unwrap()),
    }
}

/// The sum of the numbers in `connect 0, read 0, write 0, timeout 0`.
fn numbers(line: &str) -> u64 {
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<u64>().ok()).sum()
}
