//! `keydesk migrate`: makes the tables, or brings older ones up to date.

use serde_json::json;

use crate::{
    app::open_or_make,
    cli::answer::{Answer, Answered, Outcome},
    config::Config,
    domain::{database::Place, server_address::ServerAddress},
    store::sql::postgres,
};

/// Runs `keydesk migrate`.
pub(super) async fn run(config: &Config) -> Answered {
    match &config.database {
        Place::File(file) => {
            open_or_make(config).await?;
            let database = file.display().to_string();
            let message = format!("The database {database} is up to date.");
            Ok(Answer::sentence(Outcome::Done, message, json!({"database": database})))
        }
        Place::Server(address) => tables(address).await,
    }
}

/// A server's tables, made or changed by their owner.
async fn tables(address: &ServerAddress) -> Answered {
    let done = postgres::migrate(address).await?;
    let message = match (done.before, done.now) {
        (0, now) => format!("{address} has the tables of keydesk now: {now}."),
        (before, now) if before == now => format!("{address} is up to date: tables {now}."),
        (before, now) => format!("{address} had tables {before} and has tables {now} now."),
    };
    let facts = json!({"database": address.to_string(), "before": done.before, "now": done.now});
    Ok(Answer::sentence(Outcome::Done, message, facts))
}
