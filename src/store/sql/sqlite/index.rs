//! Keeps the search index right with every customer added, changed or deleted.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use sqlx::SqliteConnection;

use super::{GramCounts, error};
use crate::{
    domain::{
        customer::{CustomerId, IndexedCustomer},
        email::key_of,
        name::PersonName,
        search_text::SearchEntry,
        website::{GroupId, WebsiteId},
    },
    store::{
        StoreError, StoreResult,
        sql::{Columns, sqlite::statements},
    },
};

/// Gram that counts the customers themselves.
pub(super) const EVERYBODY: &str = "";

/// Marks stand in the gram index beside the grams. They begin with a private character that
/// folded text never contains.
pub(super) fn website_mark(id: WebsiteId) -> String {
    format!("\u{E000}w{}", id.0)
}

/// Mark of a customer group.
pub(super) fn group_mark(id: GroupId) -> String {
    format!("\u{E000}g{}", id.0)
}

/// Mark of an unconfirmed address.
pub(super) const UNCONFIRMED: &str = "\u{E000}u";
/// Mark of an account that is switched off.
pub(super) const DISABLED: &str = "\u{E000}d";

/// What the index holds of one customer.
pub(super) struct Indexed<'a> {
    entry: Cow<'a, SearchEntry>,
    email_key: String,
    marks: Marks,
}

impl Indexed<'_> {
    pub(super) fn new(new: &IndexedCustomer) -> Indexed<'_> {
        let customer = &new.customer;
        let marks = Marks {
            website: customer.website,
            group: customer.group,
            confirmed: customer.confirmed,
            active: customer.active,
        };
        Indexed { entry: Cow::Borrowed(&new.entry), email_key: customer.email.key(), marks }
    }

    pub(super) fn text_row(&self) -> (&str, &str, &str) {
        let text = &self.entry.text;
        (&text.names, &text.email, &text.phone)
    }

    pub(super) fn gram_row(&self) -> (String,) {
        let mut grams = self.entry.grams.joined();
        for mark in self.marks.grams() {
            grams.push_str(&mark);
            grams.push(' ');
        }
        (grams,)
    }

    pub(super) fn key_row(&self) -> (&str, &str) {
        (&self.entry.surname_key, &self.entry.given_key)
    }

    pub(super) fn email_row(&self) -> (&str, i64) {
        (&self.email_key, self.marks.website.0)
    }

    fn count_into(&self, counts: &mut GramCounts, by: i64) {
        for gram in self.entry.grams.iter().chain(self.marks.grams()).chain([EVERYBODY.to_owned()]) {
            *counts.entry(gram).or_default() += by;
        }
    }
}

#[derive(Clone, Copy)]
struct Marks {
    website: WebsiteId,
    group: GroupId,
    confirmed: bool,
    active: bool,
}

impl Marks {
    fn grams(self) -> impl Iterator<Item = String> {
        let state = [(!self.confirmed, UNCONFIRMED), (!self.active, DISABLED)];
        let state = state.into_iter().filter_map(|(is, mark)| is.then(|| mark.to_owned()));
        [website_mark(self.website), group_mark(self.group)].into_iter().chain(state)
    }
}

/// Adds customers, whose ids go up from `first`, to the index.
pub(super) async fn add(connection: &mut SqliteConnection, first: i64, new: &[Indexed<'_>]) -> StoreResult<()> {
    let mut counts = GramCounts::new();
    for customer in new {
        customer.count_into(&mut counts, 1);
    }
    run(connection, statements::ADD_EMAILS, first, new.iter().map(Indexed::email_row)).await?;
    run(connection, statements::ADD_SURNAME_KEYS, first, new.iter().map(Indexed::key_row)).await?;
    run(connection, statements::ADD_GIVEN_KEYS, first, new.iter().map(Indexed::key_row)).await?;
    run(connection, statements::ADD_TEXTS, first, new.iter().map(Indexed::text_row)).await?;
    run(connection, statements::ADD_GRAMS, first, new.iter().map(Indexed::gram_row)).await?;
    add_counts(connection, counts).await
}

/// Takes a customer out of the index. The customer's row must still be as it was when added.
pub(super) async fn remove(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<()> {
    let Some(customer) = load(connection, id).await? else { return Ok(()) };
    let mut counts = GramCounts::new();
    customer.count_into(&mut counts, -1);
    let SearchEntry { surname_key, given_key, .. } = customer.entry.into_owned();
    sqlx::query("DELETE FROM search_keys WHERE key IN ('s' || $1, 'n' || $2) AND customer_id = $3")
        .bind(surname_key)
        .bind(given_key)
        .bind(id.0)
        .execute(&mut *connection)
        .await
        .map_err(|e| error(&e))?;
    sqlx::query("DELETE FROM customer_emails WHERE email_key = $1 AND website_id = $2")
        .bind(customer.email_key)
        .bind(customer.marks.website.0)
        .execute(&mut *connection)
        .await
        .map_err(|e| error(&e))?;
    for delete in ["DELETE FROM search_texts WHERE customer_id = $1", "DELETE FROM customer_grams WHERE rowid = $1"] {
        sqlx::query(delete).bind(id.0).execute(&mut *connection).await.map_err(|e| error(&e))?;
    }
    add_counts(connection, counts).await
}

async fn load(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<Option<Indexed<'static>>> {
    let row = sqlx::query(
        "SELECT website_id, group_id, confirmed, active, first_name, middle_name, last_name, email, phone \
         FROM customers WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await
    .map_err(|e| error(&e))?;
    let Some(row) = row else { return Ok(None) };
    let marks = Marks {
        website: WebsiteId(row.int("website_id")?),
        group: GroupId(row.int("group_id")?),
        confirmed: row.flag("confirmed")?,
        active: row.flag("active")?,
    };
    let name =
        PersonName { first: row.text("first_name")?, middle: row.text("middle_name")?, last: row.text("last_name")? };
    let email = row.text("email")?;
    let entry = SearchEntry::new(&name, &email, &row.text("phone")?);
    Ok(Some(Indexed { entry: Cow::Owned(entry), email_key: key_of(&email), marks }))
}

/// Adds to the counts of grams.
async fn add_counts(connection: &mut SqliteConnection, counts: GramCounts) -> StoreResult<()> {
    run(connection, statements::ADD_COUNTS, 0, counts.into_iter()).await
}

/// Runs a statement over rows handed in as one JSON array; `first` is the number of the first.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    sql: &'static str,
    first: i64,
    rows: impl Iterator<Item = impl Serialize>,
) -> StoreResult<()> {
    let mut json = Vec::new();
    let written = serde_json::Serializer::new(&mut json).collect_seq(rows).map(|()| String::from_utf8(json));
    let Ok(Ok(json)) = written else { return Err(StoreError::Other("the rows are not text".to_owned())) };
    sqlx::query(sql).bind(json).bind(first).execute(connection).await.map(|_| ()).map_err(|e| error(&e))
}

/// A few steps of merging, so that new entries do not slow searches down. Called behind writes;
/// each step takes about a millisecond.
pub(super) async fn merge_a_little(connection: &mut SqliteConnection) -> StoreResult<()> {
    sqlx::query("INSERT INTO customer_grams (customer_grams, rank) VALUES ('merge', 16)")
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| error(&e))
}
