//! What can be checked without a cluster of how the tables are spread over one: Citus' documented
//! rules, against the tables as they are made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it looked at"
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/server_shop.rs"]
mod server_shop;

use std::collections::BTreeMap;

use keydesk::{domain::server_address::ServerAddress, store::sql::postgres::migrate};
use postgres::{Database, Server};
use server_shop::{ServerShop, answer};

const CITUS: &str = include_str!("../migrations/postgres/citus.sql");

/// Where a table lies.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lies {
    /// On the coordinator.
    Locally,
    /// On every node.
    Everywhere,
    /// By this column, with the tables of this one.
    By(String, String),
}

/// What citus.sql says of each table.
fn said() -> BTreeMap<String, Lies> {
    let mut said = BTreeMap::new();
    let mut add = |table: &str, lies| assert!(said.insert(table.to_owned(), lies).is_none(), "{table} twice");
    for line in CITUS.lines() {
        if let Some(tables) = line.strip_prefix("-- local: ") {
            tables.split(", ").for_each(|table| add(table, Lies::Locally));
        }
        let words: Vec<&str> = line.split('\'').skip(1).step_by(2).collect();
        if line.starts_with("SELECT create_reference_table(") {
            add(words[0], Lies::Everywhere);
        } else if line.starts_with("SELECT create_distributed_table(") {
            let with = if words[2] == "none" { words[0] } else { words[2] };
            add(words[0], Lies::By(words[1].to_owned(), with.to_owned()));
        }
    }
    said
}

async fn migrated(server: &Server) -> Database<'_> {
    let database = server.database();
    migrate(&ServerAddress::parse(&database.url()).unwrap()).await.unwrap();
    database
}

fn rows(database: &Database<'_>, sql: &str) -> Vec<Vec<String>> {
    let answer = database.psql(sql);
    answer.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

/// Unique indexes that do not contain the column that their table is spread by.
fn across_nodes(database: &Database<'_>, said: &BTreeMap<String, Lies>) -> (Vec<String>, usize) {
    let indexes = rows(
        database,
        "SELECT t.relname, i.relname, string_agg(a.attname, ',') FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(x.indkey) \
         WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace GROUP BY 1, 2",
    );
    let wrong = indexes.iter().filter(|row| match &said[&row[0]] {
        Lies::By(column, _) => !row[2].split(',').any(|one| one == column),
        _ => false,
    });
    (wrong.map(|row| row[1].clone()).collect(), indexes.len())
}

#[tokio::test]
async fn the_tables_can_be_spread_as_is_said() {
    let database = migrated(Server::shared()).await;
    let said = said();
    let tables = rows(&database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").concat();
    assert_eq!(tables, said.keys().cloned().collect::<Vec<_>>(), "every table is said once to lie somewhere");

    let (wrong, indexes) = across_nodes(&database, &said);
    assert_eq!(wrong, ["operations_key"], "the only one that citus.sql drops");

    let keys = rows(
        &database,
        "SELECT c.conrelid::regclass, c.confrelid::regclass, a.attname, b.attname FROM pg_constraint c \
         CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there) \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.here \
         JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there WHERE c.contype = 'f'",
    );
    for key in &keys {
        let fits = match (&said[&key[0]], &said[&key[1]]) {
            (_, Lies::Everywhere) | (Lies::Locally, Lies::Locally) => true,
            (Lies::By(here, with), Lies::By(there, others)) => with == others && (here, there) == (&key[2], &key[3]),
            _ => false,
        };
        assert!(fits, "{key:?}");
    }

    let triggers = rows(&database, "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal");
    assert!(!triggers.is_empty());
    assert!(triggers.iter().all(|row| said[&row[0]] == Lies::Locally), "{triggers:?}");

    let columns = rows(
        &database,
        "SELECT table_name, column_name, is_identity FROM information_schema.columns WHERE table_schema = 'public'",
    );
    assert!(columns.iter().all(|row| row[2] == "NO"), "identity columns");
    for (table, lies) in &said {
        if let Lies::By(column, with) = lies {
            assert!(columns.iter().any(|row| row[0] == *table && row[1] == *column), "{table}.{column}");
            let kind = |table: &str, column: &str| {
                database.psql(&format!(
                    "SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = '{column}'"
                ))
            };
            let Lies::By(of, _) = &said[with] else { panic!("{table} lies with {with}, which is not spread") };
            assert_eq!(kind(table, column), kind(with, of), "{table} with {with}");
        }
    }
    println!(
        "looked at {} tables, {indexes} unique indexes, {} foreign keys, {} triggers, {} columns",
        tables.len(),
        keys.len(),
        triggers.len(),
        columns.len()
    );
}

#[tokio::test]
async fn the_statements_are_in_order_and_find_their_tables() {
    let database = migrated(Server::shared()).await;
    // In the place of Citus' own: a table that is spread must be there, and those it lies with before it.
    database.psql(
        "CREATE TABLE spread (n serial, name regclass, by text, beside text); \
         CREATE FUNCTION create_reference_table(regclass) RETURNS void LANGUAGE sql AS \
         'INSERT INTO spread (name) VALUES ($1)'; \
         CREATE FUNCTION create_distributed_table(regclass, text, colocate_with text) RETURNS void LANGUAGE sql AS \
         'INSERT INTO spread (name, by, beside) VALUES ($1, $2, $3)'",
    );
    database.psql(CITUS);
    let spread = said().values().filter(|lies| **lies != Lies::Locally).count();
    assert_eq!(database.psql("SELECT count(*) FROM spread"), spread.to_string());
    let early = "SELECT count(*) FROM spread s WHERE beside <> 'none' AND NOT EXISTS \
                 (SELECT 1 FROM spread b WHERE b.name = s.beside::regclass AND b.n < s.n)";
    assert_eq!(database.psql(early), "0");
    let parents = "SELECT count(*) FROM pg_constraint c JOIN spread s ON s.name = c.conrelid \
                   LEFT JOIN spread p ON p.name = c.confrelid AND p.n < s.n WHERE c.contype = 'f' AND p.n IS NULL";
    assert_eq!(database.psql(parents), "0");
    let (wrong, _) = across_nodes(&database, &{
        let mut said = said();
        said.insert("spread".to_owned(), Lies::Locally);
        said
    });
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn rights_are_given_and_a_server_without_citus_says_so() {
    let server = Server::make();
    let database = server.database();
    let (shop, url) = (ServerShop::bare(), database.url());
    let migrate = |url: &str, flag: &str| answer(&shop.run(&["migrate", flag, "--json", "--database", url]));
    let (code, refused) = migrate(&url, "--citus");
    let message = refused["message"].as_str().unwrap();
    assert!(
        code == 1 && message.contains("Citus is not installed in this database: CREATE EXTENSION citus"),
        "{refused}"
    );
    assert!(message.ends_with("No table was spread."), "{message}");
    for _ in 0..2 {
        let (code, given) = migrate(&url, "--grants");
        assert_eq!((code, given["grants"].as_array().map(Vec::len)), (0, Some(4)), "{given}");
    }
    database.psql("CREATE ROLE somebody LOGIN IN ROLE keydesk_console");
    let (code, refused) = migrate(&url.replacen(postgres::OWNER, "somebody", 1), "--grants");
    let message = refused["message"].as_str().unwrap();
    assert!(code == 1 && message.contains("may not do this"), "{refused}");
    let (code, refused) = migrate("sqlite:shop.db", "--grants");
    assert!(code == 2 && refused["message"].as_str().unwrap().contains("on a server"), "{refused}");
}
