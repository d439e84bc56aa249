//! Wrong passwords, and when they lock an account.

use jiff::{SignedDuration, Timestamp};

/// What the shop decided about wrong passwords (Adobe's settings "Maximum Login Failures to
/// Lockout Account" and "Lockout Time (minutes)", with their defaults).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Wrong passwords in a row that lock an account; 0 = none ever does.
    pub max_failures: u32,
    /// How long a lock holds.
    pub lock: SignedDuration,
}

impl Default for Lockout {
    fn default() -> Self {
        Self { max_failures: 10, lock: SignedDuration::from_mins(10) }
    }
}

/// How an account stands with wrong passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// In a row, since the last good one or the last lock.
    pub count: u32,
    /// End of the lock that they led to, which may be over.
    pub locked_until: Option<Timestamp>,
}

impl Failures {
    /// Whether they keep the customer out at `now`.
    #[must_use]
    pub fn lock(self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }
}

impl Lockout {
    /// Counts one more attempt as a failure, before its password is looked at: of many that come at
    /// the same moment no more are looked at than the shop allows. A good password takes the count
    /// back. While a lock holds nothing is counted, so that nobody can prolong it.
    #[must_use]
    pub fn count(self, before: Failures, now: Timestamp) -> Failures {
        if before.lock(now) {
            return before;
        }
        let count = if before.locked_until.is_some() { 1 } else { before.count.saturating_add(1) };
        let locks = self.max_failures > 0 && count >= self.max_failures;
        let until = now.saturating_add(self.lock).unwrap_or(Timestamp::MAX);
        Failures { count, locked_until: locks.then_some(until) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn after(attempts: u32, now: Timestamp) -> Failures {
        (0..attempts).fold(Failures::default(), |before, _| Lockout::default().count(before, now))
    }

    #[test]
    fn the_tenth_failure_locks_for_ten_minutes() {
        assert_eq!(after(9, at(0)), Failures { count: 9, locked_until: None });
        let tenth = after(10, at(0));
        assert_eq!(tenth, Failures { count: 10, locked_until: Some(at(10)) });
        assert!(tenth.lock(at(9)) && !tenth.lock(at(10)));
    }

    #[test]
    fn a_lock_is_not_prolonged_and_counting_begins_anew_behind_it() {
        let tenth = after(10, at(0));
        assert_eq!(Lockout::default().count(tenth, at(9)), tenth);
        assert_eq!(Lockout::default().count(tenth, at(10)), Failures { count: 1, locked_until: None });
    }

    #[test]
    fn zero_never_locks() {
        let never = Lockout { max_failures: 0, ..Lockout::default() };
        let many = (0..1000).fold(Failures::default(), |before, _| never.count(before, at(0)));
        assert_eq!(many, Failures { count: 1000, locked_until: None });
    }
}
