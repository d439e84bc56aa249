//! Files and the operating system's cache of them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};

/// Reads a file once, so that it is in the cache as far as the machine has memory for it.
pub fn warm(path: &Path) {
    io::copy(&mut File::open(path).unwrap(), &mut io::sink()).unwrap();
}

/// Empties the cache of a file. What a process has mapped (a running program) stays.
pub fn cool(path: &Path) {
    let file = File::open(path).unwrap();
    // Only what is on the disk can be let go.
    file.sync_all().unwrap();
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED).unwrap();
}

/// Empties the cache of a database.
pub fn cool_database(database: &Path) {
    cool(database);
    let log = beside(database, "-wal");
    if log.exists() {
        cool(&log);
    }
}

/// Copies a database that nobody writes to.
pub fn copy_database(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    let log = beside(from, "-wal");
    if log.exists() {
        fs::copy(log, beside(to, "-wal")).unwrap();
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
