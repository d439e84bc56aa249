//! How often something is tried, with which dice, and what that says.

use std::{env, fmt, time::Duration};

/// Whether the long form runs: all trials, and times are judged. `KEYDESK_LONG=1`.
pub fn is_long() -> bool {
    env::var_os("KEYDESK_LONG").is_some_and(|value| value == "1")
}

/// The short form's number, or the long form's.
pub fn so_many(short: u32, long: u32) -> u32 {
    if is_long() { long } else { short }
}

/// A row of trials. Says at its end how many there were, from which seed, and how much of the
/// whole they can speak for.
pub struct Trials {
    what: &'static str,
    count: u32,
    seed: u64,
}

impl Trials {
    /// So many, with the dice of `KEYDESK_SEED`.
    pub fn new(what: &'static str, count: u32) -> Self {
        let seed = env::var("KEYDESK_SEED").ok().map_or(7, |seed| seed.parse().expect("KEYDESK_SEED is a number"));
        Self { what, count, seed }
    }

    /// Each trial with dice of its own, so that one can be repeated alone.
    pub fn each(&self) -> impl Iterator<Item = (u32, Dice)> {
        let seed = self.seed;
        (0..self.count).map(move |n| (n, Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(n) << 32))))
    }

    /// To be called when all went well: whatever goes wrong ends the test before.
    #[allow(clippy::print_stdout, reason = "the number of trials is a result")]
    pub fn passed(self, more: impl fmt::Display) {
        let Self { what, count, seed } = self;
        // None of n: with 95 % certainty fewer than 3 in n (the rule of three).
        let bound = 300.0 / f64::from(count);
        println!("{what}: 0 of {count} went wrong (seed {seed}; upper 95 % bound {bound:.2} %). {more}");
    }
}

/// A `SplitMix64` generator.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// The same as a place in something.
    pub fn place(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap()
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.place(from.len())]
    }

    /// Less than `end`, to the microsecond.
    pub fn moment(&mut self, end: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(end.as_micros()).unwrap()))
    }
}

/// Durations, and what is said of them.
#[derive(Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The duration that so many per mille do not exceed.
    pub fn per_mille(&mut self, share: usize) -> Duration {
        self.0.sort_unstable();
        self.0[(self.0.len() - 1) * share / 1000]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = Self(self.0.clone());
        let [p50, p99, max] = [500, 990, 1000].map(|share| sorted.per_mille(share).as_secs_f64() * 1000.0);
        write!(f, "{} times: p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms", self.0.len())
    }
}
