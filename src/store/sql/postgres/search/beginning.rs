//! Who begins with what was typed: by e-mail, family name and given name.

use std::collections::HashSet;

use super::{Searcher, Walk, Wanted};
use crate::{
    domain::{
        customer::CustomerId,
        find::{Cursor, CursorKey},
        search_text::NAME_START,
    },
    store::{
        StoreResult,
        sql::{
            connection::Row,
            search::{Hits, TIER_EMAIL, TIER_GIVEN, TIER_SURNAME},
        },
    },
};

/// The first of all three.
const FIRST: &str = "(SELECT 1::bigint AS tier, email_key AS key, customer_id AS id FROM customer_emails \
     WHERE email_key >= $1 AND email_key < $2 ORDER BY email_key, customer_id LIMIT +$7) UNION ALL \
     (SELECT 2, key, customer_id FROM search_keys WHERE key >= $3 AND key < $4 ORDER BY key, customer_id LIMIT +$7) \
     UNION ALL \
     (SELECT 3, key, customer_id FROM search_keys WHERE key >= $5 AND key < $6 ORDER BY key, customer_id LIMIT +$7)";

/// `$1` to `$2` is the range of keys, `$3`, `$4` where the last page ended.
macro_rules! range {
    ($table:literal, $key:literal, $compare:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $key,
            " AS key, customer_id AS id FROM ",
            $table,
            " WHERE ",
            $key,
            " >= $1 AND ",
            $key,
            " < $2 AND (",
            $key,
            ", customer_id) ",
            $compare,
            " ($3, $4) ORDER BY ",
            $key,
            $direction,
            ", customer_id",
            $direction,
            " LIMIT +$5"
        )
    };
}

/// Each smallest first and largest first.
const EMAILS: [&str; 2] =
    [range!("customer_emails", "email_key", ">", ""), range!("customer_emails", "email_key", "<", " DESC")];
const NAMES: [&str; 2] = [range!("search_keys", "key", ">", ""), range!("search_keys", "key", "<", " DESC")];

/// What keys of a tier begin with beside what was typed.
const fn kind(tier: u8) -> &'static str {
    match tier {
        TIER_SURNAME => "s",
        TIER_GIVEN => "n",
        _ => "",
    }
}

fn read(tier: u8, row: &Row) -> StoreResult<Cursor> {
    Ok(Cursor { tier, key: CursorKey::Text(row.text("key")?), id: CustomerId(row.int("id")?) })
}

impl Searcher<'_> {
    /// The first hits of all three tiers together. Whoever is in an earlier tier is known as long as
    /// that has not filled the page.
    pub(super) async fn all_beginning(&mut self, wanted: &Wanted, limit: usize) -> StoreResult<Hits> {
        let Some(prefix) = wanted.prefix.as_deref().filter(|_| limit > 0) else { return Ok(Hits::new()) };
        let mut query = sqlx::query(FIRST);
        for tier in [TIER_EMAIL, TIER_SURNAME, TIER_GIVEN] {
            let low = format!("{}{prefix}", kind(tier));
            query = query.bind(low.clone()).bind(format!("{low}{}", char::MAX));
        }
        // One more, for the exact id that may be among them.
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let rows = self.rows(query.bind(most)).await?;
        let mut hits = Hits::new();
        for row in &rows {
            hits.push(read(u8::try_from(row.int("tier")?).unwrap_or(TIER_GIVEN), row)?);
        }
        hits.sort_by_key(|hit| hit.tier);
        let mut seen: HashSet<CustomerId> = wanted.first_id.map(CustomerId).into_iter().collect();
        hits.retain(|hit| seen.insert(hit.id));
        hits.truncate(limit);
        Ok(hits)
    }

    /// The hits of one tier, from anywhere.
    pub(super) async fn beginning(&mut self, wanted: &Wanted, tier: u8, walk: Walk<'_>) -> StoreResult<Hits> {
        let Some(prefix) = &wanted.prefix else { return Ok(Hits::new()) };
        let low = format!("{}{prefix}", kind(tier));
        let high = format!("{low}{}", char::MAX);
        let [ascending, descending] = if tier == TIER_EMAIL { EMAILS } else { NAMES };
        let text = if walk.backwards { descending } else { ascending };
        let mut at = match walk.after {
            Some(Cursor { key: CursorKey::Text(key), id, .. }) => (key.clone(), id.0),
            _ if walk.backwards => (high.clone(), i64::MAX),
            _ => (String::new(), 0),
        };
        let most = i64::try_from(walk.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut found = Hits::new();
        loop {
            // The range itself begins at the last row seen, so that deep pages cost no more than the first.
            let (from, to) = if walk.backwards {
                (low.clone(), high.clone().min(format!("{}{}", at.0, char::MAX)))
            } else {
                (low.clone().max(at.0.clone()), high.clone())
            };
            let query = sqlx::query(text).bind(from).bind(to).bind(at.0).bind(at.1).bind(most);
            let rows = self.rows(query).await?;
            let hits: Hits = rows.iter().map(|row| read(tier, row)).collect::<StoreResult<_>>()?;
            let last = hits.last().map(|hit| (hit.key.clone(), hit.id.0));
            found.extend(self.not_before(wanted, prefix, tier, hits).await?);
            match last {
                Some((CursorKey::Text(key), id))
                    if found.len() < walk.limit && i64::try_from(rows.len()).unwrap_or(i64::MAX) >= most =>
                {
                    at = (key, id);
                }
                _ => break,
            }
        }
        found.truncate(walk.limit);
        Ok(found)
    }

    /// Leaves out whom an earlier tier shows.
    async fn not_before(&mut self, wanted: &Wanted, prefix: &str, tier: u8, mut hits: Hits) -> StoreResult<Hits> {
        hits.retain(|hit| Some(hit.id.0) != wanted.first_id);
        if tier == TIER_EMAIL {
            return Ok(hits);
        }
        let ids: Vec<i64> = hits.iter().map(|hit| hit.id.0).collect();
        let texts = self.texts(&ids).await?;
        let (email, surname) = (format!(" {prefix}"), format!("{NAME_START} {prefix}"));
        hits.retain(|hit| {
            texts.get(&hit.id.0).is_some_and(|text| {
                !text.email.starts_with(&email) && (tier == TIER_SURNAME || !text.names.starts_with(&surname))
            })
        });
        Ok(hits)
    }
}
