//! Browser sessions, and sweeping out what is over.

use jiff::{SignedDuration, Timestamp};

use super::{account, account_columns};
use crate::{
    domain::{customer_token::CustomerToken, storefront::Account},
    store::{
        StoreResult,
        sql::{SqlStore, connection::sql, database::again},
    },
};

/// Requests are counted for an hour, or as long as the longest interval that can be configured.
const REQUESTS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Sessions are kept a while longer than they last: staff may ask when they were.
const SESSIONS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Removed in one transaction: others wait meanwhile.
const SWEEP: i64 = 500;

/// Whose session this is.
pub(super) async fn holder(store: &SqlStore, session: &CustomerToken, now: Timestamp) -> StoreResult<Option<Account>> {
    let row = sql(concat!(
        "SELECT ",
        account_columns!(),
        " FROM web_sessions s JOIN customers c ON c.id = s.customer_id WHERE s.customer_id = $1 AND s.digest = $2 \
         AND s.ended_at IS NULL AND s.expires_at > $3 AND s.created_at >= c.sessions_valid_from AND c.active AND c.confirmed"
    ));
    let row = row.bind(session.customer().0).bind(session.digest()).bind(now.as_microsecond());
    let row = row.fetch_optional(&mut store.read().await?).await?;
    row.as_ref().map(account).transpose()
}

/// Ends a session.
pub(super) async fn end(store: &SqlStore, session: &CustomerToken, now: Timestamp) -> StoreResult<()> {
    again(|| async {
        let mut tx = store.write().await?;
        let end =
            sql("UPDATE web_sessions SET ended_at = $3 WHERE customer_id = $1 AND digest = $2 AND ended_at IS NULL");
        let end = end.bind(session.customer().0).bind(session.digest()).bind(now.as_microsecond());
        end.execute(tx.on()).await?;
        tx.commit().await
    })
    .await
}

/// Removes some of what is over.
pub(super) async fn sweep(store: &SqlStore, now: Timestamp) -> StoreResult<u64> {
    let before = |span: SignedDuration| now.saturating_sub(span).unwrap_or(Timestamp::MIN).as_microsecond();
    let requests = sql(
        "SELECT count(*) AS over FROM (SELECT 1 FROM reset_requests WHERE requested_at < $1 AND address IS NULL LIMIT +$2) old",
    );
    let sessions = sql("SELECT count(*) AS over FROM (SELECT 1 FROM web_sessions WHERE expires_at < $1 LIMIT +$2) old");
    let mut over = 0;
    for (count, kept) in [(requests, REQUESTS_KEPT), (sessions, SESSIONS_KEPT)] {
        let count = count.bind(before(kept)).bind(SWEEP).fetch_one(&mut store.read().await?).await?;
        over += count.count("over")?;
    }
    if over == 0 {
        return Ok(0);
    }
    again(|| remove(store, before(REQUESTS_KEPT), before(SESSIONS_KEPT))).await
}

async fn remove(store: &SqlStore, requests_before: i64, sessions_before: i64) -> StoreResult<u64> {
    let mut tx = store.write().await?;
    let requests =
        sql("DELETE FROM reset_requests WHERE id IN (SELECT id FROM reset_requests WHERE requested_at < $1 \
         AND address IS NULL LIMIT +$2)");
    let requests = requests.bind(requests_before).bind(SWEEP).execute(tx.on()).await?;
    let sessions =
        sql("DELETE FROM web_sessions WHERE id IN (SELECT id FROM web_sessions WHERE expires_at < $1 LIMIT +$2)");
    let sessions = sessions.bind(sessions_before).bind(SWEEP).execute(tx.on()).await?;
    tx.commit().await?;
    Ok(requests + sessions)
}
