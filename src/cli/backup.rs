//! What `keydesk backup` answers.

use std::path::Path;

use serde_json::json;

use crate::{
    cli::answer::{Answer, Outcome},
    service::backup::BackupMade,
};

/// A backup that was made.
#[must_use]
pub fn made(to: &Path, made: &BackupMade) -> Answer {
    let BackupMade { backup, noted } = made;
    let contents = &backup.contents;
    let message = format!(
        "Backed up to {}: {}, {} customers, {} audit entries up to head {}, SHA-256 {}. It was read back and is whole.",
        to.display(),
        size(backup.bytes),
        contents.customers,
        contents.entries,
        contents.head,
        backup.sha256
    );
    let facts = json!({
        "file": to.display().to_string(),
        "bytes": backup.bytes,
        "customers": contents.customers,
        "entries": contents.entries,
        "head": contents.head,
        "sha256": backup.sha256,
        "noted": noted.is_ok(),
    });
    let answer = Answer::sentence(Outcome::Done, message, facts);
    match noted {
        Ok(()) => answer,
        Err(why) => answer.and_line(format!("The backup stands, but the audit log does not tell of it: {why}")),
    }
}

/// `34.2 MB`
fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let bytes = bytes as f64;
    if bytes < 1e9 { format!("{:.1} MB", bytes / 1e6) } else { format!("{:.2} GB", bytes / 1e9) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::backup::{Backup, Contents},
        store::StoreError,
    };

    fn backup(noted: Result<(), StoreError>) -> Answer {
        let contents = Contents { customers: 3, entries: 7, head: "ab12".into() };
        made(
            Path::new("/b/a.db"),
            &BackupMade { backup: Backup { contents, bytes: 34_160_000, sha256: "cd".into() }, noted },
        )
    }

    #[test]
    fn everything_that_is_worth_noting_down_is_in_one_line() {
        let answer = backup(Ok(()));
        assert_eq!(answer.lines.len(), 1);
        assert!(
            answer.lines[0].starts_with("Backed up to /b/a.db: 34.2 MB, 3 customers, 7 audit entries up to head ab12")
        );
        assert_eq!(answer.json()["noted"], true);
    }

    #[test]
    fn a_backup_that_is_not_in_the_log_is_still_a_backup() {
        let answer = backup(Err(StoreError::Busy));
        assert_eq!(answer.outcome.exit_code(), 0);
        assert!(answer.lines[1].contains("does not tell of it"), "{:?}", answer.lines);
    }
}
