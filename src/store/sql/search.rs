//! What a search is in either database: its tiers, places in an order, and whom the filters want.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{
    connection::{Connection, sql},
    marks,
};
use crate::{
    domain::{
        customer::{CustomerId, CustomerRow},
        find::{Cursor, CursorKey, Page, PageFrom, Sort, SortKey},
        query::{IdMatch, Is, Query},
        search_text::{SearchText, Term, fold},
        website::{GroupId, WebsiteId},
    },
    store::StoreResult,
};

/// The exact id.
pub(super) const TIER_ID: u8 = 0;
/// E-mail begins with it.
pub(super) const TIER_EMAIL: u8 = 1;
/// Family name begins with it.
pub(super) const TIER_SURNAME: u8 = 2;
/// Given name begins with it.
pub(super) const TIER_GIVEN: u8 = 3;
/// Everybody else, newest first; the only tier of a search without plain words.
pub(super) const TIER_REST: u8 = 4;
/// The only tier of every other sort order.
pub(super) const TIER_SORTED: u8 = 5;

/// Counted one by one up to here.
pub(super) const COUNT_TO: usize = 1000;
/// How long counting may take; nobody waits for it.
pub(super) const COUNT_BUDGET: Duration = Duration::from_millis(150);
/// Customers in the sample that larger counts are estimated from.
const SAMPLE: i64 = 16_384;
/// With fewer hits in the sample an estimate is off by more than a third.
const ENOUGH: usize = 30;

/// Customers that were found, and where each stands.
pub(super) type Hits = Vec<Cursor>;

/// The sample that counts are estimated from, once it was needed.
pub(super) type SharedSample = OnceCell<Sample>;

/// What a look through one tier gave.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub hits: Hits,
    /// Time ran out: the next look starts here.
    pub resume: Option<Cursor>,
}

/// Which way and from where a tier is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    /// Against the display order.
    pub backwards: bool,
    /// The row before the first one wanted.
    pub after: Option<&'a Cursor>,
    pub limit: usize,
    pub until: Option<Instant>,
}

impl<'a> Walk<'a> {
    /// The walk to a page of so many.
    pub(super) fn to_page(from: &'a PageFrom, limit: usize, until: Instant) -> Self {
        let (backwards, after) = match from {
            PageFrom::Start => (false, None),
            PageFrom::After(cursor) => (false, Some(cursor)),
            PageFrom::Before(cursor) => (true, Some(cursor)),
            PageFrom::End => (true, None),
        };
        // One more than asked for tells whether there is a next page.
        Self { backwards, after, limit: limit.saturating_add(1), until: Some(until) }
    }

    /// What is left to do of it in a tier.
    pub(super) fn within(self, tier: u8, found: usize) -> Self {
        let after = self.after.filter(|cursor| cursor.tier == tier);
        Self { limit: self.limit.saturating_sub(found), after, ..self }
    }
}

impl Look {
    /// The hits of a page, in the sort's order, and the page without its rows.
    pub(super) fn into_page(self, limit: usize, backwards: bool) -> (Hits, Page) {
        let Self { mut hits, resume } = self;
        let more = hits.len() > limit;
        hits.truncate(limit);
        let next = if more { hits.last().cloned() } else { resume.clone() };
        if backwards {
            hits.reverse();
        }
        (hits, Page { next, partial: resume.is_some() && !more, ..Page::default() })
    }
}

/// Puts the rows that were read on a page, each with where it stands.
pub(super) fn filled(page: Page, hits: Hits, rows: Vec<CustomerRow>) -> Page {
    let cursors = hits.into_iter().filter(|hit| rows.iter().any(|row| row.id == hit.id)).collect();
    Page { rows, cursors, ..page }
}

/// The tiers of a sort order that are still to be read, in the order of reading.
pub(super) fn tiers(sort: Sort, wanted: &Wanted, walk: Walk<'_>) -> Vec<u8> {
    let mut tiers: Vec<u8> = match sort.key {
        SortKey::Best if wanted.prefix.is_some() => vec![TIER_ID, TIER_EMAIL, TIER_SURNAME, TIER_GIVEN, TIER_REST],
        SortKey::Best | SortKey::Id => vec![TIER_ID, TIER_REST],
        _ if wanted.only_id.is_some() => vec![TIER_REST],
        _ => vec![TIER_ID, TIER_SORTED],
    };
    if walk.backwards {
        tiers.reverse();
    }
    let start = walk.after.map_or(0, |cursor| tiers.iter().position(|&tier| tier == cursor.tier).unwrap_or(0));
    tiers.split_off(start)
}

/// In front of the first key, or behind the last.
pub(super) fn edge(key: SortKey, descending: bool) -> (CursorKey, i64) {
    let is_text = !matches!(key, SortKey::Created | SortKey::LastSignIn);
    match (is_text, descending) {
        (true, true) => (CursorKey::Text(char::MAX.to_string()), i64::MAX),
        (true, false) => (CursorKey::Text(String::new()), 0),
        (false, true) => (CursorKey::Number(i64::MAX), i64::MAX),
        (false, false) => (CursorKey::Number(i64::MIN), 0),
    }
}

/// Where a look in the order of ids goes on that has seen everybody from `seen` on, or before it.
pub(super) fn go_on_at(seen: i64, descending: bool) -> Cursor {
    let id = CustomerId(if descending { seen } else { seen.saturating_sub(1) });
    Cursor { tier: TIER_REST, key: CursorKey::Id, id }
}

/// How large the next part may be when one of `size` took so long: at most twice as large, and
/// such that it takes most of the time that is left, but hardly more.
pub(super) fn fitting(size: i64, took: Duration, left: Duration) -> i64 {
    let [took, left] = [took, left].map(|time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX).max(1));
    (size.saturating_mul(left / 10 * 8) / took).min(size.saturating_mul(2))
}

/// Whom a query wants, with websites and groups looked up and times filled in. A filter that is
/// none wants everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub terms: Vec<Term>,
    pub prefix: Option<String>,
    pub first_id: Option<i64>,
    pub only_id: Option<i64>,
    pub website: Option<i64>,
    pub group: Option<i64>,
    pub confirmed: Option<bool>,
    pub active: Option<bool>,
    pub locked_at: Option<i64>,
    pub unlocked_at: Option<i64>,
    pub tokens_at: Option<i64>,
    pub created_from: Option<i64>,
    pub created_before: Option<i64>,
}

/// What the filters look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filtered {
    pub website: i64,
    pub group: i64,
    pub confirmed: bool,
    pub active: bool,
    pub locked_until: Option<i64>,
    pub created_at: i64,
}

impl Wanted {
    /// Looks websites and groups up; none when nobody can be found.
    pub(super) async fn look_up(
        connection: &mut Connection,
        query: &Query,
        now: Timestamp,
    ) -> StoreResult<Option<Self>> {
        let website = match &query.website {
            Some(code) => match website(connection, code).await? {
                None => return Ok(None),
                known => known,
            },
            None => None,
        };
        let group = match &query.group {
            Some(name) => match group(connection, name).await? {
                None => return Ok(None),
                known => known,
            },
            None => None,
        };
        Ok(Self::of(query, website, group, now))
    }

    /// None when the query contradicts itself.
    fn of(query: &Query, website: Option<WebsiteId>, group: Option<GroupId>, now: Timestamp) -> Option<Self> {
        let at = now.as_microsecond();
        let asks = |what: Is| query.is.contains(&what);
        let contradiction = asks(Is::Active) && (asks(Is::Unconfirmed) || asks(Is::Disabled) || asks(Is::Locked));
        let wanted = Self {
            terms: query.terms.clone(),
            prefix: query.prefix.clone(),
            first_id: match query.id {
                Some(IdMatch::First(id)) => Some(id),
                _ => None,
            },
            only_id: match query.id {
                Some(IdMatch::Only(id)) => Some(id),
                _ => None,
            },
            website: website.map(|id| id.0),
            group: group.map(|id| id.0),
            confirmed: flag(asks(Is::Active), asks(Is::Unconfirmed)),
            active: flag(asks(Is::Active), asks(Is::Disabled)),
            locked_at: asks(Is::Locked).then_some(at),
            unlocked_at: asks(Is::Active).then_some(at),
            tokens_at: query.has_tokens.then_some(at),
            created_from: query.created_from.map(Timestamp::as_microsecond),
            created_before: query.created_before.map(Timestamp::as_microsecond),
        };
        (!contradiction).then_some(wanted)
    }

    /// The same search where "begins with" does not count.
    pub(super) fn without_ranking(self) -> Self {
        Self { prefix: None, ..self }
    }

    /// The same search for the words alone: nobody is left out because an earlier tier shows them.
    pub(super) fn words_alone(self) -> Self {
        Self { first_id: None, ..self.without_ranking() }
    }

    /// What the gram index says of those who are wanted, beside their words.
    pub(super) fn marks(&self) -> Vec<String> {
        let website = self.website.map(|id| marks::website_mark(WebsiteId(id)));
        let group = self.group.map(|id| marks::group_mark(GroupId(id)));
        let unconfirmed = (self.confirmed == Some(false)).then(|| marks::UNCONFIRMED.to_owned());
        let disabled = (self.active == Some(false)).then(|| marks::DISABLED.to_owned());
        [website, group, unconfirmed, disabled].into_iter().flatten().collect()
    }

    /// Whether the gram index alone may tell who is wanted.
    pub(super) const fn is_of_index(&self) -> bool {
        self.locked_at.is_none()
            && self.unlocked_at.is_none()
            && self.tokens_at.is_none()
            && self.created_from.is_none()
            && self.created_before.is_none()
            && self.only_id.is_none()
    }

    /// Whether more than words is asked for, beside tokens.
    pub(super) const fn has_filters(&self) -> bool {
        self.website.is_some()
            || self.group.is_some()
            || self.confirmed.is_some()
            || self.active.is_some()
            || self.locked_at.is_some()
            || self.unlocked_at.is_some()
            || self.created_from.is_some()
            || self.created_before.is_some()
    }

    /// Whether the words fit, and no earlier tier shows whose text this is.
    pub(super) fn fits_text(&self, text: &SearchText) -> bool {
        self.terms.iter().all(|term| text.matches(term))
            && !self.prefix.as_deref().is_some_and(|prefix| text.begins_with(prefix))
    }

    /// Whether the filters fit; whether there are tokens is looked up apart.
    pub(super) fn fits_filters(&self, customer: &Filtered) -> bool {
        let is_locked_at = |at: i64| customer.locked_until.is_some_and(|until| until > at);
        self.website.is_none_or(|id| customer.website == id)
            && self.group.is_none_or(|id| customer.group == id)
            && self.confirmed.is_none_or(|yes| customer.confirmed == yes)
            && self.active.is_none_or(|yes| customer.active == yes)
            && self.locked_at.is_none_or(is_locked_at)
            && self.unlocked_at.is_none_or(|at| !is_locked_at(at))
            && self.created_from.is_none_or(|from| customer.created_at >= from)
            && self.created_before.is_none_or(|before| customer.created_at < before)
    }
}

fn flag(yes: bool, no: bool) -> Option<bool> {
    match (yes, no) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// Whether a customer has this id.
pub(super) async fn exists(connection: &mut Connection, id: i64) -> StoreResult<bool> {
    let row = sql("SELECT 1 FROM customers WHERE id = $1").bind(id).fetch_optional(connection).await?;
    Ok(row.is_some())
}

async fn website(connection: &mut Connection, code: &str) -> StoreResult<Option<WebsiteId>> {
    let row = sql("SELECT id FROM websites WHERE lower(code) = $1").bind(code).fetch_optional(connection).await?;
    row.map(|row| row.int("id").map(WebsiteId)).transpose()
}

async fn group(connection: &mut Connection, name: &str) -> StoreResult<Option<GroupId>> {
    // Few enough to fold and compare here, as names in searches are.
    for row in sql("SELECT id, name FROM customer_groups").fetch_all(connection).await? {
        if fold(&row.text("name")?) == name {
            return row.int("id").map(|id| Some(GroupId(id)));
        }
    }
    Ok(None)
}

/// Folded text of customers spread evenly over all ids.
#[derive(Debug)]
pub struct Sample {
    texts: Vec<SearchText>,
}

impl Sample {
    /// The ids to take where all are smaller than `end`.
    pub(super) fn ids(end: i64) -> Vec<i64> {
        let step = (end / SAMPLE).max(1);
        (0..SAMPLE).map(|n| n * step + 1).take_while(|id| *id < end).collect()
    }

    pub(super) const fn new(texts: Vec<SearchText>) -> Self {
        Self { texts }
    }

    /// How many of `everybody` the words find, if enough of the sample do.
    pub(super) fn estimate(&self, query: &Query, everybody: i64) -> Option<u64> {
        let fits = |text: &&SearchText| query.terms.iter().all(|term| text.matches(term));
        let hits = self.texts.iter().filter(fits).count();
        (hits >= ENOUGH).then(|| unsigned(everybody).saturating_mul(hits as u64) / self.texts.len().max(1) as u64)
    }
}

pub(super) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
