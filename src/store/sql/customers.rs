//! Customers, and what they belong to.

use jiff::Timestamp;

use super::{
    SqlStore, audit,
    connection::{Connection, Row, sql},
    database::Batch,
    records, resets, tokens,
};
use crate::{
    domain::{
        access_token::{IntegrationId, NewAccessToken},
        command::{AddCustomer, ChangeCustomer, DeleteCustomer, Unlock, Unlocked},
        customer::{Candidate, Customer, CustomerId, NewCustomer, Status, StoredCustomer, Version},
        email::{EmailAddress, key_of},
        find::{Count, FindPage, Page},
        name::PersonName,
        query::Query,
        refusal::Refusal,
        safe_text::SafeText,
        throttle::Limits,
        website::{Group, GroupId, NewWebsite, Website, WebsiteId},
    },
    store::{ActionResult, Cancel, Customers, Search, Setup, StoreResult},
};

/// Lines of history in an open record.
const HISTORY: u32 = 50;

impl Search for SqlStore {
    async fn find(&self, request: &FindPage, cancel: &Cancel) -> StoreResult<Page> {
        self.find_page(request, cancel).await
    }

    async fn count(&self, query: &Query, now: Timestamp, cancel: &Cancel) -> StoreResult<Count> {
        self.count_found(query, now, cancel).await
    }
}

impl Setup for SqlStore {
    async fn insert_website(&self, website: &NewWebsite) -> StoreResult<WebsiteId> {
        let mut tx = self.write().await?;
        let row = sql("INSERT INTO websites (code, name, base_url, sender_name, sender_email, language) \
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
        .bind(website.code.clone())
        .bind(website.name.clone())
        .bind(website.base_url.trim_end_matches('/').to_owned())
        .bind(website.sender_name.clone())
        .bind(website.sender_email.as_ref().map(ToString::to_string))
        .bind(website.language.clone());
        let id = row.fetch_one(tx.on()).await?.int("id")?;
        tx.commit().await?;
        Ok(WebsiteId(id))
    }

    async fn insert_group(&self, name: &str) -> StoreResult<GroupId> {
        let mut tx = self.write().await?;
        let row = sql("INSERT INTO customer_groups (name) VALUES ($1) RETURNING id").bind(name.to_owned());
        let id = row.fetch_one(tx.on()).await?.int("id")?;
        tx.commit().await?;
        Ok(GroupId(id))
    }

    async fn insert_integration(&self, name: &str, now: Timestamp) -> StoreResult<IntegrationId> {
        let mut tx = self.write().await?;
        let row = sql("INSERT INTO integrations (name, created_at) VALUES ($1, $2) RETURNING id");
        let row = row.bind(name.to_owned()).bind(now.as_microsecond());
        let id = row.fetch_one(tx.on()).await?.int("id")?;
        tx.commit().await?;
        Ok(IntegrationId(id))
    }

    async fn insert_tokens(&self, new: &[NewAccessToken]) -> StoreResult<()> {
        self.insert_token_rows(new).await
    }

    async fn begin_bulk(&self) -> StoreResult<()> {
        self.begin_bulk_load().await
    }

    async fn finish_bulk(&self) -> StoreResult<()> {
        self.finish_bulk_load().await
    }
}

impl Customers for SqlStore {
    type Batch = Batch;

    async fn is_empty(&self) -> StoreResult<bool> {
        let row = sql("SELECT 1 FROM customers LIMIT 1").fetch_optional(&mut self.read().await?).await;
        Ok(row?.is_none())
    }

    async fn customer(&self, id: CustomerId, limits: Limits, now: Timestamp) -> StoreResult<Option<Customer>> {
        let mut connection = self.read().await?;
        open(&mut connection, id, limits, now).await
    }

    async fn by_email(&self, email: &str, website: Option<&str>) -> StoreResult<Vec<Candidate>> {
        let query = sql("WITH found AS MATERIALIZED (SELECT customer_id FROM customer_emails WHERE email_key = $1) \
             SELECT c.id, c.email, w.code FROM found JOIN customers c ON c.id = found.customer_id \
             JOIN websites w ON w.id = c.website_id WHERE ($2 IS NULL OR w.code = $2) ORDER BY c.id");
        let query = query.bind(key_of(email)).bind(website.map(str::to_owned));
        let rows = query.fetch_all(&mut self.read().await?).await?;
        rows.iter()
            .map(|row| {
                Ok(Candidate { id: CustomerId(row.int("id")?), email: row.safe("email")?, website: row.safe("code")? })
            })
            .collect()
    }

    async fn websites(&self) -> StoreResult<Vec<Website>> {
        let mut connection = self.read().await?;
        websites(&mut connection).await
    }

    async fn groups(&self) -> StoreResult<Vec<Group>> {
        let rows = sql("SELECT id, name FROM customer_groups ORDER BY id").fetch_all(&mut self.read().await?).await;
        let rows = rows?;
        rows.iter().map(|row| Ok(Group { id: GroupId(row.int("id")?), name: row.safe("name")? })).collect()
    }

    fn batch(&self, customers: &[NewCustomer]) -> Batch {
        self.make_batch(customers)
    }

    async fn insert_customers(&self, batch: Batch) -> StoreResult<Vec<CustomerId>> {
        self.insert_batch(batch).await
    }

    async fn add_customer(&self, add: &AddCustomer) -> ActionResult<CustomerId> {
        self.act(add).await
    }

    async fn change_customer(&self, change: &ChangeCustomer) -> ActionResult<Version> {
        self.act(change).await
    }

    async fn unlock(&self, unlock: &Unlock) -> ActionResult<Unlocked> {
        self.act(unlock).await
    }

    async fn change_customers(&self, changes: &[ChangeCustomer]) -> StoreResult<Vec<Result<Version, Refusal>>> {
        records::change_many(self, changes).await
    }

    async fn stored_by_email(&self, wanted: &[(EmailAddress, WebsiteId)]) -> StoreResult<Vec<StoredCustomer>> {
        self.stored_customers_by_email(wanted).await
    }

    async fn stored_by_id(&self, ids: &[CustomerId]) -> StoreResult<Vec<StoredCustomer>> {
        self.stored_customers_by_id(ids).await
    }

    async fn attribute_names(&self) -> StoreResult<Vec<String>> {
        self.names_of_attributes().await
    }

    async fn delete_customer(&self, delete: &DeleteCustomer) -> ActionResult<()> {
        self.act(delete).await
    }
}

async fn open(
    connection: &mut Connection,
    id: CustomerId,
    limits: Limits,
    now: Timestamp,
) -> StoreResult<Option<Customer>> {
    let row = sql("SELECT c.version, c.email, c.first_name, c.middle_name, c.last_name, c.phone, c.has_password, \
         c.active, c.confirmed, c.failed_sign_ins, c.locked_until, c.created_at, c.last_sign_in_at, \
         g.name AS customer_group, w.id AS website_id, w.code AS website_code, w.name AS website_name, w.base_url, \
         w.sender_name, w.sender_email, w.language \
         FROM customers c JOIN websites w ON w.id = c.website_id JOIN customer_groups g ON g.id = c.group_id WHERE c.id = $1");
    let row = row.bind(id.0).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(None) };
    let locked_until = row.maybe_time("locked_until")?;
    let name =
        PersonName { first: row.text("first_name")?, middle: row.text("middle_name")?, last: row.text("last_name")? };
    Ok(Some(Customer {
        id,
        version: Version(row.int("version")?),
        name: SafeText::new(&name.full()),
        email: row.safe("email")?,
        phone: row.safe("phone")?,
        group: row.safe("customer_group")?,
        website: website(&row)?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.maybe_time("last_sign_in_at")?,
        status: Status::of(row.flag("active")?, row.flag("confirmed")?, locked_until, now),
        has_password: row.flag("has_password")?,
        failed_sign_ins: row.count("failed_sign_ins")?,
        locked_until: locked_until.filter(|until| *until > now),
        budget: resets::budget(connection, id, limits, now).await?,
        last_reset: resets::newest(connection, id, now).await?,
        tokens: tokens::living(connection, id, now).await?,
        alive: tokens::alive(connection, id, now).await?,
        ever_had_tokens: tokens::ever(connection, id).await?,
        history: audit::history(connection, id, HISTORY, now).await?,
    }))
}

/// Reads a website from columns named as in the statements here.
pub(super) async fn websites(connection: &mut Connection) -> StoreResult<Vec<Website>> {
    let rows = sql(
        "SELECT id AS website_id, code AS website_code, name AS website_name, base_url, sender_name, sender_email, \
         language FROM websites ORDER BY id",
    );
    rows.fetch_all(connection).await?.iter().map(website).collect()
}

pub(super) fn website(row: &Row) -> StoreResult<Website> {
    Ok(Website {
        id: WebsiteId(row.int("website_id")?),
        code: row.safe("website_code")?,
        name: row.safe("website_name")?,
        base_url: row.maybe_text("base_url")?.filter(|url| !url.is_empty()),
        sender_name: row.safe("sender_name")?,
        sender_email: row.maybe_text("sender_email")?.and_then(|email| EmailAddress::parse(&email).ok()),
        language: row.text("language")?,
    })
}

/// What must not have changed since an operator looked at a record.
pub(super) async fn version_of(connection: &mut Connection, id: CustomerId) -> StoreResult<Option<Version>> {
    let row = sql("SELECT version FROM customers WHERE id = $1").bind(id.0).fetch_optional(connection).await;
    row?.map(|row| Ok(Version(row.int("version")?))).transpose()
}

/// Refuses an action on a customer who is gone or was changed.
pub(super) async fn check(connection: &mut Connection, id: CustomerId, seen: Option<Version>) -> ActionResult<()> {
    Ok(match version_of(connection, id).await? {
        None => Err(Refusal::NoSuchCustomer),
        Some(now) if seen.is_some_and(|seen| seen != now) => Err(Refusal::CustomerChanged),
        Some(_) => Ok(()),
    })
}
