//! How many customers a search finds, without ever counting millions.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    super::{Embedded, error, statements},
    Walk, cancellable, one_row,
    plan::Plan,
    rest,
};
use crate::{
    domain::{
        find::{Count, Sort},
        query::Query,
        search_text::SearchText,
    },
    store::{Cancel, StoreError, StoreResult},
};

/// Counted one by one up to here.
const COUNT_TO: usize = 1000;
/// How long counting may take; nobody waits for it.
const COUNT_BUDGET: Duration = Duration::from_millis(150);
/// Customers in the sample that larger counts are estimated from.
const SAMPLE: i64 = 16_384;
/// With fewer hits in the sample an estimate is off by more than a third.
const ENOUGH: usize = 30;

/// Folded text of customers spread evenly over all ids.
#[derive(Debug)]
pub struct Sample {
    texts: Vec<SearchText>,
}

impl Embedded {
    pub(in crate::store::sql) async fn count_found(
        &self,
        query: &Query,
        now: Timestamp,
        cancel: &Cancel,
    ) -> StoreResult<Count> {
        let mut connection = cancellable(&self.counter, cancel).await?;
        let Some(plan) = Plan::make(&mut connection, query, now).await? else { return Ok(Count::Exact(0)) };
        if let Some(exactly) = plan.exactly {
            return Ok(Count::Exact(unsigned(exactly)));
        }
        let first_id = plan.first_id;
        let plan = plan.words_alone();
        let until = Some(Instant::now() + COUNT_BUDGET);
        let walk = Walk { backwards: false, after: None, limit: COUNT_TO + 1, until };
        let looked = rest(&mut connection, &plan, Sort::default(), walk).await?;
        let found = looked.hits.len();
        if looked.resume.is_none() && found <= COUNT_TO {
            let also = match first_id {
                Some(id) if !looked.hits.iter().any(|hit| hit.id.0 == id) => exists(&mut connection, id).await?,
                _ => false,
            };
            return Ok(Count::Exact(found as u64 + u64::from(also)));
        }
        if query.has_only_words() {
            let sample = self.sample.get_or_try_init(|| Sample::take(&mut connection, plan.ids().1)).await?;
            if let Some(about) = sample.estimate(query, plan.everybody) {
                return Ok(Count::About(about));
            }
        }
        Ok(Count::AtLeast(found.min(COUNT_TO) as u64))
    }
}

impl Sample {
    /// Reads the folded text of every n-th id.
    async fn take(connection: &mut SqliteConnection, end: i64) -> StoreResult<Self> {
        let step = (end / SAMPLE).max(1);
        let ids: Vec<i64> = (0..SAMPLE).map(|n| n * step + 1).take_while(|id| *id < end).collect();
        let ids = serde_json::to_string(&ids).map_err(|e| StoreError::Other(e.to_string()))?;
        let texts: Vec<(String, String, String)> =
            one_row(connection, sqlx::query(statements::TEXTS).bind(ids)).await?;
        let texts = texts.into_iter().map(|(names, email, phone)| SearchText { names, email, phone }).collect();
        Ok(Self { texts })
    }

    /// How many of `everybody` the words find, if enough of the sample do.
    fn estimate(&self, query: &Query, everybody: i64) -> Option<u64> {
        let fits = |text: &&SearchText| query.terms.iter().all(|term| text.matches(term));
        let hits = self.texts.iter().filter(fits).count();
        (hits >= ENOUGH).then(|| unsigned(everybody).saturating_mul(hits as u64) / self.texts.len().max(1) as u64)
    }
}

async fn exists(connection: &mut SqliteConnection, id: i64) -> StoreResult<bool> {
    let row = sqlx::query("SELECT 1 FROM customers WHERE id = $1").bind(id);
    Ok(row.fetch_optional(connection).await.map_err(|e| error(&e))?.is_some())
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
