//! The database's place: nobody else is in it while it changes hands.

use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{FcntlArg, fcntl},
    libc,
    unistd::geteuid,
};
use sqlx::{ConnectOptions, Connection};

use super::super::{
    beside, connect_options,
    draft::{Draft, SIDE_FILES, folder_of, not_copied, sync_folder},
    error,
    lock::{to_lock, try_lock},
    migrate::{self, Header},
};
use crate::{
    domain::backup::Restore,
    store::{StoreError, StoreResult},
};

/// Where SQLite keeps its locks in a database file: everybody who has it open in WAL mode holds
/// one in this range (<https://www.sqlite.org/lockingv3.html>, `PENDING_BYTE`).
const LOCK_BYTES: (i64, i64) = (0x4000_0000, 512);

/// A place that this process has for itself. Ends with this value, or with the process.
pub(super) struct Place {
    database: PathBuf,
    /// What is there goes there.
    aside: Option<PathBuf>,
    _writing: File,
    _open: Option<File>,
}

/// Where what is there would go; none when nothing is there.
pub(super) fn look(database: &Path, restore: &Restore) -> StoreResult<Option<PathBuf>> {
    let shown = database.display();
    if !folder_of(database).is_dir() {
        let folder = folder_of(database).display();
        return Err(StoreError::NotCopied(format!("There is no folder {folder}. Nothing was done; make it first.")));
    }
    // A journal alone counts: SQLite would play it into whatever is put beside it.
    let there = ["", "-wal", "-journal"].iter().any(|ending| fs::symlink_metadata(beside(database, ending)).is_ok());
    if !there {
        return Ok(None);
    }
    if !restore.replace {
        let why =
            format!("There is a database {shown}. Nothing was done; with --replace it is put aside, not deleted.");
        return Err(StoreError::NotCopied(why));
    }
    if same_file(database, &restore.from) {
        return Err(StoreError::NotCopied(format!("{shown} is the database itself, not a backup. Nothing was done.")));
    }
    if fs::symlink_metadata(database).is_ok_and(|found| !found.is_file()) {
        return Err(StoreError::NotCopied(format!(
            "{shown} is a folder or a link. Nothing was done; name the database file itself."
        )));
    }
    let ending = restore.asked.at.strftime(".before-restore-%Y%m%dT%H%M%S%.3fZ").to_string();
    Ok(Some(beside(database, &ending)))
}

fn same_file(a: &Path, b: &Path) -> bool {
    let identity = |path: &Path| path.metadata().ok().map(|file| (file.dev(), file.ino()));
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

impl Place {
    /// Keeps every other keydesk from writing, makes the database that is there complete in its
    /// own file, and keeps everybody from opening it.
    pub(super) async fn take(database: &Path, restore: &Restore) -> StoreResult<Self> {
        look(database, restore)?;
        let in_use = || {
            StoreError::NotCopied(format!(
                "Another process has {} open. Nothing was done; end every console and worker first.",
                database.display()
            ))
        };
        let lock = beside(database, ".lock");
        let writing = try_lock(to_lock(&lock))?.ok_or_else(in_use)?;
        belongs_to_owner(&lock, folder_of(database));
        let worker = beside(database, ".worker");
        if worker.exists() && try_lock(to_lock(&worker))?.is_none() {
            return Err(in_use());
        }
        // Again behind the lock, now that nobody makes a database.
        let aside = look(database, restore)?;
        let whole = if database.exists() { fold_journal(database).await? } else { false };
        let open = if database.exists() { Some(keep_others_out(database)?.ok_or_else(in_use)?) } else { None };
        let journal_left = beside(database, "-wal").metadata().is_ok_and(|file| file.len() > 0);
        if whole && journal_left {
            return Err(in_use());
        }
        Ok(Self { database: database.to_owned(), aside, _writing: writing, _open: open })
    }

    /// Gives the place to a file that is whole, and says where the old one is.
    pub(super) fn give_to(self, draft: Draft) -> StoreResult<Option<PathBuf>> {
        let database = &self.database;
        let Some(aside) = self.aside else {
            belongs_to_owner(draft.path(), folder_of(database));
            draft.publish(database)?;
            return Ok(None);
        };
        if database.exists() {
            belongs_to_owner(draft.path(), database);
            fs::hard_link(database, &aside).map_err(|e| not_copied("cannot be made", &aside, &e))?;
        }
        // Left only by a damaged database: a healthy one is complete in its file.
        for ending in SIDE_FILES {
            let from = beside(database, ending);
            if from.exists() {
                fs::rename(&from, beside(&aside, ending)).map_err(|e| not_copied("cannot be put aside", &from, &e))?;
            }
        }
        sync_folder(database)?;
        draft.replace(database)?;
        Ok(Some(aside))
    }
}

/// Writes what is still in the journal into the database; false when it is too damaged for that.
async fn fold_journal(database: &Path) -> StoreResult<bool> {
    match migrate::header(database)? {
        Header::Foreign => return Err(migrate::foreign(database)),
        Header::Garbled => return Ok(false),
        Header::Empty | Header::Ours => {}
    }
    let folded = async {
        let mut connection = connect_options(database).connect().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        connection.close().await
    };
    match folded.await.map_err(|e| error(&e)) {
        Ok(()) => Ok(true),
        Err(StoreError::Damaged(_) | StoreError::Unusable(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Takes the lock that excludes everybody who has the file open or tries to; none when somebody
/// has. The kernel drops it when this process closes the file, in whatever way.
fn keep_others_out(database: &Path) -> StoreResult<Option<File>> {
    let unreadable = |e: std::io::Error| not_copied("cannot be opened", database, &e);
    let file = File::options().read(true).write(true).open(database).map_err(unreadable)?;
    #[allow(clippy::cast_possible_truncation, reason = "the constants are small, their C types are not")]
    let (write, start) = (libc::F_WRLCK as libc::c_short, libc::SEEK_SET as libc::c_short);
    let range = libc::flock { l_type: write, l_whence: start, l_start: LOCK_BYTES.0, l_len: LOCK_BYTES.1, l_pid: 0 };
    match fcntl(&file, FcntlArg::F_SETLK(&range)) {
        Ok(_) => Ok(Some(file)),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
        Err(e) => Err(unreadable(e.into())),
    }
}

/// What root makes belongs to whom the folder or the old database belongs, who is to use it.
fn belongs_to_owner(path: &Path, like: &Path) {
    if geteuid().is_root()
        && let Ok(owner) = like.metadata()
    {
        // If it cannot be given away, root still can use it, and doctor says whose it is.
        let _ = chown(path, Some(owner.uid()), Some(owner.gid()));
    }
}
