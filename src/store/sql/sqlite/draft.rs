//! A database file in the making: it gets its name when it is whole and on the disk.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::beside;
use crate::store::{StoreError, StoreResult};

/// Files that SQLite keeps beside a database.
pub(super) const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The file; removed, with what SQLite keeps beside it, when it is dropped.
#[derive(Debug)]
pub(super) struct Draft(PathBuf);

impl Draft {
    /// An empty file that only its owner can read. Where something has this name already, a link
    /// that leads nowhere included, it is refused.
    pub(super) fn create(path: PathBuf) -> StoreResult<Self> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|e| not_copied("cannot be made", &path, &e))?;
        Ok(Self(path))
    }

    /// A file that another process left behind.
    pub(super) const fn adopt(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Its size and SHA-256, after it reached the disk.
    pub(super) async fn seal(&self) -> StoreResult<(u64, String)> {
        let path = self.0.clone();
        let sealed = tokio::task::spawn_blocking(move || digest(&path)).await;
        sealed.map_err(|e| StoreError::Other(e.to_string()))?.map_err(|e| not_copied("cannot be written", &self.0, &e))
    }

    /// Gives it the name `to`, which nobody may have.
    pub(super) fn publish(self, to: &Path) -> StoreResult<()> {
        fs::hard_link(&self.0, to).map_err(|e| not_copied("cannot be made", to, &e))?;
        drop(self);
        sync_folder(to)
    }

    /// Takes the place of `to`: whoever opens that finds the one or the other.
    pub(super) fn replace(self, to: &Path) -> StoreResult<()> {
        fs::rename(&self.0, to).map_err(|e| not_copied("cannot be replaced", to, &e))?;
        sync_folder(to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nobody is left to be told that there was nothing to remove.
        let _ = fs::remove_file(&self.0);
        for ending in SIDE_FILES {
            let _ = fs::remove_file(beside(&self.0, ending));
        }
    }
}

fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes += read as u64;
    }
    Ok((bytes, data_encoding::HEXLOWER.encode(&hash.finalize())))
}

/// Makes a new or changed name in the folder of `path` last.
pub(super) fn sync_folder(path: &Path) -> StoreResult<()> {
    let folder = folder_of(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| not_copied("cannot be written", folder, &e))
}

/// The folder that a file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// `/backup/a.db cannot be made: No space left on device. ...`
pub(super) fn not_copied(what: &str, path: &Path, error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return StoreError::NotCopied(format!(
            "{} is there already and is never overwritten. Nothing was done; give another name.",
            path.display()
        ));
    }
    StoreError::NotCopied(format!("{} {what}: {error}. Nothing was done.", path.display()))
}
