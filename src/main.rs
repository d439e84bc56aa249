//! keydesk: opens the door and hands over.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
use nix::sys::prctl;
use nix::sys::{
    resource::{Resource, setrlimit},
    stat::{Mode, umask},
};

fn main() -> color_eyre::Result<ExitCode> {
    keydesk::app::reports::install()?;
    // Whatever is made belongs to its owner alone: database, key, mails.
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    // A core file would hold keys and addresses.
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // The limit does not count where cores go to a program, as with systemd; and nobody else of
    // the same account has to read this memory.
    #[cfg(target_os = "linux")]
    prctl::set_dumpable(false)?;
    keydesk::app::run(&std::env::args_os().collect::<Vec<_>>()).map(ExitCode::from)
}
