//! Making a shop on a server, and how large it is.

use std::time::Instant;

use super::{Servers, load};
use crate::{
    process::Process,
    shops::{MANY, customers},
    table::Row,
};

impl Servers {
    pub async fn loading(&mut self) -> Vec<Row> {
        let database = self.new_database().await;
        let began = Instant::now();
        load(&database.url(), MANY).await;
        let took = began.elapsed();
        let bytes = |sql: &str| database.psql(&format!("SELECT {sql}")).parse::<u64>().unwrap();
        let whole = bytes("pg_database_size(current_database())");
        let index = bytes("pg_total_relation_size('gram_blocks')");
        let name = customers(i64::try_from(MANY).unwrap());
        vec![
            Row::note(
                format!("Demo shop of {name} loaded into a server"),
                format!(
                    "{:.0} s, peak of the program {} MiB",
                    took.as_secs_f64(),
                    Process::this().peak_kib().unwrap() >> 10
                ),
            ),
            Row::note(
                format!("... database of {name}"),
                format!("{} MiB; {} bytes a customer in the gram index", whole >> 20, index / MANY),
            ),
        ]
    }
}
