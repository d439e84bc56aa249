//! Time and randomness, handed in so that tests and demos are deterministic.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Where the time comes from. Nothing else asks the machine for it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock, UTC.
    #[default]
    System,
    /// The machine's clock, ahead by this much: a demo that plays at another time.
    Ahead(SignedDuration),
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// A clock that shows `at` and goes on from there.
    #[must_use]
    pub fn starting_at(at: Timestamp) -> Self {
        Self::Ahead(at.duration_since(Timestamp::now()))
    }

    /// The time now, in whole microseconds, as the database stores it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => micros(Timestamp::now().as_microsecond()),
            Self::Ahead(span) => {
                let now = Timestamp::now();
                micros(now.saturating_add(*span).unwrap_or(now).as_microsecond())
            }
            Self::Manual(clock) => clock.now(),
        }
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
