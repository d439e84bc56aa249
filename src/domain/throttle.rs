//! How many resets a customer may be sent, and when the next one is allowed.
//!
//! The rules are Adobe Commerce's (Stores > Configuration > Customers > Customer Configuration >
//! Password Options): protection by IP, e-mail, both or none; a maximum per rolling hour; a
//! minimum time between two; 0 switches a limit off.

use jiff::{SignedDuration, Timestamp};

/// The window that the maximum is counted in.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What earlier requests are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Requests from the same IP, and requests for the same customer.
    #[default]
    IpAndEmail,
    /// Requests from the same IP. Staff have none: what they start is not limited.
    Ip,
    /// Requests for the same customer.
    Email,
    /// No limits.
    None,
}

/// The configured limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What is counted.
    pub protection: Protection,
    /// Most requests in an hour; 0 = any number.
    pub max_per_hour: u32,
    /// Shortest time between two requests; zero = none.
    pub min_interval: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { protection: Protection::default(), max_per_hour: 5, min_interval: SignedDuration::from_mins(10) }
    }
}

impl Limits {
    /// Whether requests for the same customer count.
    #[must_use]
    pub const fn by_customer(self) -> bool {
        matches!(self.protection, Protection::IpAndEmail | Protection::Email)
    }

    /// Whether requests from the same IP count.
    #[must_use]
    pub const fn by_ip(self) -> bool {
        matches!(self.protection, Protection::IpAndEmail | Protection::Ip)
    }
}

/// What is left of an hour's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests within the last hour.
    pub used: u32,
    /// Most in an hour; none = unlimited.
    pub max: Option<u32>,
    /// Which limit stands in the way, and until when.
    pub blocked: Option<Blocked>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The last request was less than the minimum interval ago.
    TooSoon {
        /// When the next one is allowed.
        next: Timestamp,
    },
    /// The hour's maximum is used up.
    TooMany {
        /// When the next one is allowed.
        next: Timestamp,
    },
}

impl Blocked {
    /// When the next request is allowed.
    #[must_use]
    pub const fn next(self) -> Timestamp {
        match self {
            Self::TooSoon { next } | Self::TooMany { next } => next,
        }
    }
}

impl Budget {
    /// Whether a request is allowed at `now`: a budget read a while ago opens by itself.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.blocked.is_none_or(|blocked| blocked.next() <= now)
    }
}

/// Judges the requests that count, in any order, at the time `now`. Requests that lie in the
/// future (a clock was set back) count as made now, so that setting a clock back never frees a
/// budget.
#[must_use]
pub fn budget(limits: Limits, requests: &[Timestamp], now: Timestamp) -> Budget {
    let mut recent: Vec<Timestamp> = requests
        .iter()
        .map(|&at| at.min(now))
        .filter(|&at| now.duration_since(at) < WINDOW.max(limits.min_interval))
        .collect();
    recent.sort_unstable();
    let in_window: Vec<Timestamp> = recent.iter().copied().filter(|&at| now.duration_since(at) < WINDOW).collect();
    let used = u32::try_from(in_window.len()).unwrap_or(u32::MAX);
    let max = (limits.max_per_hour > 0 && limits.protection != Protection::None).then_some(limits.max_per_hour);
    let after = |at: Timestamp, span: SignedDuration| at.saturating_add(span).unwrap_or(Timestamp::MAX);
    let soon = recent
        .last()
        .filter(|_| limits.protection != Protection::None)
        .map(|&last| after(last, limits.min_interval))
        .filter(|&next| next > now);
    let many = max.filter(|&max| used >= max).and_then(|max| {
        // The request whose ageing frees a place: with 7 of 5 used, the third oldest.
        let index = usize::try_from(used - max).unwrap_or(usize::MAX);
        in_window.get(index).map(|&at| after(at, WINDOW))
    });
    let blocked = match (soon, many) {
        (Some(soon), Some(many)) if many > soon => Some(Blocked::TooMany { next: many }),
        (Some(next), _) => Some(Blocked::TooSoon { next }),
        (None, Some(next)) => Some(Blocked::TooMany { next }),
        (None, None) => None,
    };
    Budget { used, max, blocked }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn times(minutes: &[i64]) -> Vec<Timestamp> {
        minutes.iter().map(|&m| at(m)).collect()
    }

    #[test]
    fn the_first_request_is_free() {
        assert_eq!(budget(Limits::default(), &[], at(0)), Budget { used: 0, max: Some(5), blocked: None });
    }

    #[test]
    fn ten_minutes_lie_between_two() {
        let judged = budget(Limits::default(), &times(&[0]), at(3));
        assert_eq!(judged.blocked, Some(Blocked::TooSoon { next: at(10) }));
        assert!(budget(Limits::default(), &times(&[0]), at(10)).blocked.is_none());
        assert!(judged.is_open(at(10)) && !judged.is_open(at(9)));
    }

    #[test]
    fn the_sixth_in_an_hour_waits_for_the_first_to_age() {
        let judged = budget(Limits::default(), &times(&[0, 10, 20, 30, 40]), at(55));
        assert_eq!((judged.used, judged.blocked), (5, Some(Blocked::TooMany { next: at(60) })));
        assert!(budget(Limits::default(), &times(&[0, 10, 20, 30, 40]), at(60)).blocked.is_none());
    }

    #[test]
    fn zero_and_none_switch_limits_off() {
        let free = Limits { max_per_hour: 0, min_interval: SignedDuration::ZERO, ..Limits::default() };
        assert_eq!(budget(free, &times(&[0, 0, 0, 0, 0, 0]), at(0)).blocked, None);
        let none = Limits { protection: Protection::None, ..Limits::default() };
        assert_eq!(budget(none, &times(&[0, 0, 0, 0, 0, 0]), at(0)), Budget { used: 6, max: None, blocked: None });
    }

    #[test]
    fn an_interval_longer_than_the_window_still_holds() {
        let slow = Limits { min_interval: SignedDuration::from_hours(5), ..Limits::default() };
        assert_eq!(budget(slow, &times(&[0]), at(120)).blocked, Some(Blocked::TooSoon { next: at(300) }));
    }

    proptest! {
        #[test]
        fn the_promised_time_is_the_first_open_one(minutes in prop::collection::vec(0_i64..90, 0..12), now in 0_i64..90) {
            let requests = times(&minutes);
            let judged = budget(Limits::default(), &requests, at(now));
            if let Some(blocked) = judged.blocked {
                let next = blocked.next();
                prop_assert!(next > at(now));
                let past: Vec<Timestamp> = requests.iter().map(|&r| r.min(at(now))).collect();
                prop_assert!(budget(Limits::default(), &past, next).blocked.is_none());
                let before = next.saturating_sub(SignedDuration::from_secs(1)).unwrap();
                prop_assert!(budget(Limits::default(), &past, before).blocked.is_some());
            }
        }
    }
}
