//! Who may be wanted: customers whom the gram index names, block by block, and those that stand
//! apart from it.

use std::collections::BTreeMap;

use super::super::posting::{BLOCK, Posting, block_of, offset_of};
use crate::store::{StoreResult, sql::connection::Row};

/// Some customers, by the blocks that they are in.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates(BTreeMap<i64, Posting>);

impl Candidates {
    /// Those with these ids.
    pub(super) fn of_ids(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut blocks: BTreeMap<i64, Vec<u16>> = BTreeMap::new();
        for id in ids {
            blocks.entry(block_of(id)).or_default().push(offset_of(id));
        }
        let posting = |(block, mut offsets): (i64, Vec<u16>)| {
            offsets.sort_unstable();
            offsets.dedup();
            (block, Posting::new(offsets))
        };
        Self(blocks.into_iter().map(posting).collect())
    }

    /// Those that have all of so many grams, by these rows of the index, one for each gram and block.
    pub(super) fn with_all(grams: usize, rows: &[Row]) -> StoreResult<Self> {
        let mut blocks: BTreeMap<i64, Vec<Vec<u8>>> = BTreeMap::new();
        for row in rows {
            blocks.entry(row.int("block")?).or_default().push(row.maybe_bytes("ids")?.unwrap_or_default());
        }
        let both = |(block, mut lists): (i64, Vec<Vec<u8>>)| {
            // The shortest first, so that what is compared stays short.
            lists.sort_unstable_by_key(Vec::len);
            let all = lists.iter().map(|list| Posting::decode(list)).reduce(Posting::and)?;
            (lists.len() == grams && !all.is_empty()).then_some((block, all))
        };
        Ok(Self(blocks.into_iter().filter_map(both).collect()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.values().map(Posting::len).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The blocks that somebody is in, smallest first.
    pub(super) fn blocks(&self) -> Vec<i64> {
        self.0.keys().copied().collect()
    }

    pub(super) fn has(&self, id: i64) -> bool {
        self.0.get(&block_of(id)).is_some_and(|posting| posting.has(offset_of(id)))
    }

    /// Those that are in either.
    pub(super) fn or(mut self, others: Self) -> Self {
        for (block, other) in others.0 {
            let all = match self.0.remove(&block) {
                Some(here) => here.or(&other),
                None => other,
            };
            self.0.insert(block, all);
        }
        self
    }

    /// Those that are in both.
    pub(super) fn and(mut self, others: &Self) -> Self {
        let both = |(block, other): (&i64, &Posting)| {
            let all = self.0.remove(block)?.and(other.clone());
            (!all.is_empty()).then_some((*block, all))
        };
        Self(others.0.iter().filter_map(both).collect())
    }

    /// Those with an id from `low` on and below `high`.
    pub(super) fn within(mut self, low: i64, high: i64) -> Self {
        self.0.retain(|block, _| *block >= block_of(low) && *block <= block_of(high.saturating_sub(1)));
        for edge in [block_of(low), block_of(high.saturating_sub(1))] {
            if let Some(posting) = self.0.remove(&edge) {
                let first = edge * BLOCK;
                let mut offsets = posting.offsets();
                offsets.retain(|offset| (low..high).contains(&(first + i64::from(*offset))));
                if !offsets.is_empty() {
                    self.0.insert(edge, Posting::new(offsets));
                }
            }
        }
        self
    }

    /// Takes out so many: those with the largest ids, largest first, or with the smallest.
    pub(super) fn take(&mut self, size: usize, descending: bool) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.len() < size
            && let Some((block, posting)) = if descending { self.0.pop_last() } else { self.0.pop_first() }
        {
            let mut offsets = posting.offsets();
            let fits = offsets.len().min(size - ids.len());
            let id = |offset: &u16| block * BLOCK + i64::from(*offset);
            if descending {
                ids.extend(offsets.split_off(offsets.len() - fits).iter().rev().map(id));
            } else {
                let rest = offsets.split_off(fits);
                ids.extend(offsets.iter().map(id));
                offsets = rest;
            }
            if !offsets.is_empty() {
                self.0.insert(block, Posting::new(offsets));
            }
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn some() -> impl Strategy<Value = BTreeSet<i64>> {
        prop::collection::btree_set(prop_oneof![0_i64..40, BLOCK - 20..BLOCK + 20, 5 * BLOCK..5 * BLOCK + 9], 0..60)
    }

    fn all(mut candidates: Candidates) -> Vec<i64> {
        candidates.take(usize::MAX, false)
    }

    proptest! {
        #[test]
        fn candidates_are_a_set_of_ids(
            one in some(), other in some(), low in 0..6 * BLOCK, high in 0..6 * BLOCK, size in 0_usize..70,
        ) {
            let of = |ids: &BTreeSet<i64>| Candidates::of_ids(ids.iter().copied());
            let plain = |ids: Vec<&i64>| ids.into_iter().copied().collect::<Vec<i64>>();
            prop_assert_eq!((of(&one).len(), of(&one).is_empty()), (one.len(), one.is_empty()));
            prop_assert_eq!(all(of(&one).or(of(&other))), plain(one.union(&other).collect()));
            prop_assert_eq!(all(of(&one).and(&of(&other))), plain(one.intersection(&other).collect()));
            prop_assert_eq!(all(of(&one).within(low, high)), plain(one.iter().filter(|id| (low..high).contains(*id)).collect()));
            prop_assert!(one.iter().all(|id| of(&one).has(*id)) && other.difference(&one).all(|id| !of(&one).has(*id)));
            for descending in [false, true] {
                let mut rest = of(&one);
                let taken = rest.take(size, descending);
                let mut order = plain(one.iter().collect());
                if descending {
                    order.reverse();
                }
                let rest = rest.take(usize::MAX, descending);
                prop_assert_eq!((taken.as_slice(), rest.as_slice()), order.split_at(size.min(order.len())));
            }
        }
    }
}
