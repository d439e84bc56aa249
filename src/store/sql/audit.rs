//! The audit log's rows.

use jiff::Timestamp;

use super::{
    SqlStore,
    connection::{Connection, Row, sql},
    database::{Held, again},
    outbox,
};
use crate::{
    domain::{
        audit::{Action, ActionFilter, AuditFilter, ChainReport, Entry, EntryLine, GENESIS, Verifier},
        command::Asked,
        customer::{CustomerId, HistoryLine},
        outbox::{MailKind, MailLine},
    },
    store::{Audit, StoreResult},
};

/// Entries read at a time where the whole log is walked.
const CHAIN: u32 = 1000;

impl Audit for SqlStore {
    async fn write_down(&self, asked: &Asked, action: Action, detail: &str) -> StoreResult<()> {
        again(|| async {
            let mut tx = self.write().await?;
            append(tx.on(), asked, action, None, detail).await?;
            tx.commit().await
        })
        .await
    }

    async fn audit_entries(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<EntryLine>> {
        let mut connection = self.read().await?;
        let rows = newest(&mut connection, filter, before, limit).await?;
        rows.iter()
            .map(|row| {
                Ok(EntryLine {
                    seq: row.int("seq")?,
                    at: row.time("at")?,
                    operator: row.safe("operator")?,
                    action: row.safe("action")?,
                    customer: row.maybe_int("customer_id")?.map(CustomerId),
                    detail: row.safe("detail")?,
                    reason: row.safe("reason")?,
                })
            })
            .collect()
    }

    async fn audit_chain(&self, from: i64, limit: u32) -> StoreResult<Vec<Entry>> {
        let mut connection = self.read().await?;
        entries(&mut connection, from, limit).await
    }
}

/// Entries as stored, from number `from` on.
pub(super) async fn entries(connection: &mut Connection, from: i64, limit: u32) -> StoreResult<Vec<Entry>> {
    let rows = sql("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT +$2").bind(from).bind(i64::from(limit));
    let rows = rows.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                seq: row.int("seq")?,
                at: row.time("at")?,
                operator: row.text("operator")?,
                action: row.text("action")?,
                customer: row.maybe_int("customer_id")?.map(CustomerId),
                detail: row.text("detail")?,
                reason: row.text("reason")?,
                previous: row.text("previous")?,
                hash: row.text("hash")?,
            })
        })
        .collect()
}

/// The entries that fit a filter. Each text walks the index that its first condition names;
/// `+seq` keeps it there where the log itself, from its newest entry on, looks cheaper and is not.
macro_rules! entries {
    ($first:literal, $order:literal) => {
        concat!(
            "SELECT seq, at, operator, action, customer_id, detail, reason FROM audit WHERE ",
            $first,
            " AND ($3 IS NULL OR customer_id = $3) AND ($4 IS NULL OR operator = $4) \
             AND ($5 IS NULL OR (action >= $5 AND action < $6)) AND ($7 IS NULL OR at >= $7) AND ($8 IS NULL OR at < $8) \
             ORDER BY ",
            $order,
            " DESC LIMIT +$2"
        )
    };
}

const ALL: &str = entries!("seq < $1", "seq");
const OF_CUSTOMER: &str = entries!("customer_id = $3 AND seq < $1", "seq");
const OF_OPERATOR: &str = entries!("operator = $4 AND seq < $1", "seq");
const OF_ACTION: &str = entries!("action = $5 AND seq < $1", "seq");
const OF_ACTIONS: &str = entries!("action >= $5 AND action < $6 AND +seq < $1", "+seq");
const OF_TIME: &str = entries!("at >= $7 AND at < $8 AND +seq < $1", "+seq");

/// The text for a filter: what usually leaves the fewest entries decides.
const fn entries_of(filter: &AuditFilter) -> &'static str {
    match filter {
        AuditFilter { customer: Some(_), .. } => OF_CUSTOMER,
        AuditFilter { operator: Some(_), .. } => OF_OPERATOR,
        AuditFilter { action: Some(ActionFilter::Is(_)), .. } => OF_ACTION,
        AuditFilter { action: Some(ActionFilter::Under(_)), .. } => OF_ACTIONS,
        AuditFilter { from: None, to: None, .. } => ALL,
        AuditFilter { .. } => OF_TIME,
    }
}

async fn newest(
    connection: &mut Connection,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u32,
) -> StoreResult<Vec<Row>> {
    let bounds = filter.action.as_ref().map(ActionFilter::bounds);
    let (action, behind) = bounds.unzip();
    // A time that is open on one side only has a bound on the other for the index to stop at.
    let timed = filter.from.is_some() || filter.to.is_some();
    let or = |at: Option<Timestamp>, open: i64| at.map(Timestamp::as_microsecond).or(timed.then_some(open));
    let query = sql(entries_of(filter))
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .bind(filter.customer.map(|id| id.0))
        .bind(filter.operator.as_ref().map(|by| by.name().as_str().to_owned()))
        .bind(action)
        .bind(behind)
        .bind(or(filter.from, i64::MIN))
        .bind(or(filter.to, i64::MAX));
    query.fetch_all(connection).await
}

/// What happened to a customer, newest first, each reset and each new password with what became
/// of its mail.
pub(super) async fn history(
    connection: &mut Connection,
    id: CustomerId,
    limit: u32,
    now: Timestamp,
) -> StoreResult<Vec<HistoryLine>> {
    let filter = AuditFilter { customer: Some(id), ..AuditFilter::default() };
    let rows = newest(connection, &filter, None, limit).await?;
    // An action and its mail are written at the same time; both lists run from the newest back.
    let mut mails = outbox::of_customer(connection, id, limit, now).await?.into_iter().peekable();
    rows.iter()
        .map(|row| {
            let (at, action) = (row.time("at")?, row.safe("action")?);
            let mail = brings_mail(action.as_str()).and_then(|kind| {
                while mails.next_if(|mail| mail.created_at > at).is_some() {}
                mails.next_if(|mail| mail.created_at == at && mail.kind == kind).map(MailLine::fate)
            });
            let (operator, reason, detail) = (row.safe("operator")?, row.safe("reason")?, row.safe("detail")?);
            Ok(HistoryLine { at, action, operator, reason, detail, mail })
        })
        .collect()
}

/// The mail that an action queues.
fn brings_mail(action: &str) -> Option<MailKind> {
    match Action::from_word(action)? {
        Action::ResetStart => Some(MailKind::Reset),
        Action::PasswordSet => Some(MailKind::PasswordChanged),
        _ => None,
    }
}

/// A text as every database keeps it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Adds an entry to the chain, in the transaction of what it tells about: no entry, no action.
pub(super) async fn append(
    connection: &mut Connection,
    asked: &Asked,
    action: Action,
    customer: Option<CustomerId>,
    detail: &str,
) -> StoreResult<()> {
    connection.hold(Held::Audit).await?;
    let last = sql("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *connection).await;
    let (seq, previous) = match last? {
        Some(row) => (row.int("seq")? + 1, row.text("hash")?),
        None => (1, GENESIS.to_owned()),
    };
    let mut entry = Entry {
        seq,
        at: asked.at,
        operator: asked.by.name().as_str().to_owned(),
        action: action.word().to_owned(),
        customer,
        // Sealed as it is stored.
        detail: without_nul(detail),
        reason: without_nul(&asked.reason),
        previous,
        hash: String::new(),
    };
    entry.hash = entry.seal();
    sql("INSERT INTO audit (seq, at, operator, action, customer_id, detail, reason, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(entry.seq)
    .bind(entry.at.as_microsecond())
    .bind(entry.operator)
    .bind(entry.action)
    .bind(entry.customer.map(|id| id.0))
    .bind(entry.detail)
    .bind(entry.reason)
    .bind(entry.previous)
    .bind(entry.hash)
    .execute(connection)
    .await
    .map(|_| ())
}

/// Walks the whole audit log.
pub(super) async fn chain(connection: &mut Connection) -> StoreResult<ChainReport> {
    let (mut verifier, mut from) = (Verifier::default(), i64::MIN);
    let broken = 'walk: loop {
        let entries = entries(connection, from, CHAIN).await?;
        if entries.is_empty() {
            break None;
        }
        for entry in &entries {
            if let Err(broken) = verifier.check(entry) {
                break 'walk Some(broken);
            }
        }
        from = verifier.count() + 1;
    };
    Ok(ChainReport { entries: verifier.count(), head: verifier.head().to_owned(), broken })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::plans::plans;

    #[tokio::test]
    async fn every_filter_walks_an_index() {
        let expected = [
            (ALL, "USING INTEGER PRIMARY KEY (rowid<?)"),
            (OF_CUSTOMER, "USING INDEX audit_customer (customer_id=? AND seq<?)"),
            (OF_OPERATOR, "USING INDEX audit_operator (operator=? AND seq<?)"),
            (OF_ACTION, "USING INDEX audit_action (action=? AND seq<?)"),
            (OF_ACTIONS, "USING INDEX audit_action (action>? AND action<?)"),
            (OF_TIME, "USING INDEX audit_at (at>? AND at<?)"),
        ];
        let plans = plans(&expected.map(|(text, _)| text)).await;
        for ((text, index), plan) in expected.iter().zip(plans) {
            assert_eq!(plan[0], format!("SEARCH audit {index}"), "{text}");
        }
    }
}
