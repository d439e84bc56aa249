//! After a crash the next program can be used at once.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::{
    invariants::{self, Promise},
    office::Office,
    trials::{Times, Trials, is_long, so_many},
};

/// From the start to a table that shows the customers.
const USABLE: Duration = Duration::from_millis(300);

#[test]
fn a_console_after_a_crash() {
    let office = Office::new(2000);
    let trials = Trials::new("consoles after a crash", so_many(5, 50));
    let (mut promises, mut times) = (Vec::new(), Times::default());
    for (n, _) in trials.each() {
        let mut crashed = office.console(&[]);
        let key = format!("crash-{n}");
        assert!(office.run(&["reset-password", "1", "--op-key", &key]).is_done());
        promises.push(Promise::Operation(key));
        crashed.signal(Signal::SIGKILL);
        crashed.child.wait().unwrap();
        let began = Instant::now();
        let mut console = office.start_console(&[]);
        assert!(console.lives_to_show(&[" ms"]).is_some());
        times.0.push(began.elapsed());
        console.keys("q");
        console.end();
    }
    invariants::hold(&office, &promises);
    assert!(!is_long() || times.per_mille(1000) < USABLE, "{times}");
    trials.passed(format!("Until they could be used: {times}."));
}
