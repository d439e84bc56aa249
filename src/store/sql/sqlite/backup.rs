//! Making a backup while everybody goes on working.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, Row};

use super::{
    Embedded,
    draft::{Draft, folder_of, not_copied},
    error,
    verify::{self, Depth},
};
use crate::{
    domain::backup::Backup,
    store::{Cancel, StoreError, StoreResult, sql::audit},
};

/// Steps of SQLite's machine between two looks at the signal to stop.
const CANCEL_CHECK: i32 = 10_000;

impl Embedded {
    pub(in crate::store::sql) async fn back_up_to(&self, to: &Path, cancel: &Cancel) -> StoreResult<Backup> {
        let to = &free_place(to)?;
        let head = newest_entry(self).await?;
        let draft = Draft::create(draft_name(to))?;
        self.copy_into(&draft, cancel).await?;
        let (contents, _) = verify::read_back(draft.path(), Depth::Quick).await?;
        lacks_nothing(&draft, head.as_ref()).await?;
        let (bytes, sha256) = draft.seal().await?;
        draft.publish(to)?;
        Ok(Backup { contents, bytes, sha256 })
    }

    /// Everything that is committed now, in one read transaction on a connection of its own: it
    /// waits for nobody, and writers only find their journal growing until it is done.
    async fn copy_into(&self, draft: &Draft, cancel: &Cancel) -> StoreResult<()> {
        let mut connection = self.writer.options().connect().await.map_err(|e| error(&e))?;
        let path = draft.path().to_str().ok_or_else(|| {
            StoreError::NotCopied(format!(
                "{} is not a name that SQLite can use. Nothing was done; give one in UTF-8.",
                draft.path().display()
            ))
        })?;
        // Only SQLite itself can stop: left alone it would make the file anew when it is removed.
        let cancel = cancel.clone();
        let mut handle = connection.lock_handle().await.map_err(|e| error(&e))?;
        handle.set_progress_handler(CANCEL_CHECK, move || !cancel.is_cancelled());
        drop(handle);
        let copied = sqlx::query("VACUUM INTO $1").bind(path.to_owned()).execute(&mut connection).await;
        copied.map(|_| ()).map_err(|e| match error(&e) {
            // Whose disk it is matters here: not the database's.
            StoreError::NotWritten(why) => StoreError::NotCopied(format!(
                "The backup could not be written to {}: {why}. Nothing was left there.",
                folder_of(draft.path()).display()
            )),
            other => other,
        })
    }
}

/// The absolute path of a file that is not there, in a folder that is.
fn free_place(to: &Path) -> StoreResult<PathBuf> {
    let to = std::path::absolute(to).map_err(|e| not_copied("cannot be made", to, &e))?;
    // A link counts as there, wherever it leads.
    match fs::symlink_metadata(&to) {
        Ok(_) => Err(not_copied("", &to, &std::io::ErrorKind::AlreadyExists.into())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(to),
        Err(e) => Err(not_copied("cannot be made", &to, &e)),
    }
}

/// A name beside the backup that shows what it is, should the machine stop in between.
fn draft_name(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    to.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// Number and hash of the newest entry of the audit log.
async fn newest_entry(store: &Embedded) -> StoreResult<Option<(i64, String)>> {
    let newest = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
    let newest = newest.fetch_optional(&store.readers).await.map_err(|e| error(&e))?;
    let entry = |row: sqlx::sqlite::SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
    newest.map(entry).transpose().map_err(|e| error(&e))
}

/// Whether everything that was acknowledged before the backup began is in it: all of it is in
/// the audit log, whose chain was found to hold.
async fn lacks_nothing(draft: &Draft, head: Option<&(i64, String)>) -> StoreResult<()> {
    let Some((seq, hash)) = head else { return Ok(()) };
    let mut copy = verify::open_still(draft.path()).await?;
    let entry = audit::entries(&mut copy, *seq, 1).await?;
    if entry.first().is_some_and(|entry| entry.hash == *hash) {
        return Ok(());
    }
    let why = "The copy lacks the newest entry of the audit log, so it was removed. Nothing was done; try again.";
    Err(StoreError::NotCopied(why.to_owned()))
}
