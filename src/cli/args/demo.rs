//! The demo shop, and scripts that are played in one.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::values::speed;

const DIR_HELP: &str = "Folder of the shop; without it keydesk/demo in $XDG_DATA_HOME or ~/.local/share";

/// `demo`
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArgs {
    /// What else; none = the shop, and the console on it.
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
    /// How many customers a new shop gets [default: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000_000))]
    pub customers: Option<u32>,
    /// The same seed makes the same shop
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder of the shop.
    #[arg(long, value_name = "DIR", help = DIR_HELP)]
    pub dir: Option<PathBuf>,
    /// What time it is in the shop, such as 2026-11-20T12:00:00Z; without it the real time
    #[arg(long, value_name = "TIME")]
    pub now: Option<Timestamp>,
    /// Only make the shop
    #[arg(long)]
    pub no_console: bool,
}

/// `demo record|play`
#[derive(Subcommand)]
pub enum DemoCommand {
    /// Play a script through the console, without a terminal, and write what it shows as asciicast v2
    ///
    /// The script says which shop is made for it, when that is and what is done there. The same script
    /// always makes the same bytes. Nothing of it is left afterwards, and no other shop is touched.
    Record(RecordArgs),
    /// Play a script in this terminal, for people who watch
    ///
    /// The keys that are pressed are shown in the lower right corner. Space stops and goes on; q and Ctrl-C leave.
    Play(PlayArgs),
}

/// `demo record`
#[derive(Args)]
pub struct RecordArgs {
    /// The script, such as demo/undo.toml
    pub script: PathBuf,
    /// Write to this file, in place of one that is there; without it to standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `demo play`
#[derive(Args)]
pub struct PlayArgs {
    /// The script, such as demo/undo.toml
    pub script: PathBuf,
    /// How many times as fast as it was written, 0.1 to 20
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
}
