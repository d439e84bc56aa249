//! Finding customers, in milliseconds among millions.
//!
//! The tiers are those of the embedded database: the exact id; who begins with what was typed; then
//! whoever has the words anywhere, newest first. The gram index only hints: what it names, and what
//! stands apart from it, is looked at in the folded texts, which decide. Every statement is short,
//! and between two of them it is asked whether the search is still wanted and whether there is time.

mod apart;
mod beginning;
mod by_grams;
mod by_id;
mod candidates;
mod count;
mod plan;
mod sorted;
mod verify;

use std::time::Instant;

use sqlx::{Postgres, postgres::PgArguments, query::Query as Statement};

use self::plan::{Plan, Source};
use super::Server;
use crate::{
    domain::{
        customer::{CustomerId, CustomerRow, Status},
        find::{Cursor, CursorKey, FindPage, Page, Sort, SortKey},
        name::PersonName,
        safe_text::SafeText,
    },
    store::{
        Cancel, StoreError, StoreResult,
        sql::{
            connection::{Connection, Row},
            search::{
                Hits, Look, TIER_EMAIL, TIER_GIVEN, TIER_ID, TIER_REST, TIER_SURNAME, Walk, Wanted, exists, filled,
                tiers,
            },
        },
    },
};
use jiff::Timestamp;

/// The customers of a page, with how many living tokens each has at the time `$2`.
const ROWS: &str = "SELECT c.id, c.first_name, c.middle_name, c.last_name, c.email, c.active, c.confirmed, c.locked_until, \
     c.created_at, c.last_sign_in_at, w.code, g.name AS customer_group, COALESCE(a.tokens, 0) AS tokens FROM customers c \
     JOIN websites w ON w.id = c.website_id JOIN customer_groups g ON g.id = c.group_id \
     LEFT JOIN (SELECT customer_id, count(*) AS tokens FROM access_tokens WHERE customer_id = ANY($1) \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) GROUP BY customer_id) a ON a.customer_id = c.id \
     WHERE c.id = ANY($1)";

/// A search that runs.
struct Searcher<'a> {
    connection: Connection,
    cancel: &'a Cancel,
}

impl Server {
    pub(in crate::store::sql) async fn find_page(&self, request: &FindPage, cancel: &Cancel) -> StoreResult<Page> {
        let until = Instant::now() + request.budget;
        let mut searcher = self.searcher(cancel).await?;
        let wanted = Wanted::look_up(&mut searcher.connection, &request.query, request.now).await?;
        let Some(wanted) = wanted else { return Ok(Page::default()) };
        let wanted = if request.sort.key == SortKey::Best { wanted } else { wanted.without_ranking() };
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let walk = Walk::to_page(&request.from, limit, until);
        let look = searcher.look(&wanted, request.sort, walk).await?;
        let (hits, page) = look.into_page(limit, walk.backwards);
        let rows = searcher.page_rows(&hits, request.now).await?;
        Ok(filled(page, hits, rows))
    }

    async fn searcher<'a>(&self, cancel: &'a Cancel) -> StoreResult<Searcher<'a>> {
        Ok(Searcher { connection: Connection::Postgres(self.read().await?), cancel })
    }
}

impl Searcher<'_> {
    /// Runs one statement, unless the search is not wanted any more.
    async fn rows(&mut self, query: Statement<'_, Postgres, PgArguments>) -> StoreResult<Vec<Row>> {
        if self.cancel.is_cancelled() {
            return Err(StoreError::Cancelled);
        }
        self.connection.server()?.rows(query).await
    }

    /// Reads tier after tier until there are enough.
    async fn look(&mut self, wanted: &Wanted, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
        let mut all = Look::default();
        let mut tiers = tiers(sort, wanted, walk);
        // From the start on, the three tiers of "begins with" are read at once.
        if walk.after.is_none() && !walk.backwards && tiers.contains(&TIER_EMAIL) {
            tiers.retain(|tier| *tier == TIER_REST);
            all.hits.extend(self.exact(wanted, walk).await?);
            all.hits.extend(self.all_beginning(wanted, walk.within(TIER_EMAIL, all.hits.len()).limit).await?);
        }
        for tier in tiers {
            let here = walk.within(tier, all.hits.len());
            if here.limit == 0 {
                break;
            }
            let found = match tier {
                TIER_ID => Look { hits: self.exact(wanted, here).await?, resume: None },
                TIER_EMAIL | TIER_SURNAME | TIER_GIVEN => {
                    Look { hits: self.beginning(wanted, tier, here).await?, resume: None }
                }
                TIER_REST => self.rest(wanted, sort, here).await?,
                _ => self.sorted(wanted, sort, here).await?,
            };
            all.hits.extend(found.hits);
            if found.resume.is_some() {
                all.resume = found.resume;
                break;
            }
        }
        Ok(all)
    }

    async fn exact(&mut self, wanted: &Wanted, walk: Walk<'_>) -> StoreResult<Hits> {
        match wanted.first_id.filter(|_| walk.after.is_none()) {
            Some(id) if exists(&mut self.connection, id).await? => {
                Ok(vec![Cursor { tier: TIER_ID, key: CursorKey::Id, id: CustomerId(id) }])
            }
            _ => Ok(Hits::new()),
        }
    }

    /// In the order of ids.
    async fn rest(&mut self, wanted: &Wanted, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
        let descending = walk.backwards != (sort.key == SortKey::Best || sort.descending);
        let window = by_id::Window::of(wanted, walk.after, descending);
        if window.is_empty() {
            return Ok(Look::default());
        }
        if let Some(id) = wanted.only_id {
            let ids = if exists(&mut self.connection, id).await? { vec![id] } else { Vec::new() };
            let hits = self.verified(wanted, ids, TIER_REST, SortKey::Id).await?;
            return Ok(Look { hits, resume: None });
        }
        let plan = Plan::make(self, wanted).await?;
        match &plan.source {
            Source::Grams(grams) => by_grams::look(self, wanted, &plan, grams, window, walk).await,
            source => by_id::look(self, wanted, source, window, walk).await,
        }
    }

    /// Reads the rows of a page.
    async fn page_rows(&mut self, hits: &Hits, now: Timestamp) -> StoreResult<Vec<CustomerRow>> {
        if hits.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = hits.iter().map(|hit| hit.id.0).collect();
        let rows = self.rows(sqlx::query(ROWS).bind(ids).bind(now.as_microsecond())).await?;
        let mut rows: Vec<CustomerRow> = rows.iter().map(|row| shown(row, now)).collect::<StoreResult<_>>()?;
        rows.sort_by_cached_key(|row| hits.iter().position(|hit| hit.id == row.id));
        Ok(rows)
    }
}

fn shown(row: &Row, now: Timestamp) -> StoreResult<CustomerRow> {
    let name =
        PersonName { first: row.text("first_name")?, middle: row.text("middle_name")?, last: row.text("last_name")? };
    let locked_until = row.maybe_time("locked_until")?;
    Ok(CustomerRow {
        id: CustomerId(row.int("id")?),
        name: SafeText::new(&name.full()),
        email: row.safe("email")?,
        website: row.safe("code")?,
        group: row.safe("customer_group")?,
        status: Status::of(row.flag("active")?, row.flag("confirmed")?, locked_until, now),
        tokens: row.count("tokens")?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.maybe_time("last_sign_in_at")?,
    })
}
