//! `keydesk copy`: moves a shop from a file to a server.

use std::path::PathBuf;

use crate::{
    app::{configuration, operator, variable},
    cli::{
        answer::{Answer, Answered},
        args::{CopyArgs, Global},
        copy::{self, Shown},
        out::Out,
    },
    clock::{Clock, Entropy},
    config::{
        folders::Folders,
        load::{PASSWORD_SEEN, no_strangers},
        secret_file,
        value::{self, Named},
    },
    domain::{command::Asked, copy::CopyOrder, database::Place, operation::OpKey, server_address::ServerAddress},
    store::sql,
};

/// Runs `keydesk copy`.
pub(super) async fn run(global: &Global, args: &CopyArgs, out: &mut Out) -> Answered {
    let (by, from, to) = (operator(global)?, source(global, args)?, target(global, args)?);
    let clock = Clock::system();
    let op_key = OpKey::from_random(Entropy::System.bytes());
    let order = CopyOrder { asked: Asked { at: clock.now(), by, reason: args.reason.clone(), op_key }, from };
    let mut shown = Shown::new(out);
    let done = sql::copy(&order, &to, |progress| shown.tell(progress)).await;
    let took = shown.end();
    match done {
        Ok(copied) => Ok(copy::copied(&copied, &to, &args.to, took)),
        Err(stopped) => Err(copy::stopped(stopped.why, stopped.begun.then_some(&to))),
    }
}

fn wrong(flag: &str, problem: &str) -> Answer {
    Answer::usage("database", format!("{flag}: {problem} Nothing was done."))
}

/// The file that `--from` names.
fn source(global: &Global, args: &CopyArgs) -> Result<PathBuf, Answer> {
    if global.database.is_some() {
        return Err(wrong("--database", "keydesk copy is told with --from and --to what it works on."));
    }
    match value::database(&args.from).map_err(|problem| wrong("--from", &problem))? {
        Named::File(path) => {
            let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
            Ok(Folders::new(&variable).resolve(path, &cwd))
        }
        Named::Server(_) => Err(wrong("--from", "a shop is copied from a file, sqlite:PATH.")),
    }
}

/// The server that `--to` names. Its password is that of `--password-file`, or of the configuration
/// where that names the same role and database.
fn target(global: &Global, args: &CopyArgs) -> Result<ServerAddress, Answer> {
    let address = match value::database(&args.to).map_err(|problem| wrong("--to", &problem))? {
        Named::Server(address) if address.password.is_some() => return Err(wrong("--to", PASSWORD_SEEN)),
        Named::Server(address) => *address,
        Named::File(_) => {
            return Err(wrong("--to", "a shop is copied to a server, postgres://USER@HOST/DATABASE."));
        }
    };
    no_strangers(&variable)?;
    if let Some(file) = &args.password_file {
        let password = secret_file::read(file)?;
        return address.with_password(password).map_err(|problem| wrong("--password-file", &problem));
    }
    Ok(match configuration(global)?.database {
        Place::Server(known) if known.to_string() == address.to_string() => {
            ServerAddress { password: known.password, ..address }
        }
        _ => address,
    })
}
