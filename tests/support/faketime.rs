//! Another time than the machine's, for one program: Debian's libfaketime.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The library, in the folder of whatever machine this is.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists());
    found.expect("libfaketime is installed: Debian's package faketime")
}

/// Variables that make a program see the time that the file says, as it is each time it looks.
/// Durations stay what they are.
pub fn variables(file: &Path) -> [(String, String); 4] {
    [
        ("LD_PRELOAD", library().display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

/// Lets a command see a time that is so far from the machine's: `+10m`, `-25h`.
pub fn shift(command: &mut Command, by: &str) {
    command.env("LD_PRELOAD", library()).env("FAKETIME", by).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}
