//! `keydesk import`

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::ImportArgs,
        new_file,
        out::Out,
        progress::Progress,
    },
    domain::safe_text::SafeText,
    service::{
        Request,
        import::{ImportFile, ImportPlan, ImportReport, NewWebsites, Rejects, Stopped},
    },
    store::Store,
};

/// How many names are tried for the file of rejects where nobody gave one.
const REJECT_NAMES: u32 = 1_000;

/// Takes customers over from a file, or from standard input.
///
/// # Errors
/// The answer to give when the file cannot be opened.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &ImportArgs, out: &mut Out) -> Answered {
    let (reader, size) = open(&args.file)?;
    let (rejects, rejects_are_in) = rejects(args)?;
    let plan = ImportPlan {
        dry_run: args.dry_run,
        new_websites: args
            .create_websites
            .then(|| NewWebsites { base_url: args.base_url.clone().unwrap_or_default(), sender: args.sender.clone() }),
    };
    let request = Request { by: ctx.operator.clone(), reason: args.reason.clone(), op_key: None };
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy().into_owned();
    let mut progress = Progress::new(size);
    let tell = |read: &crate::service::import::ImportProgress| progress.tell(out, read.rows, read.bytes);
    let report = ctx.service.import(ImportFile { reader, rejects, name }, &plan, request, tell).await;
    out.repaint("");
    Ok(answer(&report, args, rejects_are_in.get()))
}

fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Answer> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let cannot = |why: &dyn std::fmt::Display| {
        Answer::usage("file", format!("{} cannot be read: {why}. Nothing was done.", path.display()))
    };
    let file = File::open(path).map_err(|error| cannot(&error))?;
    let about = file.metadata().map_err(|error| cannot(&error))?;
    if about.is_dir() {
        return Err(cannot(&"it is a folder"));
    }
    Ok((Box::new(file), about.is_file().then_some(about.len())))
}

/// Where rejected rows go, and where they went once there are some.
fn rejects(args: &ImportArgs) -> Result<(Rejects, Arc<OnceLock<PathBuf>>), Answer> {
    let made = Arc::new(OnceLock::new());
    if args.dry_run {
        return Ok((Rejects::default(), made));
    }
    if let Some(path) = args.rejects.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        let message = format!("{} is there already. Nothing was done; name another file.", path.display());
        return Err(Answer::usage("file_exists", message));
    }
    let (wanted, source, note) = (args.rejects.clone(), args.file.clone(), Arc::clone(&made));
    let open = move || {
        let (file, path) = match wanted {
            Some(path) => (new_file::create(&path)?, path),
            None => create_beside(&source)?,
        };
        note.get_or_init(|| path);
        Ok(Box::new(file) as Box<dyn Write + Send>)
    };
    Ok((Rejects::into_file(Box::new(open)), made))
}

/// Makes `FILE.rejects.csv`, or with a number where an earlier import left one.
fn create_beside(source: &Path) -> io::Result<(File, PathBuf)> {
    let base = if source == Path::new("-") { OsString::from("import") } else { source.as_os_str().to_owned() };
    for number in 1..REJECT_NAMES {
        let mut name = base.clone();
        name.push(if number == 1 { ".rejects.csv".to_owned() } else { format!(".rejects-{number}.csv") });
        match new_file::create(Path::new(&name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok((made?, name.into())),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn answer(report: &ImportReport, args: &ImportArgs, rejects: Option<&PathBuf>) -> Answer {
    let ImportReport { read, added, changed, unchanged, first_rejects, stopped } = report;
    let counts = format!("{added} added, {changed} changed, {unchanged} unchanged, {} rejected", read.rejected);
    let file = if args.file == Path::new("-") { "standard input".to_owned() } else { args.file.display().to_string() };
    let (outcome, message) = match stopped {
        Some(stopped) => told(stopped, &file, &counts, args.dry_run),
        None if args.dry_run && read.rejected > 0 => {
            (Outcome::Partial, format!("Would import {file}: {counts}. Nothing was done."))
        }
        None if args.dry_run => (Outcome::Planned, format!("Would import {file}: {counts}. Nothing was done.")),
        None if read.rejected > 0 => (Outcome::Partial, format!("Imported {file}: {counts}.")),
        None => (Outcome::Done, format!("Imported {file}: {counts}.")),
    };
    let first: Vec<_> = first_rejects
        .iter()
        .map(|(line, problem)| {
            json!({"line": line, "column": SafeText::new(&problem.column).as_str(), "reason": problem.wrong.to_string()})
        })
        .collect();
    let facts = json!({
        "file": file, "rows": read.rows, "added": added, "changed": changed, "unchanged": unchanged,
        "rejected": read.rejected, "rejects_file": rejects, "first_rejects": first, "dry_run": args.dry_run,
    });
    let mut answer = Answer::sentence(outcome, message, facts);
    if let Some(stopped) = stopped {
        answer = answer.with("reason", reason(stopped));
    }
    for (line, problem) in first_rejects {
        let column = SafeText::new(&problem.column);
        let place = if column.is_empty() { format!("line {line}") } else { format!("line {line}, {column}") };
        answer = answer.and_line(format!("  {place}: {}", problem.wrong));
    }
    let more = read.rejected.saturating_sub(u64::try_from(first_rejects.len()).unwrap_or(u64::MAX));
    if more > 0 {
        answer = answer.and_line(format!("  and {more} more"));
    }
    match rejects {
        Some(path) => answer.and_line(format!("Rejected rows, without password hashes, are in {}.", path.display())),
        None => answer,
    }
}

/// An import that ended early.
fn told(stopped: &Stopped, file: &str, counts: &str, dry_run: bool) -> (Outcome, String) {
    match stopped {
        Stopped::Header(_) | Stopped::Empty => (Outcome::Usage, format!("{file}: {stopped} Nothing was done.")),
        _ if dry_run => {
            (Outcome::Failed, format!("{file} was not read to its end. {stopped} So far: {counts}. Nothing was done."))
        }
        _ => (
            Outcome::Failed,
            format!(
                "{file} was not imported to its end. {stopped} So far: {counts}. Import it again to go on; what is done stays."
            ),
        ),
    }
}

const fn reason(stopped: &Stopped) -> &'static str {
    match stopped {
        Stopped::Header(_) | Stopped::Empty => "not_a_customer_file",
        Stopped::NotRead(_) => "file",
        Stopped::EndlessRow { .. } => "endless_row",
        Stopped::NotRejected(_) => "rejects_file",
        Stopped::Store(_) => "database",
    }
}
