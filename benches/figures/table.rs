//! The table that is printed.

use std::{fmt, fs, time::Duration};

use keydesk::clock::Clock;

use crate::samples::ms;

/// A figure, what it should be and what it is.
pub struct Row {
    figure: String,
    goal: String,
    measured: String,
    met: Option<bool>,
}

impl Row {
    /// A figure whose goal is met or not.
    pub fn new(figure: impl Into<String>, goal: impl Into<String>, measured: impl Into<String>, met: bool) -> Self {
        Self { figure: figure.into(), goal: goal.into(), measured: measured.into(), met: Some(met) }
    }

    /// A time that should not be longer than `limit`.
    pub fn within(figure: impl Into<String>, limit: Duration, measured: Duration) -> Self {
        Self::new(figure, format!("≤ {} ms", limit.as_millis()), ms(measured), measured <= limit)
    }

    /// A number that should not be larger than `limit`.
    pub fn at_most(figure: impl Into<String>, limit: u64, measured: u64) -> Self {
        let goal = if limit == 0 { "0".to_owned() } else { format!("≤ {limit}") };
        Self::new(figure, goal, measured.to_string(), measured <= limit)
    }

    /// A figure without a goal, to understand others by.
    pub fn note(figure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { figure: figure.into(), goal: String::new(), measured: measured.into(), met: None }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { figure, goal, measured, met } = self;
        let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
        write!(f, "| {figure} | {goal} | {measured} | {met} |")
    }
}

/// Prints where and when it was measured, and the table.
pub fn print(rows: &[Row]) {
    println!("{}\n", machine());
    println!("| figure | goal | measured | met |\n|---|---|---|---|");
    for row in rows {
        println!("{row}");
    }
}

/// `2026-11-23, 2 cores of AMD EPYC, 24 GB of memory, Linux 6.18.44`
fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or("?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kib: u64 = field("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = Clock::system().now().strftime("%Y-%m-%d");
    let cpu = field("/proc/cpuinfo", "model name");
    format!("{date}, {cores} cores of {cpu}, {} GiB of memory, Linux {}", kib >> 20, kernel.trim())
}
