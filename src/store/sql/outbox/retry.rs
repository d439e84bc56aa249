//! A mail that is sent again because somebody asks for it.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{list, wake};
use crate::{
    domain::{
        audit::Action,
        command::{MailRetried, RetryMail},
        mail_retry::Standing,
        outbox::MailLine,
        refusal::Refusal,
    },
    store::{
        ActionResult, StoreResult,
        sql::{Columns, SqlStore, audit, customers, operations::Operation, sqlite},
    },
};

/// Queues a mail again for now.
pub(super) async fn retry(store: &SqlStore, retry: &RetryMail) -> ActionResult<MailRetried> {
    let action = format!("{} {}", Action::MailRetry.word(), retry.mail.0);
    let mut tx = store.write().await?;
    let Some(mail) = list::mail(tx.on(), retry.mail, retry.asked.at).await? else {
        tx.roll_back().await?;
        return Ok(Err(Refusal::NoSuchMail));
    };
    let operation = Operation { asked: &retry.asked, customer: mail.customer, action: &action };
    if let Some(earlier) = operation.earlier(tx.on()).await? {
        tx.roll_back().await?;
        return Ok(earlier);
    }
    let done = queue_again(tx.on(), retry, mail).await?;
    operation.settle(store, tx, done).await
}

async fn queue_again(
    connection: &mut SqliteConnection,
    retry: &RetryMail,
    mail: MailLine,
) -> ActionResult<MailRetried> {
    let at = retry.asked.at;
    if let Err(refusal) = customers::check(connection, mail.customer, None).await? {
        return Ok(Err(refusal));
    }
    let standing = Standing { queue_rests: rests(connection, at).await?, ..Standing::from(&mail) };
    if let Err(why) = standing.check(at) {
        return Ok(Err(Refusal::NotRetried(why)));
    }
    // The tries go on being counted: a worker that finishes late is told by them that it is late.
    let again = sqlx::query("UPDATE outbox SET state = 'queued', next_at = $2, done_at = NULL WHERE id = $1");
    let again = again.bind(mail.id.0).bind(at.as_microsecond());
    again.execute(&mut *connection).await.map_err(|e| sqlite::error(&e))?;
    if standing.queue_rests {
        wake(connection).await?;
    }
    let (noun, was) = (mail.kind.noun(), mail.state.word());
    let detail = format!("{noun} {} of reset {} queued again, was {was}", mail.id.0, mail.reset.0);
    audit::append(connection, &retry.asked, Action::MailRetry, Some(mail.customer), &detail).await?;
    Ok(Ok(MailRetried { customer: mail.customer, mail: mail.id, email: mail.to, reset: mail.reset, was: mail.state }))
}

/// Whether the queue rests because the relay refuses us.
async fn rests(connection: &mut SqliteConnection, now: Timestamp) -> StoreResult<bool> {
    let row = sqlx::query("SELECT COALESCE(stopped_until, 0) > $1 AS rests FROM mail_queue WHERE id = 1");
    let row = row.bind(now.as_microsecond()).fetch_one(connection).await.map_err(|e| sqlite::error(&e))?;
    row.flag("rests")
}
