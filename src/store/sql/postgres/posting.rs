//! Who of a block of customers has a gram, as it is stored.
//!
//! Ids that follow each other make a block. Those of a block that have a gram are kept as sorted
//! offsets of two bytes each or, where that is shorter, as a bitmap: the containers of a roaring
//! bitmap (<https://arxiv.org/abs/1603.06549>), each in a row of its own. The length tells one form
//! from the other.

/// Ids in a block: as many as a bitmap has bits that, with the rest of its row, just fits one of the
/// server's pages.
pub(super) const BLOCK: i64 = 63_488;
/// Bytes of a bitmap.
const BITMAP: usize = 7_936;

/// The block that an id is in.
pub(super) const fn block_of(id: i64) -> i64 {
    id.div_euclid(BLOCK)
}

/// Where in its block an id is.
pub(super) fn offset_of(id: i64) -> u16 {
    u16::try_from(id.rem_euclid(BLOCK)).unwrap_or_default()
}

/// Some customers of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Posting {
    /// Offsets, smallest first.
    Few(Vec<u16>),
    /// One bit for each customer of the block.
    Many(Vec<u8>),
}

impl Posting {
    /// Those at these offsets, smallest first.
    pub(super) fn new(offsets: Vec<u16>) -> Self {
        if offsets.len() * 2 < BITMAP {
            return Self::Few(offsets);
        }
        let mut bits = vec![0; BITMAP];
        for offset in offsets {
            if let Some(byte) = bits.get_mut(usize::from(offset / 8)) {
                *byte |= 1 << (offset % 8);
            }
        }
        Self::Many(bits)
    }

    /// Reads what is stored. What no program of ours wrote means nobody.
    pub(super) fn decode(stored: &[u8]) -> Self {
        if stored.len() == BITMAP {
            return Self::Many(stored.to_vec());
        }
        let (pairs, _) = stored.as_chunks::<2>();
        Self::Few(pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect())
    }

    /// How it is stored.
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Few(offsets) => offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect(),
            Self::Many(bits) => bits.clone(),
        }
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(offsets) => offsets.len(),
            Self::Many(bits) => bits.iter().map(|byte| byte.count_ones() as usize).sum(),
        }
    }

    /// Whether there is nobody.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Few(offsets) => offsets.is_empty(),
            Self::Many(bits) => bits.iter().all(|byte| *byte == 0),
        }
    }

    /// Whether the one at this offset is among them.
    pub(super) fn has(&self, offset: u16) -> bool {
        match self {
            Self::Few(offsets) => offsets.binary_search(&offset).is_ok(),
            Self::Many(bits) => has_bit(bits, offset),
        }
    }

    /// Those that are in both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Few(mut few), Self::Many(bits)) | (Self::Many(bits), Self::Few(mut few)) => {
                few.retain(|offset| has_bit(&bits, *offset));
                Self::Few(few)
            }
            (Self::Few(mut few), Self::Few(others)) => {
                let mut others = others.into_iter().peekable();
                few.retain(|offset| {
                    while others.next_if(|other| other < offset).is_some() {}
                    others.peek() == Some(offset)
                });
                Self::Few(few)
            }
            (Self::Many(mut bits), Self::Many(others)) => {
                bits.iter_mut().zip(others).for_each(|(byte, other)| *byte &= other);
                Self::Many(bits)
            }
        }
    }

    /// Those that are in either.
    pub(super) fn or(&self, other: &Self) -> Self {
        let mut offsets = self.offsets();
        offsets.extend(other.offsets());
        offsets.sort_unstable();
        offsets.dedup();
        Self::new(offsets)
    }

    /// Their offsets, smallest first.
    pub(super) fn offsets(&self) -> Vec<u16> {
        match self {
            Self::Few(few) => few.clone(),
            Self::Many(bits) => {
                let mut offsets = Vec::with_capacity(self.len());
                for (base, byte) in (0_u16..).step_by(8).zip(bits) {
                    let mut left = *byte;
                    while left != 0 {
                        // A byte has fewer than 2^16 bits.
                        offsets.push(base + u16::try_from(left.trailing_zeros()).unwrap_or_default());
                        left &= left - 1;
                    }
                }
                offsets
            }
        }
    }
}

fn has_bit(bits: &[u8], offset: u16) -> bool {
    bits.get(usize::from(offset / 8)).is_some_and(|byte| byte >> (offset % 8) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Few, or about as many as make a bitmap shorter.
    fn some() -> impl Strategy<Value = BTreeSet<u16>> {
        let scattered = |count| prop::collection::vec(0_u16..63_488, count);
        let close = (0_u16..59_000, 3_900_u16..4_100).prop_map(|(from, count)| (from..from + count).collect());
        let offsets = prop_oneof![scattered(0..40), scattered(3_900..4_300), close];
        offsets.prop_map(|offsets: Vec<u16>| offsets.into_iter().collect())
    }

    fn posting(of: &BTreeSet<u16>) -> Posting {
        Posting::new(of.iter().copied().collect())
    }

    #[test]
    fn a_bitmap_has_room_for_a_block() {
        assert_eq!(usize::try_from(BLOCK).unwrap(), BITMAP * 8);
        assert_eq!((block_of(0), block_of(BLOCK - 1), block_of(BLOCK)), (0, 0, 1));
        assert_eq!((offset_of(BLOCK - 1), offset_of(BLOCK)), (63_487, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_stored_is_what_was_there(one in some(), other in some()) {
            let (a, b) = (posting(&one), posting(&other));
            prop_assert_eq!(a.len(), one.len());
            prop_assert_eq!(a.is_empty(), one.is_empty());
            prop_assert_eq!(&Posting::decode(&a.encode()), &a);
            prop_assert_eq!(a.offsets(), one.iter().copied().collect::<Vec<_>>());
            let both: Vec<u16> = one.intersection(&other).copied().collect();
            prop_assert_eq!(a.clone().and(b.clone()).offsets(), both);
            let either: Vec<u16> = one.union(&other).copied().collect();
            prop_assert_eq!(a.or(&b).offsets(), either);
        }
    }
}
