//! Customers added, changed and deleted.

use jiff::Timestamp;

use super::{
    SqlStore, audit,
    connection::{Connection, sql},
    customers,
    database::{Held, again},
    operations::{Act, Operation},
    resets, tokens,
};
use crate::{
    domain::{
        access_token::digest,
        audit::Action,
        command::{AddCustomer, ChangeCustomer, DeleteCustomer},
        customer::{CustomerId, NewCustomer, Version},
        password::PasswordHash,
        refusal::Refusal,
        website::{GroupId, WebsiteId},
    },
    store::{ActionResult, StoreResult},
};

/// Whom the key of somebody is kept for who is not there yet.
const NOBODY: CustomerId = CustomerId(0);

impl Act for AddCustomer {
    type Done = CustomerId;

    fn operation(&self) -> Operation<'_> {
        Operation { asked: &self.asked, customer: NOBODY, action: with(Action::CustomerAdd, &self.data).into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<CustomerId> {
        let id = connection.insert_customer(&self.data).await?;
        audit::append(connection, &self.asked, Action::CustomerAdd, Some(id), "added").await?;
        Ok(Ok(id))
    }
}

impl Act for ChangeCustomer {
    type Done = Version;

    fn operation(&self) -> Operation<'_> {
        let action = with(Action::CustomerChange, &self.data).into();
        Operation { asked: &self.asked, customer: self.customer, action }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<Version> {
        Ok(match replace(connection, self).await? {
            Ok((version, detail)) => {
                tell(connection, self, &detail).await?;
                Ok(version)
            }
            Err(refusal) => Err(refusal),
        })
    }
}

impl Act for DeleteCustomer {
    type Done = ();

    fn operation(&self) -> Operation<'_> {
        Operation { asked: &self.asked, customer: self.customer, action: Action::CustomerDelete.word().into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<()> {
        remove(connection, self).await
    }
}

/// Replaces what is known of many customers, each done or refused by itself. Their keys are not
/// noted: whoever changes many knows by the versions what was done.
pub(super) async fn change_many(
    store: &SqlStore,
    changes: &[ChangeCustomer],
) -> StoreResult<Vec<Result<Version, Refusal>>> {
    // All are held before the first is changed, and in one order, so that no two wait for each other.
    let mut held: Vec<CustomerId> = changes.iter().map(|change| change.customer).collect();
    held.sort_unstable();
    held.dedup();
    again(|| async {
        let mut tx = store.write().await?;
        for id in &held {
            tx.on().hold(Held::Customer(*id)).await?;
        }
        let mut done = Vec::with_capacity(changes.len());
        let mut told = Vec::with_capacity(changes.len());
        for change in changes {
            // One that is refused has written nothing.
            done.push(match replace(tx.on(), change).await? {
                Ok((version, detail)) => {
                    told.push((change, detail));
                    Ok(version)
                }
                Err(refusal) => Err(refusal),
            });
        }
        // The audit log is held last. Else somebody may hold a mail or an address and wait for the
        // log, while this waits for theirs.
        for (change, detail) in told {
            tell(tx.on(), change, &detail).await?;
        }
        tx.commit().await?;
        Ok(done)
    })
    .await
}

/// An action with its data, so that a key is not taken for the same action with other data.
fn with(action: Action, data: &NewCustomer) -> String {
    // Debug does not show the hash.
    let hash = data.password_hash.as_ref().map_or("", PasswordHash::as_str);
    format!("{} {}", action.word(), digest(&format!("{data:?} {hash}")))
}

/// Writes a change into the audit log.
async fn tell(connection: &mut Connection, change: &ChangeCustomer, detail: &str) -> StoreResult<()> {
    audit::append(connection, &change.asked, Action::CustomerChange, Some(change.customer), detail).await
}

/// Does all of a change but [`tell`], and says the new version and what there is to tell.
async fn replace(connection: &mut Connection, change: &ChangeCustomer) -> ActionResult<(Version, String)> {
    let (id, asked) = (change.customer, &change.asked);
    if let Err(refusal) = customers::check(connection, id, Some(change.version)).await? {
        return Ok(Err(refusal));
    }
    let before = Before::read(connection, id).await?;
    let data = NewCustomer { website: before.website, ..change.data.clone() };
    connection.unindex(id).await?;
    update(connection, id, &data).await?;
    connection.index(id, &data).await?;
    let mut told = vec!["changed"];
    if before.email != data.email.as_str() {
        told.push("another e-mail address");
        if resets::void(connection, id, asked.at).await? {
            told.push("the live link and a waiting mail are void");
        }
    }
    if before.password_hash != data.password_hash {
        told.push("another password");
    }
    if before.group != data.group {
        told.push("another group");
    }
    if before.is_signed_out_by(&data) {
        tokens::end_sessions(connection, id, asked.at).await?;
        told.push("browser sessions ended");
    }
    let version = customers::version_of(connection, id).await?.ok_or(Refusal::NoSuchCustomer);
    Ok(version.map(|version| (version, told.join("; "))))
}

/// What of a record decides what else a change does.
struct Before {
    website: WebsiteId,
    group: GroupId,
    email: String,
    password_hash: Option<PasswordHash>,
    active: bool,
}

impl Before {
    async fn read(connection: &mut Connection, id: CustomerId) -> StoreResult<Self> {
        let row = sql("SELECT website_id, group_id, email, password_hash, active FROM customers WHERE id = $1");
        let row = row.bind(id.0).fetch_one(connection).await?;
        Ok(Self {
            website: WebsiteId(row.int("website_id")?),
            group: GroupId(row.int("group_id")?),
            email: row.text("email")?,
            password_hash: row.maybe_text("password_hash")?.map(PasswordHash::new),
            active: row.flag("active")?,
        })
    }

    /// Whether somebody who is signed in must sign in anew.
    fn is_signed_out_by(&self, data: &NewCustomer) -> bool {
        self.email != data.email.as_str() || self.password_hash != data.password_hash || (self.active && !data.active)
    }
}

async fn update(connection: &mut Connection, id: CustomerId, data: &NewCustomer) -> StoreResult<()> {
    let update = sql(
        "UPDATE customers SET group_id = $2, email = $3, first_name = $4, middle_name = $5, last_name = $6, phone = $7, \
         password_hash = $8, active = $9, confirmed = $10, failed_sign_ins = $11, locked_until = $12, created_at = $13, \
         last_sign_in_at = $14, attributes = $15, version = version + 1 WHERE id = $1",
    )
    .bind(id.0)
    .bind(data.group.0)
    .bind(data.email.as_str().to_owned())
    .bind(data.name.first.clone())
    .bind(data.name.middle.clone())
    .bind(data.name.last.clone())
    .bind(data.phone.clone())
    .bind(data.password_hash.as_ref().map(|hash| hash.as_str().to_owned()))
    .bind(data.active)
    .bind(data.confirmed)
    .bind(i64::from(data.failed_sign_ins))
    .bind(data.locked_until.map(Timestamp::as_microsecond))
    .bind(data.created_at.as_microsecond())
    .bind(data.last_sign_in_at.map(Timestamp::as_microsecond))
    .bind(data.attributes.clone());
    update.execute(connection).await.map(|_| ())
}

async fn remove(connection: &mut Connection, delete: &DeleteCustomer) -> ActionResult<()> {
    let id = delete.customer;
    if let Err(refusal) = customers::check(connection, id, None).await? {
        return Ok(Err(refusal));
    }
    let void = resets::void(connection, id, delete.asked.at).await?;
    resets::end_mails(connection, id, delete.asked.at).await?;
    connection.unindex(id).await?;
    sql("DELETE FROM reset_requests WHERE customer_id = $1").bind(id.0).execute(connection).await?;
    sql("DELETE FROM customers WHERE id = $1").bind(id.0).execute(connection).await?;
    let detail = if void { "deleted; the live link and a waiting mail are void" } else { "deleted" };
    audit::append(connection, &delete.asked, Action::CustomerDelete, Some(id), detail).await?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            command::Asked, email::EmailAddress, name::PersonName, operation::OpKey, operator::Operator,
            throttle::Limits, website::NewWebsite,
        },
        store::{Customers, Setup, sql::OpenMode},
    };

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn customer() -> NewCustomer {
        NewCustomer {
            website: WebsiteId(1),
            group: GroupId(1),
            name: PersonName::new("Veronica", "Costello"),
            email: EmailAddress::parse("roni_cost@example.com").unwrap(),
            phone: String::new(),
            password_hash: Some("old".into()),
            active: true,
            confirmed: true,
            failed_sign_ins: 0,
            locked_until: None,
            created_at: now(),
            last_sign_in_at: None,
            attributes: None,
        }
    }

    async fn shop() -> (SqlStore, CustomerId, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let store = SqlStore::open_file(&dir.path().join("shop.db"), OpenMode::CreateIfMissing).await.unwrap();
        let website = NewWebsite {
            code: "base".into(),
            name: "Luma".into(),
            base_url: "https://luma.example".into(),
            sender_name: "Luma".into(),
            sender_email: EmailAddress::parse("support@luma.example").ok(),
            language: "en".into(),
        };
        store.insert_website(&website).await.unwrap();
        store.insert_group("General").await.unwrap();
        let id = store.insert_customers(store.batch(&[customer()])).await.unwrap()[0];
        (store, id, dir)
    }

    /// How many of one browser session are alive after a change of the record to this.
    async fn sessions_after(data: NewCustomer) -> u32 {
        let (store, id, _dir) = shop().await;
        let mut tx = store.write().await.unwrap();
        let session = "INSERT INTO web_sessions (customer_id, digest, created_at, expires_at) VALUES ($1, 'd', 0, $2)";
        sql(session).bind(id.0).bind(i64::MAX).execute(tx.on()).await.unwrap();
        tx.commit().await.unwrap();
        let by = Operator::new("import").unwrap();
        let asked = Asked { at: now(), by, reason: String::new(), op_key: OpKey::new("k").unwrap() };
        let change = ChangeCustomer { asked, customer: id, version: Version(1), data };
        store.change_customer(&change).await.unwrap().unwrap();
        store.customer(id, Limits::default(), now()).await.unwrap().unwrap().alive.sessions
    }

    #[test]
    fn a_key_is_for_one_password_and_no_password_is_shown() {
        let other = NewCustomer { password_hash: Some("new".into()), ..customer() };
        assert_ne!(with(Action::CustomerAdd, &customer()), with(Action::CustomerAdd, &other));
        assert_eq!(with(Action::CustomerAdd, &customer()), with(Action::CustomerAdd, &customer()));
        let shown = NewCustomer { password_hash: Some("$argon2id$x".into()), ..customer() };
        assert!(!format!("{shown:?}").contains("argon2id"));
    }

    #[tokio::test]
    async fn whoever_signed_in_with_what_was_true_before_signs_in_anew() {
        let email = EmailAddress::parse("new@example.com").unwrap();
        for (data, left) in [
            (NewCustomer { name: PersonName::new("Ronja", "Kost"), phone: "1".into(), ..customer() }, 1),
            (NewCustomer { confirmed: false, failed_sign_ins: 3, ..customer() }, 1),
            (NewCustomer { email, ..customer() }, 0),
            (NewCustomer { password_hash: Some("new".into()), ..customer() }, 0),
            (NewCustomer { password_hash: None, ..customer() }, 0),
            (NewCustomer { active: false, ..customer() }, 0),
        ] {
            assert_eq!(sessions_after(data.clone()).await, left, "{data:?}");
        }
    }
}
