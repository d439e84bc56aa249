//! Turns a query into bound values, and chooses the index that names the fewest candidates.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{Row, Sqlite, SqliteConnection, query::Query as Statement, sqlite::SqliteArguments};

use super::super::{error, statements};
use crate::{
    domain::{
        query::{IdMatch, Is, MAX_TERMS, Query},
        search_text::{Field, NAME_START, Term, fold},
        website::{GroupId, WebsiteId},
    },
    store::{
        StoreError, StoreResult,
        sql::marks::{self, EVERYBODY},
    },
};

/// A character that folded text never contains: fits nobody.
pub(super) const NEVER: &str = "\u{1}";
/// Reading through the list of one more gram costs so much less, per customer in it, than looking
/// at one candidate: 20 ns against 4 µs, half of which it spares.
const CHEAPER: i64 = 100;
/// The share of candidates that one more gram leaves, in percent: a guess on the safe side.
const LEFT_PERCENT: i64 = 30;
/// Lists that are read together for a narrower choice hold at most so many customers: about six
/// milliseconds' worth. FTS5 cannot be stopped between two customers that have all of the grams:
/// with millions of each and hardly anybody who has both, one step took 76 ms.
const READABLE: i64 = 180_000;
/// So many lists are read together: what a further one spares it costs.
const MOST_LISTS: usize = 3;
/// When the rarest gram is in more than one of so many customers, walking everybody is as fast.
const WORTH_AN_INDEX: i64 = 4;
/// So many candidates can be gathered and sorted while somebody waits.
const SELECTIVE: i64 = 20_000;

/// Where candidates come from.
#[derive(Debug)]
pub(super) enum Source {
    /// All customers.
    Everybody,
    /// Those with all of these grams, written as an FTS5 query.
    Grams(String),
    /// Those with a lock that may hold.
    Locked,
    /// Those with a token that may live.
    Tokens,
}

/// A query ready to run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) source: Source,
    pub(super) prefix: Option<String>,
    pub(super) first_id: Option<i64>,
    needles: Vec<[String; 3]>,
    only_id: Option<i64>,
    website: Option<i64>,
    group: Option<i64>,
    confirmed: Option<bool>,
    active: Option<bool>,
    locked_at: Option<i64>,
    unlocked_at: Option<i64>,
    tokens_at: Option<i64>,
    created_from: Option<i64>,
    created_before: Option<i64>,
    /// Customers with the rarest gram; all of them where there is none.
    pub(super) candidates: i64,
    /// Exactly the customers that the query finds, where the index alone tells.
    pub(super) exactly: Option<i64>,
    /// All customers.
    pub(super) everybody: i64,
    end: i64,
}

impl Plan {
    /// Makes the plan; none when nobody can be found.
    pub(super) async fn make(
        connection: &mut SqliteConnection,
        query: &Query,
        now: Timestamp,
    ) -> StoreResult<Option<Self>> {
        let website = match &query.website {
            Some(code) => match website(connection, code).await? {
                Some(id) => Some(id),
                None => return Ok(None),
            },
            None => None,
        };
        let group = match &query.group {
            Some(name) => match group(connection, name).await? {
                Some(id) => Some(id),
                None => return Ok(None),
            },
            None => None,
        };
        let at = now.as_microsecond();
        let asks = |what: Is| query.is.contains(&what);
        let mut plan = Self {
            source: Source::Everybody,
            prefix: query.prefix.clone(),
            first_id: match query.id {
                Some(IdMatch::First(id)) => Some(id),
                _ => None,
            },
            needles: query.terms.iter().map(needles).collect(),
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
            candidates: 0,
            exactly: None,
            everybody: 0,
            end: 0,
        };
        let contradiction = asks(Is::Active) && (asks(Is::Unconfirmed) || asks(Is::Disabled) || asks(Is::Locked));
        let known = !contradiction && plan.choose(connection, query, website, group).await?;
        Ok(known.then_some(plan))
    }

    /// Chooses the source. False when a gram that everybody wanted must have occurs nowhere.
    async fn choose(
        &mut self,
        connection: &mut SqliteConnection,
        query: &Query,
        website: Option<WebsiteId>,
        group: Option<GroupId>,
    ) -> StoreResult<bool> {
        let terms: Vec<Vec<String>> = query.terms.iter().map(|term| term.grams().iter().collect()).collect();
        let mut marks: Vec<String> = Vec::new();
        marks.extend(website.map(marks::website_mark));
        marks.extend(group.map(marks::group_mark));
        marks.extend((self.confirmed == Some(false)).then(|| marks::UNCONFIRMED.to_owned()));
        marks.extend((self.active == Some(false)).then(|| marks::DISABLED.to_owned()));
        let all: Vec<&str> = terms.iter().flatten().chain(&marks).map(String::as_str).chain([EVERYBODY]).collect();
        let counts = counts(connection, &all).await?;
        let count = |gram: &str| counts.get(gram).copied().unwrap_or_default();
        let everybody = count(EVERYBODY);
        self.end = count(statements::LAST_ID).saturating_add(1);
        self.candidates = everybody;
        self.everybody = everybody;
        if all.iter().any(|gram| *gram != EVERYBODY && count(gram) == 0) {
            // A bare number may still be somebody's id.
            self.source = Source::Grams(String::new());
            self.end = 0;
            return Ok(self.first_id.is_some());
        }
        let chosen = pick(&terms, &marks, count);
        if let Some(rarest) = chosen.first() {
            self.candidates = count(rarest);
        }
        self.exactly = self.exact_count(query, &marks, count, everybody);
        self.source = if self.locked_at.is_some() {
            Source::Locked
        } else if self.candidates.saturating_mul(WORTH_AN_INDEX) < everybody {
            Source::Grams(chosen.iter().map(|gram| quoted(gram)).collect::<Vec<_>>().join(" "))
        } else if self.tokens_at.is_some() {
            Source::Tokens
        } else {
            Source::Everybody
        };
        Ok(true)
    }

    /// The number of customers found, where one gram says it all: nothing asked, one mark, or
    /// one word that is itself a gram.
    fn exact_count(&self, query: &Query, marks: &[String], count: impl Fn(&str) -> i64, everybody: i64) -> Option<i64> {
        let by_time =
            self.locked_at.or(self.unlocked_at).or(self.tokens_at).or(self.created_from).or(self.created_before);
        if by_time.is_some() || self.only_id.is_some() || self.first_id.is_some() || self.confirmed == Some(true) {
            return None;
        }
        match (query.terms.as_slice(), marks) {
            ([], []) => Some(everybody),
            ([], [mark]) => Some(count(mark)),
            ([term], []) if term.field == Field::Any => {
                let grams: Vec<String> = term.grams().iter().collect();
                let [only] = grams.as_slice() else { return None };
                (term.is_short() || *only == term.text).then(|| count(only))
            }
            _ => None,
        }
    }

    /// First id and one past the last id that can be found.
    pub(super) fn ids(&self) -> (i64, i64) {
        match self.only_id {
            Some(id) if id < self.end => (id, id.saturating_add(1)),
            Some(_) => (0, 0),
            None => (0, self.end),
        }
    }

    /// Whether only one id is looked for.
    pub(super) const fn is_one_id(&self) -> bool {
        self.only_id.is_some()
    }

    /// Whether it is known already that no word fits anybody.
    pub(super) fn finds_nobody(&self) -> bool {
        self.ids().0 >= self.ids().1
    }

    /// How many ids hold about `wanted` candidates.
    pub(super) fn slice(&self, wanted: i64) -> i64 {
        wanted.saturating_mul(self.end) / self.candidates.max(1)
    }

    /// Whether the candidates are few enough to be sorted.
    pub(super) const fn is_selective(&self) -> bool {
        self.candidates <= SELECTIVE
    }

    /// The FTS5 query, where grams are the source.
    pub(super) fn matching(&self) -> Option<String> {
        match &self.source {
            Source::Grams(grams) => Some(grams.clone()),
            _ => None,
        }
    }

    /// How a whole name that begins with the prefix looks in the folded names.
    pub(super) fn name_start(&self) -> String {
        self.prefix.as_ref().map_or_else(|| NEVER.to_owned(), |prefix| format!("{NAME_START} {prefix}"))
    }

    /// Who was already shown for an exact id.
    pub(super) fn except(&self) -> i64 {
        self.first_id.unwrap_or(-1)
    }

    /// The same search where "begins with" does not count.
    pub(super) fn without_ranking(self) -> Self {
        Self { prefix: None, ..self }
    }

    /// The same search for the words alone: nobody is left out because an earlier tier shows them.
    pub(super) fn words_alone(self) -> Self {
        Self { first_id: None, ..self.without_ranking() }
    }

    /// Binds `$1` to `$30` of a statement.
    pub(super) fn bind(&self, sql: &'static str) -> Statement<'static, Sqlite, SqliteArguments> {
        let mut query = sqlx::query(sql);
        for n in 0..MAX_TERMS {
            let [names, email, phone] = self.needles.get(n).cloned().unwrap_or_default();
            query = query.bind(names).bind(email).bind(phone);
        }
        let email_start = self.prefix.as_ref().map_or_else(|| NEVER.to_owned(), |prefix| format!(" {prefix}"));
        query
            .bind(self.name_start())
            .bind(email_start)
            .bind(self.website)
            .bind(self.group)
            .bind(self.confirmed)
            .bind(self.active)
            .bind(self.locked_at)
            .bind(self.unlocked_at)
            .bind(self.tokens_at)
            .bind(self.created_from)
            .bind(self.created_before)
            .bind(self.except())
    }
}

fn flag(yes: bool, no: bool) -> Option<bool> {
    match (yes, no) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// What must occur in names, e-mail and phone.
fn needles(term: &Term) -> [String; 3] {
    let needle = term.needle();
    let only = |field| if term.field == Field::Any || term.field == field { needle.clone() } else { NEVER.to_owned() };
    [only(Field::Name), only(Field::Email), only(Field::Phone)]
}

/// The rarest gram, and further ones as long as reading their lists costs less than looking at
/// the candidates that they spare: first the rarest of each other word, because grams of the same
/// word mostly occur together, then any.
fn pick<'a>(terms: &'a [Vec<String>], marks: &'a [String], count: impl Fn(&str) -> i64) -> Vec<&'a str> {
    let rarest_first = |grams: &mut Vec<&'a str>| grams.sort_by_key(|gram| count(gram));
    let rarest = |grams: &'a Vec<String>| grams.iter().map(String::as_str).min_by_key(|gram| count(gram));
    let mut firsts: Vec<&str> = terms.iter().filter_map(rarest).chain(marks.iter().map(String::as_str)).collect();
    rarest_first(&mut firsts);
    let mut others: Vec<&str> =
        terms.iter().flatten().map(String::as_str).filter(|gram| !firsts.contains(gram)).collect();
    rarest_first(&mut others);
    let mut chosen: Vec<&str> = Vec::new();
    let mut candidates = firsts.first().map(|gram| count(gram)).unwrap_or_default();
    let mut read = 0_i64;
    for gram in firsts.into_iter().chain(others) {
        let len = count(gram);
        let worth = chosen.len() < MOST_LISTS
            && read.saturating_add(len) <= READABLE
            && len <= candidates.saturating_mul(CHEAPER);
        if chosen.is_empty() {
            chosen.push(gram);
            read = len;
        } else if worth && !chosen.contains(&gram) {
            chosen.push(gram);
            read += len;
            candidates = candidates * LEFT_PERCENT / 100;
        }
    }
    chosen
}

fn quoted(gram: &str) -> String {
    format!("\"{}\"", gram.replace('"', "\"\""))
}

async fn counts(connection: &mut SqliteConnection, grams: &[&str]) -> StoreResult<HashMap<String, i64>> {
    let grams = serde_json::to_string(grams).map_err(|e| StoreError::Other(e.to_string()))?;
    let rows = sqlx::query(statements::COUNTS).bind(grams).fetch_all(connection).await.map_err(|e| error(&e))?;
    rows.iter()
        .map(|row| Ok((row.try_get(0).map_err(|e| error(&e))?, row.try_get(1).map_err(|e| error(&e))?)))
        .collect()
}

async fn website(connection: &mut SqliteConnection, code: &str) -> StoreResult<Option<WebsiteId>> {
    let row = sqlx::query("SELECT id FROM websites WHERE lower(code) = $1").bind(code.to_owned());
    let row = row.fetch_optional(connection).await.map_err(|e| error(&e))?;
    row.map(|row| row.try_get(0).map(WebsiteId).map_err(|e| error(&e))).transpose()
}

async fn group(connection: &mut SqliteConnection, name: &str) -> StoreResult<Option<GroupId>> {
    // Few enough to fold and compare here, as names in searches are.
    let rows =
        sqlx::query("SELECT id, name FROM customer_groups").fetch_all(connection).await.map_err(|e| error(&e))?;
    for row in rows {
        let stored: String = row.try_get(1).map_err(|e| error(&e))?;
        if fold(&stored) == name {
            return row.try_get(0).map(|id| Some(GroupId(id))).map_err(|e| error(&e));
        }
    }
    Ok(None)
}
