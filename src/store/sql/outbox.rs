//! The queue of mails.

mod list;
mod retry;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(super) use list::of_customer;

use super::{
    SqlStore, audit,
    connection::{Connection, Row, sql},
    customers::website,
    database::again,
    resets::link_times,
};
use crate::{
    domain::{
        audit::Action,
        command::{Asked, MailRetried, RetryMail},
        customer::CustomerId,
        mail_state::{AfterTry, MailId, MailState},
        operation::OpKey,
        operator::Operator,
        outbox::{ClaimedMail, FinishMail, MailFilter, MailKind, MailLine, QueueState},
        reset::ResetId,
        safe_text::SafeText,
    },
    store::{ActionResult, Outbox, StoreError, StoreResult},
};

/// No mail, claim or rest of the queue waits so long for its end. One that seems to was written
/// down while a clock ran ahead, and is over: no mail may be stuck until that time comes.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// Mails at the head of the queue that a worker tries to get before it comes again later.
const IN_LINE: i64 = 8;

fn horizon(now: Timestamp) -> i64 {
    now.saturating_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX).as_microsecond()
}

/// What is due at `$1`, with `$2` as the [`horizon`].
macro_rules! due {
    () => {
        "state = 'queued' AND (next_at <= $1 OR next_at > $2) \
         AND (lease_until IS NULL OR lease_until < $1 OR lease_until > $2)"
    };
}

/// The queue does not rest.
macro_rules! running {
    () => {
        "NOT EXISTS (SELECT 1 FROM mail_queue WHERE stopped_until > $1 AND stopped_until <= $2)"
    };
}

/// The next mail, if it still is due when it is written: of many workers one takes it.
const CLAIM: &str = concat!(
    "WITH next AS (SELECT customer_id AS next_customer, id AS next_id FROM outbox WHERE ",
    due!(),
    " AND ",
    running!(),
    " ORDER BY next_at, id LIMIT 1 OFFSET $5) \
     UPDATE outbox SET lease_owner = $3, lease_until = $4, attempts = attempts + 1 FROM next \
     WHERE customer_id = next_customer AND id = next_id AND ",
    due!(),
    " RETURNING customer_id, id"
);

impl Outbox for SqlStore {
    async fn claim_mail(&self, now: Timestamp, owner: &str, lease: Duration) -> StoreResult<Option<ClaimedMail>> {
        // Looked at without a write first: an idle worker writes nothing.
        let mut reader = self.read().await?;
        if !is_due(&mut reader, now).await? {
            return Ok(None);
        }
        drop(reader);
        // The first mails in line are what every other worker wants, too: who comes too late for one
        // looks at the next.
        for behind in (0..IN_LINE).chain([0]) {
            let claimed = again(|| async {
                let mut tx = self.write().await?;
                let claimed = claim(tx.on(), now, owner, lease, behind).await?;
                tx.commit().await?;
                Ok(claimed)
            });
            if let Some(claimed) = claimed.await? {
                return Ok(Some(claimed));
            }
            if !is_due(&mut self.read().await?, now).await? {
                break;
            }
        }
        Ok(None)
    }

    async fn make_link(
        &self,
        customer: CustomerId,
        reset: ResetId,
        token_digest: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreResult<Option<Timestamp>> {
        again(|| async {
            let mut tx = self.write().await?;
            let row = sql(
                // An end that lies further away was set by a clock that ran ahead.
                "UPDATE password_resets SET token_digest = $3, \
                 expires_at = CASE WHEN expires_at < $4 THEN expires_at ELSE $4 END WHERE customer_id = $1 AND id = $2 \
                 AND (token_digest IS NULL OR token_digest = $3) AND used_at IS NULL AND cancelled_at IS NULL \
                 AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $5) RETURNING expires_at",
            );
            let row = row.bind(customer.0).bind(reset.0).bind(token_digest);
            let row = row.bind(expires_at.as_microsecond()).bind(now.as_microsecond());
            let row = row.fetch_optional(tx.on()).await?;
            tx.commit().await?;
            row.map(|row| row.time("expires_at")).transpose()
        })
        .await
    }

    async fn finish_mail(&self, finish: &FinishMail) -> StoreResult<bool> {
        again(|| async {
            let mut tx = self.write().await?;
            let ours = write_result(tx.on(), finish).await?;
            tx.commit().await?;
            Ok(ours)
        })
        .await
    }

    async fn retry_mail(&self, retry: &RetryMail) -> ActionResult<MailRetried> {
        retry::retry(self, retry).await
    }

    async fn mails(
        &self,
        filter: MailFilter,
        before: Option<MailId>,
        limit: u32,
        now: Timestamp,
    ) -> StoreResult<Vec<MailLine>> {
        let mut connection = self.read().await?;
        list::mails(&mut connection, filter, before, limit, now).await
    }

    async fn mail(&self, id: MailId, now: Timestamp) -> StoreResult<Option<MailLine>> {
        let mut connection = self.read().await?;
        list::mail(&mut connection, id, now).await
    }

    async fn queue(&self, now: Timestamp) -> StoreResult<QueueState> {
        let mut connection = self.read().await?;
        let queue = queue_state(&mut connection, now).await?;
        drop(connection);
        Ok(QueueState { worker: self.has_worker().await?, ..queue })
    }

    async fn become_worker(&self) -> StoreResult<bool> {
        self.take_worker_lock().await
    }

    async fn agree_on_key(&self, fingerprint: &str, replace: bool) -> StoreResult<bool> {
        let known = sql("SELECT token_key FROM mail_queue WHERE id = 1").fetch_one(&mut self.read().await?).await;
        match known?.maybe_text("token_key")? {
            Some(known) if known == fingerprint => return Ok(true),
            Some(_) if !replace => return Ok(false),
            _ => {}
        }
        // Of two workers that start at the same moment, one is first.
        again(|| async {
            let mut tx = self.write().await?;
            let set = sql(
                "UPDATE mail_queue SET token_key = $1 WHERE id = 1 AND (token_key IS NULL OR token_key = $1 OR $2)",
            );
            let agreed = set.bind(fingerprint).bind(replace).execute(tx.on()).await? == 1;
            tx.commit().await?;
            Ok(agreed)
        })
        .await
    }

    async fn wake_queue(&self) -> StoreResult<()> {
        again(|| async {
            let mut tx = self.write().await?;
            wake(tx.on()).await?;
            tx.commit().await
        })
        .await
    }
}

/// How the queue stands, but for whether somebody works on it.
pub(super) async fn queue_state(connection: &mut Connection, now: Timestamp) -> StoreResult<QueueState> {
    let waiting = sql(
        "SELECT count(*) FILTER (WHERE not_before > $1) AS held, count(*) FILTER (WHERE not_before <= $1) AS waiting, \
         count(*) FILTER (WHERE not_before <= $1 AND lease_until > $1) AS sending, \
         count(*) FILTER (WHERE not_before <= $1 AND attempts > 0 AND next_at > $1 \
         AND (lease_until IS NULL OR lease_until <= $1)) AS retrying, min(next_at) AS next_at FROM outbox WHERE state = 'queued'",
    );
    let row = waiting.bind(now.as_microsecond()).fetch_one(connection).await?;
    let dead = sql("SELECT count(*) AS dead FROM outbox WHERE state IN ('refused', 'expired')");
    let dead = dead.fetch_one(connection).await?.count("dead")?;
    let queue = sql("SELECT stopped_until, stopped_why FROM mail_queue WHERE id = 1").fetch_one(connection).await?;
    let until = queue.maybe_time("stopped_until")?.filter(|until| *until > now);
    let why = SafeText::new(&queue.maybe_text("stopped_why")?.unwrap_or_default());
    Ok(QueueState {
        held: row.count("held")?,
        waiting: row.count("waiting")?,
        sending: row.count("sending")?,
        retrying: row.count("retrying")?,
        dead,
        next_at: row.maybe_time("next_at")?,
        stopped: until.map(|until| (why, until)),
        worker: false,
    })
}

/// Ends a rest of the queue.
async fn wake(connection: &mut Connection) -> StoreResult<()> {
    let wake = sql(
        "UPDATE mail_queue SET stopped_until = NULL, stopped_why = NULL WHERE id = 1 AND stopped_until IS NOT NULL",
    );
    wake.execute(connection).await.map(|_| ())
}

async fn is_due(connection: &mut Connection, now: Timestamp) -> StoreResult<bool> {
    let row = sql(concat!("SELECT 1 FROM outbox WHERE ", due!(), " AND ", running!(), " LIMIT 1"));
    let row = row.bind(now.as_microsecond()).bind(horizon(now)).fetch_optional(connection).await?;
    Ok(row.is_some())
}

async fn claim(
    connection: &mut Connection,
    now: Timestamp,
    owner: &str,
    lease: Duration,
    behind: i64,
) -> StoreResult<Option<ClaimedMail>> {
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    let row = sql(CLAIM).bind(now.as_microsecond()).bind(horizon(now)).bind(owner).bind(until.as_microsecond());
    let Some(row) = row.bind(behind).fetch_optional(&mut *connection).await? else { return Ok(None) };
    let row = sql(
        "SELECT o.id, o.template, o.message_id, o.customer_id, o.recipient, o.reset_id, o.from_console, o.created_at, o.attempts, \
         c.email AS current_email, r.nonce, r.expires_at, r.used_at, r.cancelled_at, r.superseded_at, \
         w.id AS website_id, w.code AS website_code, w.name AS website_name, w.base_url, w.sender_name, w.sender_email, \
         w.language FROM outbox o LEFT JOIN customers c ON c.id = o.customer_id \
         LEFT JOIN password_resets r ON r.customer_id = o.customer_id AND r.id = o.reset_id JOIN websites w ON w.id = o.website_id \
         WHERE o.customer_id = $1 AND o.id = $2",
    )
    .bind(row.int("customer_id")?)
    .bind(row.int("id")?)
    .fetch_one(connection)
    .await?;
    Ok(Some(ClaimedMail {
        id: MailId(row.int("id")?),
        kind: kind(&row)?,
        message_id: row.text("message_id")?,
        customer: CustomerId(row.int("customer_id")?),
        to: row.text("recipient")?,
        current_email: row.maybe_text("current_email")?,
        reset: ResetId(row.int("reset_id")?),
        link: link_times(&row)?.state(now),
        nonce: row.maybe_bytes("nonce")?.unwrap_or_default(),
        from_console: row.flag("from_console")?,
        website: website(&row)?,
        created_at: row.time("created_at")?,
        attempt: row.count("attempts")?,
        owner: owner.to_owned(),
    }))
}

/// Reads what a mail is for.
fn kind(row: &Row) -> StoreResult<MailKind> {
    let word = row.text("template")?;
    MailKind::from_word(&word).ok_or_else(|| StoreError::Damaged("a mail has an unknown template".to_owned()))
}

/// Writes what a try came to, if the mail is still this worker's.
async fn write_result(connection: &mut Connection, finish: &FinishMail) -> StoreResult<bool> {
    let (state, next_at, back) = match &finish.after {
        AfterTry::Done(state) => (*state, None, 0_i64),
        AfterTry::RetryAt(next) => (MailState::Queued, Some(*next), 0),
        // The queue itself says until when; the mail is due as soon as the queue goes on.
        AfterTry::StopQueue { .. } => (MailState::Queued, None, 1),
    };
    let relay = finish.result.text().to_owned();
    let row = sql(
        // A mail that was taken back while the relay had it stays taken back, unless the relay took
        // it: then that is the truth.
        "UPDATE outbox SET state = CASE WHEN state = 'queued' OR $5 = 'accepted' THEN $5 ELSE state END, \
         done_at = CASE WHEN state = 'queued' OR $5 = 'accepted' THEN $6 ELSE done_at END, \
         next_at = COALESCE($7, next_at), attempts = attempts - $8, relay = $9, lease_owner = NULL, lease_until = NULL \
         WHERE customer_id = $1 AND id = $2 AND lease_owner = $3 AND attempts = $4 RETURNING reset_id, template, state",
    )
    .bind(finish.customer.0)
    .bind(finish.id.0)
    .bind(finish.owner.clone())
    .bind(i64::from(finish.attempt))
    .bind(state.word())
    .bind(state.is_final().then(|| finish.at.as_microsecond()))
    .bind(next_at.map(Timestamp::as_microsecond))
    .bind(back)
    .bind(relay.clone());
    let Some(row) = row.fetch_optional(&mut *connection).await? else {
        return Ok(false);
    };
    let state = MailState::from_word(&row.text("state")?).unwrap_or(state);
    match &finish.after {
        AfterTry::StopQueue { until } => {
            let stop = sql("UPDATE mail_queue SET stopped_until = $1, stopped_why = $2 WHERE id = 1");
            stop.bind(until.as_microsecond()).bind(relay.clone()).execute(connection).await?;
        }
        _ if state == MailState::Accepted => wake(connection).await?,
        _ => {}
    }
    let action = match state {
        MailState::Accepted => Action::MailAccepted,
        MailState::Refused => Action::MailRefused,
        MailState::Expired => Action::MailExpired,
        MailState::Queued | MailState::Cancelled | MailState::Superseded => return Ok(true),
    };
    let asked = Asked {
        at: finish.at,
        by: Operator::mail_worker(),
        reason: String::new(),
        op_key: OpKey::from_random([0; 16]),
    };
    let detail = format!("{} {} of reset {}: {relay}", kind(&row)?.noun(), finish.id.0, row.int("reset_id")?);
    audit::append(connection, &asked, action, Some(finish.customer), &detail).await?;
    Ok(true)
}
