//! What doctor finds on a server: a fine shop, and one where something is not as it should be.
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

use std::fs;

use postgres::{Database, OWNER, Server, certificates::Certificates, pair::Pair};
use serde_json::Value;
use server_shop::ServerShop;

/// The findings, and whether anything was wrong.
struct Report {
    code: i32,
    answer: Value,
}

impl Report {
    fn of(shop: &ServerShop, args: &[&str]) -> Self {
        let (code, answer) = shop.json(&[&["doctor", "--no-relay"], args].concat());
        Self { code, answer }
    }

    fn check(&self, name: &str) -> &Value {
        let checks = self.answer["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {}", self.answer))
    }

    /// Verdict and text.
    fn found(&self, name: &str) -> (&str, &str) {
        let check = self.check(name);
        (check["verdict"].as_str().unwrap(), check["text"].as_str().unwrap())
    }

    fn is(&self, name: &str, verdict: &str, says: &str) -> &Self {
        let found = self.found(name);
        assert!(found.0 == verdict && found.1.contains(says), "{name}: {found:?}");
        self
    }

    fn named(&self, verdict: &str) -> Vec<&str> {
        let checks = self.answer["checks"].as_array().unwrap().iter().filter(|check| check["verdict"] == verdict);
        checks.map(|check| check["name"].as_str().unwrap()).collect()
    }
}

/// Names the database at another address, or by another role, in the configuration.
fn name(shop: &ServerShop, url: &str) {
    fs::write(shop.path("keydesk.toml"), format!("database = {}\n", serde_json::json!(url))).unwrap();
}

/// What doctor must leave as it is.
fn written(database: &Database<'_>) -> String {
    database.psql(
        "SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM customers x; SELECT count(*) FROM audit; \
        SELECT count(*) FROM outbox; SELECT token_key FROM mail_queue",
    )
}

#[test]
fn a_fine_shop_is_fine_and_is_not_touched() {
    let server = Server::make();
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 50);
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    assert_eq!(shop.json(&["migrate", "--grants"]).0, 0);
    database.psql(
        "CREATE ROLE mina LOGIN IN ROLE keydesk_console; CREATE ROLE worker LOGIN IN ROLE keydesk_worker; \
        CREATE ROLE anybody LOGIN; CREATE ROLE looks LOGIN IN ROLE keydesk_readonly",
    );
    let before = written(&database);

    // This server was made with fsync off.
    let report = Report::of(&shop, &["--full"]);
    assert_eq!((report.code, report.named("wrong")), (1, vec!["durability"]), "{}", report.answer);
    report.is("server", "fine", "PostgreSQL 1").is("database", "fine", "tables 6").is("tls", "fine", "a socket");
    report.is("role", "warning", "keydesk_owner is a superuser").is("server clock", "fine", "as here");
    report.is("search", "fine", "stand apart").is("references", "fine", "all 50 customers");
    report.is("audit", "fine", "chain of 1 entries holds").is("queue", "fine", "1 mails held");
    report.is("worker", "warning", "nobody delivers").is("websites", "fine", "each with base URL");
    report.is("links", "fine", "none was made yet");

    for role in ["mina", "looks"] {
        name(&shop, &database.url().replacen(OWNER, role, 1));
        let report = Report::of(&shop, &["--full"]);
        assert_eq!(report.named("wrong"), ["durability"], "{role}: {}", report.answer);
        report.is("role", "fine", if role == "mina" { "mina, in keydesk_console" } else { "in keydesk_readonly" });
    }
    name(&shop, &database.url().replacen(OWNER, "worker", 1));
    let report = Report::of(&shop, &[]);
    assert_eq!(report.named("wrong"), ["durability"], "{}", report.answer);
    report.is("role", "fine", "worker, in keydesk_worker").is("queue", "fine", "1 mails held");
    name(&shop, &database.url().replacen(OWNER, "anybody", 1));
    let report = Report::of(&shop, &[]);
    assert_eq!(report.code, 1);
    report.is("database", "wrong", "may not do this");
    assert_eq!(written(&database), before);
}

#[test]
fn what_is_not_durable_or_not_there_is_told() {
    let server = Server::durable();
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 10);
    let report = Report::of(&shop, &[]);
    assert_eq!((report.code, report.named("wrong")), (0, vec![]), "{}", report.answer);
    report.is("durability", "fine", "no standby is waited for");
    database.psql("ALTER ROLE keydesk_owner SET synchronous_commit = off");
    Report::of(&shop, &[]).is("durability", "wrong", "synchronous_commit is off");
    database.psql("ALTER ROLE keydesk_owner RESET synchronous_commit");

    database.psql("DELETE FROM search_texts WHERE customer_id = 3");
    let report = Report::of(&shop, &["--full"]);
    assert_eq!(report.named("wrong"), ["references"]);
    report.is("references", "wrong", "10 customers, but 9 texts and 10 addresses");
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    database.psql("ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET operator = 'nobody' WHERE seq = 1");
    let report = Report::of(&shop, &["--full"]);
    assert_eq!(report.named("wrong"), ["references", "audit"]);

    database.psql("UPDATE mail_queue SET token_key = 'another'");
    assert!(Report::of(&shop, &[]).named("wrong").contains(&"links"));
    server.stop();
    let report = Report::of(&shop, &[]);
    assert_eq!((report.code, report.named("wrong")), (1, vec!["database"]), "{}", report.answer);
    report.is("database", "wrong", "No database server can be used").is("configuration", "fine", "keydesk.toml");
}

#[test]
fn a_database_without_tables_and_a_standby_are_told() {
    let pair = Pair::make();
    let database = pair.primary.database();
    let shop = ServerShop::bare();
    name(&shop, &database.url());
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(shop.path("keydesk.toml"), mode).unwrap();
    Report::of(&shop, &[]).is("database", "wrong", "no tables of keydesk yet");
    assert_eq!(shop.json(&["migrate"]).0, 0);
    Report::of(&shop, &[]).is("server", "fine", "PostgreSQL").is("database", "fine", "tables");
    pair.catch_up();
    let folder = pair.standby.folder().display().to_string().replace('/', "%2F");
    name(&shop, &format!("postgres://{OWNER}@{folder}/{}", database.name));
    Report::of(&shop, &[]).is("server", "wrong", "is a standby");
}

#[test]
fn a_protected_line_is_told() {
    let certificates = Certificates::make();
    let server = Server::with_tls(&certificates, "localhost");
    let database = server.database();
    let shop = ServerShop::demo(&database.url(), 5);
    let url = format!("{}?sslrootcert={}", database.tcp_url("localhost"), certificates.file("ca.pem").display());
    name(&shop, &url);
    fs::set_permissions(shop.path("keydesk.toml"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let open = Report::of(&shop, &[]);
    assert!(
        open.answer.to_string().contains("chmod 600") && !open.answer.to_string().contains("p%40ss"),
        "{}",
        open.answer
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(shop.path("keydesk.toml"), mode).unwrap();
    let report = Report::of(&shop, &[]);
    report.is("tls", "fine", "TLSv1.3");
    for password in ["p%40ss", "p@ss:w/rd %41"] {
        assert!(!report.answer.to_string().contains(password), "{}", report.answer);
    }
    // The console, too, gets in by a password of its own file.
    let apart = url.replacen(":p%40ss%3Aw%2Frd%20%2541", "", 1);
    assert!(!apart.contains("p%40ss"), "{apart}");
    fs::write(shop.path("secret"), "p@ss:w/rd %41\n").unwrap();
    fs::set_permissions(shop.path("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let config = format!("database = {}\ndatabase_password_file = \"secret\"\n", serde_json::json!(apart));
    fs::write(shop.path("keydesk.toml"), config).unwrap();
    assert_eq!(shop.json(&["show", "1"]).0, 0);
}
