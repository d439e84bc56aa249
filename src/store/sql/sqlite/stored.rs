//! Customers word for word, many at a time: what an import compares with and an export writes.
//!
//! Rows come as one text of JSON: handing them over one by one, between two threads, takes
//! several times as long.

use serde::Deserialize;
use serde_json::json;
use sqlx::{Row, SqlitePool};

use super::{Embedded, error};
use crate::{
    domain::{
        customer::{CustomerId, NewCustomer, StoredCustomer, Version},
        email::EmailAddress,
        name::PersonName,
        password::PasswordHash,
        website::{GroupId, WebsiteId},
    },
    store::{StoreError, StoreResult, sql::connection::from_micros},
};

/// One customer as JSON; the password hash only where it is asked for.
macro_rules! stored {
    ($hash:literal, $from:literal) => {
        concat!(
            "SELECT json_group_array(json_object('id', c.id, 'version', c.version, 'website', c.website_id, \
             'group', c.group_id, 'email', c.email, 'first', c.first_name, 'middle', c.middle_name, 'last', c.last_name, \
             'phone', c.phone, 'hash', ",
            $hash,
            ", 'active', c.active, 'confirmed', c.confirmed, 'failed', c.failed_sign_ins, 'locked', c.locked_until, \
             'created', c.created_at, 'signed_in', c.last_sign_in_at, 'attributes', c.attributes)) ",
            $from
        )
    };
}

const BY_EMAIL: &str = stored!(
    "c.password_hash",
    "FROM json_each($1) j CROSS JOIN customer_emails e ON e.email_key = j.value ->> 0 AND e.website_id = j.value ->> 1 \
     CROSS JOIN customers c ON c.id = e.customer_id"
);
const BY_ID: &str =
    stored!("NULL", "FROM (SELECT value FROM json_each($1) ORDER BY key) j CROSS JOIN customers c ON c.id = j.value");
const ATTRIBUTE_NAMES: &str = "SELECT json_group_array(name) FROM (SELECT DISTINCT j.key AS name FROM customers c, \
     json_each(c.attributes) j WHERE c.attributes IS NOT NULL ORDER BY 1)";

#[derive(Deserialize)]
struct Stored {
    id: i64,
    version: i64,
    website: i64,
    group: i64,
    email: String,
    first: String,
    middle: String,
    last: String,
    phone: String,
    hash: Option<String>,
    active: i64,
    confirmed: i64,
    failed: i64,
    locked: Option<i64>,
    created: i64,
    signed_in: Option<i64>,
    attributes: Option<String>,
}

impl Embedded {
    pub(in crate::store::sql) async fn stored_customers_by_email(
        &self,
        wanted: &[(EmailAddress, WebsiteId)],
    ) -> StoreResult<Vec<StoredCustomer>> {
        let wanted: Vec<_> = wanted.iter().map(|(email, website)| json!([email.key(), website.0])).collect();
        customers(&self.readers, BY_EMAIL, json!(wanted).to_string()).await
    }

    pub(in crate::store::sql) async fn stored_customers_by_id(
        &self,
        ids: &[CustomerId],
    ) -> StoreResult<Vec<StoredCustomer>> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        customers(&self.readers, BY_ID, json!(ids).to_string()).await
    }

    pub(in crate::store::sql) async fn names_of_attributes(&self) -> StoreResult<Vec<String>> {
        let row = sqlx::query(ATTRIBUTE_NAMES).fetch_one(&self.readers).await;
        let names: String = row.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
        serde_json::from_str(&names).map_err(|_| damaged())
    }
}

async fn customers(readers: &SqlitePool, sql: &'static str, bound: String) -> StoreResult<Vec<StoredCustomer>> {
    let row = sqlx::query(sql).bind(bound).fetch_one(readers).await;
    let rows: String = row.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    let rows: Vec<Stored> = serde_json::from_str(&rows).map_err(|_| damaged())?;
    rows.into_iter().map(Stored::customer).collect()
}

fn damaged() -> StoreError {
    StoreError::Damaged("a stored customer cannot be read".to_owned())
}

impl Stored {
    fn customer(self) -> StoreResult<StoredCustomer> {
        Ok(StoredCustomer {
            id: CustomerId(self.id),
            version: Version(self.version),
            data: NewCustomer {
                website: WebsiteId(self.website),
                group: GroupId(self.group),
                name: PersonName { first: self.first, middle: self.middle, last: self.last },
                email: EmailAddress::parse(&self.email).map_err(|_| {
                    StoreError::Damaged(format!("the e-mail address of customer {} is not valid", self.id))
                })?,
                phone: self.phone,
                password_hash: self.hash.map(PasswordHash::new),
                active: self.active != 0,
                confirmed: self.confirmed != 0,
                failed_sign_ins: u32::try_from(self.failed.max(0)).unwrap_or(u32::MAX),
                locked_until: self.locked.map(from_micros),
                created_at: from_micros(self.created),
                last_sign_in_at: self.signed_in.map(from_micros),
                attributes: self.attributes,
            },
        })
    }
}
