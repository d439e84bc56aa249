//! What the kernel counts of a process. See proc(5).

use std::{
    fs,
    process::{Child, ExitStatus},
    thread,
    time::Duration,
};

/// A process, as `/proc` knows it.
#[derive(Clone, Copy)]
pub struct Process(pub u32);

/// What a process did since it began.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Processor time, in ticks of 10 ms.
    pub ticks: u64,
    /// Bytes that it wrote to files on disks.
    pub written: u64,
    /// Bytes that had to be read from disks for it.
    pub read: u64,
}

impl Process {
    pub fn this() -> Self {
        Self(std::process::id())
    }

    /// The most memory it ever had, in KiB; none when it has ended.
    pub fn peak_kib(self) -> Option<u64> {
        self.field("status", "VmHWM:")
    }

    /// The memory that it has to itself, and its share of what it has with others, in KiB; none
    /// where this may not be seen.
    pub fn share_kib(self) -> Option<u64> {
        self.field("smaps_rollup", "Pss:")
    }

    pub fn work(self) -> Work {
        let stat = fs::read_to_string(self.file("stat")).unwrap();
        // The second field is the name in parentheses; fields 14 and 15 are the times.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        let [written, read] = ["write_bytes:", "read_bytes:"].map(|name| self.field("io", name).unwrap());
        Work { ticks, written, read }
    }

    fn field(self, file: &str, name: &str) -> Option<u64> {
        let text = fs::read_to_string(self.file(file)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    }

    fn file(self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0)
    }
}

/// Waits for a child's end. Gives also the most memory it had, in KiB, but for what came in its
/// last hundredth of a second.
pub fn wait(child: &mut Child) -> (ExitStatus, u64) {
    let process = Process(child.id());
    let mut peak = 0;
    loop {
        peak = process.peak_kib().unwrap_or(peak).max(peak);
        if let Some(status) = child.try_wait().unwrap() {
            return (status, peak);
        }
        thread::sleep(Duration::from_millis(10));
    }
}
