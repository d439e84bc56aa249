//! Putting a backup in the place of the database.
//!
//! The backup is copied beside the database, read back, and what it must not bring back to life
//! is ended in the copy. Only then, in one step of the file system, it becomes the database: a
//! process that is killed leaves the old one or the restored one, never the plain copy.

mod defuse;
mod place;

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use sqlx::ConnectOptions;

use self::place::Place;
use super::{
    beside, connect_options,
    draft::{Draft, not_copied},
    error, migrate,
    verify::{self, Depth},
};
use crate::{
    domain::backup::{Ended, Restore, Restored},
    store::{StoreError, StoreResult, sql::connection::Connection},
};

/// What [`restore`] would do. Nothing is written anywhere.
///
/// # Errors
/// When it would be refused for the backup's sake, or for what is in its place.
pub async fn plan(database: &Path, restore: &Restore) -> StoreResult<Restored> {
    let aside = place::look(database, restore)?;
    complete(&restore.from)?;
    let (contents, _) = verify::read_back(&restore.from, Depth::Full).await?;
    let mut backup = verify::open_still(&restore.from).await?;
    let ended = defuse::count(&mut backup, restore).await?;
    Ok(Restored { contents, ended, aside })
}

/// Puts the backup in the place of `database`, in which all live links are revoked, all waiting
/// mails are cancelled and all browser sessions are ended. What was there before keeps all its
/// data under another name.
///
/// # Errors
/// When the backup is damaged, foreign or made by a newer program, when a database is there and
/// may not be replaced or is in use, or when the disk fails. Then everything is as it was.
pub async fn restore(database: &Path, restore: &Restore) -> StoreResult<Restored> {
    let place = Place::take(database, restore).await?;
    complete(&restore.from)?;
    let draft = copy(&restore.from, database).await?;
    let (contents, version) = verify::read_back(draft.path(), Depth::Full).await?;
    let ended = make_safe(&draft, restore, &contents.head, version).await?;
    let aside = place.give_to(draft)?;
    Ok(Restored { contents, ended, aside })
}

/// Refuses what is no file, or only half of a database, such as one that was copied while in use.
fn complete(backup: &Path) -> StoreResult<()> {
    let about = fs::metadata(backup).map_err(|e| not_copied("cannot be read", backup, &e))?;
    if !about.is_file() {
        return Err(not_copied("cannot be read", backup, &io::Error::other("it is not a file")));
    }
    let other_half = ["-wal", "-journal"].map(|ending| beside(backup, ending));
    match other_half.iter().find(|path| path.metadata().is_ok_and(|file| file.len() > 0)) {
        None => Ok(()),
        Some(half) => Err(StoreError::NotCopied(format!(
            "{} is not a backup by itself: {} belongs to it. Nothing was done; make backups with keydesk backup.",
            backup.display(),
            half.display()
        ))),
    }
}

/// The backup, beside the database: the same disk, so that it can take its place in one step.
async fn copy(from: &Path, database: &Path) -> StoreResult<Draft> {
    let path = beside(database, ".restoring");
    // Only whoever holds the lock restores: what is there was left by one that was killed.
    drop(Draft::adopt(path.clone()));
    let draft = Draft::create(path.clone())?;
    let source = from.to_owned();
    let copied = tokio::task::spawn_blocking(move || {
        let mut backup = File::open(&source).map_err(|e| not_copied("cannot be read", &source, &e))?;
        let mut copy =
            File::options().write(true).open(&path).map_err(|e| not_copied("cannot be written", &path, &e))?;
        io::copy(&mut backup, &mut copy).map_err(|e| not_copied("cannot be written", &path, &e))
    });
    copied.await.map_err(|e| StoreError::Other(e.to_string()))??;
    Ok(draft)
}

/// Brings the copy's tables up to date and ends in it what must not live again; on the disk, in
/// one file, when this returns.
async fn make_safe(draft: &Draft, restore: &Restore, head: &str, version: i64) -> StoreResult<Ended> {
    let failed = |e: StoreError| match e {
        StoreError::NotWritten(why) => not_copied("cannot be written", draft.path(), &io::Error::other(why)),
        other => other,
    };
    let options = connect_options(draft.path()).create_if_missing(false);
    let mut connection = options.connect().await.map_err(|e| failed(error(&e)))?;
    if version < migrate::LATEST {
        migrate::migrator().run_direct(None, &mut connection, false).await.map_err(|e| {
            StoreError::NotCopied(format!(
                "The backup's tables could not be brought up to date: {e}. Nothing was done."
            ))
        })?;
    }
    let mut connection = Connection::from(connection);
    let ended = defuse::end(&mut connection, restore, head).await.map_err(failed)?;
    // Closing the only connection folds the journal into the file.
    connection.close().await.map_err(failed)?;
    if beside(draft.path(), "-wal").metadata().is_ok_and(|file| file.len() > 0) {
        return Err(not_copied("cannot be written", draft.path(), &io::Error::other("its journal stayed beside it")));
    }
    let synced = File::open(draft.path()).and_then(|file| file.sync_all());
    synced.map_err(|e| not_copied("cannot be written", draft.path(), &e))?;
    Ok(ended)
}
