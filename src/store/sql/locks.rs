//! Locks that keep customers out after too many wrong passwords.

use sqlx::SqliteConnection;

use super::{Columns, SqlStore, audit, customers, operations::Operation, sqlite};
use crate::{
    domain::{
        audit::Action,
        command::{Unlock, Unlocked},
        refusal::Refusal,
        time_text,
    },
    store::ActionResult,
};

/// Takes off a customer's lock.
pub(super) async fn unlock(store: &SqlStore, unlock: &Unlock) -> ActionResult<Unlocked> {
    let action = Action::CustomerUnlock.word();
    let operation = Operation { asked: &unlock.asked, customer: unlock.customer, action };
    let mut tx = store.write().await?;
    if let Some(earlier) = operation.earlier(tx.on()).await? {
        tx.roll_back().await?;
        return Ok(earlier);
    }
    let done = take_off(tx.on(), unlock).await?;
    operation.settle(store, tx, done).await
}

async fn take_off(connection: &mut SqliteConnection, unlock: &Unlock) -> ActionResult<Unlocked> {
    let (id, at) = (unlock.customer, unlock.asked.at);
    if let Err(refusal) = customers::check(connection, id, unlock.version).await? {
        return Ok(Err(refusal));
    }
    let row = sqlx::query("SELECT locked_until, failed_sign_ins FROM customers WHERE id = $1 AND locked_until > $2");
    let row = row.bind(id.0).bind(at.as_microsecond());
    let Some(row) = row.fetch_optional(&mut *connection).await.map_err(|e| sqlite::error(&e))? else {
        return Ok(Err(Refusal::NotLocked));
    };
    let (until, failed_sign_ins) = (row.time("locked_until")?, row.count("failed_sign_ins")?);
    let free = sqlx::query(
        "UPDATE customers SET failed_sign_ins = 0, locked_until = NULL, version = version + 1 WHERE id = $1",
    );
    free.bind(id.0).execute(&mut *connection).await.map_err(|e| sqlite::error(&e))?;
    let detail =
        format!("lock until {} taken off, {failed_sign_ins} wrong passwords forgotten", time_text::second(until));
    audit::append(connection, &unlock.asked, Action::CustomerUnlock, Some(id), &detail).await?;
    Ok(Ok(Unlocked { customer: id, until, failed_sign_ins }))
}
