//! `keydesk demo`: makes a shop in a folder of its own and opens the console on it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    app::{Shop, console, delivery::link_key, operator, variable},
    cli::{
        answer::{Answer, Answered, Outcome},
        args::{DemoArgs, Global},
        out::Out,
    },
    clock::{Clock, Entropy},
    config::{Config, Flags, folders::Folders},
    demo,
    domain::{check::quoted, find::Count, password::PasswordHash, query::Query},
    mail::transport::Maildir,
    service::password_hash::{self, Memory},
    store::{
        Cancel, Search,
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

/// The folder of mails that [`CONFIG`] names.
const MAILS: &str = "mail";

/// Everybody's password in a demo shop: the one of the sample customer that Magento ships.
const PASSWORD: &str = "roni_cost3@example.com";

/// Customers of a shop where nothing else is asked for.
const CUSTOMERS: u32 = 10_000;

/// How often progress is told, in customers.
const STEP: u64 = 100_000;

/// Makes the shop, unless it is there, and opens the console.
pub(super) async fn run(global: &Global, args: &DemoArgs, out: &mut Out) -> Answered {
    let folder = match &args.dir {
        Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.clone()),
        None => Folders::new(&variable).demo()?,
    };
    let config = configuration(&folder)?;
    let clock = args.now.map_or_else(Clock::system, Clock::starting_at);
    let made = make(&config, args, out).await?;
    if args.no_console {
        return Ok(made);
    }
    let store = SqlStore::open_file(&config.database, OpenMode::MustExist).await?;
    console::run(&Shop::open(store, config, operator(global)?, clock).await?).await
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

async fn make(config: &Config, args: &DemoArgs, out: &mut Out) -> Answered {
    let database = config.database.display().to_string();
    let file = config.file.as_deref().map_or_else(String::new, quoted);
    let use_it =
        format!("Look at it with \"keydesk --config {file}\"; \"keydesk serve --config {file}\" opens its storefront.");
    let facts = |made| json!({"database": database, "made": made, "config": config.file});
    let shop = demo::Shop {
        customers: args.customers.unwrap_or(CUSTOMERS).into(),
        seed: args.seed,
        now: args.now.unwrap_or_else(|| Clock::system().now()),
    };
    // The key belongs to the folder from the beginning, so that whoever copies it has all of it.
    link_key(config, &Entropy::System)?;
    if let Some(folder) = config.database.parent() {
        Maildir::new(&folder.join(MAILS)).create().map_err(|e| cannot_be_made(&e))?;
    }
    if config.database.exists() {
        let customers = count(config).await?;
        let message = format!("The demo shop is there already: {database}. {use_it}");
        let answer = Answer::sentence(Outcome::Done, message, facts(false)).with("customers", customers);
        return Ok(match args.customers {
            Some(wanted) if u64::from(wanted) != customers => answer.and_line(format!(
                "It was kept as it is, with {customers} customers; --customers was not used. For another one choose another --dir."
            )),
            _ => answer,
        });
    }
    fill(config, &shop, out).await?;
    let message = format!("Made a demo shop of {} customers: {database}. {use_it}", shop.customers);
    let password = format!("There, roni_cost@example.com signs in with the password {PASSWORD}");
    let answer = Answer::sentence(Outcome::Done, message, facts(true)).and_line(password);
    Ok(answer.with("customers", shop.customers))
}

/// How many customers the shop that is there has.
async fn count(config: &Config) -> Result<u64, Answer> {
    let store = SqlStore::open_file(&config.database, OpenMode::MustExist).await?;
    let count = store.count(&Query::default(), Clock::system().now(), &Cancel::default()).await?;
    store.close().await;
    Ok(match count {
        Count::Exact(number) | Count::AtLeast(number) | Count::About(number) => number,
    })
}

/// Fills a database under another name and moves it into place when it is complete: a demo that
/// was interrupted is simply made again.
async fn fill(config: &Config, shop: &demo::Shop, out: &mut Out) -> Result<(), Answer> {
    let unfinished = config.database.with_extension("unfinished");
    let beside = ["", "-wal", "-shm", ".lock", ".lock-door", ".worker", ".load"];
    for ending in beside.map(|ending| format!("unfinished{ending}")) {
        remove(&config.database.with_extension(ending)).map_err(|e| cannot_be_made(&e))?;
    }
    let store = SqlStore::open_file(&unfinished, OpenMode::CreateIfMissing).await?;
    let progress = |done| {
        if done % STEP == 0 {
            out.progress(&format!("{done} of {} customers", shop.customers));
        }
    };
    let mut salt = [0; 16];
    salt.iter_mut().zip(shop.seed.to_be_bytes()).for_each(|(to, from)| *to = from);
    let password = password_hash::hash(&mut Memory::default(), PASSWORD, salt).map_err(|e| cannot_be_made(&e))?;
    demo::build(&store, shop, Some(PasswordHash::new(password)), progress).await?;
    store.close().await;
    fs::rename(&unfinished, &config.database).map_err(|e| cannot_be_made(&e))?;
    for ending in ["unfinished.lock", "unfinished.lock-door", "unfinished.load"] {
        remove(&config.database.with_extension(ending)).map_err(|e| cannot_be_made(&e))?;
    }
    Ok(())
}

fn cannot_be_made(error: &dyn std::fmt::Display) -> Answer {
    Answer::not_done(Outcome::Failed, "folder", format!("The demo shop could not be made: {error}."))
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
