//! Access tokens and browser sessions, and ending them.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Columns, SqlStore, audit, customers,
    operations::Operation,
    sqlite,
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
        let action = match force.scope {
            Scope::Token(id) => format!("{} token {}", Action::ForceSignIn.word(), id.0),
            scope => format!("{} {}", Action::ForceSignIn.word(), scope.word()),
        };
        let operation = Operation { asked: &force.asked, customer: force.customer, action: &action };
        let mut tx = self.write().await?;
        if let Some(earlier) = operation.earlier(tx.on()).await? {
            tx.roll_back().await?;
            return Ok(earlier);
        }
        let done = end(tx.on(), force).await?;
        operation.settle(self, tx, done).await
    }

    async fn token_holder(&self, token: &CustomerToken, now: Timestamp) -> StoreResult<Option<TokenHolder>> {
        let row = sqlx::query(concat!(
            "SELECT a.id AS token_id, a.last_used_at, i.name AS integration, ",
            account_columns!(),
            " FROM access_tokens a JOIN integrations i ON i.id = a.integration_id JOIN customers c ON c.id = a.customer_id \
             WHERE a.customer_id = $1 AND a.digest = $2 AND a.revoked_at IS NULL \
             AND (a.expires_at IS NULL OR a.expires_at > $3) AND i.removed_at IS NULL AND c.active"
        ));
        let row = row.bind(token.customer().0).bind(token.digest()).bind(now.as_microsecond());
        let row = row.fetch_optional(&self.readers).await.map_err(|e| sqlite::error(&e))?;
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

    async fn token_used(&self, token: TokenId, now: Timestamp) -> StoreResult<()> {
        let mut tx = self.write().await?;
        let note = sqlx::query("UPDATE access_tokens SET last_used_at = $2 WHERE id = $1");
        let note = note.bind(token.0).bind(now.as_microsecond());
        note.execute(tx.on()).await.map_err(|e| sqlite::error(&e))?;
        tx.commit().await
    }

    async fn give_tokens_back(&self, asked: &Asked, holder: &TokenHolder) -> StoreResult<u32> {
        let customer = holder.account.customer;
        let mut tx = self.write().await?;
        let before = alive(tx.on(), customer, asked.at).await?.tokens;
        revoke(tx.on(), customer, asked, None).await?;
        let detail = format!("{}: {before} tokens revoked", holder.integration);
        audit::append(tx.on(), asked, Action::TokenRevoke, Some(customer), &detail).await?;
        tx.commit().await?;
        Ok(before)
    }
}

async fn end(connection: &mut SqliteConnection, force: &ForceSignIn) -> ActionResult<SignInForced> {
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
async fn revoke(
    connection: &mut SqliteConnection,
    id: CustomerId,
    asked: &Asked,
    only: Option<TokenId>,
) -> StoreResult<()> {
    let revoke = sqlx::query(
        "UPDATE access_tokens SET revoked_at = $2, revoked_by = $3 \
         WHERE customer_id = $1 AND revoked_at IS NULL AND ($4 IS NULL OR id = $4)",
    );
    let revoke = revoke
        .bind(id.0)
        .bind(asked.at.as_microsecond())
        .bind(asked.by.name().as_str().to_owned())
        .bind(only.map(|token| token.0));
    revoke.execute(connection).await.map(|_| ()).map_err(|e| sqlite::error(&e))
}

/// Ends a customer's browser sessions.
pub(super) async fn end_sessions(connection: &mut SqliteConnection, id: CustomerId, at: Timestamp) -> StoreResult<()> {
    let end = sqlx::query("UPDATE web_sessions SET ended_at = $2 WHERE customer_id = $1 AND ended_at IS NULL");
    end.bind(id.0).bind(at.as_microsecond()).execute(&mut *connection).await.map_err(|e| sqlite::error(&e))?;
    // For whoever holds a session that is not in the table.
    let bar = sqlx::query("UPDATE customers SET sessions_valid_from = max(sessions_valid_from, $2) WHERE id = $1");
    bar.bind(id.0).bind(at.as_microsecond()).execute(connection).await.map(|_| ()).map_err(|e| sqlite::error(&e))
}

async fn belongs(connection: &mut SqliteConnection, id: CustomerId, token: TokenId) -> StoreResult<bool> {
    let row = sqlx::query("SELECT 1 FROM access_tokens WHERE customer_id = $1 AND id = $2").bind(id.0).bind(token.0);
    Ok(row.fetch_optional(connection).await.map_err(|e| sqlite::error(&e))?.is_some())
}

/// Whether an integration ever obtained a token for the customer.
pub(super) async fn ever(connection: &mut SqliteConnection, id: CustomerId) -> StoreResult<bool> {
    let row = sqlx::query("SELECT 1 FROM access_tokens WHERE customer_id = $1 LIMIT 1").bind(id.0);
    Ok(row.fetch_optional(connection).await.map_err(|e| sqlite::error(&e))?.is_some())
}

/// Living tokens and sessions, counted.
pub(super) async fn alive(connection: &mut SqliteConnection, id: CustomerId, now: Timestamp) -> StoreResult<Alive> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM access_tokens WHERE customer_id = $1 AND revoked_at IS NULL \
                 AND (expires_at IS NULL OR expires_at > $2)) AS tokens, \
                (SELECT count(*) FROM web_sessions WHERE customer_id = $1 AND ended_at IS NULL AND expires_at > $2) AS sessions",
    );
    let row = row.bind(id.0).bind(now.as_microsecond()).fetch_one(connection).await.map_err(|e| sqlite::error(&e))?;
    Ok(Alive { tokens: row.count("tokens")?, sessions: row.count("sessions")? })
}

/// Living tokens, newest first.
pub(super) async fn living(
    connection: &mut SqliteConnection,
    id: CustomerId,
    now: Timestamp,
) -> StoreResult<Vec<AccessToken>> {
    let rows = sqlx::query(
        "SELECT a.id, i.name AS integration, a.scopes, a.created_at, a.last_used_at, a.expires_at \
         FROM access_tokens a JOIN integrations i ON i.id = a.integration_id \
         WHERE a.customer_id = $1 AND a.revoked_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > $2) \
         ORDER BY a.created_at DESC, a.id DESC",
    );
    let rows = rows.bind(id.0).bind(now.as_microsecond()).fetch_all(connection).await.map_err(|e| sqlite::error(&e))?;
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
