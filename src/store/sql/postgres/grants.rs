//! Who may do what on a server: the groups that roles with a login are put into.

use sqlx::{Connection as _, PgConnection};

use super::{connect::Servers, error};
use crate::{
    domain::server_address::ServerAddress,
    store::{StoreError, StoreResult},
};

/// The groups, in the order in which they may do more than only look.
pub const GROUPS: [&str; 4] = ["keydesk_readonly", "keydesk_console", "keydesk_worker", "keydesk_web"];

const GRANTS: &str = include_str!("../../../../migrations/postgres/grants.sql");

/// Makes the groups where they are not there yet, and gives each its rights anew, all at once: nobody
/// who works meanwhile is without them.
///
/// # Errors
/// When the server cannot be reached, or the role does not own the tables or may not make roles.
pub async fn grant(address: &ServerAddress) -> StoreResult<()> {
    let mut connection = Servers::new(address.clone()).connect().await?;
    let done = run(&mut connection).await;
    done.map_err(|e| refused(&e))?;
    // Everything is committed; what cannot be closed is dropped.
    let _ = connection.close().await;
    Ok(())
}

async fn run(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    sqlx::raw_sql(GRANTS).execute(&mut *tx).await?;
    tx.commit().await
}

fn refused(e: &sqlx::Error) -> StoreError {
    let code = e.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default();
    match code.as_ref() {
        "42501" => StoreError::NotAllowed(format!(
            "{}; whoever gives the rights must own the tables, and make roles (CREATEROLE) \
             unless {} are there",
            e.as_database_error().map_or("", sqlx::error::DatabaseError::message),
            GROUPS.join(", ")
        )),
        "0A000" => StoreError::Other(
            "this Citus gives no rights on single columns; a newer one does. Until then give operators a role of their \
             own only on a server without Citus"
                .to_owned(),
        ),
        _ => error(e),
    }
}
