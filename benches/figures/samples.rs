//! Many times of the same thing.

use std::{fmt, time::Duration};

/// Measured times, shortest first.
pub struct Samples(Vec<Duration>);

impl FromIterator<Duration> for Samples {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        let mut times: Vec<Duration> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }
}

impl Samples {
    /// The shortest time that so many of a thousand do not exceed.
    pub fn at(&self, permille: usize) -> Duration {
        let rank = (self.0.len() * permille).div_ceil(1000).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or_default()
    }

    pub fn median(&self) -> Duration {
        self.at(500)
    }

    pub fn p99(&self) -> Duration {
        self.at(990)
    }

    pub fn max(&self) -> Duration {
        self.at(1000)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of them would be done in a second, one after another.
    pub fn per_second(&self) -> f64 {
        let sum: Duration = self.0.iter().sum();
        f64::from(u32::try_from(self.0.len()).unwrap()) / sum.as_secs_f64()
    }
}

/// `p50 1.40, p95 2.30, p99 2.90, max 6.70 ms`
impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, p99, max] = [500, 950, 990, 1000].map(|permille| 1000.0 * self.at(permille).as_secs_f64());
        write!(f, "p50 {p50:.2}, p95 {p95:.2}, p99 {p99:.2}, max {max:.2} ms")
    }
}

/// `1.40 ms`
pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", 1000.0 * time.as_secs_f64())
}
