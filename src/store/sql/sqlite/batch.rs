//! Customers and their index entries as the statements of this database take them: rows in JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::index;
use crate::domain::{
    customer::NewCustomer,
    password::PasswordHash,
    search_text::{GramTally, SearchEntry},
};
use crate::store::sql::marks::{EVERYBODY, Marks};

/// New customers, ready to be written.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many.
    pub(super) len: usize,
    pub(super) customers: String,
    pub(super) emails: String,
    /// Family name first, given name first.
    pub(super) keys: String,
    pub(super) texts: String,
    pub(super) grams: String,
    pub(super) gram_counts: String,
}

impl Batch {
    pub(in crate::store::sql) fn new(customers: &[NewCustomer]) -> Self {
        let entry = |c: &NewCustomer| SearchEntry::new(&c.name, c.email.as_str(), &c.phone);
        let entries: Vec<SearchEntry> = customers.iter().map(entry).collect();
        let marks: Vec<Marks> = customers.iter().map(Marks::of).collect();
        let texts = entries.iter().map(|entry| &entry.text);
        Self {
            len: customers.len(),
            customers: rows(customers.iter().map(row)),
            emails: rows(customers.iter().map(|c| (c.email.key(), c.website.0))),
            keys: rows(entries.iter().map(|entry| (&entry.surname_key, &entry.given_key))),
            texts: rows(texts.map(|text| (&text.names, &text.email, &text.phone))),
            grams: rows(entries.iter().zip(&marks).map(|(entry, marks)| [index::row_of(&entry.grams, marks)])),
            gram_counts: rows(counts(&entries, &marks)),
        }
    }
}

fn counts(entries: &[SearchEntry], marks: &[Marks]) -> impl Iterator<Item = (String, i64)> {
    let (mut tally, mut marked) = (GramTally::default(), BTreeMap::new());
    for entry in entries {
        tally.add(&entry.grams);
    }
    for mark in marks.iter().flat_map(Marks::grams).chain(marks.iter().map(|_| EVERYBODY.to_owned())) {
        *marked.entry(mark).or_default() += 1;
    }
    tally.into_sorted().chain(marked)
}

/// The columns of a customer in the order of [`super::statements::ADD_CUSTOMERS`].
fn row(customer: &NewCustomer) -> impl Serialize {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    (
        customer.website.0,
        customer.group.0,
        customer.email.as_str(),
        &customer.name.first,
        &customer.name.middle,
        &customer.name.last,
        &customer.phone,
        customer.password_hash.as_ref().map(PasswordHash::as_str),
        customer.active,
        customer.confirmed,
        customer.failed_sign_ins,
        micros(customer.locked_until),
        customer.created_at.as_microsecond(),
        micros(customer.last_sign_in_at),
        &customer.attributes,
    )
}

/// Rows as one JSON array of arrays.
pub(super) fn rows(rows: impl Iterator<Item = impl Serialize>) -> String {
    let mut json = Vec::new();
    // Numbers and text cannot fail to be JSON; were it otherwise, SQLite would refuse half of it.
    let written = serde_json::Serializer::new(&mut json).collect_seq(rows);
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(json).unwrap_or_default()
}
