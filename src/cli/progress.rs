//! How far a long command is: a bar on a terminal, else a line now and then.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::{cli::out::Out, domain::time_text};

/// How often the bar is painted.
const REPAINT: Duration = Duration::from_millis(100);
/// How often a line is printed where nobody watches.
const RETELL: Duration = Duration::from_secs(10);
/// Width of the bar, in cells.
const WIDTH: usize = 20;

/// The progress of one command.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    told: Instant,
    /// What all of it is, in the same measure as what is done; none when that is not known.
    total: Option<u64>,
}

impl Progress {
    /// Begins now.
    #[must_use]
    pub fn new(total: Option<u64>) -> Self {
        let now = Instant::now();
        Self { started: now, told: now, total }
    }

    /// Tells how far it is, unless that was told a moment ago: `rows` of the file, `done` of the
    /// total.
    pub fn tell(&mut self, out: &mut Out, rows: u64, done: u64) {
        let every = if out.is_watched() { REPAINT } else { RETELL };
        if self.told.elapsed() < every {
            return;
        }
        self.told = Instant::now();
        let line = line(self.started.elapsed(), rows, self.total.map(|total| (done, total)));
        if out.is_watched() { out.repaint(&line) } else { out.progress(&line) }
    }
}

/// `[#####---------------]  25 %   250000 rows   40000/s   00:19 left`
fn line(elapsed: Duration, rows: u64, part: Option<(u64, u64)>) -> String {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = rows.saturating_mul(1000) / millis;
    let counted = format!("{rows} rows   {rate}/s");
    let Some((done, total)) = part.filter(|(done, _)| *done > 0) else { return counted };
    let total = total.max(done);
    let percent = u128::from(done) * 100 / u128::from(total);
    let filled = usize::try_from(percent).unwrap_or(0) * WIDTH / 100;
    let left = u128::from(millis) * u128::from(total - done) / u128::from(done);
    let left = SignedDuration::from_millis(i64::try_from(left).unwrap_or(i64::MAX));
    let bar = format!("{}{}", "#".repeat(filled), "-".repeat(WIDTH.saturating_sub(filled)));
    format!("[{bar}] {percent:>3} %   {counted}   {} left", time_text::countdown(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_how_fast_and_how_long() {
        let at = |secs, rows, part| line(Duration::from_secs(secs), rows, part);
        assert_eq!(
            at(6, 250_000, Some((1000, 4000))),
            "[#####---------------]  25 %   250000 rows   41666/s   00:18 left"
        );
        assert_eq!(at(6, 250_000, None), "250000 rows   41666/s");
        assert_eq!(at(0, 0, Some((0, 0))), "0 rows   0/s");
        assert!(at(9, 9, Some((7, 5))).contains("100 %"), "a file that grows meanwhile");
    }
}
