//! What breaks, and what must hold all the same: the real program is killed, hung up on, starved
//! of disk and given damaged files and wrong clocks. Every test ends in `invariants::hold`.
//!
//! `KEYDESK_LONG=1` runs the long form, in which times are judged, too; `KEYDESK_SEED=N` throws other
//! dice. Needs Debian's packages strace and faketime, which `tests/run` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/console.rs"]
#[allow(dead_code, reason = "the other terminal tests use the rest")]
mod console;
#[path = "support/faketime.rs"]
mod faketime;
#[path = "support/invariants.rs"]
mod invariants;
#[path = "support/office.rs"]
mod office;
#[path = "support/strace.rs"]
mod strace;
#[path = "support/trials.rs"]
mod trials;

#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/crowd.rs"]
mod crowd;
#[path = "faults/damage.rs"]
mod damage;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/hang_up.rs"]
mod hang_up;
#[path = "faults/kill.rs"]
mod kill;
#[path = "faults/read_only.rs"]
mod read_only;
#[path = "faults/recovery.rs"]
mod recovery;
