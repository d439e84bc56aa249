//! Mails as they are listed.

use jiff::Timestamp;

use crate::{
    domain::{
        customer::CustomerId,
        mail_state::{MailId, MailState},
        outbox::{MailFilter, MailLine, MailStage},
        reset::ResetId,
    },
    store::{
        StoreError, StoreResult,
        sql::{
            connection::{Connection, Row, sql},
            customers::website,
            outbox::kind,
            resets::link_times,
        },
    },
};

/// What every list of mails reads. A reset that is gone went with its customer, and its link too.
macro_rules! mail_lines {
    ($($condition:literal),+) => {
        concat!(
            "SELECT o.id, o.template, o.message_id, o.customer_id, o.recipient, o.reset_id, o.from_console, o.created_at, o.not_before, \
             o.state, o.attempts, o.next_at, o.lease_until, o.done_at, o.relay, r.expires_at, r.used_at, \
             CASE WHEN r.id IS NULL THEN COALESCE(o.done_at, o.created_at) ELSE r.cancelled_at END AS cancelled_at, \
             r.superseded_at, \
             w.id AS website_id, w.code AS website_code, w.name AS website_name, w.base_url, w.sender_name, w.sender_email, \
             w.language FROM outbox o LEFT JOIN password_resets r \
             ON r.customer_id = o.customer_id AND r.id = o.reset_id JOIN websites w ON w.id = o.website_id \
             WHERE ",
            $($condition,)+
            " ORDER BY o.id DESC LIMIT +$2"
        )
    };
}

const ONE: &str = mail_lines!("o.id = $1");

/// The same at one stage: `$3` is the stored state, `$4` whether a worker has it at `$5`.
macro_rules! at_stage {
    ($condition:literal) => {
        mail_lines!(
            $condition,
            " AND o.state = $3 AND ($4 IS NULL OR $4 = (o.lease_until IS NOT NULL AND o.lease_until > $5))"
        )
    };
}

// Each walks the index that its first condition names; accepted mails are nearly all there are.
const ALL: &str = mail_lines!("o.id < $1");
const QUEUED: &str = at_stage!("o.state = 'queued' AND o.id < $1");
const ACCEPTED: &str = at_stage!("o.id < $1");
const DEAD: &str = at_stage!("o.state IN ('refused', 'expired') AND o.id < $1");
const TAKEN_BACK: &str = at_stage!("o.state IN ('cancelled', 'superseded') AND o.id < $1");
const OF_CUSTOMER: &str = mail_lines!("o.customer_id = $3 AND o.id < $1");
const OF_BOTH: &str = at_stage!("o.customer_id = $6 AND o.id < $1");

const fn text_of(filter: MailFilter) -> &'static str {
    match (filter.stage, filter.customer) {
        (None, None) => ALL,
        (None, Some(_)) => OF_CUSTOMER,
        (Some(_), Some(_)) => OF_BOTH,
        (Some(MailStage::Queued | MailStage::Sending), None) => QUEUED,
        (Some(MailStage::Accepted), None) => ACCEPTED,
        (Some(MailStage::Refused | MailStage::Expired), None) => DEAD,
        (Some(MailStage::Cancelled | MailStage::Superseded), None) => TAKEN_BACK,
    }
}

/// The mails that fit a filter, newest first.
pub(super) async fn mails(
    connection: &mut Connection,
    filter: MailFilter,
    before: Option<MailId>,
    limit: u32,
    now: Timestamp,
) -> StoreResult<Vec<MailLine>> {
    let query = sql(text_of(filter)).bind(before.map_or(i64::MAX, |id| id.0)).bind(i64::from(limit));
    let query = match filter.stage {
        Some(stage) => query.bind(stage.state().word()).bind(leased(stage)).bind(now.as_microsecond()),
        None => query,
    };
    let query = match filter.customer {
        Some(id) => query.bind(id.0),
        None => query,
    };
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| line(row, now)).collect()
}

/// Whether a mail at this stage is in a worker's hands; none where that does not matter.
fn leased(stage: MailStage) -> Option<bool> {
    match stage {
        MailStage::Queued => Some(false),
        MailStage::Sending => Some(true),
        _ => None,
    }
}

/// A customer's mails, newest first.
pub(in crate::store::sql) async fn of_customer(
    connection: &mut Connection,
    id: CustomerId,
    limit: u32,
    now: Timestamp,
) -> StoreResult<Vec<MailLine>> {
    let filter = MailFilter { customer: Some(id), ..MailFilter::default() };
    mails(connection, filter, None, limit, now).await
}

/// One mail.
pub(super) async fn mail(connection: &mut Connection, id: MailId, now: Timestamp) -> StoreResult<Option<MailLine>> {
    let row = sql(ONE).bind(id.0).bind(1_i64);
    let row = row.fetch_optional(connection).await?;
    row.map(|row| line(&row, now)).transpose()
}

fn line(row: &Row, now: Timestamp) -> StoreResult<MailLine> {
    let word = row.text("state")?;
    let state =
        MailState::from_word(&word).ok_or_else(|| StoreError::Damaged("a mail has an unknown state".to_owned()))?;
    Ok(MailLine {
        id: MailId(row.int("id")?),
        kind: kind(row)?,
        message_id: row.safe("message_id")?,
        customer: CustomerId(row.int("customer_id")?),
        to: row.safe("recipient")?,
        reset: ResetId(row.int("reset_id")?),
        link: link_times(row)?.state(now),
        from_console: row.flag("from_console")?,
        website: website(row)?,
        created_at: row.time("created_at")?,
        not_before: row.time("not_before")?,
        state,
        attempts: row.count("attempts")?,
        leased: row.maybe_time("lease_until")?.is_some_and(|until| until > now),
        next_at: if state.is_final() { None } else { row.maybe_time("next_at")? },
        done_at: row.maybe_time("done_at")?,
        relay: row.safe("relay")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::plans::plans;

    #[tokio::test]
    async fn every_list_walks_an_index() {
        let expected = [
            (ALL, "USING INTEGER PRIMARY KEY (rowid<?)"),
            (QUEUED, "USING INDEX outbox_queued (id<?)"),
            (ACCEPTED, "USING INTEGER PRIMARY KEY (rowid<?)"),
            (DEAD, "USING INDEX outbox_dead (id<?)"),
            (TAKEN_BACK, "USING INDEX outbox_taken_back (id<?)"),
            (OF_CUSTOMER, "USING INDEX outbox_customer (customer_id=? AND id<?)"),
            (OF_BOTH, "USING INDEX outbox_customer (customer_id=? AND id<?)"),
        ];
        let plans = plans(&expected.map(|(text, _)| text)).await;
        for ((text, index), plan) in expected.iter().zip(plans) {
            assert_eq!(plan[0], format!("SEARCH o {index}"), "{text}");
            assert!(!plan.iter().any(|step| step.contains("ORDER BY")), "{plan:?}");
        }
    }
}
