//! Choosing a new password with a link.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::{
    domain::{
        audit::Action,
        customer::NewCustomer,
        customer_token::CustomerToken,
        email::EmailAddress,
        mail_state::{MailId, MailState},
        name::PersonName,
        outbox::MailKind,
        refusal::Refusal,
        reset::ResetId,
        storefront::{LinkHolder, PasswordSet, RedeemReset},
        website::{GroupId, WebsiteId},
    },
    store::{
        ActionResult, StoreResult,
        sql::{
            SqlStore, audit,
            connection::{Connection, Row, sql},
            operations::{Act, Operation},
            tokens,
        },
    },
};

/// Who holds a link that works.
pub(super) async fn holder(store: &SqlStore, token: &CustomerToken, now: Timestamp) -> StoreResult<Option<LinkHolder>> {
    let row = sql("SELECT c.email, c.website_id FROM password_resets r JOIN customers c ON c.id = r.customer_id \
         WHERE r.customer_id = $1 AND r.token_digest = $2 AND r.used_at IS NULL AND r.cancelled_at IS NULL \
         AND r.superseded_at IS NULL AND r.expires_at > $3");
    let row = row.bind(token.customer().0).bind(token.digest()).bind(now.as_microsecond());
    let row = row.fetch_optional(&mut store.read().await?).await?;
    row.map(|row| {
        let website = WebsiteId(row.int("website_id")?);
        Ok(LinkHolder { customer: token.customer(), email: row.text("email")?, website })
    })
    .transpose()
}

impl Act for RedeemReset {
    type Done = PasswordSet;

    fn operation(&self) -> Operation<'_> {
        Operation { asked: &self.asked, customer: self.customer, action: Action::PasswordSet.word().into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<PasswordSet> {
        set(connection, self).await
    }
}

async fn set(connection: &mut Connection, redeem: &RedeemReset) -> ActionResult<PasswordSet> {
    let (id, at) = (redeem.customer, redeem.asked.at);
    let Some(reset) = use_link(connection, redeem).await? else { return Ok(Err(Refusal::LinkDead)) };
    let row = sql(
        "SELECT website_id, group_id, email, first_name, middle_name, last_name, phone, active, confirmed, created_at, \
         locked_until FROM customers WHERE id = $1",
    );
    let row = row.bind(id.0).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Err(Refusal::LinkDead)) };
    let Ok(email) = EmailAddress::parse(&row.text("email")?) else { return Ok(Err(Refusal::LinkDead)) };
    let unlocked = row.maybe_time("locked_until")?.is_some_and(|until| until > at);
    if !row.flag("confirmed")? {
        // Whoever opened the mail has the address.
        connection.index_confirmed(id, &indexed(&row, email.clone())?).await?;
    }
    let sessions = tokens::alive(connection, id, at).await?.sessions;
    tokens::end_sessions(connection, id, at).await?;
    let write =
        sql("UPDATE customers SET password_hash = $2, failed_sign_ins = 0, locked_until = NULL, confirmed = TRUE, \
         version = version + 1 WHERE id = $1");
    let write = write.bind(id.0).bind(redeem.password_hash.expose_secret().to_owned());
    write.execute(&mut *connection).await?;
    let mail = notice(connection, redeem, reset, &email, WebsiteId(row.int("website_id")?)).await?;
    let lock = if unlocked { ", lock taken off" } else { "" };
    let detail =
        format!("with the link of reset {}; sessions ended: {sessions}{lock}; mail {} queued", reset.0, mail.0);
    audit::append(connection, &redeem.asked, Action::PasswordSet, Some(id), &detail).await?;
    Ok(Ok(PasswordSet { customer: id, reset, mail, sessions, unlocked }))
}

/// Of all who come with this link, one uses it.
async fn use_link(connection: &mut Connection, redeem: &RedeemReset) -> StoreResult<Option<ResetId>> {
    let row = sql(
        "UPDATE password_resets SET used_at = $3 WHERE customer_id = $1 AND token_digest = $2 AND used_at IS NULL \
         AND cancelled_at IS NULL AND superseded_at IS NULL AND expires_at > $3 RETURNING id",
    );
    let row = row.bind(redeem.customer.0).bind(redeem.token_digest.clone()).bind(redeem.asked.at.as_microsecond());
    let row = row.fetch_optional(connection).await?;
    row.map(|row| Ok(ResetId(row.int("id")?))).transpose()
}

/// The customer as the search index is to know them: confirmed.
fn indexed(row: &Row, email: EmailAddress) -> StoreResult<NewCustomer> {
    Ok(NewCustomer {
        website: WebsiteId(row.int("website_id")?),
        group: GroupId(row.int("group_id")?),
        name: PersonName {
            first: row.text("first_name")?,
            middle: row.text("middle_name")?,
            last: row.text("last_name")?,
        },
        email,
        phone: row.text("phone")?,
        password_hash: None,
        active: row.flag("active")?,
        confirmed: true,
        failed_sign_ins: 0,
        locked_until: None,
        created_at: row.time("created_at")?,
        last_sign_in_at: None,
        attributes: None,
    })
}

/// Queues the mail that tells the customer.
async fn notice(
    connection: &mut Connection,
    redeem: &RedeemReset,
    reset: ResetId,
    email: &EmailAddress,
    website: WebsiteId,
) -> StoreResult<MailId> {
    let random: String = redeem.token_digest.chars().take(8).collect();
    let row = sql(
        "INSERT INTO outbox (customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, \
         not_before, next_at, state) VALUES ($1, $2, $3, $4, $5, FALSE, $6, $7, $7, $7, $8) RETURNING id",
    )
    .bind(redeem.customer.0)
    .bind(reset.0)
    .bind(format!("changed-{}.{random}", reset.0))
    .bind(MailKind::PasswordChanged.word())
    .bind(email.as_str().to_owned())
    .bind(website.0)
    .bind(redeem.asked.at.as_microsecond())
    .bind(MailState::Queued.word());
    let row = row.fetch_one(connection).await?;
    Ok(MailId(row.int("id")?))
}
