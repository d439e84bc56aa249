//! Locks that keep customers out after too many wrong passwords.

use super::{
    audit,
    connection::{Connection, sql},
    customers,
    operations::{Act, Operation},
};
use crate::{
    domain::{
        audit::Action,
        command::{Unlock, Unlocked},
        refusal::Refusal,
        time_text,
    },
    store::ActionResult,
};

impl Act for Unlock {
    type Done = Unlocked;

    fn operation(&self) -> Operation<'_> {
        Operation { asked: &self.asked, customer: self.customer, action: Action::CustomerUnlock.word().into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<Unlocked> {
        take_off(connection, self).await
    }
}

async fn take_off(connection: &mut Connection, unlock: &Unlock) -> ActionResult<Unlocked> {
    let (id, at) = (unlock.customer, unlock.asked.at);
    if let Err(refusal) = customers::check(connection, id, unlock.version).await? {
        return Ok(Err(refusal));
    }
    let row = sql("SELECT locked_until, failed_sign_ins FROM customers WHERE id = $1 AND locked_until > $2");
    let row = row.bind(id.0).bind(at.as_microsecond());
    let Some(row) = row.fetch_optional(&mut *connection).await? else {
        return Ok(Err(Refusal::NotLocked));
    };
    let (until, failed_sign_ins) = (row.time("locked_until")?, row.count("failed_sign_ins")?);
    let free =
        sql("UPDATE customers SET failed_sign_ins = 0, locked_until = NULL, version = version + 1 WHERE id = $1");
    free.bind(id.0).execute(&mut *connection).await?;
    let detail =
        format!("lock until {} taken off, {failed_sign_ins} wrong passwords forgotten", time_text::second(until));
    audit::append(connection, &unlock.asked, Action::CustomerUnlock, Some(id), &detail).await?;
    Ok(Ok(Unlocked { customer: id, until, failed_sign_ins }))
}
