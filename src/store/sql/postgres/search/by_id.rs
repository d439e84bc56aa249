//! In the order of ids, along an index of customers: for searches without words.

use std::time::Instant;

use super::{Searcher, Source, Wanted, verify::filtered};
use crate::{
    domain::{
        customer::CustomerId,
        find::{Cursor, CursorKey},
    },
    store::{
        StoreResult,
        sql::search::{Look, TIER_REST, Walk, fitting, go_on_at},
    },
};

/// Customers looked at first, where not everybody is wanted.
const FIRST_SLICE: i64 = 300;

macro_rules! along {
    ($columns:literal, $id:literal, $from:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $from,
            $id,
            " >= $1 AND ",
            $id,
            " < $2 ORDER BY ",
            $id,
            $direction,
            " LIMIT +$3"
        )
    };
}
macro_rules! customers {
    ($condition:literal, $direction:literal) => {
        along!("id, website_id, group_id, confirmed, active, locked_until, created_at", "id", $condition, $direction)
    };
}

/// Each smallest first and largest first.
const EVERYBODY: [&str; 2] = [customers!("customers WHERE ", ""), customers!("customers WHERE ", " DESC")];
const LOCKED: [&str; 2] = [
    customers!("customers WHERE locked_until IS NOT NULL AND ", ""),
    customers!("customers WHERE locked_until IS NOT NULL AND ", " DESC"),
];
const TOKENS: [&str; 2] = [
    along!("DISTINCT customer_id AS id", "customer_id", "access_tokens WHERE revoked_at IS NULL AND ", ""),
    along!("DISTINCT customer_id AS id", "customer_id", "access_tokens WHERE revoked_at IS NULL AND ", " DESC"),
];

/// The ids that are still to be looked at, from `low` on and below `high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub low: i64,
    pub high: i64,
    pub descending: bool,
}

impl Window {
    pub(super) fn of(wanted: &Wanted, after: Option<&Cursor>, descending: bool) -> Self {
        let (low, high) = wanted.only_id.map_or((0, i64::MAX), |id| (id, id.saturating_add(1)));
        let all = Self { low, high, descending };
        match after {
            Some(after) if descending => Self { high: high.min(after.id.0), ..all },
            Some(after) => Self { low: low.max(after.id.0.saturating_add(1)), ..all },
            None => all,
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.low >= self.high
    }

    /// What is left when everybody up to the last of these ids was looked at.
    pub(super) fn behind(self, last: i64) -> Self {
        if self.descending {
            Self { high: self.high.min(last), ..self }
        } else {
            Self { low: self.low.max(last.saturating_add(1)), ..self }
        }
    }

    /// Where to go on.
    pub(super) fn resume(self) -> Cursor {
        go_on_at(if self.descending { self.high } else { self.low }, self.descending)
    }
}

/// Looks through the customers of a source, slice by slice.
pub(super) async fn look(
    searcher: &mut Searcher<'_>,
    wanted: &Wanted,
    source: &Source,
    mut window: Window,
    walk: Walk<'_>,
) -> StoreResult<Look> {
    let [ascending, descending] = match source {
        Source::Locked => LOCKED,
        Source::Tokens => TOKENS,
        Source::Everybody | Source::Grams(_) => EVERYBODY,
    };
    let text = if window.descending { descending } else { ascending };
    let everybody = wanted.terms.is_empty() && !wanted.has_filters() && wanted.tokens_at.is_none();
    let most = i64::try_from(walk.limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut size = if everybody { most } else { FIRST_SLICE };
    let mut found = Look::default();
    while !window.is_empty() {
        let started = Instant::now();
        let rows = searcher.rows(sqlx::query(text).bind(window.low).bind(window.high).bind(size)).await?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            window = window.behind(row.int("id")?);
            if matches!(source, Source::Tokens) || wanted.fits_filters(&filtered(row)?) {
                ids.push(row.int("id")?);
            }
        }
        let hits = if matches!(source, Source::Tokens) {
            searcher.verified(wanted, ids, TIER_REST, super::SortKey::Id).await?
        } else {
            if !wanted.terms.is_empty() {
                searcher.fitting_texts(wanted, &mut ids).await?;
            }
            searcher.with_tokens(wanted, &mut ids).await?;
            let hit = |id| Cursor { tier: TIER_REST, key: CursorKey::Id, id: CustomerId(id) };
            ids.into_iter().filter(|id| Some(*id) != wanted.first_id).map(hit).collect()
        };
        found.hits.extend(hits);
        if found.hits.len() >= walk.limit || i64::try_from(rows.len()).unwrap_or(i64::MAX) < size {
            break;
        }
        size = match walk.until {
            None => size.saturating_mul(2),
            Some(until) => {
                let next = fitting(size, started.elapsed(), until.saturating_duration_since(Instant::now()));
                if next < size / 4 {
                    found.resume = Some(window.resume());
                    break;
                }
                next
            }
        };
    }
    found.hits.truncate(walk.limit);
    Ok(found)
}
