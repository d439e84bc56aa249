//! In another order than that of ids: the few who may be wanted, gathered and sorted; else along an
//! index, portion by portion.

use std::time::Instant;

use super::{Plan, Searcher, Source, Wanted, by_grams::GRAMS, by_id::Window, candidates::Candidates};
use crate::{
    domain::{
        customer::CustomerId,
        find::{Cursor, CursorKey, Sort, SortKey},
    },
    store::{
        StoreResult,
        sql::{
            connection::Row,
            search::{Hits, Look, TIER_SORTED, Walk, edge, fitting},
        },
    },
};

/// Customers of an index looked at first.
const FIRST_PORTION: i64 = 400;
/// So many candidates are always gathered.
const FEW: usize = 500;
/// Gathering costs so much for each candidate; walking along an index costs, for each of them that a
/// page needs, as much as the others that lie between them. More candidates lie closer.
const GATHERED_COST: usize = 5;
const WALKED_COST: usize = 60;
/// Candidates that are looked at at once.
const GATHERED: usize = 1_000;
/// Most who are gathered because of a lock or a token.
const MOST_NAMED: i64 = 5_000;

const NAMED_LOCKED: &str = "SELECT id FROM customers WHERE locked_until IS NOT NULL AND locked_until > $1 LIMIT +$2";
const NAMED_TOKENS: &str = "SELECT DISTINCT customer_id AS id FROM access_tokens WHERE revoked_at IS NULL \
     AND (expires_at IS NULL OR expires_at > $1) LIMIT +$2";

/// `$1`, `$2` is the place before the first one wanted.
macro_rules! along {
    ($table:literal, $select:literal, $key:literal, $id:literal, $condition:literal, $compare:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $id,
            " AS id, ",
            $select,
            " AS key FROM ",
            $table,
            " WHERE ",
            $condition,
            "(",
            $key,
            ", ",
            $id,
            ") ",
            $compare,
            " ($1, $2) ORDER BY ",
            $key,
            $direction,
            ", ",
            $id,
            $direction,
            " LIMIT +$3"
        )
    };
}

/// Each smallest first and largest first.
const NAMES: [&str; 2] = [
    along!("search_keys", "substr(key, 2)", "key", "customer_id", "key >= 's' AND key < 't' AND ", ">", ""),
    along!("search_keys", "substr(key, 2)", "key", "customer_id", "key >= 's' AND key < 't' AND ", "<", " DESC"),
];
// Its index is by website, too.
const EMAILS: [&str; 2] = [
    along!("customer_emails", "email_key", "email_key", "customer_id", "email_key >= $1 AND ", ">", ""),
    along!("customer_emails", "email_key", "email_key", "customer_id", "email_key <= $1 AND ", "<", " DESC"),
];
const CREATED: [&str; 2] = [
    along!("customers", "created_at", "created_at", "id", "", ">", ""),
    along!("customers", "created_at", "created_at", "id", "", "<", " DESC"),
];
const LAST_SIGN_IN: [&str; 2] = [
    along!("customers", "COALESCE(last_sign_in_at, 0)", "COALESCE(last_sign_in_at, 0)", "id", "", ">", ""),
    along!("customers", "COALESCE(last_sign_in_at, 0)", "COALESCE(last_sign_in_at, 0)", "id", "", "<", " DESC"),
];

/// Everybody who may be wanted, as far as that is known.
struct Named {
    candidates: Candidates,
    everybody: i64,
}

impl Named {
    /// Whether looking at all of them costs less than going along an index past the others.
    fn are_few(&self) -> bool {
        let (named, all) = (self.candidates.len(), usize::try_from(self.everybody).unwrap_or(usize::MAX));
        named <= FEW || named.saturating_mul(named).saturating_mul(GATHERED_COST) < all.saturating_mul(WALKED_COST)
    }
}

impl Searcher<'_> {
    pub(super) async fn sorted(&mut self, wanted: &Wanted, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
        let descending = walk.backwards != sort.descending;
        let start = walk.after.map_or_else(|| edge(sort.key, descending), |after| (after.key.clone(), after.id.0));
        let plan = Plan::make(self, wanted).await?;
        let named = self.named(wanted, &plan).await?;
        match named {
            Some(named) if named.are_few() => {
                self.gathered(wanted, named.candidates, sort.key, descending, start, walk).await
            }
            named => self.along(wanted, named.map(|n| n.candidates), sort.key, descending, start, walk).await,
        }
    }

    /// Everybody who may be wanted; none where too many are.
    async fn named(&mut self, wanted: &Wanted, plan: &Plan) -> StoreResult<Option<Named>> {
        let (text, at) = match &plan.source {
            Source::Everybody => return Ok(None),
            Source::Grams(grams) => return self.with_grams(wanted, plan, grams).await,
            Source::Locked => (NAMED_LOCKED, wanted.locked_at),
            Source::Tokens => (NAMED_TOKENS, wanted.tokens_at),
        };
        let rows = self.rows(sqlx::query(text).bind(at).bind(MOST_NAMED + 1)).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.int("id")).collect::<StoreResult<_>>()?;
        let few = i64::try_from(ids.len()).unwrap_or(i64::MAX) <= MOST_NAMED;
        Ok(few.then(|| Named { candidates: Candidates::of_ids(ids), everybody: i64::MAX }))
    }

    async fn with_grams(&mut self, wanted: &Wanted, plan: &Plan, grams: &[String]) -> StoreResult<Option<Named>> {
        let all = Window { low: 0, high: i64::MAX, descending: true };
        let apart = self.apart(wanted, all).await?;
        if apart.window.low > all.low {
            // Too many stand apart to keep in mind who they are.
            return Ok(None);
        }
        let (first, more) = grams.split_at(grams.len().min(GRAMS));
        let mut candidates = self.with_all(first, all).await?;
        let mut named = Named { candidates, everybody: plan.everybody };
        for further in more.chunks(GRAMS) {
            if named.candidates.len() <= FEW {
                break;
            }
            candidates = self.with_more(named.candidates, further).await?;
            named = Named { candidates, ..named };
        }
        Ok(Some(Named { candidates: named.candidates.or(apart.candidates), ..named }))
    }

    async fn gathered(
        &mut self,
        wanted: &Wanted,
        mut candidates: Candidates,
        by: SortKey,
        descending: bool,
        (key, id): (CursorKey, i64),
        walk: Walk<'_>,
    ) -> StoreResult<Look> {
        let mut hits = Hits::new();
        while !candidates.is_empty() {
            let ids = candidates.take(GATHERED, true);
            hits.extend(self.verified(wanted, ids, TIER_SORTED, by).await?);
        }
        let order = |one: &Cursor, key: &CursorKey, id: i64| {
            let by_key = match (&one.key, key) {
                (CursorKey::Text(one), CursorKey::Text(other)) => one.cmp(other),
                (CursorKey::Number(one), CursorKey::Number(other)) => one.cmp(other),
                _ => std::cmp::Ordering::Equal,
            };
            let order = by_key.then(one.id.0.cmp(&id));
            if descending { order.reverse() } else { order }
        };
        hits.retain(|hit| order(hit, &key, id).is_gt());
        hits.sort_by(|one, other| order(one, &other.key, other.id.0));
        hits.truncate(walk.limit);
        Ok(Look { hits, resume: None })
    }

    /// Walks along an index until there are enough, or the time is over.
    async fn along(
        &mut self,
        wanted: &Wanted,
        named: Option<Candidates>,
        by: SortKey,
        descending: bool,
        start: (CursorKey, i64),
        walk: Walk<'_>,
    ) -> StoreResult<Look> {
        let [up, down] = match by {
            SortKey::Email => EMAILS,
            SortKey::Created => CREATED,
            SortKey::LastSignIn => LAST_SIGN_IN,
            _ => NAMES,
        };
        let text = if descending { down } else { up };
        let (mut at, mut size, mut found) = (start, FIRST_PORTION, Look::default());
        loop {
            let started = Instant::now();
            let query = match at.0 {
                CursorKey::Text(key) if by == SortKey::Name => sqlx::query(text).bind(format!("s{key}")),
                CursorKey::Text(key) => sqlx::query(text).bind(key),
                CursorKey::Number(key) => sqlx::query(text).bind(key),
                CursorKey::Id => sqlx::query(text).bind(None::<i64>),
            };
            let rows = self.rows(query.bind(at.1).bind(size)).await?;
            let mut places: Hits = rows.iter().map(|row| place(row, by)).collect::<StoreResult<_>>()?;
            let last = places.last().cloned();
            if let Some(named) = &named {
                places.retain(|place| named.has(place.id.0));
            }
            found.hits.extend(self.wanted_places(wanted, places).await?);
            let is_all = i64::try_from(rows.len()).unwrap_or(i64::MAX) < size;
            let Some(last) = last.filter(|_| !is_all && found.hits.len() < walk.limit) else { break };
            at = (last.key.clone(), last.id.0);
            let next = walk.until.map_or(size.saturating_mul(2), |until| {
                fitting(size, started.elapsed(), until.saturating_duration_since(Instant::now()))
            });
            if next < size / 4 {
                found.resume = Some(last);
                break;
            }
            size = next;
        }
        found.hits.truncate(walk.limit);
        Ok(found)
    }

    /// Whoever is wanted of those at these places.
    async fn wanted_places(&mut self, wanted: &Wanted, mut places: Hits) -> StoreResult<Hits> {
        let ids = places.iter().map(|place| place.id.0).collect();
        let wanted = self.verified(wanted, ids, TIER_SORTED, SortKey::Id).await?;
        let ids: std::collections::HashSet<CustomerId> = wanted.iter().map(|hit| hit.id).collect();
        places.retain(|place| ids.contains(&place.id));
        Ok(places)
    }
}

fn place(row: &Row, by: SortKey) -> StoreResult<Cursor> {
    let key = match by {
        SortKey::Created | SortKey::LastSignIn => CursorKey::Number(row.int("key")?),
        _ => CursorKey::Text(row.text("key")?),
    };
    Ok(Cursor { tier: TIER_SORTED, key, id: CustomerId(row.int("id")?) })
}
