//! Faults at an exact place: strace lets a system call fail, or kills the program there.

/// System calls with which the program changes files.
pub const WRITING: [&str; 8] =
    ["pwrite64", "write", "fdatasync", "fsync", "openat", "ftruncate", "unlink", "rename"];

/// What runs a program so that `fault` (`signal=KILL`, `error=EIO` ...) meets a call of this name
/// at its n-th time, counted from 1 in each thread.
pub fn runner(call: &str, fault: &str, n: u32) -> Vec<String> {
    let inject = format!("inject={call}:{fault}:when={n}");
    let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    words.map(str::to_owned).to_vec()
}
