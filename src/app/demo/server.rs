//! A demo shop in a server's database.

use std::path::Path;

use serde_json::json;

use super::{MAILS, build, cannot_be_made, configuration, progress, shop, use_it, was_made};
use crate::{
    app::{delivery::link_key, variable},
    cli::{
        answer::{Answer, Answered, Outcome},
        args::DemoArgs,
        out::Out,
    },
    clock::Entropy,
    config::{
        Config,
        load::{PASSWORD_SEEN, no_strangers},
        value::{self, Named},
    },
    domain::{check::quoted, server_address::ServerAddress},
    mail::transport::Maildir,
    store::{Customers, sql::SqlStore},
};

/// Fills an empty database with a demo shop. The folder gets a configuration that names it when it is
/// full: one that was interrupted is refused, not shown.
pub(super) async fn make(
    folder: &Path,
    file: &Path,
    url: &str,
    args: &DemoArgs,
    out: &mut Out,
) -> Result<(Config, Answer), Answer> {
    let address = with_password(asked(url)?)?;
    if file.exists() {
        let config = configuration(folder, file, "")?;
        if config.database.to_string() != address.to_string() {
            let message = format!(
                "{} names another database, {}. Nothing was done; choose another --dir.",
                quoted(file),
                config.database
            );
            return Err(Answer::not_done(Outcome::Failed, "folder", message));
        }
        let answer = there(&config, &address).await?;
        return Ok((config, answer));
    }
    let store = SqlStore::open_server(&address).await?;
    if !store.is_empty().await? {
        let message = format!(
            "{address} has customers already. Nothing was done; a demo shop is only made in a database without any."
        );
        return Err(Answer::not_done(Outcome::Refused, "not_empty", message));
    }
    let shop = shop(args);
    build(&store, &shop, &mut progress(&shop, out)).await?;
    store.close().await;
    let config = configuration(folder, file, &text(url))?;
    link_key(&config, &Entropy::System)?;
    Maildir::new(&folder.join(MAILS)).create().map_err(|e| cannot_be_made(&e))?;
    let answer = was_made(&config, &shop);
    Ok((config, answer))
}

/// A demo shop that was made before.
pub(super) async fn there(config: &Config, address: &ServerAddress) -> Answered {
    SqlStore::open_server(address).await?.close().await;
    let message = format!("The demo shop is there already: {address}. {}", use_it(config));
    let facts = json!({"database": address.to_string(), "made": false, "config": config.file});
    Ok(Answer::sentence(Outcome::Done, message, facts))
}

/// A demo's configuration holds no password. One in `KEYDESK_DATABASE` is taken if it is for the
/// same role and database; nothing else of that variable is.
pub(super) fn with_password(address: ServerAddress) -> Result<ServerAddress, Answer> {
    no_strangers(&variable)?;
    let given = variable("KEYDESK_DATABASE").and_then(|text| ServerAddress::parse(&text).ok());
    let given = given.filter(|given| given.to_string() == address.to_string() && address.password.is_none());
    Ok(match given.and_then(|given| given.password) {
        Some(password) => ServerAddress { password: Some(password), ..address },
        None => address,
    })
}

/// The server that `--database` names.
fn asked(url: &str) -> Result<ServerAddress, Answer> {
    let wrong = |problem: String| Answer::usage("database", format!("--database: {problem} Nothing was done."));
    match value::database(url).map_err(wrong)? {
        Named::Server(address) if address.password.is_some() => Err(wrong(PASSWORD_SEEN.to_owned())),
        Named::Server(address) => Ok(*address),
        Named::File(_) => {
            let message =
                "A demo shop in a file lies in a folder of its own: keydesk demo --dir DIR. Nothing was done.";
            Err(Answer::usage("database", message))
        }
    }
}

fn text(url: &str) -> String {
    format!(
        "\
# A demo shop. Mails are not sent; they become files in the folder \"mail\". A password of the server
# is not kept here: give it in KEYDESK_DATABASE, or name a file in database_password_file.
database = {}

[mail]
url = \"maildir:mail\"
",
        // Such a text is written in JSON as it is in TOML.
        json!(url)
    )
}
