//! Dice that always fall the same way for the same seed and customer.

use jiff::{SignedDuration, Timestamp};

/// The golden ratio in 64 bits: the step of `SplitMix64`.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A `SplitMix64` generator. It starts from a seed, the index of a customer and a purpose, so
/// that every customer can be made without those before it, and a new question asked about one
/// thing does not change the answers about another. Not for secrets.
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of one customer, for one purpose.
    pub(super) fn new(seed: u64, index: u64, purpose: u64) -> Self {
        // Mixed in between, or neighbours would share their sequences, shifted by one throw.
        Self(mix(mix(mix(seed.wrapping_add(STEP)) ^ purpose).wrapping_add(index)))
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from 0 up to, not including, `end`; 0 when there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.bits().checked_rem(end).unwrap_or(0)
    }

    /// True in `per_mille` of 1000 cases.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// The place in a list whose entries have these shares of the whole.
    pub(super) fn weighted(&mut self, shares: &[u64]) -> usize {
        let mut left = self.below(shares.iter().sum());
        shares
            .iter()
            .position(|&share| {
                let here = left < share;
                left = left.saturating_sub(share);
                here
            })
            .unwrap_or(0)
    }

    /// A whole second between two times; `from` when there is none.
    pub(super) fn between(&mut self, from: Timestamp, to: Timestamp) -> Timestamp {
        let span = u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0);
        after(from, seconds(self.below(span)))
    }
}

/// A duration of whole seconds.
pub(super) fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A later time.
pub(super) fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// An earlier time.
pub(super) fn before(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fall_the_same_way_for_the_same_customer_only() {
        let throw = |seed, index, purpose| Dice::new(seed, index, purpose).bits();
        assert_eq!(throw(1, 2, 3), throw(1, 2, 3));
        for other in [throw(2, 2, 3), throw(1, 3, 3), throw(1, 2, 4)] {
            assert_ne!(throw(1, 2, 3), other);
        }
    }

    #[test]
    fn keep_to_the_shares() {
        let mut dice = Dice::new(7, 7, 7);
        let mut counts = [0_u32; 3];
        for _ in 0..10_000 {
            counts[dice.weighted(&[70, 0, 30])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((6_800..7_200).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn ask_nothing_impossible() {
        let mut dice = Dice::new(0, 0, 0);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.weighted(&[]), 0);
        assert_eq!(dice.between(now, before(now, seconds(5))), now);
    }
}
