//! `keydesk demo`: makes a shop in a folder of its own and opens the console on it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    app::{Shop, console, operator, variable},
    cli::{
        answer::{Answer, Answered, Outcome},
        args::{DemoArgs, Global},
        out::Out,
    },
    clock::{Clock, Entropy, ManualClock},
    config::{Config, Flags, folders::Folders},
    demo,
    store::{
        Customers,
        sql::{OpenMode, SqlStore},
    },
};

/// The demo shop's configuration: mails become files beside the database.
const CONFIG: &str = "\
# A demo shop. Mails are not sent; they become files in the folder \"mail\".
database = \"sqlite:keydesk.db\"

[mail]
url = \"maildir:mail\"
";

/// How often progress is told, in customers.
const STEP: u64 = 100_000;

/// Makes the shop, unless it is there, and opens the console.
pub(super) async fn run(global: &Global, args: &DemoArgs, out: &mut Out) -> Answered {
    let folder = match &args.dir {
        Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.clone()),
        None => Folders::new(&variable).demo()?,
    };
    let config = configuration(&folder)?;
    let clock = args.now.map_or(Clock::System, |now| Clock::Manual(ManualClock::new(now)));
    let made = make(&config, args, &clock, out).await?;
    if args.no_console {
        return Ok(made);
    }
    let entropy = if args.now.is_some() { Entropy::seeded(args.seed) } else { Entropy::System };
    let store = SqlStore::open(&config.database, OpenMode::MustExist).await?;
    console(&Shop::new(store, config, operator(global)?, clock, entropy)).await
}

/// Reads the demo shop's own configuration. Nothing else has a say: the variables of a machine
/// that works on a real shop must not lead a demo there.
fn configuration(folder: &Path) -> Result<Config, Answer> {
    let file = folder.join("keydesk.toml");
    write_config(folder, &file).map_err(|error| {
        let message = format!("The demo shop cannot be made in {}: {error}. Choose another --dir.", folder.display());
        Answer::not_done(Outcome::Failed, "folder", message)
    })?;
    Ok(Config::load(&Flags { config: Some(file), ..Flags::default() }, &|_| None, folder)?)
}

fn write_config(folder: &Path, file: &PathBuf) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if file.try_exists()? { Ok(()) } else { fs::write(file, CONFIG) }
}

async fn make(config: &Config, args: &DemoArgs, clock: &Clock, out: &mut Out) -> Answered {
    let store = SqlStore::open(&config.database, OpenMode::CreateIfMissing).await?;
    let database = config.database.display().to_string();
    let use_it = config.file.as_ref().map_or_else(String::new, |file| format!("keydesk --config {}", file.display()));
    let facts = |made| json!({"database": database, "made": made, "config": config.file});
    if !store.is_empty().await? {
        let message = format!("The demo shop is there already: {database}. Look at it with \"{use_it}\".");
        return Ok(Answer::sentence(Outcome::Done, message, facts(false)));
    }
    let shop = demo::Shop { customers: args.customers.into(), seed: args.seed, now: clock.now() };
    let progress = |done| {
        if done % STEP == 0 {
            out.progress(&format!("{done} of {} customers", shop.customers));
        }
    };
    demo::build(&store, &shop, None, progress).await?;
    let message =
        format!("Made a demo shop of {} customers: {database}. Look at it with \"{use_it}\".", shop.customers);
    Ok(Answer::sentence(Outcome::Done, message, facts(true)).with("customers", shop.customers))
}
