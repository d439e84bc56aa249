//! How many customers a search finds, without ever counting millions.

use std::time::Instant;

use jiff::Timestamp;

use super::{Plan, Searcher, Server, Wanted, by_id::Window};
use crate::{
    domain::{
        find::{Count, Sort},
        query::Query,
    },
    store::{
        Cancel, StoreError, StoreResult,
        sql::search::{COUNT_BUDGET, COUNT_TO, Sample, Walk, exists, unsigned},
    },
};

/// As many customers are counted one by one where all of them are asked for: a server that counts
/// more is busy for longer than anybody looks at the number.
const COUNTED: i64 = 1_000_000;
/// Texts of the sample that are read at once.
const PORTION: usize = 1_024;

impl Server {
    pub(in crate::store::sql) async fn count_found(
        &self,
        query: &Query,
        now: Timestamp,
        cancel: &Cancel,
    ) -> StoreResult<Count> {
        let mut searcher = self.searcher(cancel).await?;
        let wanted = Wanted::look_up(&mut searcher.connection, query, now).await?;
        let Some(wanted) = wanted else { return Ok(Count::Exact(0)) };
        if query.is_everybody() {
            let plan = Plan::make(&mut searcher, &wanted).await?;
            return searcher.everybody(&plan).await;
        }
        let first_id = wanted.first_id;
        let wanted = wanted.words_alone();
        let until = Some(Instant::now() + COUNT_BUDGET);
        let walk = Walk { backwards: false, after: None, limit: COUNT_TO + 1, until };
        let looked = searcher.rest(&wanted, Sort::default(), walk).await?;
        let found = looked.hits.len();
        if looked.resume.is_none() && found <= COUNT_TO {
            let also = match first_id {
                Some(id) if !looked.hits.iter().any(|hit| hit.id.0 == id) => {
                    exists(&mut searcher.connection, id).await?
                }
                _ => false,
            };
            return Ok(Count::Exact(found as u64 + u64::from(also)));
        }
        let plan = Plan::make(&mut searcher, &wanted).await?;
        if let Some(about) = plan.one_mark {
            return Ok(Count::About(unsigned(about)));
        }
        if query.has_only_words() {
            let sample = self.sample.get_or_try_init(|| searcher.sample()).await?;
            if let Some(about) = sample.estimate(query, plan.everybody) {
                return Ok(Count::About(about));
            }
        }
        Ok(Count::AtLeast(found.min(COUNT_TO) as u64))
    }
}

impl Searcher<'_> {
    async fn everybody(&mut self, plan: &Plan) -> StoreResult<Count> {
        if plan.everybody > COUNTED {
            return Ok(Count::About(unsigned(plan.everybody)));
        }
        // The index may know of fewer than there are.
        let counted = "SELECT count(*) AS customers FROM (SELECT 1 FROM customers LIMIT +$1) c";
        let rows = self.rows(sqlx::query(counted).bind(2 * COUNTED)).await?;
        let row = rows.first().ok_or_else(|| StoreError::Damaged("a count is missing".to_owned()))?;
        let counted = row.int("customers")?;
        Ok(if counted < 2 * COUNTED { Count::Exact(unsigned(counted)) } else { Count::AtLeast(unsigned(counted)) })
    }

    /// Reads the folded text of every n-th id.
    async fn sample(&mut self) -> StoreResult<Sample> {
        let nobody = Window { low: 0, high: 0, descending: true };
        let end = self.apart(&Wanted::default(), nobody).await?.last.saturating_add(1);
        let mut texts = Vec::new();
        for ids in Sample::ids(end).chunks(PORTION) {
            texts.extend(self.texts(ids).await?.into_values());
        }
        Ok(Sample::new(texts))
    }
}
