//! The command line on a shop that a database server has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/server_shop.rs"]
mod server_shop;

use std::{fs, os::unix::fs::PermissionsExt};

use postgres::Server;
use serde_json::json;
use server_shop::{ServerShop, answer};

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn tables_are_made_by_migrate_alone_and_it_says_what_was_there_before() {
    let database = Server::shared().database();
    let (shop, url) = (ServerShop::bare(), database.url());
    let on = |args: &[&str]| answer(&shop.run(&[args, &["--json", "--operator", "mina", "--database", &url]].concat()));
    let (code, none) = on(&["show", "1"]);
    assert_eq!((code, &none["reason"]), (1, &json!("unusable")));
    assert!(none["message"].as_str().unwrap().contains("keydesk migrate"), "{none}");
    assert_eq!(database.psql("SELECT count(*) FROM pg_class WHERE relname = 'customers'"), "0");

    let (code, made) = on(&["migrate"]);
    let latest = made["now"].as_i64().unwrap();
    assert_eq!((code, &made["before"]), (0, &json!(0)), "{made}");
    let (code, again) = on(&["migrate"]);
    assert_eq!((code, again["before"].as_i64(), again["now"].as_i64()), (0, Some(latest), Some(latest)), "{again}");
    assert_eq!(on(&["show", "1"]).0, 4);

    database.psql(&format!(
        "INSERT INTO _sqlx_migrations SELECT {}, description, installed_on, success, checksum, \
        execution_time FROM _sqlx_migrations WHERE version = {latest}",
        latest + 1
    ));
    let (code, newer) = on(&["show", "1"]);
    assert_eq!(code, 1);
    assert!(newer["message"].as_str().unwrap().contains("newer keydesk"), "{newer}");
}

#[test]
fn a_demo_is_made_in_an_empty_database_only() {
    let database = Server::shared().database();
    let url = database.url();
    let shop = ServerShop::bare();
    let refused = shop.make_demo(&url, 20);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("keydesk migrate") && !shop.path("keydesk.toml").exists(), "{refused:?}");

    let shop = ServerShop::demo(&url, 20);
    assert_eq!(database.psql("SELECT count(*) FROM customers"), "20");
    let config = fs::read_to_string(shop.path("keydesk.toml")).unwrap();
    assert!(config.contains(&format!("database = \"{url}\"")), "{config}");
    assert_eq!(fs::metadata(shop.path("token.key")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = shop.make_demo(&url, 20);
    assert!(again.status.success() && text(&again).contains("there already"), "{again:?}");
    let here = shop.folder().display().to_string();
    let plain = shop.run(&["demo", "--no-console", "--dir", &here]);
    assert!(plain.status.success() && text(&plain).contains("there already"), "{plain:?}");

    let elsewhere = ServerShop::bare();
    let refused = elsewhere.make_demo(&url, 20);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused).contains("has customers already") && !elsewhere.path("keydesk.toml").exists(),
        "{refused:?}"
    );
    let other = Server::shared().database();
    let refused = shop.make_demo(&other.url(), 20);
    assert!(!refused.status.success() && text(&refused).contains("names another database"), "{refused:?}");
    let refused = elsewhere.make_demo("postgres://u:hunter2@h/d", 20);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("list of processes") && !text(&refused).contains("hunter2"), "{refused:?}");
    let refused = elsewhere.make_demo("sqlite:shop.db", 20);
    assert!(refused.status.code() == Some(2) && text(&refused).contains("--dir"), "{refused:?}");
}

#[test]
fn commands_do_on_a_server_what_they_do_in_a_file() {
    let database = Server::shared().database();
    let shop = ServerShop::demo(&database.url(), 60);
    let (code, shown) = shop.json(&["show", "1"]);
    assert_eq!((code, &shown["outcome"]), (0, &json!("done")), "{shown}");

    let (code, reset) = shop.json(&["reset-password", "1", "--reason", "T-1"]);
    assert_eq!((code, &reset["outcome"]), (0, &json!("queued")), "{reset}");
    let (code, undone) = shop.json(&["cancel-reset", "1"]);
    assert_eq!((code, &undone["outcome"]), (0, &json!("undone")), "{undone}");
    let (code, _) = shop.json(&["reset-password", "1"]);
    assert_eq!(code, 0);
    database.psql(
        "UPDATE outbox SET not_before = not_before - 20000000, next_at = next_at - 20000000 WHERE state = 'queued'",
    );
    let (code, delivered) = shop.json(&["mail", "deliver"]);
    assert_eq!(code, 0, "{delivered}");
    assert_eq!(database.psql("SELECT count(*) FROM outbox WHERE state = 'accepted' AND customer_id = 1"), "1");
    assert_eq!(fs::read_dir(shop.path("mail/new")).unwrap().count(), 1);
    let (code, mails) = shop.json(&["mail", "list", "--state", "accepted"]);
    assert!(code == 0 && !mails["mails"].as_array().unwrap().is_empty(), "{mails}");

    let (code, forced) = shop.json(&["force-sign-in", "1", "--scope", "all"]);
    assert_eq!((code, &forced["outcome"]), (0, &json!("revoked")), "{forced}");
    database.psql("UPDATE customers SET locked_until = 4000000000000000, failed_sign_ins = 9 WHERE id = 2");
    let (code, unlocked) = shop.json(&["unlock", "2"]);
    assert_eq!((code, &unlocked["outcome"]), (0, &json!("unlocked")), "{unlocked}");
    for args in [
        &["integrations", "add", "ERP of the test"][..],
        &["integrations", "list"],
        &["integrations", "remove", "ERP of the test"],
        &["audit", "list"],
        &["audit", "verify"],
    ] {
        let (code, done) = shop.json(args);
        assert_eq!(code, 0, "{args:?}: {done}");
    }
}

#[test]
fn customers_are_exported_imported_and_found() {
    let database = Server::shared().database();
    let shop = ServerShop::demo(&database.url(), 60);
    let file = shop.path("customers.csv");
    let file = file.to_str().unwrap();
    let (code, exported) = shop.json(&["export", file]);
    assert_eq!((code, &exported["customers"]), (0, &json!(60)), "{exported}");
    let changed = fs::read_to_string(file).unwrap().replacen("(555) 229-3326", "(555) 229-9999", 1);
    fs::write(file, changed).unwrap();
    let (code, imported) = shop.json(&["import", file]);
    assert_eq!(code, 0, "{imported}");
    let found = || {
        let (code, found) = shop.json(&["customers", "2299999"]);
        assert_eq!((code, &found["customers"][0]["id"]), (0, &json!(1)), "{found}");
    };
    let apart = || database.psql("SELECT count(*) FROM search_texts WHERE apart IS NOT NULL");
    found();
    assert_eq!(apart(), "1");
    // Whoever delivers mails takes them into the index.
    assert_eq!(shop.json(&["mail", "deliver"]).0, 0);
    assert_eq!(apart(), "0");
    found();
}

#[test]
fn what_only_a_file_can_is_said() {
    let database = Server::shared().database();
    let shop = ServerShop::demo(&database.url(), 5);
    for (args, says) in [
        (&["backup", "copy.db"][..], "pg_dump"),
        (&["restore", "copy.db"], "pg_restore"),
        (&["restore", "copy.db", "--dry-run"], "pg_restore"),
    ] {
        let (code, answer) = shop.json(args);
        assert_eq!((code, &answer["reason"]), (1, &json!("not_copied")), "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(says) && message.ends_with("Nothing was done."), "{message}");
    }
}

#[test]
fn the_environment_of_other_programs_has_no_say() {
    let database = Server::shared().database();
    let shop = ServerShop::demo(&database.url(), 5);
    for name in ["PGPASSWORD", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGOPTIONS"] {
        let (code, refused) = answer(&shop.asked(&["show", "1"]).env(name, "hunter2").output().unwrap());
        assert_eq!((code, &refused["reason"]), (2, &json!("configuration")), "{refused}");
        let message = refused["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{name}: ")) && !message.contains("hunter2"), "{message}");
    }
    let mut others = shop.asked(&["show", "1"]);
    for (name, value) in [
        ("PGHOST", "/nowhere"),
        ("PGHOSTADDR", "192.0.2.1"),
        ("PGPORT", "1"),
        ("PGUSER", "nobody"),
        ("PGDATABASE", "nothing"),
        ("PGSSLMODE", "require"),
        ("PGAPPNAME", "somebody"),
    ] {
        others.env(name, value);
    }
    assert_eq!(answer(&others.output().unwrap()).0, 0);
}
