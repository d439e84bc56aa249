//! The line drops: what runs is finished, and nobody is left behind.

use std::{
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, kill};

use crate::{
    invariants::{self, Promise},
    office::Office,
    trials::{Times, Trials, so_many},
};

/// How long a program may take to finish what it does.
const GRACE: Duration = Duration::from_secs(5);

#[test]
fn lines_that_drop_during_resets() {
    let office = Office::new(50);
    let trials = Trials::new("lines that dropped", so_many(15, 200));
    let (mut promises, mut times) = (Vec::new(), Times::default());
    for (n, mut dice) in trials.each() {
        let mut console = office.console(&[]);
        console.keys("r");
        console.wait_for("Do not send");
        thread::sleep(Duration::from_millis(250));
        let reason = format!("drop-{n}");
        console.keys(&format!("\t{reason}\ty"));
        thread::sleep(dice.moment(Duration::from_millis(100)));
        let seen = console.screen().contains("is queued");
        let dropped = Instant::now();
        match dice.below(3) {
            0 => console.signal(Signal::SIGHUP),
            1 => console.signal(Signal::SIGTERM),
            _ => console.hang_up(),
        }
        console.end();
        times.0.push(dropped.elapsed());
        assert!(times.0[times.0.len() - 1] < GRACE, "trial {n}: it took {times}");
        assert!(kill(console.id(), None).is_err(), "trial {n}: a process is left");
        promises.extend(seen.then_some(Promise::Reset { reason }));
    }
    invariants::hold(&office, &promises);
    trials.passed(format!("{} answers were seen before. Until the end: {times}.", promises.len()));
}
