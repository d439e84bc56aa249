//! `keydesk migrate`: makes the tables, or brings older ones up to date.

use serde_json::{Value, json};

use crate::{
    app::open_or_make,
    cli::{
        answer::{Answer, Answered, Outcome},
        args::MigrateArgs,
    },
    config::Config,
    domain::{database::Place, server_address::ServerAddress},
    store::sql::postgres::{self, GROUPS, Spread},
};

/// Runs `keydesk migrate`.
pub(super) async fn run(config: &Config, args: &MigrateArgs) -> Answered {
    match &config.database {
        Place::File(_) if args.grants || args.citus => {
            let message = "--grants and --citus are for a database on a server. Nothing was done.";
            Err(Answer::usage("database", message))
        }
        Place::File(file) => {
            open_or_make(config).await?;
            let database = file.display().to_string();
            let message = format!("The database {database} is up to date.");
            Ok(Answer::sentence(Outcome::Done, message, json!({"database": database})))
        }
        Place::Server(address) => server(address, args).await,
    }
}

/// A server's tables, made or changed by their owner; then where they lie, then who may do what.
async fn server(address: &ServerAddress, args: &MigrateArgs) -> Answered {
    let mut answer = tables(address).await?;
    if args.citus {
        answer = match postgres::spread(address).await? {
            Spread::Now => {
                answer.and_line("The tables are spread over the nodes of the cluster now.").with("citus", "spread")
            }
            Spread::Before => {
                answer.and_line("The tables are spread over the cluster already.").with("citus", "already")
            }
        };
    }
    if args.grants {
        postgres::grant(address).await?;
        let line = format!(
            "Rights are given to {}. Put a role into one with: GRANT keydesk_console TO mina",
            GROUPS.join(", ")
        );
        answer = answer.and_line(line).with("grants", GROUPS.map(Value::from).to_vec());
    }
    Ok(answer)
}

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
