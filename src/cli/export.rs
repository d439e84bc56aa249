//! `keydesk export`

use std::{io, path::Path};

use serde_json::json;

use crate::{
    cli::{
        Ctx,
        answer::{Answer, Answered, Outcome},
        args::ExportArgs,
        customers,
        new_file::NewFile,
        out::Out,
        progress::Progress,
    },
    domain::find::Count,
    service::{
        Request,
        export::{ExportError, ExportFile},
    },
    store::{Cancel, Store},
};

/// Writes customers to a file, or to standard output.
///
/// # Errors
/// The answer to give when the search is wrong, or nothing could be written.
pub async fn run<S: Store>(ctx: &Ctx<S>, args: &ExportArgs, out: &mut Out) -> Answered {
    if args.file == Path::new("-") { to_stdout(ctx, args, out).await } else { to_file(ctx, args, out).await }
}

async fn to_file<S: Store>(ctx: &Ctx<S>, args: &ExportArgs, out: &mut Out) -> Answered {
    let text = args.query.join(" ");
    let query = customers::query(ctx, &text).await?;
    let random = ctx.service.entropy().bytes();
    let mut file = NewFile::begin(&args.file, random).map_err(|error| not_made(&args.file, &error))?;
    let mut progress = Progress::new(total(ctx.service.count(&query, &Cancel::default()).await?));
    let to = ExportFile { writer: &mut file, described: described(&args.file, &text) };
    let tell = |written| progress.tell(out, written, written);
    let written = ctx.service.export(&query, args.order(), request(ctx, args), to, tell).await;
    out.repaint("");
    let written = written.map_err(|error| failed(&args.file, error))?;
    file.finish().map_err(|error| not_made(&args.file, &error))?;
    let message = format!("Exported {written} customers to {}.", args.file.display());
    Ok(Answer::sentence(Outcome::Done, message, json!({"customers": written, "file": args.file})))
}

async fn to_stdout<S: Store>(ctx: &Ctx<S>, args: &ExportArgs, out: &mut Out) -> Answered {
    if out.is_json() {
        let message = "Standard output is taken by the customers. Leave --json out, or name a file.";
        return Err(Answer::usage("json", message));
    }
    let text = args.query.join(" ");
    let query = customers::query(ctx, &text).await?;
    let to = ExportFile { writer: out.stdout(), described: described(&args.file, &text) };
    let written = match ctx.service.export(&query, args.order(), request(ctx, args), to, |_| ()).await {
        // Whoever reads it has enough, as with `| head`.
        Err(ExportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(nothing_to_say()),
        written => written.map_err(|error| failed(&args.file, error))?,
    };
    out.progress(&format!("Exported {written} customers."));
    Ok(nothing_to_say())
}

fn nothing_to_say() -> Answer {
    Answer::lines(Outcome::Done, Vec::new(), json!({}))
}

fn request<S>(ctx: &Ctx<S>, args: &ExportArgs) -> Request {
    Request { by: ctx.operator.clone(), reason: args.reason.clone(), op_key: None }
}

const fn total(count: Count) -> Option<u64> {
    match count {
        Count::Exact(customers) | Count::About(customers) => Some(customers),
        Count::AtLeast(_) => None,
    }
}

fn described(file: &Path, query: &str) -> String {
    let whom = if query.is_empty() { "everybody" } else { query };
    format!("{whom} to {}", file.display())
}

fn failed(file: &Path, error: ExportError) -> Answer {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Io(error) => not_made(file, &error),
    }
}

fn not_made(file: &Path, error: &io::Error) -> Answer {
    let file = file.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        let message = format!("{file} is there already and was not touched. Name another file, or remove it.");
        return Answer::usage("file_exists", message);
    }
    let message = format!("{file} could not be written: {error}. Nothing was left there.");
    Answer::not_done(Outcome::Failed, "file", message)
}
