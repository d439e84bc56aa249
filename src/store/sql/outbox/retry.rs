//! A mail that is sent again because somebody asks for it.

use jiff::Timestamp;

use super::{list, wake};
use crate::{
    domain::{
        audit::Action,
        command::{MailRetried, RetryMail},
        customer::CustomerId,
        mail_retry::Standing,
        refusal::Refusal,
    },
    store::{
        ActionResult, StoreResult,
        sql::{
            SqlStore, audit,
            connection::{Connection, sql},
            customers,
            operations::{Act, Operation},
        },
    },
};

/// Queues a mail again for now.
pub(super) async fn retry(store: &SqlStore, retry: &RetryMail) -> ActionResult<MailRetried> {
    let mail = list::mail(&mut store.read().await?, retry.mail, retry.asked.at).await?;
    let Some(mail) = mail else { return Ok(Err(Refusal::NoSuchMail)) };
    store.act(&RetryOf { retry, customer: mail.customer }).await
}

/// A mail is its customer's for ever.
struct RetryOf<'a> {
    retry: &'a RetryMail,
    customer: CustomerId,
}

impl Act for RetryOf<'_> {
    type Done = MailRetried;

    fn operation(&self) -> Operation<'_> {
        let action = format!("{} {}", Action::MailRetry.word(), self.retry.mail.0);
        Operation { asked: &self.retry.asked, customer: self.customer, action: action.into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<MailRetried> {
        queue_again(connection, self.retry).await
    }
}

async fn queue_again(connection: &mut Connection, retry: &RetryMail) -> ActionResult<MailRetried> {
    let at = retry.asked.at;
    let Some(mail) = list::mail(connection, retry.mail, at).await? else { return Ok(Err(Refusal::NoSuchMail)) };
    if let Err(refusal) = customers::check(connection, mail.customer, None).await? {
        return Ok(Err(refusal));
    }
    let standing = Standing { queue_rests: rests(connection, at).await?, ..Standing::from(&mail) };
    if let Err(why) = standing.check(at) {
        return Ok(Err(Refusal::NotRetried(why)));
    }
    // The tries go on being counted: a worker that finishes late is told by them that it is late.
    let again =
        sql("UPDATE outbox SET state = 'queued', next_at = $2, done_at = NULL WHERE customer_id = $1 AND id = $3");
    let again = again.bind(mail.customer.0).bind(at.as_microsecond()).bind(mail.id.0);
    again.execute(&mut *connection).await?;
    if standing.queue_rests {
        wake(connection).await?;
    }
    let (noun, was) = (mail.kind.noun(), mail.state.word());
    let detail = format!("{noun} {} of reset {} queued again, was {was}", mail.id.0, mail.reset.0);
    audit::append(connection, &retry.asked, Action::MailRetry, Some(mail.customer), &detail).await?;
    Ok(Ok(MailRetried { customer: mail.customer, mail: mail.id, email: mail.to, reset: mail.reset, was: mail.state }))
}

/// Whether the queue rests because the relay refuses us.
async fn rests(connection: &mut Connection, now: Timestamp) -> StoreResult<bool> {
    let row = sql("SELECT COALESCE(stopped_until, 0) > $1 AS rests FROM mail_queue WHERE id = 1");
    let row = row.bind(now.as_microsecond()).fetch_one(connection).await?;
    row.flag("rests")
}
