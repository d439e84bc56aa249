//! From the command to the first page in a terminal: the real program, with everything that a
//! start needs.

use std::{fs, path::Path, time::Duration};

use keydesk::{
    domain::{
        find::{PageFrom, Sort},
        query::Query,
    },
    service::Rules,
};

use crate::{
    files,
    samples::Samples,
    shops::{self, Shops, customers, newest_id},
    table::Row,
    terminal::{Terminal, program},
};

const WARM: Duration = Duration::from_millis(6);
const COLD: Duration = Duration::from_millis(30);
const WARM_STARTS: usize = 30;
const COLD_STARTS: usize = 11;

pub async fn measure(shops: &mut Shops) -> Vec<Row> {
    let database = shops.large().await;
    files::warm(&database);
    let config = shops.new_file("start.toml");
    fs::write(&config, "").unwrap();
    let service = shops::open(&database, Rules::default()).await;
    let page = service.find_all_of_page(Query::default(), Sort::default(), PageFrom::Start, 1).await.unwrap();
    let first = page.rows.first().expect("the shop has customers").email.to_string();
    let name = format!("Start to first page, {}", customers(newest_id(&service).await));
    service.store().clone().close().await;

    let start = || {
        let (mut terminal, started) = Terminal::start(&database, &config);
        let took = terminal.wait_for(&first) - started;
        terminal.leave();
        took
    };
    start();
    let warm: Samples = (0..WARM_STARTS).map(|_| start()).collect();
    let cold: Samples = (0..COLD_STARTS)
        .map(|_| {
            cool(&database);
            start()
        })
        .collect();
    vec![
        Row::note(format!("{name}, {} times", warm.len()), warm.to_string()),
        Row::within(format!("{name}, median"), WARM, warm.median()),
        Row::note(format!("{name}, cold file cache of database and program, {} times", cold.len()), cold.to_string()),
        Row::within(format!("{name}, cold, median"), COLD, cold.median()),
    ]
}

fn cool(database: &Path) {
    files::cool_database(database);
    files::cool(&program());
}
