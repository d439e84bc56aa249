//! From a key in the real program, in a terminal, to the page that it finds: with everything that
//! lies between, such as the pace at which frames are drawn.

use std::{
    fs,
    time::{Duration, Instant},
};

use keydesk::{
    domain::{
        find::{PageFrom, Sort},
        query::Query,
    },
    service::{Rules, Service},
    store::sql::SqlStore,
};

use crate::{
    files,
    samples::Samples,
    shops::{self, Shops, customers, newest_id},
    table::Row,
    targets,
    terminal::Terminal,
};

const P99: Duration = Duration::from_millis(16);
/// Every so many targets are typed.
const STRIDE: usize = 8;
/// How long a page, its count and everything else have time to be shown.
const SETTLE: Duration = Duration::from_millis(150);

pub async fn measure(shops: &mut Shops) -> Vec<Row> {
    let database = shops.large().await;
    files::warm(&database);
    let config = shops.new_file("typing.toml");
    fs::write(&config, "").unwrap();
    let service = shops::open(&database, Rules::default()).await;
    let mut terminal = Terminal::start(&database, &config).0;
    let mut times = Vec::new();
    for target in targets::of_the_shop(&service).await.iter().step_by(STRIDE) {
        press(&mut terminal, "/");
        let mut typed = String::new();
        for c in target.chars() {
            typed.push(c);
            match first_row(&service, &typed).await.filter(|row| !terminal.shows(row)) {
                // Only a page that begins with somebody new can be seen to arrive.
                Some(row) => times.push(time(&mut terminal, c, &row)),
                None => press(&mut terminal, &c.to_string()),
            }
        }
        press(&mut terminal, "\u{1b}");
        press(&mut terminal, "\u{1b}");
    }
    terminal.leave();
    let times: Samples = times.into_iter().collect();
    let name = format!("Key to new page, real program in a terminal, {}", customers(newest_id(&service).await));
    vec![
        Row::note(format!("{name}, {} keystrokes", times.len()), times.to_string()),
        Row::within(format!("{name}, p99"), P99, times.p99()),
    ]
}

/// The e-mail address in the first row of what is found.
async fn first_row(service: &Service<SqlStore>, typed: &str) -> Option<String> {
    let query = Query::parse(typed).ok()?;
    let page = service.find_all_of_page(query, Sort::default(), PageFrom::Start, 1).await.unwrap();
    page.rows.first().map(|row| row.email.to_string())
}

/// How long the answer to a key took.
fn time(terminal: &mut Terminal, key: char, answer: &str) -> Duration {
    let started = Instant::now();
    terminal.press(&key.to_string());
    let took = terminal.wait_for(answer) - started;
    terminal.listen(SETTLE);
    took
}

fn press(terminal: &mut Terminal, keys: &str) {
    terminal.press(keys);
    terminal.listen(SETTLE);
}
