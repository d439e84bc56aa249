//! Making the tables, as their owner, and refusing those that are not ours.

use sqlx::{
    Connection as _, PgConnection, Row as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::{connect::Servers, error};
use crate::{
    domain::server_address::ServerAddress,
    store::{
        StoreError, StoreResult,
        sql::connection::{Connection, sql},
    },
};

/// The newest migration below.
pub(super) const LATEST: i64 = 6;

/// What became of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Their version before; 0 where there were none.
    pub before: i64,
    /// Their version now.
    pub now: i64,
}

pub(super) fn migrator() -> Migrator {
    let step = |version, name: &'static str, text: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sqlx::SqlStr::from_static(text), false)
    };
    Migrator::with_migrations(vec![
        step(1, "shop", include_str!("../../../../migrations/postgres/0001_shop.sql")),
        step(2, "search", include_str!("../../../../migrations/postgres/0002_search.sql")),
        step(3, "depth", include_str!("../../../../migrations/postgres/0003_depth.sql")),
        step(4, "lists", include_str!("../../../../migrations/postgres/0004_lists.sql")),
        step(5, "storefront", include_str!("../../../../migrations/postgres/0005_storefront.sql")),
        step(6, "roles", include_str!("../../../../migrations/postgres/0006_roles.sql")),
    ])
}

/// Makes the tables or brings them up to date. Whoever comes at the same time waits.
///
/// # Errors
/// When no server can be reached, the tables are newer or not ours, or the role may not make any.
pub async fn migrate(address: &ServerAddress) -> StoreResult<Migrated> {
    let mut connection = Servers::new(address.clone()).connect().await?;
    // An index over ten million rows takes its time.
    sqlx::query("SET statement_timeout = 0").execute(&mut connection).await.map_err(|e| error(&e))?;
    let before = version(&mut connection).await?;
    if before.is_none() && strangers(&mut connection).await? {
        return Err(StoreError::Unusable(format!(
            "{address} has tables of these names already, and they are not keydesk's. Nothing was done; name an empty \
             database."
        )));
    }
    let before = before.unwrap_or_default();
    if before > LATEST {
        return Err(newer(before));
    }
    migrator().run_direct(None, &mut connection, false).await.map_err(|e| failed(&e))?;
    // Everything is committed; what cannot be closed is dropped.
    let _ = connection.close().await;
    Ok(Migrated { before, now: LATEST })
}

/// Whether the tables are those that this program knows, and the shop in them is whole.
pub(super) async fn check(connection: &mut Connection) -> StoreResult<()> {
    if check_tables(connection).await? {
        return Err(StoreError::Unusable(
            "A copy of a shop into this database is not complete. To complete it, run the same keydesk copy again; or \
             give it up: drop the database and make an empty one."
                .to_owned(),
        ));
    }
    Ok(())
}

/// Whether the tables are those that this program knows. Says whether a shop is being copied into
/// them.
pub(super) async fn check_tables(connection: &mut Connection) -> StoreResult<bool> {
    let found = sql(
        "SELECT COALESCE(max(version), 0) AS version, to_regclass('copying') IS NOT NULL AS copying FROM _sqlx_migrations \
         WHERE success",
    );
    let (found, copying) = match found.fetch_one(connection).await {
        Ok(row) => (row.int("version")?, row.flag("copying")?),
        Err(StoreError::Unusable(_)) => (0, false),
        Err(e) => return Err(e),
    };
    match found {
        LATEST => Ok(copying),
        newer_one if newer_one > LATEST => Err(newer(newer_one)),
        0 => Err(StoreError::Unusable(
            "The database has no tables of keydesk yet. Make them, as the role that is to own them: keydesk migrate"
                .to_owned(),
        )),
        older => Err(StoreError::Unusable(format!(
            "The database has tables {older}, and this program needs {LATEST}. As their owner, run: keydesk migrate"
        ))),
    }
}

fn newer(found: i64) -> StoreError {
    StoreError::Unusable(format!(
        "The database was made by a newer keydesk (tables {found}, this program knows {LATEST}). Use the newer program. \
         Nothing was written to it."
    ))
}

async fn version(connection: &mut PgConnection) -> StoreResult<Option<i64>> {
    let there = sqlx::query("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut *connection).await;
    let there: bool = there.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
    if !there {
        return Ok(None);
    }
    let row = sqlx::query("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await;
    row.and_then(|row| row.try_get(0)).map_err(|e| error(&e))
}

async fn strangers(connection: &mut PgConnection) -> StoreResult<bool> {
    let row = sqlx::query("SELECT to_regclass('customers') IS NOT NULL OR to_regclass('outbox') IS NOT NULL");
    row.fetch_one(connection).await.and_then(|row| row.try_get(0)).map_err(|e| error(&e))
}

fn failed(e: &MigrateError) -> StoreError {
    match e {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => error(e),
        other => StoreError::Unusable(format!("The tables cannot be brought up to date: {other}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_one_that_is_known() {
        assert_eq!(migrator().iter().map(|m| m.version).max(), Some(LATEST));
    }
}
