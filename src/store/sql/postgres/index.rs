//! Keeps what searches look at right with every customer added, changed or deleted.
//!
//! The gram index itself is not touched here: a row that was written stands apart, and is looked at
//! by every search, until [`super::merge`] takes it in. What the index still holds of a row as it was
//! is a false hint, and found to be one.

use jiff::Timestamp;

use super::bulk;
use crate::{
    domain::{
        customer::{CustomerId, NewCustomer},
        email::key_of,
        name::PersonName,
        password::PasswordHash,
        search_text::SearchEntry,
    },
    store::{
        StoreResult,
        sql::connection::{Connection, sql},
    },
};

/// Adds one customer in a transaction that does more.
pub(in crate::store::sql) async fn insert_customer(
    connection: &mut Connection,
    customer: &NewCustomer,
) -> StoreResult<CustomerId> {
    let add = sql(
        "INSERT INTO customers (website_id, group_id, email, first_name, middle_name, last_name, phone, password_hash, \
         active, confirmed, failed_sign_ins, locked_until, created_at, last_sign_in_at, attributes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
    )
    .bind(customer.website.0)
    .bind(customer.group.0)
    .bind(customer.email.as_str())
    .bind(customer.name.first.as_str())
    .bind(customer.name.middle.as_str())
    .bind(customer.name.last.as_str())
    .bind(customer.phone.as_str())
    .bind(customer.password_hash.as_ref().map(|hash: &PasswordHash| hash.as_str().to_owned()))
    .bind(customer.active)
    .bind(customer.confirmed)
    .bind(i64::from(customer.failed_sign_ins))
    .bind(customer.locked_until.map(Timestamp::as_microsecond))
    .bind(customer.created_at.as_microsecond())
    .bind(customer.last_sign_in_at.map(Timestamp::as_microsecond))
    .bind(customer.attributes.clone());
    bulk::not_while_loading(connection).await?;
    let id = CustomerId(add.fetch_one(connection).await?.int("id")?);
    index(connection, id, customer).await?;
    Ok(id)
}

/// Takes a customer out, before the row is changed or deleted.
pub(in crate::store::sql) async fn unindex(connection: &mut Connection, id: CustomerId) -> StoreResult<()> {
    bulk::not_while_loading(connection).await?;
    let row = sql("SELECT website_id, first_name, middle_name, last_name, email, phone FROM customers WHERE id = $1");
    let Some(row) = row.bind(id.0).fetch_optional(connection).await? else { return Ok(()) };
    let name =
        PersonName { first: row.text("first_name")?, middle: row.text("middle_name")?, last: row.text("last_name")? };
    let email = row.text("email")?;
    let SearchEntry { surname_key, given_key, .. } = SearchEntry::new(&name, &email, &row.text("phone")?);
    let keys = sql("DELETE FROM search_keys WHERE key IN ('s' || $2, 'n' || $3) AND customer_id = $1");
    keys.bind(id.0).bind(surname_key).bind(given_key).execute(connection).await?;
    let address = sql("DELETE FROM customer_emails WHERE email_key = $1 AND website_id = $2");
    address.bind(key_of(&email)).bind(row.int("website_id")?).execute(connection).await?;
    sql("DELETE FROM search_texts WHERE customer_id = $1").bind(id.0).execute(connection).await.map(|_| ())
}

/// Puts a customer where searches find them.
pub(in crate::store::sql) async fn index(
    connection: &mut Connection,
    id: CustomerId,
    customer: &NewCustomer,
) -> StoreResult<()> {
    let email = sql("INSERT INTO customer_emails (email_key, website_id, customer_id) VALUES ($1, $2, $3)");
    email.bind(customer.email.key()).bind(customer.website.0).bind(id.0).execute(connection).await?;
    let SearchEntry { text, surname_key, given_key, .. } =
        SearchEntry::new(&customer.name, customer.email.as_str(), &customer.phone);
    for key in [format!("s{surname_key}"), format!("n{given_key}")] {
        let add = sql("INSERT INTO search_keys (key, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        add.bind(key).bind(id.0).execute(connection).await?;
    }
    let add = sql("INSERT INTO search_texts (customer_id, names, email, phone) VALUES ($1, $2, $3, $4)");
    let add = add.bind(id.0).bind(text.names).bind(text.email).bind(text.phone);
    add.execute(connection).await.map(|_| ())
}

/// Lets a customer stand apart again, whose texts are the same and whose state is not: whoever may
/// not write what searches look at may still do this.
pub(in crate::store::sql) async fn index_again(connection: &mut Connection, id: CustomerId) -> StoreResult<()> {
    // A cluster's nodes are told the number: they must not each take one.
    let next = sql("SELECT nextval('search_texts_apart_seq') AS apart").fetch_one(connection).await?.int("apart")?;
    let again = sql("UPDATE search_texts SET apart = $2 WHERE customer_id = $1");
    again.bind(id.0).bind(next).execute(connection).await.map(|_| ())
}
