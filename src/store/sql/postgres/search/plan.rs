//! Chooses what names the fewest candidates.

use std::collections::HashMap;

use super::{Searcher, Wanted};
use crate::store::{
    StoreResult,
    sql::marks::{self, EVERYBODY},
};

/// How many customers have each of the grams `$1`, about; and how many there are, under a name that
/// no gram has: everybody has a website, whose marks stand from `$2` to `$3`.
const COUNTS: &str = "SELECT gram, customers FROM gram_counts WHERE gram = ANY($1) UNION ALL \
     SELECT '', COALESCE(sum(customers), 0)::bigint FROM gram_counts WHERE gram >= $2 AND gram < $3";
/// A gram that so many of a hundred have tells nothing.
const TELLING_PERCENT: i64 = 60;
/// So few candidates are looked at rather than everybody who is locked.
const FEWER_THAN_LOCKED: i64 = 5_000;

/// Where candidates come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// All customers.
    Everybody,
    /// Those with all of these grams: the ones that tell most first.
    Grams(Vec<String>),
    /// Those with a lock that holds.
    Locked,
    /// Those with a token that may live.
    Tokens,
}

/// Where candidates come from, and about how many there are.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub source: Source,
    /// Customers with the rarest gram; all of them where there is none.
    pub candidates: i64,
    /// All customers, about.
    pub everybody: i64,
    /// How many have the only mark that is asked for, about, where nothing else is.
    pub one_mark: Option<i64>,
}

impl Plan {
    pub(super) async fn make(searcher: &mut Searcher<'_>, wanted: &Wanted) -> StoreResult<Self> {
        let terms: Vec<Vec<String>> = wanted.terms.iter().map(|term| term.grams().iter().collect()).collect();
        let marks = wanted.marks();
        let all: Vec<String> = terms.iter().flatten().chain(&marks).cloned().collect();
        let counts = counts(searcher, all).await?;
        let count = |gram: &str| counts.get(gram).copied().unwrap_or_default();
        let everybody = count(EVERYBODY);
        let grams = pick(&terms, &marks, everybody, count);
        let candidates = grams.first().map_or(everybody, |gram| count(gram));
        let one_mark = match marks.as_slice() {
            [mark] if wanted.is_of_index() && wanted.terms.is_empty() => Some(count(mark)),
            _ => None,
        };
        let locked = wanted.locked_at.is_some() && (terms.is_empty() || candidates > FEWER_THAN_LOCKED);
        let source = match grams.as_slice() {
            _ if locked => Source::Locked,
            [] if wanted.tokens_at.is_some() => Source::Tokens,
            [] => Source::Everybody,
            _ => Source::Grams(grams),
        };
        Ok(Self { source, candidates, everybody, one_mark })
    }
}

/// The rarest gram of each word, rarest first, then the others; without those that nearly everybody
/// has, if any word has another. Grams of the same word mostly occur together, those of different
/// words do not.
fn pick(terms: &[Vec<String>], marks: &[String], everybody: i64, count: impl Fn(&str) -> i64) -> Vec<String> {
    let rarest = |grams: &Vec<String>| grams.iter().min_by_key(|gram| count(gram)).cloned();
    let mut firsts: Vec<String> = terms.iter().filter_map(rarest).chain(marks.iter().cloned()).collect();
    let mut others: Vec<String> = terms.iter().flatten().filter(|gram| !firsts.contains(gram)).cloned().collect();
    firsts.sort_by_key(|gram| count(gram));
    others.sort_by_key(|gram| count(gram));
    let mut chosen: Vec<String> = Vec::new();
    for gram in firsts.into_iter().chain(others) {
        let tells = count(&gram).saturating_mul(100) <= everybody.saturating_mul(TELLING_PERCENT);
        let only_one = chosen.is_empty() && !terms.is_empty();
        if (tells || only_one) && !chosen.contains(&gram) {
            chosen.push(gram);
        }
    }
    chosen
}

async fn counts(searcher: &mut Searcher<'_>, grams: Vec<String>) -> StoreResult<HashMap<String, i64>> {
    let [from, to] = marks::WEBSITE_MARKS;
    let rows = searcher.rows(sqlx::query(COUNTS).bind(grams).bind(from).bind(to)).await?;
    rows.iter().map(|row| Ok((row.text("gram")?, row.int("customers")?))).collect()
}
