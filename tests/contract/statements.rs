//! Each statement that both databases are to understand ran on both, and each that only servers are
//! asked ran on one. What files alone are asked is left to the tests of search, backup and doctor.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::{copied, in_a_file, lost, on_a_server};

/// Statements that run where this test does not hear of them.
const ELSEWHERE: [(Database, &str); 4] = [
    // A file's commit fails when its disk does: tests/faults/disk.rs.
    (Database::Sqlite, "DELETE FROM operations WHERE customer_id = $1 AND op_key = $2"),
    (Database::Sqlite, "DELETE FROM operations WHERE customer_id = 0 AND op_key = ''"),
    // Only a cluster is asked these.
    (
        Database::Postgres,
        "SELECT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass('customers'))",
    ),
    (
        Database::Postgres,
        "SELECT EXISTS (SELECT 1 FROM customers) OR EXISTS (SELECT 1 FROM websites) OR EXISTS (SELECT 1 FROM operations) \
         OR EXISTS (SELECT 1 FROM outbox)",
    ),
];

/// What ran so far.
static RAN: Mutex<BTreeSet<(Database, String)>> = Mutex::new(BTreeSet::new());

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Database {
    Sqlite,
    Postgres,
}

/// Hears of every statement that sqlx ran.
struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut heard = Heard::default();
        event.record(&mut heard);
        // Its statements run on threads of their own.
        let is_sqlite = thread::current().name().is_some_and(|name| name.starts_with("sqlx-sqlite"));
        let database = if is_sqlite { Database::Sqlite } else { Database::Postgres };
        // A short one is its own summary.
        let text = if heard.statement.is_empty() { heard.summary } else { heard.statement };
        RAN.lock().unwrap().insert((database, text));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Heard {
    summary: String,
    statement: String,
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// A statement as it stands in the source: the texts that it is put together from, with whatever
/// macros give between them.
struct Written {
    place: PathBuf,
    pieces: Vec<String>,
}

impl Written {
    fn databases(&self) -> &'static [Database] {
        let is_in =
            |name: &str| self.place.components().any(|part| Path::new(&part).with_extension("") == Path::new(name));
        match (is_in("sqlite"), is_in("postgres")) {
            (true, _) => &[],
            (_, true) => &[Database::Postgres],
            _ => &[Database::Sqlite, Database::Postgres],
        }
    }

    fn is(&self, ran: &str) -> bool {
        if let [whole] = self.pieces.as_slice() {
            return ran == whole.trim();
        }
        let mut rest = ran;
        self.pieces.iter().enumerate().all(|(n, piece)| match rest.find(piece.trim()) {
            Some(at) if n > 0 || at == 0 => {
                rest = &rest[at + piece.trim().len()..];
                true
            }
            _ => false,
        })
    }
}

#[test]
fn every_statement_ran_on_the_databases_that_it_is_for() {
    tracing::subscriber::set_global_default(Listener).unwrap();
    let stories: Vec<fn()> =
        in_a_file::ALL.iter().chain(on_a_server::ALL).copied().chain([lost::run as fn(), copied::run]).collect();
    thread::scope(|scope| {
        for some in stories.chunks(stories.len().div_ceil(4)) {
            scope.spawn(move || some.iter().for_each(|story| story()));
        }
    });
    let ran = RAN.lock().unwrap();
    let mut missing = Vec::new();
    let written = written();
    for statement in &written {
        for database in statement.databases() {
            let is_elsewhere = ELSEWHERE.iter().any(|(on, text)| on == database && statement.is(text));
            if is_elsewhere == ran.iter().any(|(on, text)| on == database && statement.is(text)) {
                missing.push(format!("{database:?} {}: {}", statement.place.display(), statement.pieces.join("…")));
            }
        }
    }
    assert!(written.len() > 150, "only {} statements were found in the source", written.len());
    assert!(
        missing.is_empty(),
        "{} of {} never ran, or are heard of after all:\n{}",
        missing.len(),
        written.len(),
        missing.join("\n")
    );
}

/// All statements of the store.
fn written() -> Vec<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut places = vec![root.clone()];
    let mut written = Vec::new();
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let text = fs::read_to_string(&place).unwrap();
            let (program, _) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            let place = place.strip_prefix(&root).unwrap().to_owned();
            written.extend(statements(program).into_iter().map(|pieces| Written { place: place.clone(), pieces }));
        }
    }
    written
}

/// The texts that begin like a statement, alone or at the head of a `concat!`.
fn statements(program: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    // Open parentheses, and the group that each belongs to: those of a `concat!`, and what a macro
    // repeats in one.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut rest = program;
    while let Some(at) = rest.find(['"', '(', ')', '/', '\'']) {
        let (before, from) = rest.split_at(at);
        rest = &from[1..];
        match from.as_bytes()[0] {
            b'(' => {
                let around = open.last().copied().flatten().filter(|_| before.ends_with('$'));
                open.push(around.or_else(|| before.ends_with("concat!").then_some(groups.len())));
                if open.last() == Some(&Some(groups.len())) {
                    groups.push(Vec::new());
                }
            }
            b')' => {
                // What a macro gives may stand at the end.
                let ended = open.pop().flatten().filter(|group| open.last() != Some(&Some(*group)));
                if let Some(group) = ended.and_then(|group| groups.get_mut(group)) {
                    group.push(String::new());
                }
            }
            b'/' if from.starts_with("//") => rest = from.split_once('\n').map_or("", |(_, next)| next),
            // A quotation mark as a character.
            b'\'' if from.starts_with("'\"'") => rest = &from[3..],
            b'\'' if from.starts_with("'('") || from.starts_with("')'") || from.starts_with("'/'") => rest = &from[3..],
            b'"' => {
                let (text, behind) = literal(rest);
                rest = behind;
                match open.last().copied().flatten().and_then(|group| groups.get_mut(group)) {
                    Some(group) => group.push(text),
                    None => groups.push(vec![text]),
                }
            }
            _ => {}
        }
    }
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    groups.retain(|group| group.first().is_some_and(|first| verbs.iter().any(|verb| first.starts_with(verb))));
    groups
}

/// A literal from behind its first quotation mark, and what follows it.
fn literal(from: &str) -> (String, &str) {
    let (mut text, mut chars) = (String::new(), from.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                // The line goes on at the next one's first character.
                Some('\n') => chars = chars.as_str().trim_start().chars(),
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    (text, chars.as_str())
}
