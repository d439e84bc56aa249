//! `keydesk demo`: makes a shop in a folder of its own and opens the console on it.

mod integration;
mod server;
mod tour;

use std::{fs, io, path::Path};

use serde_json::json;

use crate::{
    app::{Shop, console, delivery::link_key, operator, variable},
    cli::{
        answer::{Answer, Answered, Outcome},
        args::{DemoArgs, DemoCommand, Global},
        out::Out,
    },
    clock::{Clock, Entropy},
    config::{Config, Flags, folders::Folders, language},
    demo,
    domain::{check::quoted, database::Place, find::Count, password::PasswordHash, query::Query},
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

/// Plays a script; without one makes the shop, unless it is there, and opens the console.
pub(super) async fn run(global: &Global, args: &DemoArgs, out: &mut Out) -> Answered {
    match &args.command {
        Some(DemoCommand::Record(args)) => Box::pin(tour::record(args, out)).await,
        Some(DemoCommand::Play(args)) => Box::pin(tour::play(args)).await,
        None => Box::pin(open(global, args, out)).await,
    }
}

async fn open(global: &Global, args: &DemoArgs, out: &mut Out) -> Answered {
    let folder = match &args.dir {
        Some(dir) => std::path::absolute(dir).unwrap_or_else(|_| dir.clone()),
        None => Folders::new(&variable).demo()?,
    };
    let clock = args.now.map_or_else(Clock::system, Clock::starting_at);
    let file = folder.join("keydesk.toml");
    let (mut config, made) = if let Some(url) = &global.database {
        Box::pin(server::make(&folder, &file, url, args, out)).await?
    } else {
        let config = configuration(&folder, &file, CONFIG)?;
        let made = match &config.database {
            Place::File(database) => make(&config, database, args, out).await?,
            Place::Server(address) => server::there(&config, address).await?,
        };
        (config, made)
    };
    if args.no_console {
        return Ok(made);
    }
    // The shop is made up, who sits in front of it is not.
    config.console.language = language::before_the_file(global.lang.as_deref(), &variable);
    let store = SqlStore::open(&config.database, OpenMode::MustExist).await?;
    console::run(&Shop::open(store, config, operator(global)?, clock).await?).await
}

/// Reads the demo shop's own configuration. Nothing else has a say: the variables of a machine
/// that works on a real shop must not lead a demo there.
fn configuration(folder: &Path, file: &Path, text: &str) -> Result<Config, Answer> {
    write_config(folder, file, text).map_err(|error| {
        let message = format!("The demo shop cannot be made in {}: {error}. Choose another --dir.", folder.display());
        Answer::not_done(Outcome::Failed, "folder", message)
    })?;
    let config = Config::load(&Flags { config: Some(file.to_owned()), ..Flags::default() }, &|_| None, folder)?;
    match &config.database {
        Place::File(_) => Ok(config),
        Place::Server(address) => {
            let database = Place::Server(server::with_password(address.clone())?);
            Ok(Config { database, ..config })
        }
    }
}

fn write_config(folder: &Path, file: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if file.try_exists()? { Ok(()) } else { fs::write(file, text) }
}

/// What there is to do with a demo shop.
fn use_it(config: &Config) -> String {
    let file = config.file.as_deref().map_or_else(String::new, quoted);
    format!("Look at it with \"keydesk --config {file}\"; \"keydesk serve --config {file}\" opens its storefront.")
}

fn shop(args: &DemoArgs) -> demo::Shop {
    demo::Shop {
        customers: args.customers.unwrap_or(CUSTOMERS).into(),
        seed: args.seed,
        now: args.now.unwrap_or_else(|| Clock::system().now()),
    }
}

async fn make(config: &Config, path: &Path, args: &DemoArgs, out: &mut Out) -> Answered {
    let database = path.display().to_string();
    let shop = shop(args);
    // The key belongs to the folder from the beginning, so that whoever copies it has all of it.
    link_key(config, &Entropy::System)?;
    if let Some(folder) = path.parent() {
        Maildir::new(&folder.join(MAILS)).create().map_err(|e| cannot_be_made(&e))?;
    }
    if path.exists() {
        let customers = count(&SqlStore::open_file(path, OpenMode::MustExist).await?).await?;
        let message = format!("The demo shop is there already: {database}. {}", use_it(config));
        let facts = json!({"database": database, "made": false, "config": config.file});
        let answer = Answer::sentence(Outcome::Done, message, facts).with("customers", customers);
        return Ok(match args.customers {
            Some(wanted) if u64::from(wanted) != customers => answer.and_line(format!(
                "It was kept as it is, with {customers} customers; --customers was not used. For another one choose another --dir."
            )),
            _ => answer,
        });
    }
    fill(path, &shop, out).await?;
    Ok(was_made(config, &shop))
}

fn was_made(config: &Config, shop: &demo::Shop) -> Answer {
    let database = config.database.to_string();
    let message = format!("Made a demo shop of {} customers: {database}. {}", shop.customers, use_it(config));
    let password = format!("There, roni_cost@example.com signs in with the password {PASSWORD}");
    let facts = json!({"database": database, "made": true, "config": config.file});
    Answer::sentence(Outcome::Done, message, facts).and_line(password).with("customers", shop.customers)
}

/// How many customers the shop that is there has.
async fn count(store: &SqlStore) -> Result<u64, Answer> {
    let count = store.count(&Query::default(), Clock::system().now(), &Cancel::default()).await?;
    store.clone().close().await;
    Ok(match count {
        Count::Exact(number) | Count::AtLeast(number) | Count::About(number) => number,
    })
}

/// Fills a database under another name and moves it into place when it is complete: a demo that
/// was interrupted is simply made again.
async fn fill(database: &Path, shop: &demo::Shop, out: &mut Out) -> Result<(), Answer> {
    let unfinished = database.with_extension("unfinished");
    let beside = ["", "-wal", "-shm", ".lock", ".lock-door", ".worker", ".load"];
    for ending in beside.map(|ending| format!("unfinished{ending}")) {
        remove(&database.with_extension(ending)).map_err(|e| cannot_be_made(&e))?;
    }
    let store = SqlStore::open_file(&unfinished, OpenMode::CreateIfMissing).await?;
    build(&store, shop, &mut progress(shop, out)).await?;
    store.close().await;
    fs::rename(&unfinished, database).map_err(|e| cannot_be_made(&e))?;
    for ending in ["unfinished.lock", "unfinished.lock-door", "unfinished.load"] {
        remove(&database.with_extension(ending)).map_err(|e| cannot_be_made(&e))?;
    }
    Ok(())
}

async fn build(store: &SqlStore, shop: &demo::Shop, progress: &mut dyn FnMut(u64)) -> Result<(), Answer> {
    let mut salt = [0; 16];
    salt.iter_mut().zip(shop.seed.to_be_bytes()).for_each(|(to, from)| *to = from);
    let password = password_hash::hash(&mut Memory::default(), PASSWORD, salt).map_err(|e| cannot_be_made(&e))?;
    Ok(demo::build(store, shop, Some(PasswordHash::new(password)), progress).await?)
}

fn progress(shop: &demo::Shop, out: &mut Out) -> impl FnMut(u64) {
    let customers = shop.customers;
    move |done| {
        if done % STEP == 0 {
            out.progress(&format!("{done} of {customers} customers"));
        }
    }
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
