//! What `keydesk copy` shows and answers.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::{
    cli::{
        answer::{Answer, Outcome, time},
        out::Out,
        progress::Progress,
    },
    domain::{
        copy::{Copied, CopyProgress},
        server_address::ServerAddress,
        time_text,
    },
    store::StoreError,
};

/// What is seen of a copy while it runs.
pub struct Shown<'a> {
    out: &'a mut Out,
    began: Instant,
    phase: Option<(Phase, Progress)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Copying,
    Comparing,
}

impl<'a> Shown<'a> {
    /// Begins now.
    #[must_use]
    pub fn new(out: &'a mut Out) -> Self {
        Self { out, began: Instant::now(), phase: None }
    }

    /// Shows how far it is.
    pub fn tell(&mut self, progress: CopyProgress) {
        match progress {
            CopyProgress::Copied(done, total) => self.bar(Phase::Copying, done, total),
            CopyProgress::Compared(done, total) => self.bar(Phase::Comparing, done, total),
            CopyProgress::Indexing => self.say("Writing what customers are found by ..."),
        }
    }

    fn bar(&mut self, phase: Phase, done: u64, total: u64) {
        if self.phase.as_ref().is_none_or(|(shown, _)| *shown != phase) {
            if phase == Phase::Comparing {
                self.say("Reading all of it again on both sides ...");
            }
            self.phase = Some((phase, Progress::new(Some(total))));
        }
        if let Some((_, progress)) = &mut self.phase {
            progress.tell(self.out, done, done);
        }
    }

    fn say(&mut self, line: &str) {
        if self.out.is_watched() { self.out.repaint(line) } else { self.out.progress(line) }
    }

    /// Takes what was shown away, and says how long it took.
    #[must_use]
    pub fn end(self) -> Duration {
        self.out.repaint("");
        self.began.elapsed()
    }
}

/// A shop that is on the server now; `named` is what was typed for it.
#[must_use]
pub fn copied(copied: &Copied, to: &ServerAddress, named: &str, took: Duration) -> Answer {
    let seconds = took.as_secs();
    let message = format!(
        "Copied {} to {to}: {} customers and all that belongs to them, in {seconds} s. Both sides were read again and \
         are the same.",
        copied.from,
        copied.rows("customers")
    );
    let tables: Map<String, Value> = copied
        .tables
        .iter()
        .map(|table| (table.name.to_owned(), json!({"rows": table.rows, "sha256": table.sha256})))
        .collect();
    let facts = json!({
        "from": copied.from,
        "to": to.to_string(),
        "tables": tables,
        "links_cancelled": copied.links,
        "mails_cancelled": copied.mails,
        "notices_waiting": copied.notices,
        "seconds": seconds,
        "went_on_from": copied.went_on_from.map_or(Value::Null, time),
    });
    let mut answer = Answer::sentence(Outcome::Done, message, facts);
    if let Some(at) = copied.went_on_from {
        answer = answer.and_line(format!("It went on with the copy that was begun {}.", time_text::second(at)));
    }
    for table in &copied.tables {
        answer = answer.and_line(format!("  {:<17} {:>9}  {}", table.name, table.rows, table.sha256));
    }
    answer
        .and_line(format!(
            "Live links cancelled: {}; reset mails that waited cancelled: {}; notices that still wait: {}. Browser \
             sessions and access tokens work on.",
            copied.links, copied.mails, copied.notices
        ))
        .and_line(format!(
            "Next: set database = \"{named}\" in the configuration, and token_key to the key file that the shop has had. \
             Nobody may work on the file any more: its links still work there. Keep it \
             until you have seen the shop on the server."
        ))
}

/// A copy that was not completed; `begun` names the server that waits for it to be.
#[must_use]
pub fn stopped(why: StoreError, begun: Option<&ServerAddress>) -> Answer {
    let Some(to) = begun else { return why.into() };
    // Such a sentence says itself what to do.
    let again =
        if matches!(why, StoreError::NotCopied(_)) { "" } else { " The same command goes on where it stopped." };
    let text = why.to_string();
    let answer = Answer::from(why);
    let text = text.trim_end_matches(" Nothing was done; try again.").trim_end_matches(" Nothing was done.");
    let message = format!("The copy is not complete. {text} Until it is, nobody can open {to}.{again}");
    let facts = answer.json();
    Answer::not_done(answer.outcome, facts.get("reason").and_then(Value::as_str).unwrap_or("other"), message)
        .with("begun", true)
}
