//! Puts the parts together: the only place that names a concrete store, transport and clock.

mod backup;
mod console;
mod copy;
mod delivery;
mod demo;
mod doctor;
mod migrate;
pub mod reports;
mod serve;

use std::{ffi::OsString, path::Path};

use crate::{
    cli::{
        self, Ctx,
        answer::{Answer, Answered},
        args::{Cli, Command, Global, MailCommand},
        man,
        operator::this_process,
        out::Out,
        usage,
    },
    clock::{Clock, Entropy},
    config::{Config, Flags, folders::Folders},
    domain::operator::Operator,
    service::{Rules, Service},
    store::sql::{OpenMode, SqlStore},
    tui::terminal,
};

/// A shop that is open: its configuration, and what commands work with.
struct Shop {
    config: Config,
    ctx: Ctx<SqlStore>,
}

impl Shop {
    async fn open(store: SqlStore, config: Config, operator: Operator, clock: Clock) -> Result<Self, Answer> {
        let rules = rules(&config);
        let service = Service::new(store, clock, Entropy::System, rules);
        service.keep_time().await?;
        Ok(Self { config, ctx: Ctx { service, operator } })
    }
}

/// Runs a command line and returns the exit code.
///
/// # Errors
/// Only what nobody planned for; everything else is an answer with an exit code.
pub fn run(args: &[OsString]) -> color_eyre::Result<u8> {
    let cli = match usage::parse(args) {
        Ok(cli) => cli,
        Err(code) => return Ok(code),
    };
    let mut out = Out::new(cli.global.json);
    match &cli.command {
        Some(Command::Completions { shell }) => return Ok(out.raw(&usage::completions(*shell))),
        Some(Command::Man(args)) => return Ok(man::run(args, &mut out)?),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let answer = runtime.block_on(command(&cli, &mut out));
    // What still waits for somebody else's lock is not waited for: its answer was given.
    runtime.shutdown_background();
    Ok(out.answer(&answer.unwrap_or_else(|early| early)))
}

async fn command(cli: &Cli, out: &mut Out) -> Answered {
    let global = &cli.global;
    match &cli.command {
        Some(Command::Demo(args)) => Box::pin(demo::run(global, args, out)).await,
        Some(Command::Doctor(args)) => Ok(doctor::run(global, args).await),
        Some(Command::Serve(args)) => serve::run(&shop_with(global, args.flags(global)).await?, out).await,
        Some(Command::Backup(args)) => backup::back_up(&shop(global).await?, args, out).await,
        Some(Command::Restore(args)) => backup::put_back(global, args, out).await,
        Some(Command::Copy(args)) => Box::pin(copy::run(global, args, out)).await,
        Some(Command::Import(args)) => Box::pin(cli::import::run(&shop(global).await?.ctx, args, out)).await,
        Some(Command::Export(args)) => cli::export::run(&shop(global).await?.ctx, args, out).await,
        Some(Command::Migrate(args)) => migrate::run(&configuration(global)?, args).await,
        Some(Command::Twin(twin)) => Ok(cli::run(&shop(global).await?.ctx, twin).await),
        Some(Command::Mail { command: MailCommand::Twin(twin) }) => {
            Ok(cli::mail::run(&shop(global).await?.ctx, twin).await)
        }
        Some(Command::Mail { command: MailCommand::Deliver { watch, new_key } }) => {
            delivery::run(&shop(global).await?, *watch, *new_key, out).await
        }
        Some(Command::Completions { .. } | Command::Man(_)) | None => {
            terminal::check().map_err(|why| Answer::usage("no_terminal", why))?;
            console::run(&shop_or_new(global).await?).await
        }
    }
}

/// Opens the shop that a command works on; it must be there, so that a mistyped path is noticed.
async fn shop(global: &Global) -> Result<Shop, Answer> {
    shop_with(global, global.flags()).await
}

async fn shop_with(global: &Global, flags: Flags) -> Result<Shop, Answer> {
    let (config, operator) = (configuration_with(&flags)?, operator(global)?);
    let store = SqlStore::open(&config.database, OpenMode::MustExist).await?;
    Shop::open(store, config, operator, Clock::system()).await
}

/// Opens the shop that the console works on, an empty one where there is none yet.
async fn shop_or_new(global: &Global) -> Result<Shop, Answer> {
    let (config, operator) = (configuration(global)?, operator(global)?);
    let store = open_or_make(&config).await?;
    Shop::open(store, config, operator, Clock::system()).await
}

async fn open_or_make(config: &Config) -> Result<SqlStore, Answer> {
    let own = Folders::new(&variable).database().ok();
    // Only keydesk's own folder is made: a missing one that somebody named is a mistake.
    if let Some(folder) = own.as_deref().filter(|own| config.database.file() == Some(own)).and_then(Path::parent) {
        // What keeps it from being made is told, with more words, when the database is opened.
        let _ = std::fs::create_dir_all(folder);
    }
    Ok(SqlStore::open(&config.database, OpenMode::CreateIfMissing).await?)
}

fn rules(config: &Config) -> Rules {
    Rules {
        reset: config.reset,
        password: config.password,
        lockout: config.lockout,
        session_life: config.serve.session_life,
        token_life: config.serve.token_life,
        base_url: config.base_url.clone(),
    }
}

fn configuration(global: &Global) -> Result<Config, Answer> {
    configuration_with(&global.flags())
}

fn configuration_with(flags: &Flags) -> Result<Config, Answer> {
    let cwd = std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_owned());
    Ok(Config::load(flags, &variable, &cwd)?)
}

fn operator(global: &Global) -> Result<Operator, Answer> {
    let found = global.operator.clone().or_else(|| this_process(&variable).operator());
    found.ok_or_else(|| Answer::usage("operator", "It is not known who you are. Say so with --operator NAME."))
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
