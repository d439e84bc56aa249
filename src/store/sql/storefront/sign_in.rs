//! Signing in: counting first, then what a good password gives.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    domain::{
        audit::Action,
        command::Asked,
        customer::CustomerId,
        email::key_of,
        integration::StoredLogin,
        operation::OpKey,
        operator::Operator,
        sign_in::Failures,
        storefront::{Counted, Credentials, Grant, SignIn, SignInAttempt},
        time_text,
    },
    store::{
        StoreResult,
        sql::{
            SqlStore, audit,
            connection::{Connection, Row, sql},
            database::{Held, again},
        },
    },
};

/// An id that no customer has.
const NOBODY: i64 = -1;

/// Counts an attempt, and says what its password is to be compared with. An address that nobody
/// has costs a write as well, and one that somebody has looks for a stand-in as well, so that the
/// time tells nothing.
pub(super) async fn count(store: &SqlStore, attempt: &SignInAttempt) -> StoreResult<Counted> {
    again(|| count_once(store, attempt)).await
}

async fn count_once(store: &SqlStore, attempt: &SignInAttempt) -> StoreResult<Counted> {
    let mut tx = store.write().await?;
    let key = key_of(&attempt.email);
    let owner = sql("SELECT customer_id FROM customer_emails WHERE email_key = $1 AND website_id = $2");
    let owner = owner.bind(key.as_str()).bind(attempt.website.0).fetch_optional(tx.on()).await?;
    let id = CustomerId(owner.map_or(Ok(NOBODY), |row| row.int("customer_id"))?);
    tx.on().hold(Held::Customer(id)).await?;
    let known =
        sql("SELECT id, password_hash, active, confirmed, failed_sign_ins, locked_until FROM customers WHERE id = $1");
    let known = known.bind(id.0).fetch_optional(tx.on()).await?;
    let stand_in = stand_in(tx.on(), &key).await?;
    let counted = if let Some(known) = known {
        Counted::Customer(count_on(tx.on(), &known, attempt).await?)
    } else {
        let nobody = sql("UPDATE unknown_sign_ins SET attempts = attempts + 1, last_at = $1 WHERE id = 1");
        nobody.bind(attempt.at.as_microsecond()).execute(tx.on()).await?;
        Counted::Nobody(stand_in)
    };
    tx.commit().await?;
    Ok(counted)
}

/// The password hash of some customer, always the same for an address.
async fn stand_in(connection: &mut Connection, email_key: &str) -> StoreResult<Option<SecretString>> {
    let last = sql("SELECT COALESCE(max(id), 0) AS last FROM customers").fetch_one(connection).await?.int("last")?;
    let row = sql("SELECT password_hash FROM customers WHERE id > $1 ORDER BY id LIMIT 1");
    let row = row.bind(dice(email_key) % last.max(1)).fetch_optional(connection).await?;
    Ok(row.map(|row| row.maybe_text("password_hash")).transpose()?.flatten().map(SecretString::from))
}

/// A number that is always the same for an address, and as good as thrown: the hash of the customer
/// that it falls on stands in where nobody has the address. So what comparing costs is spread over
/// addresses as it is over customers.
fn dice(email_key: &str) -> i64 {
    let digest = Sha256::digest(email_key.as_bytes());
    digest.iter().take(7).fold(0, |dice, byte| dice << 8 | i64::from(*byte))
}

async fn count_on(connection: &mut Connection, row: &Row, attempt: &SignInAttempt) -> StoreResult<Credentials> {
    let customer = CustomerId(row.int("id")?);
    let before = Failures { count: row.count("failed_sign_ins")?, locked_until: row.maybe_time("locked_until")? };
    let after = attempt.lockout.count(before, attempt.at);
    let write = sql("UPDATE customers SET failed_sign_ins = $2, locked_until = $3 WHERE id = $1");
    let write =
        write.bind(customer.0).bind(i64::from(after.count)).bind(after.locked_until.map(Timestamp::as_microsecond));
    write.execute(&mut *connection).await?;
    if let Some(until) = after.locked_until.filter(|_| !before.lock(attempt.at) && after.lock(attempt.at)) {
        let asked = asked(Operator::customer(), attempt.at);
        let detail = format!("{} wrong passwords; locked until {}", after.count, time_text::second(until));
        audit::append(connection, &asked, Action::CustomerLock, Some(customer), &detail).await?;
    }
    Ok(Credentials {
        customer,
        password_hash: row.maybe_text("password_hash")?.map(SecretString::from),
        may_sign_in: row.flag("active")? && row.flag("confirmed")? && !before.lock(attempt.at),
    })
}

/// What happens in the storefront happens once by itself: nobody asks for it again by its key.
fn asked(by: Operator, at: Timestamp) -> Asked {
    Asked { at, by, reason: String::new(), op_key: OpKey::from_random([0; 16]) }
}

/// Gives what a good password gives, if the account still is what the password was compared with.
pub(super) async fn complete(store: &SqlStore, sign_in: &SignIn) -> StoreResult<bool> {
    again(|| complete_once(store, sign_in)).await
}

async fn complete_once(store: &SqlStore, sign_in: &SignIn) -> StoreResult<bool> {
    let mut tx = store.write().await?;
    let open = sql("UPDATE customers SET failed_sign_ins = 0, locked_until = NULL, last_sign_in_at = $3, \
         password_hash = COALESCE($4, password_hash) WHERE id = $1 AND password_hash = $2 AND active AND confirmed \
         AND sessions_valid_from <= $3")
    .bind(sign_in.customer.0)
    .bind(sign_in.seen_hash.expose_secret().to_owned())
    .bind(sign_in.at.as_microsecond())
    .bind(sign_in.new_hash.as_ref().map(|hash| hash.expose_secret().to_owned()));
    if open.execute(tx.on()).await? != 1 {
        tx.roll_back().await?;
        return Ok(false);
    }
    let is_given = match &sign_in.grant {
        Grant::Session { digest, expires_at } => session(tx.on(), sign_in, digest, *expires_at).await?,
        Grant::Token { digest, integration, expires_at } => {
            token(tx.on(), sign_in, digest, integration, *expires_at).await?
        }
    };
    if is_given {
        tx.commit().await?;
    } else {
        tx.roll_back().await?;
    }
    Ok(is_given)
}

async fn session(
    connection: &mut Connection,
    sign_in: &SignIn,
    digest: &str,
    expires_at: Timestamp,
) -> StoreResult<bool> {
    let begin = sql("INSERT INTO web_sessions (customer_id, digest, created_at, expires_at) VALUES ($1, $2, $3, $4)");
    let begin = begin
        .bind(sign_in.customer.0)
        .bind(digest.to_owned())
        .bind(sign_in.at.as_microsecond())
        .bind(expires_at.as_microsecond());
    begin.execute(connection).await.map(|_| true)
}

/// False when the integration was removed since it signed in, or came back with another secret.
async fn token(
    connection: &mut Connection,
    sign_in: &SignIn,
    digest: &str,
    integration: &StoredLogin,
    expires_at: Option<Timestamp>,
) -> StoreResult<bool> {
    let issue = sql(
        "INSERT INTO access_tokens (customer_id, integration_id, digest, scopes, created_at, expires_at) \
         SELECT $1, id, $3, scopes, $4, $5 FROM integrations WHERE id = $2 AND secret_digest = $6 AND removed_at IS NULL \
         RETURNING id",
    )
    .bind(sign_in.customer.0)
    .bind(integration.id.0)
    .bind(digest.to_owned())
    .bind(sign_in.at.as_microsecond())
    .bind(expires_at.map(Timestamp::as_microsecond))
    .bind(integration.secret_digest.clone());
    let issued = issue.fetch_optional(&mut *connection).await?;
    let Some(issued) = issued else { return Ok(false) };
    let end = expires_at.map_or_else(|| "without end".to_owned(), |end| format!("until {}", time_text::second(end)));
    let asked = asked(Operator::integration(), sign_in.at);
    let detail = format!("{}: token {} {end}", integration.name, issued.int("id")?);
    audit::append(connection, &asked, Action::TokenIssue, Some(sign_in.customer), &detail).await?;
    Ok(true)
}
