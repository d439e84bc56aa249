//! What `keydesk restore` answers.

use std::path::Path;

use serde_json::json;

use crate::{
    cli::answer::{Answer, Outcome},
    domain::backup::{Ended, Restored},
};

/// A backup that is the database now.
#[must_use]
pub fn restored(database: &Path, done: &Restored) -> Answer {
    let message = format!("{} is restored: {}.", database.display(), contents(done));
    let ended = &done.ended;
    let lines = [
        format!(
            "Live links revoked: {}; waiting mails cancelled: {}; browser sessions ended: {}, and whatever began since.",
            ended.links, ended.mails, ended.sessions
        ),
        tokens(ended, "were"),
    ];
    let aside = done.aside.iter().map(|aside| format!("The database that was there is now {}.", aside.display()));
    lines.into_iter().chain(aside).fold(answer(Outcome::Done, database, done, message), Answer::and_line)
}

/// A backup that would be.
#[must_use]
pub fn planned(database: &Path, plan: &Restored) -> Answer {
    let message = format!("{} would be restored: {}. Nothing was done.", database.display(), contents(plan));
    let ended = &plan.ended;
    let lines = [
        format!(
            "It would revoke live links: {}; cancel waiting mails: {}; end browser sessions: {}.",
            ended.links, ended.mails, ended.sessions
        ),
        tokens(ended, "would be"),
    ];
    let aside = plan.aside.iter().map(|aside| format!("The database that is there would become {}.", aside.display()));
    lines.into_iter().chain(aside).fold(answer(Outcome::Planned, database, plan, message), Answer::and_line)
}

fn contents(done: &Restored) -> String {
    let contents = &done.contents;
    format!(
        "{} customers, {} audit entries up to the backup's head {}",
        contents.customers, contents.entries, contents.head
    )
}

fn tokens(ended: &Ended, verb: &str) -> String {
    if ended.tokens_left == 0 {
        return format!("{} access tokens {verb} revoked, none is left.", ended.tokens);
    }
    format!(
        "{} access tokens work as they did when the backup was made, those that were revoked since then too: \
         Force Sign In them again, or restore with --revoke-tokens. Integrations that were removed since then are there \
         again: remove them anew.",
        ended.tokens_left
    )
}

fn answer(outcome: Outcome, database: &Path, done: &Restored, message: String) -> Answer {
    let facts = json!({
        "database": database.display().to_string(),
        "aside": done.aside.as_ref().map(|aside| aside.display().to_string()),
        "customers": done.contents.customers,
        "entries": done.contents.entries,
        "head": done.contents.head,
        "links_revoked": done.ended.links,
        "mails_cancelled": done.ended.mails,
        "sessions_ended": done.ended.sessions,
        "tokens_revoked": done.ended.tokens,
        "tokens_left": done.ended.tokens_left,
    });
    Answer::sentence(outcome, message, facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::backup::Contents;

    fn done(tokens: u64, tokens_left: u64) -> Restored {
        Restored {
            contents: Contents { customers: 3, entries: 7, head: "ab12".into() },
            ended: Ended { links: 1, mails: 2, sessions: 4, tokens, tokens_left },
            aside: Some("/d/a.db.before-restore-1".into()),
        }
    }

    #[test]
    fn it_says_what_ended_and_what_lives_on() {
        let answer = restored(Path::new("/d/a.db"), &done(0, 5));
        assert!(
            answer.lines[1].starts_with("Live links revoked: 1; waiting mails cancelled: 2; browser sessions ended: 4")
        );
        assert!(answer.lines[2].contains("5 access tokens work") && answer.lines[2].contains("--revoke-tokens"));
        assert!(answer.lines[3].ends_with("now /d/a.db.before-restore-1."), "{:?}", answer.lines);
        assert_eq!(answer.json()["tokens_left"], 5);
        let all = restored(Path::new("/d/a.db"), &done(5, 0));
        assert_eq!(all.lines[2], "5 access tokens were revoked, none is left.");
    }

    #[test]
    fn a_plan_does_nothing_and_says_so() {
        let plan = planned(Path::new("/d/a.db"), &done(0, 5));
        assert_eq!(plan.json()["outcome"], "planned");
        assert!(
            plan.lines[0].ends_with("Nothing was done.") && plan.lines[1].starts_with("It would revoke live links: 1")
        );
    }
}
