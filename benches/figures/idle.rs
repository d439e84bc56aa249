//! What an open console needs: its peak memory, and what it does when nobody does anything.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use keydesk::service::Rules;

use crate::{
    process::Work,
    shops::{self, Shops, customers, newest_id},
    table::Row,
    targets,
    terminal::Terminal,
};

const MEMORY_MIB: u64 = 64;
/// Every so many targets are typed.
const STRIDE: usize = 8;
/// Time between keys, about that of fast typing.
const KEY: Duration = Duration::from_millis(40);
/// How long everything that was begun has time to end.
const SETTLE: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(10);

/// What a console did in [`IDLE`].
struct Rest {
    bytes: usize,
    before: Work,
    after: Work,
}

pub async fn measure(shops: &mut Shops) -> Vec<Row> {
    let database = shops.large().await;
    let service = shops::open(&database, Rules::default()).await;
    let (newest, targets) = (newest_id(&service).await, targets::of_the_shop(&service).await);
    let config = shops.new_file("idle.toml");
    fs::write(&config, "").unwrap();
    let mut terminal = Terminal::start(&database, &config).0;
    let mut keys = 0;
    for target in targets.iter().step_by(STRIDE) {
        keys += type_in(&mut terminal, target);
    }
    terminal.listen(SETTLE);
    let peak = terminal.process().peak_kib().unwrap().div_ceil(1 << 10);
    let mut rows = vec![Row::new(
        format!("Peak memory of an open console, {}, {keys} keystrokes", customers(newest)),
        format!("≤ {MEMORY_MIB} MiB"),
        format!("{peak} MiB"),
        peak <= MEMORY_MIB,
    )];
    rows.extend(rest(&mut terminal).rows("Open console, 10 s without a key"));
    terminal.leave();
    let (database, config) = with_worker(shops).await;
    let mut terminal = Terminal::start(&database, &config).0;
    terminal.listen(SETTLE);
    rows.extend(rest(&mut terminal).rows("The same where it delivers mails, and there are none"));
    terminal.leave();
    rows
}

fn type_in(terminal: &mut Terminal, text: &str) -> usize {
    let escape = ["\u{1b}", "\u{1b}"].map(str::to_owned);
    let keys: Vec<String> = ["/".to_owned()].into_iter().chain(text.chars().map(String::from)).chain(escape).collect();
    for key in &keys {
        terminal.press(key);
        thread::sleep(KEY);
    }
    terminal.listen(Duration::ZERO);
    keys.len()
}

/// A shop of its own, because a worker writes beside the database, and how mails leave it.
async fn with_worker(shops: &Shops) -> (PathBuf, PathBuf) {
    let (database, config) = (shops.new_shop("idle", shops::FEW).await, shops.new_file("worker.toml"));
    let mails: &Path = &shops.new_file("mails");
    fs::write(&config, format!("[mail]\nurl = \"maildir:{}\"\n", mails.display())).unwrap();
    (database, config)
}

fn rest(terminal: &mut Terminal) -> Rest {
    let before = terminal.process().work();
    let bytes = terminal.listen(IDLE);
    Rest { bytes, before, after: terminal.process().work() }
}

impl Rest {
    fn rows(&self, name: &str) -> Vec<Row> {
        let Self { bytes, before, after } = self;
        vec![
            Row::at_most(format!("{name}: bytes to the terminal"), 0, u64::try_from(*bytes).unwrap()),
            Row::at_most(format!("{name}: processor time, in ticks of 10 ms"), 0, after.ticks - before.ticks),
            Row::at_most(format!("{name}: bytes written to the disk"), 0, after.written - before.written),
        ]
    }
}
