//! PostgreSQL's programs, and the user that they run as.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nix::unistd::{User, geteuid};

/// The oldest version that is supported.
const OLDEST: u32 = 14;

/// The newest version that is installed, and where its programs are.
pub fn newest() -> (u32, PathBuf) {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|version| {
        let version = version.unwrap();
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        let binaries = version.path().join("bin");
        (number >= OLDEST && binaries.join("initdb").exists()).then_some((number, binaries))
    });
    versions.max().unwrap_or_else(|| panic!("no PostgreSQL from {OLDEST} on; install Debian's package postgresql"))
}

/// PostgreSQL refuses to run as root.
pub fn server_user() -> Option<User> {
    geteuid().is_root().then(|| User::from_name("postgres").unwrap().expect("Debian's package makes the user postgres"))
}

pub fn as_server(command: &mut Command) -> &mut Command {
    if let Some(user) = server_user() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    // It may not be allowed to look where we are.
    command.env_clear().current_dir("/")
}

pub fn give_away(path: &Path) {
    if let Some(user) = server_user() {
        chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub fn psql() -> Command {
    let mut psql = Command::new(newest().1.join("psql"));
    psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1"]).env_clear().env("PGCONNECT_TIMEOUT", "20").stdin(Stdio::null());
    psql
}

pub fn answer(psql: &mut Command) -> Result<String, String> {
    let output = psql.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}
