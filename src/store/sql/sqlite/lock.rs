//! Locks of the kernel on files beside the database. They end with their process, however it ends.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use crate::store::{StoreError, StoreResult};

/// How long a write waits for other processes at the lock file. A commit takes milliseconds: after
/// so long somebody is stuck.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// A worker refreshes its lock every two seconds; after so long it is taken for stopped.
const WORKER_SILENCE: Duration = Duration::from_mins(1);

/// Waits for the kernel's lock on the file beside the database. SQLite's own waiting is not
/// fair: with a hundred processes the unluckiest commit took eight seconds. The lock ends with
/// the process, so a killed one holds nobody up.
///
/// Whoever waits stands in the door, which is a lock of its own, and nobody who comes later passes:
/// a worker with many mails would otherwise take the lock again and again before others wake up.
pub(super) async fn take_lock(path: PathBuf) -> StoreResult<File> {
    let door_path = door(&path);
    let door = try_lock(to_lock(&door_path))?;
    if door.is_some()
        && let Some(lock) = try_lock(to_lock(&path))?
    {
        // Mostly it is free, and then not worth another thread.
        return Ok(lock);
    }
    let locked = tokio::task::spawn_blocking(move || {
        let _door = door.map_or_else(|| wait_for(&door_path), Ok)?;
        wait_for(&path)
    });
    // Only the waiting ends: the lock, should it come later, is dropped with what nobody waits for.
    let locked = tokio::time::timeout(LOCK_TIMEOUT, locked).await.map_err(|_| StoreError::Busy)?;
    locked.map_err(|e| unusable(&e))?.map_err(|e| unusable(&e))
}

fn wait_for(path: &Path) -> std::io::Result<File> {
    let file = to_lock(path)?;
    file.lock().map(|()| file)
}

fn door(lock: &Path) -> PathBuf {
    let mut name = lock.as_os_str().to_owned();
    name.push("-door");
    name.into()
}

fn unusable(why: &dyn std::fmt::Display) -> StoreError {
    StoreError::NotWritten(format!("its lock file cannot be used ({why})"))
}

/// Says which process delivers mails: a kernel lock, so that it passes on when a process dies,
/// on a file whose time the process refreshes, so that one that was stopped does not hold up the
/// others. Two workers at once are harmless: each mail has a lease of its own.
#[derive(Debug)]
pub(super) struct WorkerLock {
    pub(super) path: PathBuf,
    held: Mutex<Option<File>>,
}

impl WorkerLock {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, held: Mutex::new(None) }
    }

    /// Takes the lock if it is free; true when this store is to deliver.
    pub(super) fn take(&self) -> StoreResult<bool> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = try_lock(to_lock(&self.path))?;
        }
        match held.as_ref() {
            // A time that cannot be set only makes others help.
            Some(file) => Ok(file.set_modified(SystemTime::now()).is_ok() || held.is_some()),
            None => Ok(self.is_stale()),
        }
    }

    /// Whether anybody holds it and works.
    pub(super) fn is_taken(&self) -> StoreResult<bool> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Opened for reading only: who may not write here may look.
        let is_free = || try_lock(File::open(&self.path)).map(|lock| lock.is_some());
        Ok(held.is_some() || (self.path.exists() && !is_free()? && !self.is_stale()))
    }

    /// Whether its holder has not been heard of for long: a time in the future was set before the
    /// clock was set back, and is as old as it is far away.
    fn is_stale(&self) -> bool {
        let heard = self.path.metadata().and_then(|file| file.modified());
        heard.is_ok_and(|at| at.elapsed().unwrap_or_else(|ahead| ahead.duration()) > WORKER_SILENCE)
    }
}

pub(super) fn to_lock(path: &Path) -> std::io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

pub(super) fn try_lock(file: std::io::Result<File>) -> StoreResult<Option<File>> {
    let file = file.map_err(|e| unusable(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(unusable(&e)),
    }
}
