//! Password resets: starting one, taking one back.

use jiff::{SignedDuration, Timestamp};

use super::{
    SqlStore, audit,
    connection::{Connection, Row, sql},
    customers,
    operations::{Act, Operation},
    storefront::requests,
};
use crate::{
    domain::{
        audit::Action,
        command::{CancelReset, Origin, ResetCancelled, ResetQueued, StartReset},
        customer::CustomerId,
        email::EmailAddress,
        mail_state::{MailId, MailState},
        refusal::Refusal,
        reset::{LinkState, LinkTimes, Reset, ResetId},
        safe_text::SafeText,
        throttle::{self, Budget, Limits, WINDOW},
        website::{Website, WebsiteId},
    },
    store::{ActionResult, Resets, StoreError, StoreResult},
};

impl Resets for SqlStore {
    async fn start_reset(&self, start: &StartReset) -> ActionResult<ResetQueued> {
        self.act(start).await
    }

    async fn cancel_reset(&self, cancel: &CancelReset) -> ActionResult<ResetCancelled> {
        self.act(cancel).await
    }
}

impl Act for StartReset {
    type Done = ResetQueued;

    fn operation(&self) -> Operation<'_> {
        Operation { asked: &self.asked, customer: self.customer, action: Action::ResetStart.word().into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<ResetQueued> {
        queue(connection, self).await
    }
}

impl Act for CancelReset {
    type Done = ResetCancelled;

    fn operation(&self) -> Operation<'_> {
        let word = if self.only_undo { Action::ResetUndo.word() } else { Action::ResetCancel.word() };
        let action = self.reset.map_or_else(|| word.into(), |reset| format!("{word} {}", reset.0).into());
        Operation { asked: &self.asked, customer: self.customer, action }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<ResetCancelled> {
        take_back(connection, self).await
    }
}

async fn queue(connection: &mut Connection, start: &StartReset) -> ActionResult<ResetQueued> {
    let (id, asked) = (start.customer, &start.asked);
    let row = sql(
        "SELECT c.version, c.email, w.id AS website_id, w.code AS website_code, w.name AS website_name, w.base_url, \
         w.sender_name, w.sender_email, w.language FROM customers c JOIN websites w ON w.id = c.website_id WHERE c.id = $1",
    );
    let row = row.bind(id.0).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Err(Refusal::NoSuchCustomer)) };
    let website = customers::website(&row)?;
    let website = Website { base_url: start.base_url.clone().or(website.base_url), ..website };
    if let Err(refusal) = website.check_mails() {
        return Ok(Err(refusal));
    }
    let version = row.int("version")?;
    if start.version.is_some_and(|seen| seen.0 != version) {
        return Ok(Err(Refusal::CustomerChanged));
    }
    let Ok(email) = EmailAddress::parse(&row.text("email")?) else { return Ok(Err(Refusal::EmailUnusable)) };
    if matches!(start.origin, Origin::Storefront(_)) && staff_link_lives(connection, id, asked.at).await? {
        return Ok(Err(Refusal::StaffLinkLives));
    }
    let budget = budget(connection, id, start.policy.limits, asked.at).await?;
    if let Some(blocked) = budget.blocked {
        return Ok(Err(Refusal::Throttled(blocked)));
    }
    let older = supersede(connection, id, asked.at).await?;
    let reset = insert_reset(connection, start).await?;
    if let Some((older, _)) = older {
        let link = sql("UPDATE password_resets SET superseded_by = $3 WHERE customer_id = $1 AND id = $2");
        let link = link.bind(id.0).bind(older.0).bind(reset.0);
        link.execute(&mut *connection).await?;
    }
    match &start.origin {
        Origin::Console => {
            let ledger = sql("INSERT INTO reset_requests (customer_id, reset_id, requested_at) VALUES ($1, $2, $3)");
            let ledger = ledger.bind(id.0).bind(reset.0).bind(asked.at.as_microsecond());
            ledger.execute(&mut *connection).await?;
        }
        Origin::Storefront(request) => requests::grant(connection, request.id, id, reset).await?,
    }
    let send_at = asked.at.saturating_add(start.policy.hold).unwrap_or(Timestamp::MAX);
    let mail = insert_mail(connection, start, reset, &email, website.id, send_at).await?;
    let detail = format!("reset {}, mail {} queued to {}", reset.0, mail.0, email.as_str());
    audit::append(connection, asked, Action::ResetStart, Some(id), &detail).await?;
    let superseded = older.is_some_and(|(_, live)| live);
    Ok(Ok(ResetQueued { customer: id, email: SafeText::new(email.as_str()), reset, mail, send_at, superseded }))
}

/// Whether a link that staff sent still works, or will: whoever knows an address must not be able
/// to end it.
async fn staff_link_lives(connection: &mut Connection, id: CustomerId, at: Timestamp) -> StoreResult<bool> {
    let row = sql("SELECT 1 FROM password_resets r JOIN outbox o \
         ON o.customer_id = r.customer_id AND o.reset_id = r.id AND o.template = 'reset' \
         WHERE r.customer_id = $1 AND r.from_console AND r.used_at IS NULL AND r.cancelled_at IS NULL \
         AND r.superseded_at IS NULL AND (r.expires_at IS NULL OR r.expires_at > $2) AND o.state IN ('queued', 'accepted')");
    let row = row.bind(id.0).bind(at.as_microsecond()).fetch_optional(connection).await;
    Ok(row?.is_some())
}

/// Ends the customer's live reset, if any, in favour of a new one. Says which, and whether its
/// link still worked.
async fn supersede(connection: &mut Connection, id: CustomerId, at: Timestamp) -> StoreResult<Option<(ResetId, bool)>> {
    let row = sql("UPDATE password_resets SET superseded_at = $2 WHERE customer_id = $1 AND used_at IS NULL \
         AND cancelled_at IS NULL AND superseded_at IS NULL RETURNING id, expires_at");
    let row = row.bind(id.0).bind(at.as_microsecond()).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(None) };
    let older = ResetId(row.int("id")?);
    let live = row.maybe_time("expires_at")?.is_none_or(|end| end > at);
    end_mail(connection, id, older, MailState::Superseded, at).await?;
    Ok(Some((older, live)))
}

async fn insert_reset(connection: &mut Connection, start: &StartReset) -> StoreResult<ResetId> {
    let row =
        sql("INSERT INTO password_resets (customer_id, nonce, requested_at, requested_by, reason, from_console, ip) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(start.customer.0)
        .bind(start.nonce.clone())
        .bind(start.asked.at.as_microsecond())
        .bind(start.asked.by.name().as_str().to_owned())
        .bind(start.asked.reason.clone())
        .bind(start.origin.is_console())
        .bind(start.origin.network().map(str::to_owned));
    let row = row.fetch_one(connection).await?;
    Ok(ResetId(row.int("id")?))
}

async fn insert_mail(
    connection: &mut Connection,
    start: &StartReset,
    reset: ResetId,
    email: &EmailAddress,
    website: WebsiteId,
    send_at: Timestamp,
) -> StoreResult<MailId> {
    let nonce: String = data_encoding::HEXLOWER.encode(&start.nonce).chars().take(8).collect();
    let row = sql(
        "INSERT INTO outbox (customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, \
         not_before, next_at, state) VALUES ($1, $2, $3, 'reset', $4, $9, $5, $6, $7, $7, $8) RETURNING id",
    )
    .bind(start.customer.0)
    .bind(reset.0)
    .bind(format!("reset-{}.{nonce}", reset.0))
    .bind(email.as_str().to_owned())
    .bind(website.0)
    .bind(start.asked.at.as_microsecond())
    .bind(send_at.as_microsecond())
    .bind(MailState::Queued.word())
    .bind(start.origin.is_console());
    let row = row.fetch_one(connection).await?;
    Ok(MailId(row.int("id")?))
}

/// A reset that may be taken back, with what became of its mail.
struct Running {
    id: ResetId,
    link: LinkState,
    mail_state: Option<MailState>,
    /// No worker ever took the mail.
    untouched: bool,
}

async fn running(connection: &mut Connection, cancel: &CancelReset) -> StoreResult<Option<Running>> {
    let row = sql("SELECT r.id, r.expires_at, r.used_at, r.cancelled_at, r.superseded_at, o.state, o.attempts \
         FROM password_resets r LEFT JOIN outbox o \
         ON o.customer_id = r.customer_id AND o.reset_id = r.id AND o.template = 'reset' \
         WHERE r.customer_id = $1 AND ($2 IS NULL OR r.id = $2) ORDER BY r.used_at IS NULL AND r.cancelled_at IS NULL \
         AND r.superseded_at IS NULL AND (r.expires_at IS NULL OR r.expires_at > $3) DESC, r.id DESC LIMIT 1");
    let row = row.bind(cancel.customer.0).bind(cancel.reset.map(|id| id.0)).bind(cancel.asked.at.as_microsecond());
    let Some(row) = row.fetch_optional(connection).await? else { return Ok(None) };
    let mail_state = row.maybe_text("state")?.and_then(|word| MailState::from_word(&word));
    let untouched = mail_state == Some(MailState::Queued) && row.maybe_int("attempts")? == Some(0);
    Ok(Some(Running {
        id: ResetId(row.int("id")?),
        link: link_times(&row)?.state(cancel.asked.at),
        mail_state,
        untouched,
    }))
}

async fn take_back(connection: &mut Connection, cancel: &CancelReset) -> ActionResult<ResetCancelled> {
    let (id, at) = (cancel.customer, cancel.asked.at);
    if let Err(refusal) = customers::check(connection, id, None).await? {
        return Ok(Err(refusal));
    }
    let Some(running) = running(connection, cancel).await?.filter(|running| running.link.is_live()) else {
        return Ok(Err(Refusal::NothingToCancel));
    };
    if cancel.only_undo && !running.untouched {
        return Ok(Err(Refusal::AlreadySent));
    }
    let reset = running.id;
    let close = sql("UPDATE password_resets SET cancelled_at = $3 WHERE customer_id = $1 AND id = $2");
    let close = close.bind(id.0).bind(reset.0).bind(at.as_microsecond());
    close.execute(&mut *connection).await?;
    end_mail(connection, id, reset, MailState::Cancelled, at).await?;
    let mut restored = false;
    if running.untouched {
        let ledger = sql("DELETE FROM reset_requests WHERE customer_id = $1 AND reset_id = $2");
        ledger.bind(id.0).bind(reset.0).execute(&mut *connection).await?;
        restored = restore_older(connection, id, reset, at).await?;
    }
    let action = if running.untouched { Action::ResetUndo } else { Action::ResetCancel };
    let detail = match (running.untouched, restored) {
        (true, true) => format!("reset {} taken back before its mail left; the link before it works again", reset.0),
        (true, false) => format!("reset {} taken back before its mail left", reset.0),
        (false, _) => format!("link of reset {} cancelled", reset.0),
    };
    audit::append(connection, &cancel.asked, action, Some(id), &detail).await?;
    let mail_may_arrive =
        !running.untouched && matches!(running.mail_state, Some(MailState::Queued | MailState::Accepted));
    Ok(Ok(ResetCancelled { customer: id, reset, undone: running.untouched, mail_may_arrive, restored }))
}

/// Gives the reset that was superseded by an undone one its life back.
async fn restore_older(
    connection: &mut Connection,
    id: CustomerId,
    undone: ResetId,
    at: Timestamp,
) -> StoreResult<bool> {
    let row = sql("UPDATE password_resets SET superseded_at = NULL, superseded_by = NULL WHERE customer_id = $1 \
         AND superseded_by = $2 AND used_at IS NULL AND cancelled_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $3) RETURNING id");
    let row = row.bind(id.0).bind(undone.0).bind(at.as_microsecond());
    let Some(row) = row.fetch_optional(&mut *connection).await? else {
        return Ok(false);
    };
    let mail = sql("UPDATE outbox SET state = 'queued', done_at = NULL WHERE customer_id = $1 AND reset_id = $2 \
         AND template = 'reset' AND state = 'superseded'");
    mail.bind(id.0).bind(row.int("id")?).execute(connection).await?;
    Ok(true)
}

/// Takes the waiting mail of a reset out of the queue, and never a notice. One that a worker holds right now fails its own finish
/// and, because the reset is closed, is not sent if it was not yet.
async fn end_mail(
    connection: &mut Connection,
    id: CustomerId,
    reset: ResetId,
    state: MailState,
    at: Timestamp,
) -> StoreResult<()> {
    let end = sql(
        "UPDATE outbox SET state = $3, done_at = $4 WHERE customer_id = $1 AND reset_id = $2 AND template = 'reset' \
         AND state = 'queued'",
    );
    let end = end.bind(id.0).bind(reset.0).bind(state.word()).bind(at.as_microsecond());
    end.execute(connection).await.map(|_| ())
}

/// Ends a customer's live reset and waiting mail, because the address they belong to is gone.
/// Says whether there was one.
pub(super) async fn void(connection: &mut Connection, id: CustomerId, at: Timestamp) -> StoreResult<bool> {
    let row = sql("UPDATE password_resets SET cancelled_at = $2 WHERE customer_id = $1 AND used_at IS NULL \
         AND cancelled_at IS NULL AND superseded_at IS NULL AND (expires_at IS NULL OR expires_at > $2) RETURNING id");
    let row = row.bind(id.0).bind(at.as_microsecond()).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(false) };
    end_mail(connection, id, ResetId(row.int("id")?), MailState::Cancelled, at).await?;
    Ok(true)
}

/// Takes all waiting mails of a customer who is deleted out of the queue, notices too.
pub(super) async fn end_mails(connection: &mut Connection, id: CustomerId, at: Timestamp) -> StoreResult<()> {
    let end = sql("UPDATE outbox SET state = $2, done_at = $3 WHERE customer_id = $1 AND state = 'queued'");
    let end = end.bind(id.0).bind(MailState::Cancelled.word()).bind(at.as_microsecond());
    end.execute(connection).await.map(|_| ())
}

/// What is left of a customer's resets.
pub(super) async fn budget(
    connection: &mut Connection,
    id: CustomerId,
    limits: Limits,
    now: Timestamp,
) -> StoreResult<Budget> {
    if !limits.by_customer() {
        return Ok(throttle::budget(
            Limits { max_per_hour: 0, min_interval: SignedDuration::ZERO, ..limits },
            &[],
            now,
        ));
    }
    let since = now.saturating_sub(WINDOW.max(limits.min_interval)).map_err(|e| StoreError::Other(e.to_string()))?;
    let rows = sql("SELECT requested_at FROM reset_requests WHERE customer_id = $1 AND requested_at > $2");
    let rows = rows.bind(id.0).bind(since.as_microsecond()).fetch_all(connection).await?;
    let requests = rows.iter().map(|row| row.time("requested_at")).collect::<StoreResult<Vec<_>>>()?;
    Ok(throttle::budget(limits, &requests, now))
}

/// The reset whose link still works or soon will, which an undo may have brought back; else the
/// newest one.
pub(super) async fn newest(connection: &mut Connection, id: CustomerId, now: Timestamp) -> StoreResult<Option<Reset>> {
    let row = sql(
        "SELECT r.id, r.requested_at, r.requested_by, r.reason, r.expires_at, r.used_at, r.cancelled_at, r.superseded_at, \
         o.state, COALESCE(o.relay, '') AS relay FROM password_resets r \
         LEFT JOIN outbox o \
         ON o.customer_id = r.customer_id AND o.reset_id = r.id AND o.template = 'reset' \
         WHERE r.customer_id = $1 ORDER BY r.used_at IS NULL AND r.cancelled_at IS NULL AND r.superseded_at IS NULL \
         AND (r.expires_at IS NULL OR r.expires_at > $2) DESC, r.id DESC LIMIT 1",
    );
    let Some(row) = row.bind(id.0).bind(now.as_microsecond()).fetch_optional(connection).await? else {
        return Ok(None);
    };
    Ok(Some(Reset {
        id: ResetId(row.int("id")?),
        requested_at: row.time("requested_at")?,
        requested_by: row.safe("requested_by")?,
        reason: row.safe("reason")?,
        link: link_times(&row)?.state(now),
        mail: row.maybe_text("state")?.and_then(|word| MailState::from_word(&word)),
        relay: row.safe("relay")?,
    }))
}

/// Reads the four times that say where a link stands.
pub(super) fn link_times(row: &Row) -> StoreResult<LinkTimes> {
    Ok(LinkTimes {
        expires_at: row.maybe_time("expires_at")?,
        used_at: row.maybe_time("used_at")?,
        cancelled_at: row.maybe_time("cancelled_at")?,
        superseded_at: row.maybe_time("superseded_at")?,
    })
}
