//! First pages of the search compared with a filter over all customers: read from the table
//! itself, folded and sorted here, so that no index takes part.

use std::{collections::BinaryHeap, path::Path, sync::Arc, time::Instant};

use keydesk::{
    domain::{
        email::key_of,
        find::{PageFrom, Sort},
        name::PersonName,
        query::{IdMatch, Query},
        search_text::SearchEntry,
    },
    service::{Rules, Service},
    store::sql::SqlStore,
};
use sqlx::{ConnectOptions, Row as _, sqlite::SqliteConnectOptions};

use crate::{
    shops::{self, Shops, customers, newest_id},
    table::Row,
    targets,
};

/// Rows of a page: as many as a screen of 50 lines shows.
const PAGE: usize = 46;
/// Every so many targets are searched for as a whole, and by their first characters.
const STRIDE: usize = 6;
/// How many customers are read at once.
const CHUNK: i64 = 10_000;
/// Readers, each of a part of the ids.
const PARTS: i64 = 2;

/// Where a customer stands in the result of a query: whoever has the id, then whose address
/// begins with what was typed, family name, given name, then the rest, newest first.
type Place = (u8, String, i64);

pub async fn measure(shops: &mut Shops, verbose: bool) -> Vec<Row> {
    let database = shops.large().await;
    let service = shops::open(&database, Rules::default()).await;
    let texts = texts(&service).await;
    let queries: Arc<Vec<Query>> = Arc::new(texts.iter().map(|text| Query::parse(text).unwrap()).collect());
    let (newest, started) = (newest_id(&service).await, Instant::now());
    let expected = first_pages(&database, &queries, newest).await;
    if verbose {
        eprintln!("  filtered {} by {} texts in {:?}", customers(newest), texts.len(), started.elapsed());
    }
    let mut different = 0;
    for ((text, query), expected) in texts.iter().zip(queries.iter()).zip(expected) {
        let limit = u32::try_from(PAGE).unwrap();
        let page = service.find_all_of_page(query.clone(), Sort::default(), PageFrom::Start, limit).await.unwrap();
        let found: Vec<i64> = page.rows.iter().map(|row| row.id.0).collect();
        if found != expected {
            eprintln!("  {text:?}: found {found:?}, expected {expected:?}");
            different += 1;
        }
    }
    let name = format!("First pages unlike a filter over {}, of {} texts", customers(newest), texts.len());
    vec![Row::at_most(name, 0, different)]
}

/// Whole texts, and of each some first characters.
async fn texts(service: &Service<SqlStore>) -> Vec<String> {
    let mut texts = Vec::new();
    for (n, target) in targets::of_the_shop(service).await.into_iter().step_by(STRIDE).enumerate() {
        let part: String = target.chars().take(1 + n % 6).collect();
        texts.extend((n % 2 == 0).then_some(part));
        texts.push(target);
    }
    texts.retain(|text| Query::parse(text).is_ok_and(|query| query.has_only_words()));
    texts
}

/// The ids of each query's first page, by looking at everybody once.
async fn first_pages(database: &Path, queries: &Arc<Vec<Query>>, newest: i64) -> Vec<Vec<i64>> {
    let mut readers = Vec::new();
    for part in 0..PARTS {
        let (from, to) = (newest * part / PARTS, newest * (part + 1) / PARTS);
        readers.push(tokio::spawn(look_through(database.to_owned(), queries.clone(), from + 1, to + 1)));
    }
    let mut best = vec![Vec::new(); queries.len()];
    for reader in readers {
        for (best, found) in best.iter_mut().zip(reader.await.unwrap()) {
            best.extend(found);
        }
    }
    best.into_iter()
        .map(|mut places: Vec<Place>| {
            places.sort_unstable();
            places.into_iter().take(PAGE).map(|(_, _, id)| id.abs()).collect()
        })
        .collect()
}

/// The first places of each query among the ids of a range.
async fn look_through(
    database: std::path::PathBuf,
    queries: Arc<Vec<Query>>,
    mut from: i64,
    to: i64,
) -> Vec<BinaryHeap<Place>> {
    let mut connection = SqliteConnectOptions::new().filename(database).read_only(true).connect().await.unwrap();
    let mut best = vec![BinaryHeap::new(); queries.len()];
    while from < to {
        let rows = sqlx::query(
            "SELECT id, first_name, middle_name, last_name, email, phone FROM customers WHERE id >= $1 AND id < $2",
        );
        let rows = rows.bind(from).bind(to.min(from + CHUNK)).fetch_all(&mut connection).await.unwrap();
        for row in rows {
            let name = PersonName { first: row.get(1), middle: row.get(2), last: row.get(3) };
            let (email, phone): (String, String) = (row.get(4), row.get(5));
            let entry = SearchEntry::new(&name, &email, &phone);
            for (query, best) in queries.iter().zip(&mut best) {
                best.extend(place(query, row.get(0), &entry, &key_of(&email)));
                if best.len() > PAGE {
                    best.pop();
                }
            }
        }
        from += CHUNK;
    }
    best
}

/// Where a customer stands; none when the query does not find it.
fn place(query: &Query, id: i64, entry: &SearchEntry, email_key: &str) -> Option<Place> {
    if query.id == Some(IdMatch::First(id)) {
        return Some((0, String::new(), id));
    }
    if !query.terms.iter().all(|term| entry.text.matches(term)) {
        return None;
    }
    let keys = [email_key, &entry.surname_key, &entry.given_key];
    let begins = |key: &&str| query.prefix.as_ref().is_some_and(|prefix| key.starts_with(prefix));
    Some(match keys.iter().position(begins) {
        Some(tier) => (u8::try_from(tier + 1).unwrap(), keys[tier].to_owned(), id),
        None => (4, String::new(), -id),
    })
}
