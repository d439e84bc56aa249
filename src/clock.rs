//! Time and randomness, handed in so that tests and demos are deterministic.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Where the time comes from. Nothing else asks the machine for it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock, UTC, which does not go back here.
    Machine(MachineClock),
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::Machine(MachineClock::ahead_by(SignedDuration::ZERO))
    }

    /// A clock that shows `at` and goes on from there: a demo that plays at another time.
    #[must_use]
    pub fn starting_at(at: Timestamp) -> Self {
        Self::Machine(MachineClock::ahead_by(at.duration_since(Timestamp::now())))
    }

    /// The time now, in whole microseconds, as the database stores it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine(clock) => micros(clock.now().as_microsecond()),
            Self::Manual(clock) => clock.now(),
        }
    }

    /// Goes on from `at`, unless it is later already: something happened then.
    pub fn not_before(&self, at: Timestamp) {
        match self {
            Self::Machine(clock) => clock.not_before(at),
            Self::Manual(clock) => {
                clock.0.fetch_max(at.as_microsecond(), Ordering::SeqCst);
            }
        }
    }
}

/// The machine's clock, kept from going back: when it is set back, time goes on from the latest
/// that was seen, as fast as it really passes. Nothing that has expired comes to life again, and
/// nothing stands still. Clones show the same time.
#[derive(Clone, Debug)]
pub struct MachineClock {
    ahead: SignedDuration,
    latest: Arc<Mutex<Seen>>,
}

impl MachineClock {
    fn ahead_by(ahead: SignedDuration) -> Self {
        let seen = Seen { time: Timestamp::MIN, at: Instant::now() };
        Self { ahead, latest: Arc::new(Mutex::new(seen)) }
    }

    fn now(&self) -> Timestamp {
        let machine = Timestamp::now();
        self.go_on(machine.saturating_add(self.ahead).unwrap_or(machine))
    }

    fn not_before(&self, at: Timestamp) {
        self.go_on(at);
    }

    fn go_on(&self, from: Timestamp) -> Timestamp {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).go_on(from, Instant::now())
    }
}

/// A time, and when it was that.
#[derive(Debug)]
struct Seen {
    time: Timestamp,
    at: Instant,
}

impl Seen {
    /// The later of `time` and what it must be by now.
    fn go_on(&mut self, time: Timestamp, at: Instant) -> Timestamp {
        let passed = at.saturating_duration_since(self.at);
        let expected = self.time.saturating_add(passed).unwrap_or(Timestamp::MAX);
        *self = Self { time: time.max(expected), at: at.max(self.at) };
        self.time
    }
}

/// A clock for tests and recordings. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Shows `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        micros(self.0.load(Ordering::SeqCst))
    }

    /// Moves it; a negative span moves it back.
    pub fn advance(&self, span: SignedDuration) {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(span, Ordering::SeqCst);
    }
}

fn micros(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::MAX)
}

/// Where random bytes come from.
#[derive(Clone, Debug, Default)]
pub enum Entropy {
    /// The operating system, by way of a cryptographic generator.
    #[default]
    System,
    /// A fixed sequence, for tests and demos only.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Entropy {
    /// A fixed sequence.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_machine_that_is_set_back_does_not_take_time_back() {
        let (began, day) = (Instant::now(), SignedDuration::from_hours(24));
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut seen = Seen { time: Timestamp::MIN, at: began };
        assert_eq!(seen.go_on(noon, began), noon);
        // Set ahead by a day, it is believed; set back again, time goes on from there.
        assert_eq!(seen.go_on(noon + day, began), noon + day);
        let later = began + Duration::from_secs(3);
        assert_eq!(seen.go_on(noon, later), noon + day + SignedDuration::from_secs(3));
        // Until the machine is later than that.
        assert_eq!(seen.go_on(noon + day + day, later), noon + day + day);
    }

    #[test]
    fn what_happened_is_past() {
        let clock = Clock::system();
        let ahead = clock.now() + SignedDuration::from_hours(24);
        clock.not_before(ahead);
        assert!(clock.now() >= ahead && clock.clone().now() < ahead + SignedDuration::from_mins(1));
        clock.not_before(Timestamp::MIN);
        assert!(clock.now() >= ahead);
        clock.not_before(Timestamp::MAX);
        assert_eq!(clock.now().as_second(), Timestamp::MAX.as_second());
    }
}
