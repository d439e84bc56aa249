//! The project's figures by one command, as a table that can be pasted into the README:
//!
//! `cargo bench --bench figures -- --database sqlite:PATH [--only search,start] [--verbose]`
//!
//! `cargo bench --bench figures -- --server postgres://… --only server-search,server-loading`
//!
//! Shops that are named are only read. Whatever is written to is made in a folder of its own, in
//! `TMPDIR`: have that on the disk that is to be measured.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a tool for developers, which fails by saying why"
)]

mod bare;
mod changes;
mod console;
mod exact;
mod files;
mod idle;
mod import;
mod mails;
mod process;
mod resets;
mod samples;
mod search;
mod servers;
mod shops;
mod start;
mod storefront;
mod table;
mod targets;
mod terminal;
mod typing;
mod wrk;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use servers::Servers;
use shops::Shops;
use table::Row;

/// Measures keydesk and prints a table in Markdown: figure, goal, measured, met.
#[derive(Parser)]
#[command(name = "cargo bench --bench figures --")]
struct Args {
    /// The large shop, only read; the goals are set for 10,000,000 customers. Made with 10,000
    /// where none is named. Make one: keydesk demo --no-console --customers N --dir DIR
    #[arg(long, value_name = "sqlite:PATH", value_parser = database)]
    database: Option<PathBuf>,
    /// A shop of 10,000 customers to compare with, only read; made where none is named
    #[arg(long, value_name = "sqlite:PATH", value_parser = database)]
    small: Option<PathBuf>,
    /// A shop of 1,000,000 customers to copy and to export, only read; made where none is named
    #[arg(long, value_name = "sqlite:PATH", value_parser = database)]
    million: Option<PathBuf>,
    /// A shop on a PostgreSQL server, only read; may be given more than once. Made with 10,000
    /// customers on a server of its own where none is named
    #[arg(long, value_name = "postgres://…")]
    server: Vec<String>,
    /// Only these figures
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Print also the slowest keystrokes, and what else explains a figure
    #[arg(long)]
    verbose: bool,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// From a key to its painted frame
    Search,
    /// The same with nothing of the database in the file cache
    Cold,
    /// From a key to the page it finds, in the real program
    Typing,
    /// First pages compared with a filter over all customers
    Exact,
    /// From the command to the first page, in a terminal
    Start,
    /// Peak memory of an open console, and what it does when nobody does anything
    Idle,
    /// 1,000,000 customers from a file
    Import,
    /// Resets queued, compared with bare commits
    Resets,
    /// Mails drained, compared with Postfix's own source of mails
    Mails,
    /// Commits while the search index is merged
    Changes,
    /// Sign-ins, requests for reset mails and token checks over HTTP
    Storefront,
    /// From a key to its painted frame, with the database on a server
    ServerSearch,
    /// 1,000,000 customers into a server of its own
    ServerLoading,
    /// Resets queued on a server, compared with its bare commits
    ServerResets,
    /// A hundred consoles on a server: memory, connections, and what they do when nobody does anything
    ServerConsoles,
}

fn database(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text.strip_prefix("sqlite:").unwrap_or(text));
    let path = std::path::absolute(path).map_err(|error| error.to_string())?;
    if path.is_file() { Ok(path) } else { Err("there is no such file".to_owned()) }
}

fn main() {
    let Args { database, small, million, server, only, verbose, bench } = Args::parse();
    if !bench {
        eprintln!("Figures are measured in a release build: cargo bench --bench figures");
    }
    let mut shops = Shops::new(database, small, million);
    let mut servers = Servers::new(server);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let wanted = Figure::value_variants().iter().filter(|figure| only.is_empty() || only.contains(figure));
    let mut rows = Vec::new();
    for figure in wanted {
        eprintln!("{figure:?} ...");
        let new = runtime.block_on(measure(*figure, &mut shops, &mut servers, verbose));
        for row in &new {
            eprintln!("  {row}");
        }
        rows.extend(new);
    }
    table::print(&rows);
}

async fn measure(figure: Figure, shops: &mut Shops, servers: &mut Servers, verbose: bool) -> Vec<Row> {
    match figure {
        Figure::Search => Box::pin(search::warm(shops, verbose)).await,
        Figure::Cold => Box::pin(search::cold(shops, verbose)).await,
        Figure::Typing => typing::measure(shops).await,
        Figure::Exact => exact::measure(shops, verbose).await,
        Figure::Start => start::measure(shops).await,
        Figure::Idle => idle::measure(shops).await,
        Figure::Import => import::measure(shops).await,
        Figure::Resets => resets::measure(shops, verbose).await,
        Figure::Mails => mails::measure(shops, verbose).await,
        Figure::Changes => changes::measure(shops, verbose).await,
        Figure::Storefront => storefront::measure(shops, verbose).await,
        Figure::ServerSearch => Box::pin(servers.search(verbose)).await,
        Figure::ServerLoading => servers.loading().await,
        Figure::ServerResets => servers.resets().await,
        Figure::ServerConsoles => servers.consoles().await,
    }
}
