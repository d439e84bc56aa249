//! The files of a database: who can reach them, where they lie, how much room there is.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use nix::{sys::statvfs::statvfs, unistd::geteuid};

use super::super::{beside, draft::folder_of};
use crate::domain::check::{Check, Reach, quoted};

/// What keydesk and SQLite keep beside a database.
const ENDINGS: [&str; 8] = ["", "-wal", "-shm", ".lock", ".lock-door", ".worker", ".load", ".restoring"];
/// With less room, in bytes, the next import or backup may fail.
const ROOM: u64 = 256 * 1024 * 1024;

pub(super) fn checks(database: &Path) -> Vec<Check> {
    let folder = folder_of(database);
    let Ok(about) = folder.metadata() else {
        let text = format!("There is no folder {}, or it cannot be looked into", folder.display());
        return vec![Check::wrong("folder", text, format!("Make it: mkdir -m 700 {}", quoted(folder)))];
    };
    let mut checks = vec![folder_reach(folder, &about), files(database), disk(folder)];
    checks.extend(room(folder, database));
    checks.extend(left_over(database));
    checks
}

fn folder_reach(folder: &Path, about: &Metadata) -> Check {
    let (name, shown) = ("folder", folder.display());
    if about.mode() & 0o002 != 0 {
        let text = format!("everybody on this machine can put files into {shown}");
        return Check::wrong(name, text, format!("Run: chmod o-rwx {}", quoted(folder)));
    }
    match Reach::of_mode(about.mode()) {
        Reach::Everybody => Check::warning(
            name,
            format!("everybody on this machine can look into {shown}"),
            format!("Run: chmod o-rwx {}", quoted(folder)),
        ),
        Reach::Group => Check::fine(name, format!("{shown} belongs to its owner and group")),
        Reach::Owner => Check::fine(name, format!("{shown} belongs to its owner alone")),
    }
}

/// Modes and owners: of modes, not of what happens to work, because root may do everything.
fn files(database: &Path) -> Check {
    let name = "files";
    let there = ENDINGS.iter().map(|ending| beside(database, ending));
    let there: Vec<(PathBuf, Metadata)> =
        there.filter_map(|path| Some((path.clone(), path.metadata().ok()?))).collect();
    let exposed: Vec<&Path> = there
        .iter()
        .filter(|(_, about)| Reach::of_mode(about.mode()) == Reach::Everybody)
        .map(|(path, _)| path.as_path())
        .collect();
    if !exposed.is_empty() {
        let (names, paths) = (list(&exposed, |path| path.display().to_string(), ", "), list(&exposed, quoted, " "));
        let text = format!("everybody on this machine can read or change {names}");
        return Check::wrong(name, text, format!("Run: chmod o-rwx {paths}"));
    }
    let Some((_, first)) = there.first() else { return Check::fine(name, "none yet") };
    let (uid, gid) = (first.uid(), first.gid());
    let strangers: Vec<&Path> =
        there.iter().filter(|(_, about)| about.uid() != uid).map(|(path, _)| path.as_path()).collect();
    if !strangers.is_empty() {
        let (names, paths) = (list(&strangers, |path| path.display().to_string(), ", "), list(&strangers, quoted, " "));
        let text = format!("not of the database's owner (user {uid}): {names}");
        return Check::warning(name, text, format!("Unless they share a group, run: chown {uid}:{gid} {paths}"));
    }
    let me = geteuid();
    if !me.is_root() && me.as_raw() != uid {
        let text = format!("they belong to user {uid}, this is user {me}");
        return Check::warning(name, text, "Work as that user, or share the files by a group of their own.");
    }
    if there.iter().any(|(_, about)| Reach::of_mode(about.mode()) == Reach::Group) {
        Check::fine(name, format!("of user {uid} and group {gid}; nobody else reaches them"))
    } else {
        Check::fine(name, format!("of user {uid}; nobody else reaches them"))
    }
}

fn list(paths: &[&Path], show: impl Fn(&Path) -> String, between: &str) -> String {
    paths.iter().map(|path| show(path)).collect::<Vec<_>>().join(between)
}

/// SQLite's locks and shared memory do not work over a network.
fn disk(folder: &Path) -> Check {
    match network_file_system(folder) {
        Some(kind) => Check::wrong(
            "disk",
            format!("{} lies on {kind}, where locks cannot be relied on", folder.display()),
            "Move the database to a disk of this machine.",
        ),
        None => Check::fine("disk", "on this machine"),
    }
}

/// What `statfs` says of file systems of other machines (linux/magic.h and the kernel's own sources).
#[cfg(target_os = "linux")]
fn network_file_system(folder: &Path) -> Option<&'static str> {
    const NETWORK: [(u32, &str); 9] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB 2"),
        (0x0102_1997, "9P"),
        (0x00c3_6400, "Ceph"),
        (0x5346_414f, "AFS"),
        (0x7375_7245, "Coda"),
        (0x6573_5546, "FUSE"),
    ];
    let found = nix::sys::statfs::statfs(folder).ok()?.filesystem_type();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a magic number has 32 bits")]
    let found = found.0 as u32;
    NETWORK.iter().find(|(magic, _)| *magic == found).map(|(_, kind)| *kind)
}

/// Other systems name their file systems in ways of their own.
#[cfg(not(target_os = "linux"))]
const fn network_file_system(_: &Path) -> Option<&'static str> {
    None
}

fn room(folder: &Path, database: &Path) -> Option<Check> {
    let disk = statvfs(folder).ok()?;
    #[allow(clippy::useless_conversion, reason = "the types differ from system to system")]
    let free = u64::from(disk.blocks_available()) * u64::from(disk.fragment_size());
    let needed = database.metadata().map_or(0, |file| file.len()).max(ROOM);
    let text = format!("{} MB free", free / 1_000_000);
    Some(if free >= needed {
        Check::fine("room", text)
    } else {
        let advice = "Make room: a full disk refuses every reset until there is some.";
        Check::warning("room", format!("{text}, less than the database could need"), advice)
    })
}

fn left_over(database: &Path) -> Option<Check> {
    let path = beside(database, ".restoring");
    path.exists().then(|| {
        let text = format!("a restore was interrupted and left {}", path.display());
        Check::warning("restore", text, "Restore again, or remove that file.")
    })
}
