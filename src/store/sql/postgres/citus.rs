//! Spreading the tables over the nodes of a Citus cluster.

use sqlx::{Connection as _, PgConnection, Row as _};

use super::{connect::Servers, error};
use crate::{
    domain::server_address::ServerAddress,
    store::{StoreError, StoreResult},
};

const CITUS: &str = include_str!("../../../../migrations/postgres/citus.sql");

/// What came of spreading the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// They are spread now.
    Now,
    /// They were before.
    Before,
}

/// Spreads the tables, all at once or none.
///
/// # Errors
/// When the server cannot be reached, is no cluster, or the tables are not empty.
pub async fn spread(address: &ServerAddress) -> StoreResult<Spread> {
    let mut connection = Servers::new(address.clone()).connect().await?;
    let refused = |why: String| StoreError::Unusable(format!("{address}: {why} No table was spread."));
    let is = async |connection: &mut PgConnection, question: &'static str| {
        let row = sqlx::query(question).fetch_one(connection).await;
        row.and_then(|row| row.try_get::<bool, _>(0)).map_err(|e| error(&e))
    };
    if !is(&mut connection, "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')").await? {
        return Err(refused("Citus is not installed in this database: CREATE EXTENSION citus".to_owned() + "."));
    }
    let spread = "SELECT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('customers'))";
    if is(&mut connection, spread).await? {
        return Ok(Spread::Before);
    }
    let filled = "SELECT EXISTS (SELECT 1 FROM customers) OR EXISTS (SELECT 1 FROM websites) \
                  OR EXISTS (SELECT 1 FROM operations) OR EXISTS (SELECT 1 FROM outbox)";
    if is(&mut connection, filled).await? {
        return Err(refused(
            "there are customers or websites already, and tables are only spread while they are empty. Spread those of a \
             new database, and take the customers over into it with keydesk import."
                .to_owned(),
        ));
    }
    // Making the parts of a table on every node takes its time.
    sqlx::query("SET statement_timeout = 0").execute(&mut connection).await.map_err(|e| error(&e))?;
    let done = async {
        let mut tx = connection.begin().await?;
        sqlx::raw_sql(CITUS).execute(&mut *tx).await?;
        tx.commit().await
    };
    done.await.map_err(|e: sqlx::Error| {
        let why = e.as_database_error().map_or_else(|| error(&e).to_string(), |e| e.message().to_owned());
        refused(format!("{why}."))
    })?;
    // Everything is committed; what cannot be closed is dropped.
    let _ = connection.close().await;
    Ok(Spread::Now)
}
