//! Keeps the search index right with every customer added, changed or deleted.

use sqlx::SqliteConnection;

use super::{
    batch::{self, Batch},
    error,
};
use crate::{
    domain::{
        customer::CustomerId,
        email::key_of,
        name::PersonName,
        search_text::{Grams, SearchEntry},
        website::{GroupId, WebsiteId},
    },
    store::{
        StoreResult,
        sql::{
            connection::Row,
            marks::{EVERYBODY, Marks},
            sqlite::statements,
        },
    },
};

/// The text of a row of the gram index.
pub(super) fn row_of(grams: &Grams, marks: &Marks) -> String {
    let mut text = String::new();
    grams.write_to(&mut text);
    for mark in marks.grams() {
        text.push_str(&mark);
        text.push(' ');
    }
    text
}

/// Adds customers, whose ids go up from `first`, to the index.
pub(super) async fn add(connection: &mut SqliteConnection, first: i64, batch: Batch) -> StoreResult<()> {
    let Batch { emails, keys, texts, grams, gram_counts, .. } = batch;
    run(connection, statements::ADD_EMAILS, emails, first).await?;
    run(connection, statements::ADD_SURNAME_KEYS, keys.clone(), first).await?;
    run(connection, statements::ADD_GIVEN_KEYS, keys, first).await?;
    run(connection, statements::ADD_TEXTS, texts, first).await?;
    run(connection, statements::ADD_GRAMS, grams, first).await?;
    run(connection, statements::ADD_COUNTS, gram_counts, first).await
}

/// Takes a customer out of the index. The customer's row must still be as it was when added.
pub(super) async fn remove(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<()> {
    let Some(customer) = load(connection, id).await? else { return Ok(()) };
    let SearchEntry { surname_key, given_key, grams, .. } = customer.entry;
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
    let gone = grams.iter().chain(customer.marks.grams()).chain([EVERYBODY.to_owned()]);
    run(connection, statements::ADD_COUNTS, batch::rows(gone.map(|gram| (gram, -1))), 0).await
}

/// What the index holds of one customer.
struct Indexed {
    entry: SearchEntry,
    email_key: String,
    marks: Marks,
}

async fn load(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<Option<Indexed>> {
    let row = sqlx::query(
        "SELECT website_id, group_id, confirmed, active, first_name, middle_name, last_name, email, phone \
         FROM customers WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await
    .map_err(|e| error(&e))?;
    let Some(row) = row.map(Row::Sqlite) else { return Ok(None) };
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
    Ok(Some(Indexed { entry, email_key: key_of(&email), marks }))
}

/// Runs a statement over rows of a [`Batch`]; `first` is the id of the first.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: String,
    first: i64,
) -> StoreResult<()> {
    sqlx::query(sql).bind(rows).bind(first).execute(connection).await.map(|_| ()).map_err(|e| error(&e))
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
