//! Looking at candidates: the texts, the filters and the tokens decide who is wanted.

use std::collections::{HashMap, HashSet};

use super::{Searcher, Wanted};
use crate::{
    domain::{
        customer::CustomerId,
        find::{Cursor, CursorKey, SortKey},
        search_text::SearchText,
    },
    store::{
        StoreResult,
        sql::{
            connection::Row,
            search::{Filtered, Hits},
        },
    },
};

const TEXTS: &str = "SELECT customer_id, names, email, phone FROM search_texts WHERE customer_id = ANY($1)";
const FILTERED: &str = "SELECT id, website_id, group_id, confirmed, active, locked_until, created_at, \
     COALESCE(last_sign_in_at, 0) AS last_sign_in FROM customers WHERE id = ANY($1)";
const ALIVE: &str = "SELECT DISTINCT customer_id FROM access_tokens WHERE customer_id = ANY($1) AND revoked_at IS NULL \
     AND (expires_at IS NULL OR expires_at > $2)";

impl Searcher<'_> {
    /// Which of these are wanted, in the order given, each with its place in an order.
    pub(super) async fn verified(
        &mut self,
        wanted: &Wanted,
        mut ids: Vec<i64>,
        tier: u8,
        by: SortKey,
    ) -> StoreResult<Hits> {
        let mut keys: HashMap<i64, CursorKey> = HashMap::new();
        if matches!(by, SortKey::Name | SortKey::Email) || !wanted.terms.is_empty() {
            for (id, text) in self.fitting_texts(wanted, &mut ids).await? {
                let key = if by == SortKey::Email { text.email_key() } else { text.surname_key() };
                keys.insert(id, CursorKey::Text(key.to_owned()));
            }
        }
        if matches!(by, SortKey::Created | SortKey::LastSignIn) || wanted.has_filters() {
            keys.extend(self.fitting_filters(wanted, &mut ids, by).await?);
        }
        self.with_tokens(wanted, &mut ids).await?;
        let hit = |id| {
            let key = match by {
                SortKey::Best | SortKey::Id => CursorKey::Id,
                _ => keys.remove(&id)?,
            };
            Some(Cursor { tier, key, id: CustomerId(id) })
        };
        Ok(ids.into_iter().filter(|id| Some(*id) != wanted.first_id).filter_map(hit).collect())
    }

    /// Keeps those whose texts fit, and gives these.
    pub(super) async fn fitting_texts(
        &mut self,
        wanted: &Wanted,
        ids: &mut Vec<i64>,
    ) -> StoreResult<HashMap<i64, SearchText>> {
        let mut texts = self.texts(ids).await?;
        texts.retain(|_, text| wanted.fits_text(text));
        ids.retain(|id| texts.contains_key(id));
        Ok(texts)
    }

    /// The folded texts of these.
    pub(super) async fn texts(&mut self, ids: &[i64]) -> StoreResult<HashMap<i64, SearchText>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.rows(sqlx::query(TEXTS).bind(ids.to_vec())).await?;
        let text = |row: &Row| {
            let text = SearchText { names: row.text("names")?, email: row.text("email")?, phone: row.text("phone")? };
            Ok((row.int("customer_id")?, text))
        };
        rows.iter().map(text).collect()
    }

    /// Keeps those whom the filters fit, and gives their times.
    async fn fitting_filters(
        &mut self,
        wanted: &Wanted,
        ids: &mut Vec<i64>,
        by: SortKey,
    ) -> StoreResult<HashMap<i64, CursorKey>> {
        let mut keys = HashMap::new();
        if ids.is_empty() {
            return Ok(keys);
        }
        for row in self.rows(sqlx::query(FILTERED).bind(ids.clone())).await? {
            if wanted.fits_filters(&filtered(&row)?) {
                let time = row.int(if by == SortKey::Created { "created_at" } else { "last_sign_in" })?;
                keys.insert(row.int("id")?, CursorKey::Number(time));
            }
        }
        ids.retain(|id| keys.contains_key(id));
        if !matches!(by, SortKey::Created | SortKey::LastSignIn) {
            keys.clear();
        }
        Ok(keys)
    }

    /// Keeps those with living tokens, where that is asked for.
    pub(super) async fn with_tokens(&mut self, wanted: &Wanted, ids: &mut Vec<i64>) -> StoreResult<()> {
        let Some(at) = wanted.tokens_at.filter(|_| !ids.is_empty()) else { return Ok(()) };
        let rows = self.rows(sqlx::query(ALIVE).bind(ids.clone()).bind(at)).await?;
        let alive: HashSet<i64> = rows.iter().map(|row| row.int("customer_id")).collect::<StoreResult<_>>()?;
        ids.retain(|id| alive.contains(id));
        Ok(())
    }
}

/// The columns that filters look at.
pub(super) fn filtered(row: &Row) -> StoreResult<Filtered> {
    Ok(Filtered {
        website: row.int("website_id")?,
        group: row.int("group_id")?,
        confirmed: row.flag("confirmed")?,
        active: row.flag("active")?,
        locked_until: row.maybe_int("locked_until")?,
        created_at: row.int("created_at")?,
    })
}
