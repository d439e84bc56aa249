//! Access tokens and browser sessions, and ending them.

use jiff::Timestamp;

use super::{
    SqlStore, audit,
    connection::{Connection, sql},
    customers,
    database::{Held, again},
    operations::{Act, Operation},
    storefront::{account, account_columns},
};
use crate::{
    domain::{
        access_token::{AccessToken, Alive, Scope, TokenId},
        audit::Action,
        command::{Asked, ForceSignIn, SignInForced},
        customer::CustomerId,
        customer_token::CustomerToken,
        refusal::Refusal,
        storefront::TokenHolder,
    },
    store::{AccessTokens, ActionResult, StoreResult},
};

impl AccessTokens for SqlStore {
    async fn force_sign_in(&self, force: &ForceSignIn) -> ActionResult<SignInForced> {
        self.act(force).await
    }

    async fn token_holder(&self, token: &CustomerToken, now: Timestamp) -> StoreResult<Option<TokenHolder>> {
        let row = sql(concat!(
            "SELECT a.id AS token_id, a.last_used_at, i.name AS integration, ",
            account_columns!(),
            " FROM access_tokens a JOIN integrations i ON i.id = a.integration_id JOIN customers c ON c.id = a.customer_id \
             WHERE a.customer_id = $1 AND a.digest = $2 AND a.revoked_at IS NULL \
             AND (a.expires_at IS NULL OR a.expires_at > $3) AND i.removed_at IS NULL AND c.active"
        ));
        let row = row.bind(token.customer().0).bind(token.digest()).bind(now.as_microsecond());
        let row = row.fetch_optional(&mut self.read().await?).await?;
        row.map(|row| {
            Ok(TokenHolder {
                token: TokenId(row.int("token_id")?),
                integration: row.safe("integration")?,
                last_used_at: row.maybe_time("last_used_at")?,
                account: account(&row)?,
            })
        })
        .transpose()
    }

    async fn token_used(&self, holder: &TokenHolder, now: Timestamp) -> StoreResult<()> {
        again(|| async {
            let mut tx = self.write().await?;
            let note = sql("UPDATE access_tokens SET last_used_at = $3 WHERE customer_id = $1 AND id = $2");
            let note = note.bind(holder.account.customer.0).bind(holder.token.0).bind(now.as_microsecond());
            note.execute(tx.on()).await?;
            tx.commit().await
        })
        .await
    }

    async fn give_tokens_back(&self, asked: &Asked, holder: &TokenHolder) -> StoreResult<u32> {
        let customer = holder.account.customer;
        again(|| async {
            let mut tx = self.write().await?;
            tx.on().hold(Held::Customer(customer)).await?;
            let before = alive(tx.on(), customer, asked.at).await?.tokens;
            revoke(tx.on(), customer, asked, None).await?;
            let detail = format!("{}: {before} tokens revoked", holder.integration);
            audit::append(tx.on(), asked, Action::TokenRevoke, Some(customer), &detail).await?;
            tx.commit().await?;
            Ok(before)
        })
        .await
    }
}

impl Act for ForceSignIn {
    type Done = SignInForced;

    fn operation(&self) -> Operation<'_> {
        let action = match self.scope {
            Scope::Token(id) => format!("{} token {}", Action::ForceSignIn.word(), id.0),
            scope => format!("{} {}", Action::ForceSignIn.word(), scope.word()),
        };
        Operation { asked: &self.asked, customer: self.customer, action: action.into() }
    }

    async fn act(&self, connection: &mut Connection) -> ActionResult<SignInForced> {
        end(connection, self).await
    }
}

async fn end(connection: &mut Connection, force: &ForceSignIn) -> ActionResult<SignInForced> {
    let (id, at, scope) = (force.customer, force.asked.at, force.scope);
    if let Err(refusal) = customers::check(connection, id, force.version).await? {
        return Ok(Err(refusal));
    }
    if scope.tokens() && !scope.sessions() && !ever(connection, id).await? {
        return Ok(Err(Refusal::NeverHadTokens));
    }
    if let Scope::Token(token) = scope
        && !belongs(connection, id, token).await?
    {
        return Ok(Err(Refusal::NoSuchToken));
    }
    let before = alive(connection, id, at).await?;
    if scope.tokens() {
        let only = match scope {
            Scope::Token(token) => Some(token),
            _ => None,
        };
        revoke(connection, id, &force.asked, only).await?;
    }
    if scope.sessions() {
        end_sessions(connection, id, at).await?;
    }
    let left = alive(connection, id, at).await?;
    let ended = Alive {
        tokens: before.tokens.saturating_sub(left.tokens),
        sessions: before.sessions.saturating_sub(left.sessions),
    };
    let detail = format!(
        "scope {}: {} tokens revoked, {} left; {} sessions ended, {} left",
        scope.word(),
        ended.tokens,
        left.tokens,
        ended.sessions,
        left.sessions
    );
    audit::append(connection, &force.asked, Action::ForceSignIn, Some(id), &detail).await?;
    Ok(Ok(SignInForced { customer: id, ended, left }))
}

/// Revokes all of a customer's tokens, or only one.
async fn revoke(connection: &mut Connection, id: CustomerId, asked: &Asked, only: Option<TokenId>) -> StoreResult<()> {
    let revoke = sql("UPDATE access_tokens SET revoked_at = $2, revoked_by = $3 \
         WHERE customer_id = $1 AND revoked_at IS NULL AND ($4 IS NULL OR id = $4)");
    let revoke = revoke
        .bind(id.0)
        .bind(asked.at.as_microsecond())
        .bind(asked.by.name().as_str().to_owned())
        .bind(only.map(|token| token.0));
    revoke.execute(connection).await.map(|_| ())
}

/// Ends a customer's browser sessions.
pub(super) async fn end_sessions(connection: &mut Connection, id: CustomerId, at: Timestamp) -> StoreResult<()> {
    let end = sql("UPDATE web_sessions SET ended_at = $2 WHERE customer_id = $1 AND ended_at IS NULL");
    end.bind(id.0).bind(at.as_microsecond()).execute(&mut *connection).await?;
    // For whoever holds a session that is not in the table.
    let bar = sql("UPDATE customers SET sessions_valid_from = $2 WHERE id = $1 AND sessions_valid_from < $2");
    bar.bind(id.0).bind(at.as_microsecond()).execute(connection).await.map(|_| ())
}

async fn belongs(connection: &mut Connection, id: CustomerId, token: TokenId) -> StoreResult<bool> {
    let row = sql("SELECT 1 FROM access_tokens WHERE customer_id = $1 AND id = $2").bind(id.0).bind(token.0);
    Ok(row.fetch_optional(connection).await?.is_some())
}

/// Whether an integration ever obtained a token for the customer.
pub(super) async fn ever(connection: &mut Connection, id: CustomerId) -> StoreResult<bool> {
    let row = sql("SELECT 1 FROM access_tokens WHERE customer_id = $1 LIMIT 1").bind(id.0);
    Ok(row.fetch_optional(connection).await?.is_some())
}

/// Living tokens and sessions, counted.
pub(super) async fn alive(connection: &mut Connection, id: CustomerId, now: Timestamp) -> StoreResult<Alive> {
    let tokens = sql("SELECT count(*) AS alive FROM access_tokens WHERE customer_id = $1 AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)");
    let sessions = sql(
        "SELECT count(*) AS alive FROM web_sessions WHERE customer_id = $1 AND ended_at IS NULL AND expires_at > $2",
    );
    let [tokens, sessions] = [tokens, sessions].map(|count| count.bind(id.0).bind(now.as_microsecond()));
    Ok(Alive {
        tokens: tokens.fetch_one(connection).await?.count("alive")?,
        sessions: sessions.fetch_one(connection).await?.count("alive")?,
    })
}

/// Living tokens, newest first.
pub(super) async fn living(
    connection: &mut Connection,
    id: CustomerId,
    now: Timestamp,
) -> StoreResult<Vec<AccessToken>> {
    let rows = sql("SELECT a.id, i.name AS integration, a.scopes, a.created_at, a.last_used_at, a.expires_at \
         FROM access_tokens a JOIN integrations i ON i.id = a.integration_id \
         WHERE a.customer_id = $1 AND a.revoked_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > $2) \
         ORDER BY a.created_at DESC, a.id DESC");
    let rows = rows.bind(id.0).bind(now.as_microsecond()).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(AccessToken {
                id: TokenId(row.int("id")?),
                integration: row.safe("integration")?,
                scopes: row.safe("scopes")?,
                created_at: row.time("created_at")?,
                last_used_at: row.maybe_time("last_used_at")?,
                expires_at: row.maybe_time("expires_at")?,
            })
        })
        .collect()
}
