//! How many customers a search finds, without ever counting millions.

use std::time::Instant;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    super::{Embedded, statements},
    cancellable, one_row,
    plan::Plan,
    rest,
};
use crate::{
    domain::{
        find::{Count, Sort},
        query::Query,
        search_text::SearchText,
    },
    store::{
        Cancel, StoreError, StoreResult,
        sql::search::{COUNT_BUDGET, COUNT_TO, Sample, Walk, Wanted, exists, unsigned},
    },
};

impl Embedded {
    pub(in crate::store::sql) async fn count_found(
        &self,
        query: &Query,
        now: Timestamp,
        cancel: &Cancel,
    ) -> StoreResult<Count> {
        let mut connection = cancellable(&self.counter, cancel).await?;
        let wanted = Wanted::look_up(&mut connection, query, now).await?;
        let Some(wanted) = wanted else { return Ok(Count::Exact(0)) };
        let Some(plan) = Plan::make(connection.file()?, wanted).await? else { return Ok(Count::Exact(0)) };
        if let Some(exactly) = plan.exactly {
            return Ok(Count::Exact(unsigned(exactly)));
        }
        let first_id = plan.wanted.first_id;
        let plan = plan.words_alone();
        let until = Some(Instant::now() + COUNT_BUDGET);
        let walk = Walk { backwards: false, after: None, limit: COUNT_TO + 1, until };
        let looked = rest(connection.file()?, &plan, Sort::default(), walk).await?;
        let found = looked.hits.len();
        if looked.resume.is_none() && found <= COUNT_TO {
            let also = match first_id {
                Some(id) if !looked.hits.iter().any(|hit| hit.id.0 == id) => exists(&mut connection, id).await?,
                _ => false,
            };
            return Ok(Count::Exact(found as u64 + u64::from(also)));
        }
        if query.has_only_words() {
            let sample = self.sample.get_or_try_init(async || sample(connection.file()?, plan.ids().1).await).await?;
            if let Some(about) = sample.estimate(query, plan.everybody) {
                return Ok(Count::About(about));
            }
        }
        Ok(Count::AtLeast(found.min(COUNT_TO) as u64))
    }
}

/// Reads the folded text of every n-th id.
async fn sample(connection: &mut SqliteConnection, end: i64) -> StoreResult<Sample> {
    let ids = serde_json::to_string(&Sample::ids(end)).map_err(|e| StoreError::Other(e.to_string()))?;
    let texts: Vec<(String, String, String)> = one_row(connection, sqlx::query(statements::TEXTS).bind(ids)).await?;
    let texts = texts.into_iter().map(|(names, email, phone)| SearchText { names, email, phone }).collect();
    Ok(Sample::new(texts))
}
