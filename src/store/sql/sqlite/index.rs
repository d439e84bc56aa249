//! Keeps the search index right with every customer added, changed or deleted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{GramCounts, error};
use crate::{
    domain::{
        customer::{CustomerId, NewCustomer},
        email::key_of,
        name::PersonName,
        search_text::{SearchText, given_key, surname_key},
        website::{GroupId, WebsiteId},
    },
    store::{
        StoreResult,
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
pub(super) struct Indexed {
    pub id: CustomerId,
    website: WebsiteId,
    name: PersonName,
    email: String,
    text: SearchText,
    grams: BTreeSet<String>,
}

impl Indexed {
    pub(super) fn new(id: CustomerId, customer: &NewCustomer) -> Self {
        let marks = Marks {
            website: customer.website,
            group: customer.group,
            confirmed: customer.confirmed,
            active: customer.active,
        };
        Self::from_parts(id, customer.name.clone(), customer.email.as_str(), &customer.phone, &marks)
    }

    fn from_parts(id: CustomerId, name: PersonName, email: &str, phone: &str, marks: &Marks) -> Self {
        let text = SearchText::new(&name, email, phone);
        let mut grams = text.grams();
        grams.insert(website_mark(marks.website));
        grams.insert(group_mark(marks.group));
        if !marks.confirmed {
            grams.insert(UNCONFIRMED.to_owned());
        }
        if !marks.active {
            grams.insert(DISABLED.to_owned());
        }
        Self { id, website: marks.website, name, email: key_of(email), text, grams }
    }

    pub(super) fn text_row(&self) -> Value {
        json!([self.id.0, self.text.names, self.text.email, self.text.phone])
    }

    pub(super) fn gram_row(&self) -> Value {
        let grams: Vec<&str> = self.grams.iter().map(String::as_str).collect();
        json!([self.id.0, grams.join(" ")])
    }

    pub(super) fn key_rows(&self) -> [Value; 2] {
        [
            json!([format!("s{}", surname_key(&self.name)), self.id.0]),
            json!([format!("n{}", given_key(&self.name)), self.id.0]),
        ]
    }

    pub(super) fn email_row(&self) -> Value {
        json!([self.email, self.website.0, self.id.0])
    }

    pub(super) fn count_into(&self, counts: &mut GramCounts, by: i64) {
        for gram in self.grams.iter().map(String::as_str).chain([EVERYBODY]) {
            // Nearly every gram is there already: no copy of its text is made for those.
            match counts.get_mut(gram) {
                Some(count) => *count += by,
                None => {
                    counts.insert(gram.to_owned(), by);
                }
            }
        }
    }
}

struct Marks {
    website: WebsiteId,
    group: GroupId,
    confirmed: bool,
    active: bool,
}

/// Adds customers to the index.
pub(super) async fn add(connection: &mut SqliteConnection, customers: &[Indexed]) -> StoreResult<()> {
    let mut counts = GramCounts::new();
    for customer in customers {
        customer.count_into(&mut counts, 1);
    }
    run(connection, statements::ADD_EMAILS, customers.iter().map(Indexed::email_row)).await?;
    run(connection, statements::ADD_KEYS, customers.iter().flat_map(Indexed::key_rows)).await?;
    run(connection, statements::ADD_TEXTS, customers.iter().map(Indexed::text_row)).await?;
    run(connection, statements::ADD_GRAMS, customers.iter().map(Indexed::gram_row)).await?;
    add_counts(connection, &counts).await
}

/// Takes a customer out of the index. The customer's row must still be as it was when added.
pub(super) async fn remove(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<()> {
    let Some(customer) = load(connection, id).await? else { return Ok(()) };
    let mut counts = GramCounts::new();
    customer.count_into(&mut counts, -1);
    for [key, _] in customer.key_rows().iter().filter_map(|row| row.as_array()?.first_chunk::<2>().cloned()) {
        let delete = sqlx::query("DELETE FROM search_keys WHERE key = $1 AND customer_id = $2");
        delete
            .bind(key.as_str().map(str::to_owned))
            .bind(id.0)
            .execute(&mut *connection)
            .await
            .map_err(|e| error(&e))?;
    }
    sqlx::query("DELETE FROM customer_emails WHERE email_key = $1 AND website_id = $2")
        .bind(customer.email)
        .bind(customer.website.0)
        .execute(&mut *connection)
        .await
        .map_err(|e| error(&e))?;
    for delete in ["DELETE FROM search_texts WHERE customer_id = $1", "DELETE FROM customer_grams WHERE rowid = $1"] {
        sqlx::query(delete).bind(id.0).execute(&mut *connection).await.map_err(|e| error(&e))?;
    }
    add_counts(connection, &counts).await
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
    let Some(row) = row else { return Ok(None) };
    let marks = Marks {
        website: WebsiteId(row.int("website_id")?),
        group: GroupId(row.int("group_id")?),
        confirmed: row.flag("confirmed")?,
        active: row.flag("active")?,
    };
    let name =
        PersonName { first: row.text("first_name")?, middle: row.text("middle_name")?, last: row.text("last_name")? };
    Ok(Some(Indexed::from_parts(id, name, &row.text("email")?, &row.text("phone")?, &marks)))
}

/// Adds to the counts of grams.
pub(super) async fn add_counts(connection: &mut SqliteConnection, counts: &GramCounts) -> StoreResult<()> {
    // In key order: neighbours lie on the same page of the table.
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_unstable();
    run(connection, statements::ADD_COUNTS, sorted.into_iter().map(|(gram, n)| json!([gram, n]))).await
}

/// Runs a statement over rows handed in as one JSON array.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: impl Iterator<Item = Value>,
) -> StoreResult<()> {
    let rows = Value::Array(rows.collect()).to_string();
    sqlx::query(sql).bind(rows).execute(connection).await.map(|_| ()).map_err(|e| error(&e))
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
