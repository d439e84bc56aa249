//! Customers in the form in which a server takes very many: rows of COPY, all but their ids.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Server, bulk,
    copy_rows::{Rows, send},
    session::Session,
};
use crate::{
    domain::{
        access_token::NewAccessToken,
        customer::{CustomerId, NewCustomer},
        password::PasswordHash,
        search_text::{GramHolders, SearchEntry, SearchText},
    },
    store::{StoreError, StoreResult, sql::marks::Marks},
};

const COPY_CUSTOMERS: &str = "COPY customers (id, website_id, group_id, email, first_name, middle_name, last_name, phone, \
     password_hash, active, confirmed, failed_sign_ins, locked_until, created_at, last_sign_in_at, attributes) \
     FROM STDIN (FORMAT binary)";
const COPY_EMAILS: &str = "COPY customer_emails (email_key, website_id, customer_id) FROM STDIN (FORMAT binary)";
const COPY_KEYS: &str = "COPY search_keys (key, customer_id) FROM STDIN (FORMAT binary)";
const COPY_TEXTS: &str = "COPY search_texts (customer_id, names, email, phone) FROM STDIN (FORMAT binary)";
const COPY_LOADED_TEXTS: &str =
    "COPY search_texts (customer_id, names, email, phone, apart) FROM STDIN (FORMAT binary)";
const COPY_TOKENS: &str = "COPY access_tokens (customer_id, integration_id, digest, scopes, created_at, last_used_at, \
     expires_at) FROM STDIN (FORMAT binary)";
/// Customers of another database, as they are.
const COPY_MOVED: &str = "COPY customers (id, website_id, group_id, email, first_name, middle_name, last_name, phone, \
     password_hash, active, confirmed, failed_sign_ins, locked_until, created_at, last_sign_in_at, attributes, \
     sessions_valid_from, version) FROM STDIN (FORMAT binary)";

/// New customers, ready to be written.
#[derive(Debug)]
pub struct Batch {
    /// Ids that they have already.
    ids: Option<Moved>,
    customers: Vec<Ready>,
    /// Who has which gram or mark, by their place in the batch.
    holders: HashMap<String, Vec<u32>>,
}

/// The ids of customers of another database.
#[derive(Debug)]
struct Moved {
    ids: Vec<i64>,
    /// Up to here their rows are there already, and only what they are found by is missing.
    there: i64,
}

/// One of them.
#[derive(Debug)]
struct Ready {
    /// Columns behind the id, as they are sent.
    columns: Vec<u8>,
    email_key: String,
    website: i64,
    text: SearchText,
    /// Family name first, given name first.
    keys: [String; 2],
}

impl Batch {
    pub(in crate::store::sql) fn new(new: &[NewCustomer]) -> Self {
        let columns = |customer: &NewCustomer| {
            let entry = SearchEntry::new(&customer.name, customer.email.as_str(), &customer.phone);
            (columns(customer), customer.email.key(), entry, Marks::of(customer))
        };
        Self::of(None, new.iter().map(columns))
    }

    /// Customers of another database, smallest id first: their columns behind the id, in the order of
    /// [`COPY_MOVED`], the key of their address, and what they are found by. Of those up to `there`
    /// the rows were written before.
    pub(in crate::store::sql) fn moved(
        ids: Vec<i64>,
        there: i64,
        customers: impl Iterator<Item = (Vec<u8>, String, SearchEntry, Marks)>,
    ) -> Self {
        Self::of(Some(Moved { ids, there }), customers)
    }

    fn of(ids: Option<Moved>, new: impl Iterator<Item = (Vec<u8>, String, SearchEntry, Marks)>) -> Self {
        let (mut customers, mut grams) = (Vec::new(), GramHolders::default());
        let mut holders: HashMap<String, Vec<u32>> = HashMap::new();
        for (place, (columns, email_key, entry, marks)) in (0..).zip(new) {
            grams.add(place, &entry.grams);
            for mark in marks.grams() {
                holders.entry(mark).or_default().push(place);
            }
            let keys = [format!("s{}", entry.surname_key), format!("n{}", entry.given_key)];
            customers.push(Ready { columns, email_key, website: marks.website.0, text: entry.text, keys });
        }
        holders.extend(grams.into_all());
        Self { ids, customers, holders }
    }
}

/// The columns of a customer behind the id, in the order of [`COPY_CUSTOMERS`].
fn columns(customer: &NewCustomer) -> Vec<u8> {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let mut columns = Rows::default();
    columns
        .int(customer.website.0)
        .int(customer.group.0)
        .text(customer.email.as_str())
        .text(&customer.name.first)
        .text(&customer.name.middle)
        .text(&customer.name.last)
        .text(&customer.phone)
        .maybe_text(customer.password_hash.as_ref().map(PasswordHash::as_str))
        .flag(customer.active)
        .flag(customer.confirmed)
        .int(customer.failed_sign_ins.into())
        .maybe_int(micros(customer.locked_until))
        .int(customer.created_at.as_microsecond())
        .maybe_int(micros(customer.last_sign_in_at))
        .maybe_text(customer.attributes.as_deref());
    columns.take()
}

impl Server {
    pub(in crate::store::sql) async fn insert_batch(&self, batch: Batch) -> StoreResult<Vec<CustomerId>> {
        let loading = self.bulk.is_mine().await;
        let mut tx = self.write().await?;
        if !loading {
            bulk::not_while_loading(tx.on()).await?;
        }
        let session = tx.session()?;
        if loading {
            bulk::tune(session).await?;
        }
        let Batch { ids, customers, holders } = batch;
        let (text, fields) = if ids.is_some() { (COPY_MOVED, 18) } else { (COPY_CUSTOMERS, 16) };
        let (ids, there) = match ids {
            Some(Moved { ids, there }) => (ids, there),
            None => (next_ids(session, customers.len()).await?, i64::MIN),
        };
        let customers: Vec<(i64, Ready)> = ids.iter().copied().zip(customers).collect();
        let full = rows(&customers, |id, customer, rows| {
            if id > there {
                rows.row(fields).int(id).append(&customer.columns);
            }
        });
        let emails = rows(&customers, |id, customer, rows| {
            rows.row(3).text(&customer.email_key).int(customer.website).int(id);
        });
        let keys = rows(&customers, |id, customer, rows| {
            for key in &customer.keys {
                rows.row(2).text(key).int(id);
            }
        });
        let texts = rows(&customers, |id, Ready { text, .. }, rows| {
            if id <= there {
                return;
            }
            let row = rows.row(if loading { 5 } else { 4 }).int(id);
            row.text(&text.names).text(&text.email).text(&text.phone);
            if loading {
                row.null();
            }
        });
        send(session, text, full).await?;
        if loading {
            send(session, bulk::COPY_EMAILS, emails).await?;
            send(session, bulk::COPY_KEYS, keys).await?;
            send(session, COPY_LOADED_TEXTS, texts).await?;
            send(session, bulk::COPY_POSTINGS, self.bulk.full_blocks(&ids, holders).await).await?;
        } else {
            send(session, COPY_TEXTS, texts).await?;
            send(session, COPY_EMAILS, emails).await?;
            send(session, COPY_KEYS, keys).await?;
        }
        tx.commit().await?;
        Ok(ids.into_iter().map(CustomerId).collect())
    }

    pub(in crate::store::sql) async fn insert_token_rows(&self, tokens: &[NewAccessToken]) -> StoreResult<()> {
        let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
        let mut rows = Rows::default();
        for token in tokens {
            rows.row(7).int(token.customer.0).int(token.integration.0).text(&token.digest).text(&token.scopes);
            rows.int(token.created_at.as_microsecond()).maybe_int(micros(token.last_used_at));
            rows.maybe_int(micros(token.expires_at));
        }
        let mut tx = self.write().await?;
        send(tx.session()?, COPY_TOKENS, rows).await?;
        tx.commit().await
    }
}

fn rows(customers: &[(i64, Ready)], mut write: impl FnMut(i64, &Ready, &mut Rows)) -> Rows {
    let mut rows = Rows::default();
    for (id, customer) in customers {
        write(*id, customer, &mut rows);
    }
    rows
}

/// Ids for so many new customers, smallest first.
async fn next_ids(session: &mut Session, count: usize) -> StoreResult<Vec<i64>> {
    let count = i64::try_from(count).map_err(|e| StoreError::Other(e.to_string()))?;
    let ids = sqlx::query("SELECT nextval('customers_id_seq') AS id FROM generate_series(1, $1)").bind(count);
    session.rows(ids).await?.iter().map(|row| row.int("id")).collect()
}
