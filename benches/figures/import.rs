//! A million customers from a file, by the real program.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    process,
    shops::{MANY, Shops, customers},
    table::Row,
    terminal::program,
};

const TIME: Duration = Duration::from_secs(30);
const MEMORY_MIB: u64 = 100;

pub async fn measure(shops: &mut Shops) -> Vec<Row> {
    let name = format!("Import of {}", customers(i64::try_from(MANY).unwrap()));
    let known = keydesk(&shops.new_file("none.db"), &["import", "--help"]).stdout(Stdio::null()).status().unwrap();
    if !known.success() {
        return vec![Row::note(name, "not measured: this build has no `keydesk import`")];
    }
    let (file, database) = (shops.new_file("customers.csv"), shops.new_file("imported.db"));
    let csv = file.to_str().unwrap();
    let exported = keydesk(&shops.million().await, &["export", csv]).status().unwrap();
    assert!(exported.success(), "the customers could not be exported");
    assert!(keydesk(&database, &["migrate"]).status().unwrap().success(), "no database could be made");
    let base_url = ["--create-websites", "--base-url", "https://luma.example", "--sender", "support@luma.example"];
    let started = Instant::now();
    let mut child = keydesk(&database, &[&["import", csv][..], &base_url].concat()).spawn().unwrap();
    let (status, peak) = process::wait(&mut child);
    let (took, peak) = (started.elapsed(), peak.div_ceil(1 << 10));
    assert!(status.success(), "the customers could not be imported");
    let seconds = format!("{:.1} s", took.as_secs_f64());
    vec![
        Row::new(format!("{name}, time"), format!("≤ {} s", TIME.as_secs()), seconds, took <= TIME),
        Row::new(
            format!("{name}, peak memory"),
            format!("≤ {MEMORY_MIB} MiB"),
            format!("{peak} MiB"),
            peak <= MEMORY_MIB,
        ),
    ]
}

fn keydesk(database: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).args(["--operator", "figures", "--database", &format!("sqlite:{}", database.display())]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}
