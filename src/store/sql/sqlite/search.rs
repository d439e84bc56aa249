//! Finding customers, in milliseconds among millions.
//!
//! A search is a sequence of tiers: the exact id; who begins with what was typed (by e-mail,
//! family name, given name: three short range scans); then whoever has the words anywhere,
//! newest first, from the rarest grams of the index, in slices of ids between which the clock is
//! looked at. Other sort orders show the exact id first too, then walk an index or gather the few
//! that a rare gram names.

mod count;
mod plan;

use std::time::Instant;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::{Row, Sqlite, SqliteConnection, SqlitePool, query::Query as Statement, sqlite::SqliteArguments};

use plan::{Plan, Source};

use super::{Embedded, error, statements};
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
            connection::{Connection, from_micros},
            search::{
                Hits, Look, TIER_EMAIL, TIER_GIVEN, TIER_ID, TIER_REST, TIER_SORTED, TIER_SURNAME, Walk, Wanted, edge,
                filled, fitting, go_on_at, tiers,
            },
        },
    },
};

/// Looked at this often: every so many instructions of SQLite's machine.
const CANCEL_CHECK: i32 = 2_000;
/// How many candidates the first slice of ids should hold; about a millisecond's worth.
const FIRST_SLICE: i64 = 600;
/// How many candidates of the gram index are looked at first; about two milliseconds' worth.
const FIRST_PORTION: i64 = 500;

type Bound<'q> = Statement<'q, Sqlite, SqliteArguments>;

/// An id and a sort key, as statements give them.
type Found = (i64, Value);

impl Embedded {
    pub(in crate::store::sql) async fn find_page(&self, request: &FindPage, cancel: &Cancel) -> StoreResult<Page> {
        let until = Instant::now() + request.budget;
        let mut connection = cancellable(&self.searcher, cancel).await?;
        let wanted = Wanted::look_up(&mut connection, &request.query, request.now).await?;
        let Some(wanted) = wanted else { return Ok(Page::default()) };
        let wanted = if request.sort.key == SortKey::Best { wanted } else { wanted.without_ranking() };
        let connection = connection.file()?;
        let Some(plan) = Plan::make(connection, wanted).await? else { return Ok(Page::default()) };
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let walk = Walk::to_page(&request.from, limit, until);
        let (hits, page) = look(connection, &plan, request.sort, walk).await?.into_page(limit, walk.backwards);
        let rows = rows(connection, &hits, request).await?;
        Ok(filled(page, hits, rows))
    }
}

/// A connection that stops by itself when `cancel` is given. Only for pools whose every user
/// comes this way: the signal stays with the connection until the next one replaces it.
async fn cancellable(pool: &SqlitePool, cancel: &Cancel) -> StoreResult<Connection> {
    let mut connection = pool.acquire().await.map_err(|e| error(&e))?;
    let cancel = cancel.clone();
    let mut handle = connection.lock_handle().await.map_err(|e| error(&e))?;
    handle.set_progress_handler(CANCEL_CHECK, move || !cancel.is_cancelled());
    drop(handle);
    Ok(connection.into())
}

/// Reads tier after tier until there are enough.
async fn look(connection: &mut SqliteConnection, plan: &Plan, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
    let mut all = Look::default();
    for tier in tiers(sort, &plan.wanted, walk) {
        let here = walk.within(tier, all.hits.len());
        if here.limit == 0 {
            break;
        }
        let mut found = match tier {
            TIER_ID => exact(connection, plan, here).await?,
            TIER_EMAIL | TIER_SURNAME | TIER_GIVEN => beginning(connection, plan, tier, here).await?,
            TIER_REST => rest(connection, plan, sort, here).await?,
            _ => sorted(connection, plan, sort, here).await?,
        };
        all.hits.append(&mut found.hits);
        if found.resume.is_some() {
            all.resume = found.resume;
            break;
        }
    }
    Ok(all)
}

async fn exact(connection: &mut SqliteConnection, plan: &Plan, walk: Walk<'_>) -> StoreResult<Look> {
    let Some(id) = plan.wanted.first_id.filter(|_| walk.after.is_none()) else { return Ok(Look::default()) };
    let found = sqlx::query("SELECT json_group_array(json_array(id, NULL)) FROM customers WHERE id = $1").bind(id);
    Ok(Look { hits: hits(connection, found, TIER_ID).await?, resume: None })
}

async fn beginning(connection: &mut SqliteConnection, plan: &Plan, tier: u8, walk: Walk<'_>) -> StoreResult<Look> {
    let Some(prefix) = &plan.wanted.prefix else { return Ok(Look::default()) };
    let (statement, kind) = match tier {
        TIER_EMAIL => (&statements::BEGINNING_EMAIL, ""),
        TIER_SURNAME => (&statements::BEGINNING_NAME, "s"),
        _ => (&statements::BEGINNING_NAME, "n"),
    };
    let low = format!("{kind}{prefix}");
    let high = format!("{low}{}", char::MAX);
    let (key, id) = match walk.after {
        Some(Cursor { key: CursorKey::Text(key), id, .. }) => (key.clone(), id.0),
        _ if walk.backwards => (high.clone(), i64::MAX),
        _ => (String::new(), 0),
    };
    // The range itself begins at the last row seen, so that deep pages cost no more than the first.
    let (low, high) = if walk.backwards {
        let end = format!("{key}{}", char::MAX);
        (low, end.min(high))
    } else {
        (key.clone().max(low), high)
    };
    let by_surname = if tier == TIER_GIVEN { plan.name_start() } else { plan::NEVER.to_owned() };
    let statement = one_way(statement, walk.backwards);
    let query = sqlx::query(statement).bind(low).bind(high).bind(key).bind(id).bind(format!(" {prefix}"));
    let query = query.bind(by_surname).bind(plan.except()).bind(i64::try_from(walk.limit).unwrap_or(i64::MAX));
    Ok(Look { hits: hits(connection, query, tier).await?, resume: None })
}

/// In the order of ids: from the gram index portion by portion, else slice by slice.
async fn rest(connection: &mut SqliteConnection, plan: &Plan, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
    let descending = walk.backwards != (sort.key == SortKey::Best || sort.descending);
    let (mut low, mut high) = plan.ids();
    match walk.after {
        Some(after) if descending => high = high.min(after.id.0),
        Some(after) => low = low.max(after.id.0.saturating_add(1)),
        None => {}
    }
    let mut size = match plan.source {
        Source::Grams(_) => FIRST_PORTION,
        _ => plan.slice(FIRST_SLICE),
    };
    let mut found = Look::default();
    while low < high {
        let started = Instant::now();
        let limit = walk.limit.saturating_sub(found.hits.len());
        let part = Part { low, high, size, descending, limit: i64::try_from(limit).unwrap_or(i64::MAX) };
        let (mut more, seen) = match plan.source {
            Source::Grams(_) => portion(connection, plan, part).await?,
            _ => slice(connection, plan, part).await?,
        };
        let full = more.len() >= limit;
        found.hits.append(&mut more);
        if full {
            break;
        }
        if descending {
            high = seen;
        } else {
            low = seen;
        }
        let Some(until) = walk.until.filter(|_| low < high) else {
            size = size.saturating_mul(2);
            continue;
        };
        let next = fitting(size, started.elapsed(), until.saturating_duration_since(Instant::now()));
        if next < size / 4 {
            found.resume = Some(go_on_at(if descending { high } else { low }, descending));
            break;
        }
        size = next;
    }
    Ok(found)
}

/// A part of the ids, to be looked through in one statement.
#[derive(Clone, Copy)]
struct Part {
    low: i64,
    high: i64,
    /// Ids in a slice, candidates in a portion.
    size: i64,
    descending: bool,
    limit: i64,
}

/// Looks through a window of ids; says also where the next one begins.
async fn slice(connection: &mut SqliteConnection, plan: &Plan, part: Part) -> StoreResult<(Hits, i64)> {
    let Part { low, high, size, descending, limit } = part;
    let ways = if matches!(plan.source, Source::Locked) { &statements::IDS_LOCKED } else { &statements::IDS_WALK };
    let (from, to) =
        if descending { (low.max(high.saturating_sub(size)), high) } else { (low, high.min(low.saturating_add(size))) };
    let query = plan.bind(one_way(ways, descending)).bind(to).bind(from).bind("").bind(0_i64).bind(limit);
    Ok((hits(connection, query, TIER_REST).await?, if descending { from } else { to }))
}

/// Looks through the next candidates of the gram index; says also where to go on.
async fn portion(connection: &mut SqliteConnection, plan: &Plan, part: Part) -> StoreResult<(Hits, i64)> {
    let Part { low, high, size, descending, limit } = part;
    let query = plan.bind(one_way(&statements::PORTION, descending)).bind(high).bind(low).bind("").bind(0_i64);
    let query = query.bind(limit).bind(plan.matching()).bind(size);
    let (count, last, found): (i64, Option<i64>, Vec<Found>) = one_row(connection, query).await?;
    let seen = match last.filter(|_| count >= size) {
        Some(last) if descending => last,
        Some(last) => last.saturating_add(1),
        // The index holds no more of them.
        None if descending => low,
        None => high,
    };
    Ok((cursors(found, TIER_REST), seen))
}

/// In another order: the few that a source names, gathered and sorted; else along an index,
/// portion by portion.
async fn sorted(connection: &mut SqliteConnection, plan: &Plan, sort: Sort, walk: Walk<'_>) -> StoreResult<Look> {
    if plan.finds_nobody() {
        return Ok(Look::default());
    }
    let descending = walk.backwards != sort.descending;
    let all = match sort.key {
        SortKey::Email => &statements::SORTED_EMAIL,
        SortKey::Created => &statements::SORTED_CREATED,
        SortKey::LastSignIn => &statements::SORTED_LAST_SIGN_IN,
        _ => &statements::SORTED_NAME,
    };
    let gathered = match plan.source {
        Source::Grams(_) if plan.is_selective() => Some(&all.grams),
        Source::Locked => Some(&all.locked),
        Source::Tokens => Some(&all.tokens),
        _ => None,
    };
    let start = walk.after.map_or_else(|| edge(sort.key, descending), |after| (after.key.clone(), after.id.0));
    if let Some(ways) = gathered {
        let query = place(plan.bind(one_way(ways, descending)).bind(i64::MAX).bind(0_i64), &start);
        let query = query.bind(i64::try_from(walk.limit).unwrap_or(i64::MAX)).bind(plan.matching());
        return Ok(Look { hits: hits(connection, query, TIER_SORTED).await?, resume: None });
    }
    along(connection, plan, &all.along, descending, start, walk).await
}

/// Walks along an index until there are enough, or the time is over.
async fn along(
    connection: &mut SqliteConnection,
    plan: &Plan,
    ways: &statements::BothWays,
    descending: bool,
    start: (CursorKey, i64),
    walk: Walk<'_>,
) -> StoreResult<Look> {
    let sql = one_way(ways, descending);
    let (mut at, mut size, mut found) = (start, FIRST_SLICE, Look::default());
    loop {
        let started = Instant::now();
        let limit = walk.limit.saturating_sub(found.hits.len());
        let query = place(plan.bind(sql).bind(i64::MAX).bind(0_i64), &at);
        let query = query.bind(i64::try_from(limit).unwrap_or(i64::MAX)).bind(None::<String>).bind(size);
        // Only the e-mail's order needs its range said twice: its index is by website, too.
        let (low, high) = match &at.0 {
            CursorKey::Text(key) if descending => (String::new(), key.clone()),
            CursorKey::Text(key) => (key.clone(), char::MAX.to_string()),
            _ => (String::new(), String::new()),
        };
        let (count, last, more): (i64, Option<Found>, Vec<Found>) =
            one_row(connection, query.bind(low).bind(high)).await?;
        found.hits.extend(cursors(more, TIER_SORTED));
        let last = last.and_then(|last| cursors(vec![last], TIER_SORTED).pop());
        let (true, Some(last)) = (count >= size && found.hits.len() < walk.limit, last) else { return Ok(found) };
        at = (last.key.clone(), last.id.0);
        let took = started.elapsed();
        if walk.until.is_some_and(|until| Instant::now() + took > until) {
            found.resume = Some(last);
            return Ok(found);
        }
        size = size.saturating_mul(2);
    }
}

/// Binds a place in an order: `$33` and `$34`.
fn place<'q>(query: Bound<'q>, (key, id): &(CursorKey, i64)) -> Bound<'q> {
    match key {
        CursorKey::Text(key) => query.bind(key.clone()),
        CursorKey::Number(key) => query.bind(*key),
        CursorKey::Id => query.bind(None::<i64>),
    }
    .bind(*id)
}

const fn one_way(ways: &statements::BothWays, descending: bool) -> &'static str {
    if descending { ways.descending } else { ways.ascending }
}

async fn hits(connection: &mut SqliteConnection, query: Bound<'_>, tier: u8) -> StoreResult<Hits> {
    Ok(cursors(one_row(connection, query).await?, tier))
}

fn cursors(found: Vec<Found>, tier: u8) -> Hits {
    let hit = |(id, key)| {
        let key = match key {
            Value::Number(number) => CursorKey::Number(number.as_i64().unwrap_or_default()),
            Value::String(text) => CursorKey::Text(text),
            _ => CursorKey::Id,
        };
        Cursor { tier, key, id: CustomerId(id) }
    };
    found.into_iter().map(hit).collect()
}

/// Reads an answer that is one row of JSON.
async fn one_row<T: DeserializeOwned>(connection: &mut SqliteConnection, query: Bound<'_>) -> StoreResult<T> {
    let row = query.fetch_one(connection).await.map_err(|e| error(&e))?;
    let json: String = row.try_get(0).map_err(|e| error(&e))?;
    serde_json::from_str(&json).map_err(|_| StoreError::Damaged("a stored value is not what it should be".to_owned()))
}

/// A customer as [`statements::ROWS`] gives it.
#[derive(Deserialize)]
struct Stored(i64, String, String, String, String, i64, i64, Option<i64>, i64, Option<i64>, String, String, u32);

/// Reads the rows of a page.
async fn rows(connection: &mut SqliteConnection, hits: &Hits, request: &FindPage) -> StoreResult<Vec<CustomerRow>> {
    let ids: Vec<i64> = hits.iter().map(|hit| hit.id.0).collect();
    let ids = serde_json::to_string(&ids).map_err(|e| StoreError::Other(e.to_string()))?;
    let query = sqlx::query(statements::ROWS).bind(ids).bind(request.now.as_microsecond());
    let rows: Vec<Stored> = one_row(connection, query).await?;
    Ok(rows.into_iter().map(|row| row.shown(request.now)).collect())
}

impl Stored {
    fn shown(self, now: Timestamp) -> CustomerRow {
        let Self(id, first, middle, last, email, active, confirmed, locked, created, signed_in, website, group, tokens) =
            self;
        let locked_until = locked.map(from_micros);
        CustomerRow {
            id: CustomerId(id),
            name: SafeText::new(&PersonName { first, middle, last }.full()),
            email: SafeText::new(&email),
            website: SafeText::new(&website),
            group: SafeText::new(&group),
            status: Status::of(active != 0, confirmed != 0, locked_until, now),
            tokens,
            created_at: from_micros(created),
            last_sign_in_at: signed_in.map(from_micros),
        }
    }
}
