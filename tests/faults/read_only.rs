//! A file or folder that may not be written: a sentence and an exit code, and nothing changes.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::office::{Office, Told};

const READING: [&[&str]; 5] =
    [&["customers"], &["customers", "roni"], &["show", "1"], &["mail", "list"], &["audit", "verify"]];
const WRITING: [&[&str]; 4] =
    [&["reset-password", "1"], &["cancel-reset", "4"], &["force-sign-in", "1"], &["mail", "deliver"]];

/// What keeps the program from writing.
#[derive(Clone, Copy, Debug)]
enum Bar {
    /// A file system that is mounted read-only.
    Mount,
    /// Permissions.
    Mode,
}

impl Bar {
    /// The program with these arguments, where `what` may only be read. Without the rights of
    /// the superuser, whom permissions do not bar: in a name space of its own it has none.
    fn command(self, office: &Office, what: &Path, words: &[&str]) -> Command {
        let mount = "mount --bind \"$0\" \"$0\"; mount -o remount,ro,bind \"$0\"; exec \"$@\"";
        match self {
            Self::Mount => office.command(&["unshare", "-Urm", "sh", "-ec", mount, &what.display().to_string()], words),
            Self::Mode => office.command(&["unshare", "-U"], words),
        }
    }

    fn set(self, what: &Path, is_barred: bool) {
        if let Self::Mode = self {
            let mode = match (what.is_dir(), is_barred) {
                (true, true) => 0o500,
                (true, false) => 0o700,
                (false, true) => 0o400,
                (false, false) => 0o600,
            };
            fs::set_permissions(what, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// What these commands say where `what` may only be read; nothing of it may change.
fn ask(office: &Office, bar: Bar, what: &Path, commands: &[&[&str]], check: impl Fn(&Told)) {
    let before = contents(what);
    bar.set(what, true);
    for words in commands {
        let told = Told::from(bar.command(office, what, words).output().unwrap());
        assert!(told.is_orderly(), "{told:?}");
        check(&told);
    }
    bar.set(what, false);
    assert!(contents(what) == before, "{bar:?}: something was written");
}

/// All that there is, byte for byte.
fn contents(what: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = if what.is_dir() {
        fs::read_dir(what).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect()
    } else {
        vec![what.to_owned()]
    };
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn is_done(told: &Told) {
    assert!(told.is_done(), "{told:?}");
}

fn is_not_written(told: &Told) {
    // A rule may say no before anything is written.
    let is_refused = told.facts["reason"] == "nothing_to_cancel";
    assert!(is_refused || told.facts["reason"] == "not_written" && told.code == Some(1), "{told:?}");
    assert!(is_refused || told.message().to_lowercase().contains("read-only"), "{told:?}");
}

fn is_unreachable(told: &Told) {
    assert!(told.code == Some(6) && told.message().contains("must be there and writable"), "{told:?}");
}

#[test]
fn a_read_only_file_can_be_read() {
    for bar in [Bar::Mount, Bar::Mode] {
        let office = Office::new(20);
        ask(&office, bar, &office.database(), &READING, is_done);
        ask(&office, bar, &office.database(), &WRITING, is_not_written);
    }
}

/// SQLite must make its log beside the file, even to read. Opening without one (`immutable`)
/// would be wrong where somebody else writes the file, which nobody here can know.
#[test]
fn a_read_only_folder_can_be_read_while_the_log_is_there() {
    for bar in [Bar::Mount, Bar::Mode] {
        let office = Office::new(20);
        ask(&office, bar, office.folder(), &READING, is_unreachable);
        ask(&office, bar, office.folder(), &WRITING, is_unreachable);
        // With permissions alone, the log itself may still be written.
        if let Bar::Mount = bar {
            office.leaving_a_log(|| is_done(&office.run(&["reset-password", "2"])));
            ask(&office, bar, office.folder(), &READING, is_done);
            ask(&office, bar, office.folder(), &WRITING, is_not_written);
        }
    }
}
