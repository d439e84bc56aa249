//! In the order of ids, from the gram index: blocks of the grams that tell most, part by part, and
//! whoever stands apart from it.

use std::time::{Duration, Instant};

use super::{
    super::posting::{BLOCK, block_of},
    Plan, Searcher, SortKey, Wanted,
    apart::Apart,
    by_id::Window,
    candidates::Candidates,
};
use crate::store::{
    StoreResult,
    sql::search::{Hits, Look, TIER_REST, Walk},
};

const BLOCKS: &str = "SELECT gram, block, ids FROM gram_blocks WHERE gram = ANY($1) AND block >= $2 AND block <= $3";
const BLOCKS_OF: &str = "SELECT gram, block, ids FROM gram_blocks WHERE gram = ANY($1) AND block = ANY($2)";

/// Grams read together.
pub(super) const GRAMS: usize = 3;
/// Customers of the rarest gram that the first part of the blocks should hold.
const FIRST_PART: i64 = 400;
/// How many times as many blocks each next part holds.
const GROWTH: i64 = 8;
/// Candidates looked at first.
const FIRST_LOOK: usize = 64;
/// How many times as many each next look takes.
const LOOK_GROWTH: usize = 4;
/// What one block of one gram takes at least, and one candidate, in nanoseconds.
const LIST_COST: u64 = 12_000;
const CANDIDATE_COST: u64 = 5_000;

/// A look through the blocks that has begun.
struct Looking<'s, 'c> {
    searcher: &'s mut Searcher<'c>,
    wanted: &'s Wanted,
    grams: &'s [String],
    walk: Walk<'s>,
    /// Ids that nobody has looked at yet.
    window: Window,
    hits: Hits,
    /// Whether somebody was looked at: every search gets on a little, however short its time.
    began: bool,
}

/// Looks for whoever has these grams.
pub(super) async fn look(
    searcher: &mut Searcher<'_>,
    wanted: &Wanted,
    plan: &Plan,
    grams: &[String],
    window: Window,
    walk: Walk<'_>,
) -> StoreResult<Look> {
    let mut apart = searcher.apart(wanted, window).await?;
    let window = Window { high: window.high.min(apart.last.saturating_add(1)), ..window };
    let per_block = (plan.candidates / (block_of(apart.last) + 1)).max(1);
    let (mut part, mut per_list) = ((FIRST_PART / per_block).max(1), LIST_COST);
    let lists = grams.len().clamp(1, GRAMS) as u64;
    let mut looking = Looking { searcher, wanted, grams, walk, window, hits: Hits::new(), began: false };
    while !looking.window.is_empty() && looking.hits.len() < walk.limit {
        let started = Instant::now();
        let fits = i64::try_from(looking.nanos_left() / per_list / lists).unwrap_or(i64::MAX);
        if fits == 0 && looking.began {
            return Ok(looking.stopped());
        }
        if looking.window.first(1).is_outside(apart.window) {
            apart = looking.searcher.apart(wanted, looking.window).await?;
        }
        let here = looking.window.first(part.min(fits).max(1)).both(apart.window);
        let was_looked_through = looking.part(here, &apart).await?;
        if !was_looked_through {
            return Ok(looking.stopped());
        }
        let blocks = u64::try_from(block_of(here.high) - block_of(here.low) + 1).unwrap_or(1);
        per_list = LIST_COST.max(nanos(started.elapsed()) / lists / blocks);
        part = part.saturating_mul(GROWTH);
    }
    looking.hits.truncate(walk.limit);
    Ok(Look { hits: looking.hits, resume: None })
}

impl Looking<'_, '_> {
    fn nanos_left(&self) -> u64 {
        self.walk.until.map_or(u64::MAX, |until| nanos(until.saturating_duration_since(Instant::now())))
    }

    /// Time is over.
    fn stopped(self) -> Look {
        Look { resume: Some(self.window.resume()), hits: self.hits }
    }

    /// Looks through a part of the window. False when time ran out before its end.
    async fn part(&mut self, here: Window, apart: &Apart) -> StoreResult<bool> {
        let (first, mut further) = self.grams.split_at(self.grams.len().min(GRAMS));
        let indexed = self.searcher.with_all(first, here).await?.within(here.low, here.high);
        let mut candidates = indexed.or(apart.candidates.clone().within(here.low, here.high));
        let (mut size, mut looked_at, mut found, mut cost) = (FIRST_LOOK, 0, 0, CANDIDATE_COST);
        while !candidates.is_empty() {
            let left = candidates.len();
            let wasteful = looked_at > 0 && found * 2 < looked_at && left > FIRST_LOOK;
            if wasteful && !further.is_empty() && left > candidates.blocks().len() * GRAMS {
                let next;
                (next, further) = further.split_at(further.len().min(GRAMS));
                if self.nanos_left() > LIST_COST * (next.len() * candidates.blocks().len()) as u64 {
                    candidates = self.narrowed(candidates, next, apart).await?;
                } else {
                    // No time to read them: as many candidates are looked at as there is time for.
                    further = &[];
                }
                continue;
            }
            let started = Instant::now();
            let fits = usize::try_from(self.nanos_left() / cost).unwrap_or(usize::MAX);
            if self.began && fits < FIRST_LOOK.min(left) / 2 {
                return Ok(false);
            }
            let least = if self.began { 1 } else { FIRST_LOOK };
            let ids = candidates.take(size.min(fits.max(least)), self.window.descending);
            self.began = true;
            looked_at += ids.len();
            let taken = ids.len() as u64;
            if let Some(last) = ids.last() {
                self.window = self.window.behind(*last);
            }
            let hits = self.searcher.verified(self.wanted, ids, TIER_REST, SortKey::Id).await?;
            found += hits.len();
            self.hits.extend(hits);
            if self.hits.len() >= self.walk.limit {
                return Ok(true);
            }
            cost = (nanos(started.elapsed()) / taken.max(1)).clamp(500, 20_000);
            size = size.saturating_mul(LOOK_GROWTH);
        }
        self.began = true;
        self.window = self.window.behind_all(here);
        Ok(true)
    }

    /// Those that have further grams, too; those that stand apart are not known to.
    async fn narrowed(&mut self, candidates: Candidates, grams: &[String], apart: &Apart) -> StoreResult<Candidates> {
        let aside = apart.candidates.clone().and(&candidates);
        let query = sqlx::query(BLOCKS_OF).bind(grams.to_vec()).bind(candidates.blocks());
        let rows = self.searcher.rows(query).await?;
        Ok(candidates.and(&Candidates::with_all(grams.len(), &rows)?).or(aside))
    }
}

impl Searcher<'_> {
    /// Who has all of these grams in the blocks of a window.
    pub(super) async fn with_all(&mut self, grams: &[String], window: Window) -> StoreResult<Candidates> {
        let query = sqlx::query(BLOCKS).bind(grams.to_vec());
        let query = query.bind(block_of(window.low)).bind(block_of(window.high.saturating_sub(1)));
        Candidates::with_all(grams.len(), &self.rows(query).await?)
    }

    /// Those of them that have further grams, too.
    pub(super) async fn with_more(&mut self, candidates: Candidates, grams: &[String]) -> StoreResult<Candidates> {
        let query = sqlx::query(BLOCKS_OF).bind(grams.to_vec()).bind(candidates.blocks());
        let rows = self.rows(query).await?;
        Ok(candidates.and(&Candidates::with_all(grams.len(), &rows)?))
    }
}

impl Window {
    /// Its first so many blocks.
    fn first(self, blocks: i64) -> Self {
        if self.descending {
            let low = block_of(self.high.saturating_sub(1)).saturating_sub(blocks - 1).saturating_mul(BLOCK);
            Self { low: self.low.max(low), ..self }
        } else {
            let high = block_of(self.low).saturating_add(blocks).saturating_mul(BLOCK);
            Self { high: self.high.min(high), ..self }
        }
    }

    /// The ids that are in both.
    fn both(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high), ..self }
    }

    /// Whether none of its ids is in the other.
    fn is_outside(self, other: Self) -> bool {
        self.both(other).is_empty()
    }

    /// What is left when all of its beginning was looked at.
    fn behind_all(self, beginning: Self) -> Self {
        if self.descending { Self { high: beginning.low, ..self } } else { Self { low: beginning.high, ..self } }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
