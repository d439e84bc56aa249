//! `keydesk demo record` and `keydesk demo play`: a script, played in a shop of its own.

use std::{fs, io, path::Path, time::Duration};

use serde_json::json;
use tempfile::TempDir;

use super::{build, cannot_be_made, integration::Program};
use crate::{
    app::delivery,
    cli::{
        answer::{Answer, Answered, Outcome},
        args::{PlayArgs, RecordArgs},
        out::Out,
    },
    clock::{Clock, Entropy, ManualClock},
    demo,
    domain::reset::TokenKey,
    mail::transport::{Memory, Transport},
    service::{Rules, Service, delivery::Mailer},
    store::sql::{OpenMode, SqlStore},
    tui::{
        self, End, terminal,
        tour::{self, Recording, Script, Set, TourError},
    },
};

/// Writes what a script shows.
pub(super) async fn record(args: &RecordArgs, out: &mut Out) -> Answered {
    if args.output.is_none() && out.is_json() {
        let message = "Standard output is taken by the recording. Leave --json out, or name a file with --output.";
        return Err(Answer::usage("json", message));
    }
    // Whoever does not want to wait gets the shop's folder removed, too.
    let (cast, lasts) = tokio::select! {
        recorded = recorded(&args.script) => recorded?,
        _ = delivery::asked_to_stop() => {
            return Err(Answer::not_done(Outcome::Failed, "stopped", "Stopped. Nothing was written."));
        }
    };
    let Some(file) = &args.output else {
        return match out.stdout().write_all(cast.as_bytes()) {
            // Whoever reads it has enough, as with `| head`.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written(Path::new("-"), &error)),
            _ => Ok(Answer::lines(Outcome::Done, Vec::new(), json!({}))),
        };
    };
    fs::write(file, &cast).map_err(|error| not_written(file, &error))?;
    let message = format!("Recorded {} seconds to {}.", lasts.as_secs(), file.display());
    Ok(Answer::sentence(Outcome::Done, message, json!({"file": file, "seconds": lasts.as_secs_f64()})))
}

/// The recording of a script, and how long it lasts.
async fn recorded(file: &Path) -> Result<(String, Duration), Answer> {
    let script = read(file)?;
    let folder = folder()?;
    let set = set(&script, folder.path()).await?;
    let store = set.service.store().clone();
    let mut recording = Recording::begin(&script).map_err(|error| not_played(file, &error.into()))?;
    let played = Box::pin(tour::play(&script, set, &mut recording)).await;
    store.close().await;
    let (_, lasts) = played.map_err(|error| not_played(file, &error))?;
    Ok((recording.end(lasts), lasts))
}

/// Shows a script in the terminal.
pub(super) async fn play(args: &PlayArgs) -> Answered {
    terminal::check().map_err(|why| Answer::usage("no_terminal", why))?;
    let script = read(&args.script)?;
    let size = terminal::area();
    if size.width < script.width || size.height < script.height {
        let message = format!(
            "The script needs a terminal of {}x{}; this one has {}x{}. Make the window larger, or the letters smaller.",
            script.width, script.height, size.width, size.height
        );
        return Err(Answer::usage("too_small", message));
    }
    let folder = folder()?;
    let set = set(&script, folder.path()).await?;
    let store = set.service.store().clone();
    let shown = Box::pin(tui::show(&script, set, args.speed)).await;
    store.close().await;
    let end = shown.map_err(|error| not_played(&args.script, &error))?;
    let outcome = match end {
        End::Asked => Outcome::Done,
        End::Signal(number) => Outcome::Signalled(number),
    };
    Ok(Answer::lines(outcome, Vec::new(), json!({})))
}

fn read(file: &Path) -> Result<Script, Answer> {
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Answer::usage("script", format!("{name} cannot be read: {error}. Nothing was played.")))?;
    Script::parse(&text).map_err(|error| Answer::usage("script", format!("{name}, {error} Nothing was played.")))
}

/// A folder for the shop, which goes with it.
fn folder() -> Result<TempDir, Answer> {
    TempDir::with_prefix("keydesk-demo-").map_err(|error| cannot_be_made(&error))
}

/// Makes the shop that a script is played in. All that is random comes from the script's seed.
async fn set(script: &Script, folder: &Path) -> Result<Set<SqlStore, Option<Program>>, Answer> {
    let store = SqlStore::open_file(&folder.join("keydesk.db"), OpenMode::CreateIfMissing).await?;
    let shop = demo::Shop { customers: script.customers.into(), seed: script.seed, now: script.time };
    build(&store, &shop, &mut |_| {}).await?;
    let clock = ManualClock::new(script.time);
    let entropy = Entropy::seeded(script.seed);
    let key = TokenKey::new(entropy.bytes());
    let service = Service::new(store, Clock::Manual(clock.clone()), entropy, Rules::default());
    let mailer = Mailer { transport: Transport::Memory(Memory::default()), key: key.clone(), owner: "tour".to_owned() };
    service.agree_on_key(&mailer, false).await?;
    let integration = match &script.integration {
        Some(table) => Some(Program::add(&service, key, table, script.operator.clone()).await?),
        None => None,
    };
    Ok(Set { service, clock, mailer, integration })
}

fn not_played(file: &Path, error: &TourError) -> Answer {
    let name = file.display();
    let answer = |message: String| Answer::not_done(Outcome::Failed, "script", message);
    match error {
        TourError::NotSeen { screen, .. } => {
            let first = answer(format!("{name}, {error} The screen showed:"));
            screen.iter().fold(first, |answer, line| answer.and_line(format!("  {line}")))
        }
        TourError::Left { .. } | TourError::Call { .. } => answer(format!("{name}, {error}")),
        TourError::Shop(_) | TourError::Tui(_) => answer(format!("{name} was not played to its end: {error}")),
    }
}

fn not_written(file: &Path, error: &io::Error) -> Answer {
    Answer::not_done(Outcome::Failed, "file", format!("{} could not be written: {error}.", file.display()))
}
