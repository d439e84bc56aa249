//! A hundred consoles, each in a terminal of its own, on one server.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use super::{Servers, postgres::Database};
use crate::{process::Process, shops::FEW, table::Row, terminal::Terminal};

const CONSOLES: usize = 100;
/// What each of them types.
const TYPED: &str = "/costello";
/// How long everything that was begun has time to end.
const SETTLE: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(30);

impl Servers {
    pub async fn consoles(&mut self) -> Vec<Row> {
        let database = self.new_shop(FEW).await;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("keydesk.toml");
        fs::write(&config, "").unwrap();
        let began = Instant::now();
        let mut consoles: Vec<Terminal> =
            (0..CONSOLES).map(|_| Terminal::start_at(&database.url(), &config).0).collect();
        for console in &mut consoles {
            console.wait_for(" ms");
        }
        let started = began.elapsed();
        for console in &mut consoles {
            for key in TYPED.chars() {
                console.press(&key.to_string());
            }
        }
        let most = (0..20).map(|_| connections(&database)).max().unwrap_or_default();
        for console in &mut consoles {
            console.wait_for("Costello");
        }
        thread::sleep(SETTLE);
        let mean = |sum: u64| sum >> 10;
        let [share, ticks]: [u64; 2] = counted(&consoles);
        let (transactions, began) = (ended(&database), Instant::now());
        thread::sleep(IDLE);
        let rate = (ended(&database) - transactions) / began.elapsed().as_secs();
        let [_, later] = counted(&consoles);
        let backends = database.psql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()");
        let shares: Vec<u64> = backends.lines().filter_map(|pid| Process(pid.parse().unwrap()).share_kib()).collect();
        let open = connections(&database);
        for console in consoles {
            console.leave();
        }
        let each = |value: u64| value / CONSOLES as u64;
        vec![
            Row::note(
                format!("{CONSOLES} consoles on one server, all started at once: first pages"),
                format!("after {:.1} s", started.as_secs_f64()),
            ),
            Row::note("... memory of each", format!("{} MiB", mean(each(share)))),
            Row::note("... connections while all type; when nobody does", format!("{most}; {open}")),
            Row::note(
                "... server's memory for each connection",
                format!("{} MiB", mean(shares.iter().sum::<u64>() / (shares.len() as u64).max(1))),
            ),
            Row::note(
                format!(
                    "... {} s without a key: transactions a second; processor time of each console",
                    IDLE.as_secs()
                ),
                format!("{rate}; {} ms a second", (later - ticks) * 10 / IDLE.as_secs() / CONSOLES as u64),
            ),
        ]
    }
}

/// Memory and processor time of all, in KiB and ticks.
fn counted(consoles: &[Terminal]) -> [u64; 2] {
    let of = |console: &Terminal| [console.process().share_kib().unwrap(), console.process().work().ticks];
    consoles.iter().map(of).fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]])
}

fn connections(database: &Database<'_>) -> u64 {
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.psql(open).parse().unwrap()
}

/// Transactions that ended so far.
fn ended(database: &Database<'_>) -> u64 {
    database.psql("SELECT pg_stat_clear_snapshot(); SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()").trim().parse().unwrap()
}
