//! Turns a query into bound values, and chooses the index that names the fewest candidates.

use std::collections::HashMap;

use sqlx::{Row, Sqlite, SqliteConnection, query::Query as Statement, sqlite::SqliteArguments};

use super::super::{error, statements};
use crate::{
    domain::{
        query::MAX_TERMS,
        search_text::{Field, NAME_START, Term},
    },
    store::{
        StoreError, StoreResult,
        sql::{marks::EVERYBODY, search::Wanted},
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
    pub(super) wanted: Wanted,
    needles: Vec<[String; 3]>,
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
    pub(super) async fn make(connection: &mut SqliteConnection, wanted: Wanted) -> StoreResult<Option<Self>> {
        let mut plan = Self {
            source: Source::Everybody,
            needles: wanted.terms.iter().map(needles).collect(),
            wanted,
            candidates: 0,
            exactly: None,
            everybody: 0,
            end: 0,
        };
        let known = plan.choose(connection).await?;
        Ok(known.then_some(plan))
    }

    /// Chooses the source. False when a gram that everybody wanted must have occurs nowhere.
    async fn choose(&mut self, connection: &mut SqliteConnection) -> StoreResult<bool> {
        let terms: Vec<Vec<String>> = self.wanted.terms.iter().map(|term| term.grams().iter().collect()).collect();
        let marks = self.wanted.marks();
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
            return Ok(self.wanted.first_id.is_some());
        }
        let chosen = pick(&terms, &marks, count);
        if let Some(rarest) = chosen.first() {
            self.candidates = count(rarest);
        }
        self.exactly = self.exact_count(&marks, count, everybody);
        self.source = if self.wanted.locked_at.is_some() {
            Source::Locked
        } else if self.candidates.saturating_mul(WORTH_AN_INDEX) < everybody {
            Source::Grams(chosen.iter().map(|gram| quoted(gram)).collect::<Vec<_>>().join(" "))
        } else if self.wanted.tokens_at.is_some() {
            Source::Tokens
        } else {
            Source::Everybody
        };
        Ok(true)
    }

    /// The number of customers found, where one gram says it all: nothing asked, one mark, or
    /// one word that is itself a gram.
    fn exact_count(&self, marks: &[String], count: impl Fn(&str) -> i64, everybody: i64) -> Option<i64> {
        let Wanted { terms, first_id, confirmed, .. } = &self.wanted;
        if !self.wanted.is_of_index() || first_id.is_some() || *confirmed == Some(true) {
            return None;
        }
        match (terms.as_slice(), marks) {
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
        match self.wanted.only_id {
            Some(id) if id < self.end => (id, id.saturating_add(1)),
            Some(_) => (0, 0),
            None => (0, self.end),
        }
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
        self.wanted.prefix.as_ref().map_or_else(|| NEVER.to_owned(), |prefix| format!("{NAME_START} {prefix}"))
    }

    /// Who was already shown for an exact id.
    pub(super) fn except(&self) -> i64 {
        self.wanted.first_id.unwrap_or(-1)
    }

    /// The same search for the words alone.
    pub(super) fn words_alone(self) -> Self {
        Self { wanted: self.wanted.words_alone(), ..self }
    }

    /// Binds `$1` to `$30` of a statement.
    pub(super) fn bind(&self, sql: &'static str) -> Statement<'static, Sqlite, SqliteArguments> {
        let mut query = sqlx::query(sql);
        for n in 0..MAX_TERMS {
            let [names, email, phone] = self.needles.get(n).cloned().unwrap_or_default();
            query = query.bind(names).bind(email).bind(phone);
        }
        let email_start = self.wanted.prefix.as_ref().map_or_else(|| NEVER.to_owned(), |prefix| format!(" {prefix}"));
        query
            .bind(self.name_start())
            .bind(email_start)
            .bind(self.wanted.website)
            .bind(self.wanted.group)
            .bind(self.wanted.confirmed)
            .bind(self.wanted.active)
            .bind(self.wanted.locked_at)
            .bind(self.wanted.unlocked_at)
            .bind(self.wanted.tokens_at)
            .bind(self.wanted.created_from)
            .bind(self.wanted.created_before)
            .bind(self.except())
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
