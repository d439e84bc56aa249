//! What a restored database must not bring back to life.

use crate::{
    domain::{
        audit::Action,
        backup::{Ended, Restore},
        customer::CustomerId,
    },
    store::{
        StoreResult,
        sql::{
            audit,
            connection::{Connection, Statement, sql},
        },
    },
};

/// What a mail that waited says instead of a relay's answer.
const WHY: &str = "cancelled: the database was restored from a backup";

/// Ends it all in one transaction, with its entries in the audit log.
pub(super) async fn end(connection: &mut Connection, restore: &Restore, head: &str) -> StoreResult<Ended> {
    run(connection, "BEGIN IMMEDIATE").await?;
    let mut ended = count(connection, restore).await?;
    ended.links = links(connection, restore).await?;
    let at = restore.asked.at.as_microsecond();
    let mails =
        sql("UPDATE outbox SET state = 'cancelled', done_at = $1, relay = $2, lease_owner = NULL, lease_until = NULL \
         WHERE state = 'queued'");
    ended.mails = changed(connection, mails.bind(at).bind(WHY)).await?;
    // Addresses that somebody asked for a reset with before the backup was made.
    let requests = sql("UPDATE reset_requests SET address = NULL WHERE address IS NOT NULL");
    changed(connection, requests).await?;
    let sessions = sql("UPDATE web_sessions SET ended_at = $1 WHERE ended_at IS NULL");
    ended.sessions = changed(connection, sessions.bind(at)).await?;
    // For sessions that are not in the table: those that began after the backup was made.
    let bar = sql("UPDATE customers SET sessions_valid_from = max(sessions_valid_from, $1)");
    changed(connection, bar.bind(at)).await?;
    if restore.revoke_tokens {
        let by = restore.asked.by.name().as_str().to_owned();
        let tokens = sql("UPDATE access_tokens SET revoked_at = $1, revoked_by = $2 WHERE revoked_at IS NULL");
        changed(connection, tokens.bind(at).bind(by)).await?;
    }
    let detail = format!(
        "from {}, head {head}: {} links revoked, {} mails cancelled, {} sessions ended, {} tokens revoked, {} left",
        restore.from.display(),
        ended.links,
        ended.mails,
        ended.sessions,
        ended.tokens,
        ended.tokens_left
    );
    audit::append(connection, &restore.asked, Action::DatabaseRestored, None, &detail).await?;
    run(connection, "COMMIT").await?;
    Ok(ended)
}

/// How much there is to end.
pub(super) async fn count(connection: &mut Connection, restore: &Restore) -> StoreResult<Ended> {
    let row = sql("SELECT (SELECT count(*) FROM password_resets WHERE used_at IS NULL AND cancelled_at IS NULL \
                 AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $1)) AS links, \
                (SELECT count(*) FROM outbox WHERE state = 'queued') AS mails, \
                (SELECT count(*) FROM web_sessions WHERE ended_at IS NULL) AS sessions, \
                (SELECT count(*) FROM access_tokens WHERE revoked_at IS NULL \
                 AND (expires_at IS NULL OR expires_at > $1)) AS tokens");
    let row = row.bind(restore.asked.at.as_microsecond()).fetch_one(connection).await?;
    let tokens = u64::from(row.count("tokens")?);
    let (tokens, tokens_left) = if restore.revoke_tokens { (tokens, 0) } else { (0, tokens) };
    Ok(Ended {
        links: row.count("links")?.into(),
        mails: row.count("mails")?.into(),
        sessions: row.count("sessions")?.into(),
        tokens,
        tokens_left,
    })
}

/// Revokes every live link, and says so in its customer's history.
async fn links(connection: &mut Connection, restore: &Restore) -> StoreResult<u64> {
    let revoke = sql("UPDATE password_resets SET cancelled_at = $1 WHERE used_at IS NULL AND cancelled_at IS NULL \
         AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $1) RETURNING id, customer_id");
    let revoke = revoke.bind(restore.asked.at.as_microsecond());
    let revoked = revoke.fetch_all(&mut *connection).await?;
    for row in &revoked {
        let (reset, customer) = (row.int("id")?, row.int("customer_id")?);
        let detail = format!("link of reset {reset} cancelled: the database was restored from a backup");
        audit::append(connection, &restore.asked, Action::ResetCancel, Some(CustomerId(customer)), &detail).await?;
    }
    Ok(revoked.len() as u64)
}

async fn changed(connection: &mut Connection, statement: Statement) -> StoreResult<u64> {
    statement.execute(connection).await
}

async fn run(connection: &mut Connection, text: &'static str) -> StoreResult<()> {
    sql(text).execute(connection).await.map(|_| ())
}
