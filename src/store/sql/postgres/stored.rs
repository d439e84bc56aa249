//! Customers word for word, many at a time: what an import compares with and an export writes.

use std::collections::HashMap;

use super::{Server, session::Session};
use crate::{
    domain::{
        customer::{CustomerId, NewCustomer, StoredCustomer, Version},
        email::EmailAddress,
        name::PersonName,
        password::PasswordHash,
        website::{GroupId, WebsiteId},
    },
    store::{StoreError, StoreResult, sql::connection::Row},
};

/// The columns of a customer; the password hash only where it is asked for.
macro_rules! stored {
    ($hash:literal, $from:literal) => {
        concat!(
            "SELECT c.id, c.version, c.website_id, c.group_id, c.email, c.first_name, c.middle_name, c.last_name, c.phone, ",
            $hash,
            " AS password_hash, c.active, c.confirmed, c.failed_sign_ins, c.locked_until, c.created_at, c.last_sign_in_at, \
             c.attributes ",
            $from
        )
    };
}

const BY_EMAIL: &str = stored!(
    "c.password_hash",
    "FROM (SELECT e.customer_id FROM unnest($1::text[], $2::bigint[]) AS w (email_key, website_id) \
     JOIN customer_emails e ON e.email_key = w.email_key AND e.website_id = w.website_id OFFSET 0) found \
     JOIN customers c ON c.id = found.customer_id"
);
const BY_ID: &str = stored!("NULL::text", "FROM customers c WHERE c.id = ANY($1)");
const ATTRIBUTE_NAMES: &str = "SELECT DISTINCT key COLLATE \"C\" AS name \
     FROM customers c, json_object_keys(c.attributes::json) AS key WHERE c.attributes IS NOT NULL ORDER BY name";

impl Server {
    pub(in crate::store::sql) async fn stored_customers_by_email(
        &self,
        wanted: &[(EmailAddress, WebsiteId)],
    ) -> StoreResult<Vec<StoredCustomer>> {
        let (keys, websites): (Vec<String>, Vec<i64>) =
            wanted.iter().map(|(email, website)| (email.key(), website.0)).unzip();
        customers(&mut self.read().await?, sqlx::query(BY_EMAIL).bind(keys).bind(websites)).await
    }

    pub(in crate::store::sql) async fn stored_customers_by_id(
        &self,
        ids: &[CustomerId],
    ) -> StoreResult<Vec<StoredCustomer>> {
        let asked: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let found = customers(&mut self.read().await?, sqlx::query(BY_ID).bind(asked)).await?;
        let mut found: HashMap<CustomerId, StoredCustomer> = found.into_iter().map(|one| (one.id, one)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    pub(in crate::store::sql) async fn names_of_attributes(&self) -> StoreResult<Vec<String>> {
        let rows = self.read().await?.rows(sqlx::query(ATTRIBUTE_NAMES)).await?;
        rows.iter().map(|row| row.text("name")).collect()
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

async fn customers(session: &mut Session, query: Query<'_>) -> StoreResult<Vec<StoredCustomer>> {
    session.rows(query).await?.iter().map(customer).collect()
}

fn customer(row: &Row) -> StoreResult<StoredCustomer> {
    let id = row.int("id")?;
    let invalid = |_| StoreError::Damaged(format!("the e-mail address of customer {id} is not valid"));
    Ok(StoredCustomer {
        id: CustomerId(id),
        version: Version(row.int("version")?),
        data: NewCustomer {
            website: WebsiteId(row.int("website_id")?),
            group: GroupId(row.int("group_id")?),
            name: PersonName {
                first: row.text("first_name")?,
                middle: row.text("middle_name")?,
                last: row.text("last_name")?,
            },
            email: EmailAddress::parse(&row.text("email")?).map_err(invalid)?,
            phone: row.text("phone")?,
            password_hash: row.maybe_text("password_hash")?.map(PasswordHash::new),
            active: row.flag("active")?,
            confirmed: row.flag("confirmed")?,
            failed_sign_ins: row.count("failed_sign_ins")?,
            locked_until: row.maybe_time("locked_until")?,
            created_at: row.time("created_at")?,
            last_sign_in_at: row.maybe_time("last_sign_in_at")?,
            attributes: row.maybe_text("attributes")?,
        },
    })
}
