//! Integrations.

use super::{
    SqlStore, audit,
    connection::{Connection, sql},
    database::again,
};
use crate::{
    domain::{
        access_token::IntegrationId,
        audit::Action,
        command::Asked,
        integration::{AddIntegration, Integration, IntegrationRemoved, RemoveIntegration, StoredLogin},
        refusal::Refusal,
        safe_text::SafeText,
    },
    store::{ActionResult, Integrations, StoreResult},
};

/// Tokens that are revoked in one transaction: others wait meanwhile.
const BATCH: i64 = 2_000;

impl Integrations for SqlStore {
    async fn add_integration(&self, add: &AddIntegration) -> ActionResult<IntegrationId> {
        // A removed one of this name comes back under its old id, but without any of its old tokens.
        if let Some(removed) = removed(self, &add.name).await? {
            revoke_all(self, removed, &add.asked).await?;
        }
        let mut tx = self.write().await?;
        let row =
            sql("INSERT INTO integrations (name, created_at, key, secret_digest, scopes) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at, key = excluded.key, \
             secret_digest = excluded.secret_digest, scopes = excluded.scopes, removed_at = NULL \
             WHERE integrations.removed_at IS NOT NULL RETURNING id")
            .bind(add.name.clone())
            .bind(add.asked.at.as_microsecond())
            .bind(add.key.clone())
            .bind(add.secret_digest.clone())
            .bind(add.scopes.clone());
        let Some(row) = row.fetch_optional(tx.on()).await? else {
            tx.roll_back().await?;
            return Ok(Err(Refusal::IntegrationExists));
        };
        let id = IntegrationId(row.int("id")?);
        let detail = format!("integration {}: {}", id.0, SafeText::new(&add.name));
        audit::append(tx.on(), &add.asked, Action::IntegrationAdd, None, &detail).await?;
        tx.commit().await?;
        Ok(Ok(id))
    }

    async fn integrations(&self) -> StoreResult<Vec<Integration>> {
        let rows = sql("SELECT id, name, key, scopes, created_at FROM integrations WHERE removed_at IS NULL");
        let rows = rows.fetch_all(&mut self.read().await?).await?;
        let integrations = rows.iter().map(|row| {
            Ok(Integration {
                id: IntegrationId(row.int("id")?),
                name: row.safe("name")?,
                key: row.maybe_text("key")?.map(|key| SafeText::new(&key)),
                scopes: row.safe("scopes")?,
                created_at: row.time("created_at")?,
            })
        });
        let mut integrations = integrations.collect::<StoreResult<Vec<_>>>()?;
        // Not by the database: each server sorts names in its own language's way.
        integrations.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        Ok(integrations)
    }

    async fn remove_integration(&self, remove: &RemoveIntegration) -> ActionResult<IntegrationRemoved> {
        let mut tx = self.write().await?;
        let row = sql("UPDATE integrations SET removed_at = $2, key = NULL, secret_digest = NULL \
             WHERE name = $1 AND removed_at IS NULL RETURNING id");
        let row = row.bind(remove.name.clone()).bind(remove.asked.at.as_microsecond());
        let Some(row) = row.fetch_optional(tx.on()).await? else {
            tx.roll_back().await?;
            return Ok(Err(Refusal::NoSuchIntegration));
        };
        let id = IntegrationId(row.int("id")?);
        let detail = format!("integration {}: {}; its tokens end", id.0, SafeText::new(&remove.name));
        audit::append(tx.on(), &remove.asked, Action::IntegrationRemove, None, &detail).await?;
        tx.commit().await?;
        let tokens = revoke_all(self, id, &remove.asked).await?;
        Ok(Ok(IntegrationRemoved { id, tokens }))
    }

    async fn integration_login(&self, key: &str) -> StoreResult<Option<StoredLogin>> {
        let row =
            sql("SELECT id, name, secret_digest, scopes FROM integrations WHERE key = $1 AND removed_at IS NULL \
             AND secret_digest IS NOT NULL");
        let row = row.bind(key.to_owned()).fetch_optional(&mut self.read().await?).await?;
        row.map(|row| {
            Ok(StoredLogin {
                id: IntegrationId(row.int("id")?),
                name: row.safe("name")?,
                secret_digest: row.text("secret_digest")?,
                scopes: row.text("scopes")?,
            })
        })
        .transpose()
    }
}

/// The removed integration of this name.
async fn removed(store: &SqlStore, name: &str) -> StoreResult<Option<IntegrationId>> {
    let row = sql("SELECT id FROM integrations WHERE name = $1 AND removed_at IS NOT NULL");
    let row = row.bind(name.to_owned()).fetch_optional(&mut store.read().await?).await?;
    row.map(|row| Ok(IntegrationId(row.int("id")?))).transpose()
}

/// Revokes an integration's tokens, some at a time: there may be millions, and they are looked for
/// from the first to the last. Says how many worked until now.
async fn revoke_all(store: &SqlStore, id: IntegrationId, asked: &Asked) -> StoreResult<u64> {
    let (mut after, mut revoked) = (0, 0);
    while let Some(last) = next(store, id, after).await? {
        let some = again(|| async {
            let mut tx = store.write().await?;
            let some = revoke(tx.on(), id, (after, last), asked).await?;
            tx.commit().await?;
            Ok(some)
        });
        revoked += some.await?;
        after = last;
    }
    Ok(revoked)
}

/// The last of the next tokens to be revoked.
async fn next(store: &SqlStore, id: IntegrationId, after: i64) -> StoreResult<Option<i64>> {
    let row = sql("SELECT max(id) AS last FROM (SELECT id FROM access_tokens WHERE id > $2 AND integration_id = $1 \
         AND revoked_at IS NULL ORDER BY id LIMIT +$3) tokens");
    let row = row.bind(id.0).bind(after).bind(BATCH).fetch_one(&mut store.read().await?).await?;
    row.maybe_int("last")
}

async fn revoke(
    connection: &mut Connection,
    id: IntegrationId,
    (after, last): (i64, i64),
    asked: &Asked,
) -> StoreResult<u64> {
    let rows = sql(
        "UPDATE access_tokens SET revoked_at = $4, revoked_by = $5 WHERE id > $2 AND id <= $3 AND integration_id = $1 \
         AND revoked_at IS NULL RETURNING expires_at IS NULL OR expires_at > $4 AS alive",
    )
    .bind(id.0)
    .bind(after)
    .bind(last)
    .bind(asked.at.as_microsecond())
    .bind(asked.by.name().as_str().to_owned());
    let rows = rows.fetch_all(connection).await?;
    rows.iter().map(|row| row.flag("alive").map(u64::from)).sum()
}
