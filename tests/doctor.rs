//! What doctor finds in shops that are fine, broken, foreign and missing, with the real program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/program.rs"]
mod program;
#[path = "support/relay.rs"]
#[allow(dead_code, reason = "the mail tests use all of it")]
mod relay;

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    time::SystemTime,
};

use program::Program;
use relay::{Certificates, Relay};
use serde_json::Value;

/// Verdicts by name, and the whole answer.
struct Report {
    code: i32,
    answer: Value,
}

impl Report {
    fn of(shop: &Program, args: &[&str]) -> Self {
        let (code, answer) = shop.json(&[&["doctor"], args].concat());
        Self { code, answer }
    }

    fn check(&self, name: &str) -> &Value {
        let checks = self.answer["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {}", self.answer))
    }

    fn text(&self, name: &str) -> &str {
        self.check(name)["text"].as_str().unwrap()
    }

    fn advice(&self, name: &str) -> &str {
        self.check(name)["advice"].as_str().unwrap()
    }

    /// Names of the checks that came out so.
    fn named(&self, verdict: &str) -> Vec<&str> {
        let checks = self.answer["checks"].as_array().unwrap().iter().filter(|check| check["verdict"] == verdict);
        checks.map(|check| check["name"].as_str().unwrap()).collect()
    }

    /// Nothing else is wrong than this.
    fn only(&self, wrong: &[&str]) -> &Self {
        assert_eq!((self.code, self.named("wrong")), (i32::from(!wrong.is_empty()), wrong.to_vec()), "{}", self.answer);
        self
    }
}

/// Every file with its bytes, mode and time of the last change; but for the memory that SQLite's
/// readers share, in which they only say that they read.
fn everything(shop: &Program) -> BTreeMap<String, (Vec<u8>, u32, SystemTime)> {
    let files = fs::read_dir(shop.folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let files = files.filter(|path| !path.to_str().unwrap().ends_with("-shm"));
    files
        .map(|path| {
            let about = path.metadata().unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, (fs::read(&path).unwrap(), about.permissions().mode(), about.modified().unwrap()))
        })
        .collect()
}

fn mode(shop: &Program, name: &str, mode: u32) {
    fs::set_permissions(shop.path(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_fine_shop_is_fine_and_is_not_touched() {
    let shop = Program::demo(300);
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    for args in [&[][..], &["--full"], &["--no-relay"]] {
        let before = everything(&shop);
        let report = Report::of(&shop, args);
        report.only(&[]);
        assert_eq!(report.named("warning"), ["worker", "locale"], "{}", report.answer);
        assert!(everything(&shop) == before, "{args:?} changed something");
        let named = |name: &str| report.answer["checks"].as_array().unwrap().iter().any(|check| check["name"] == name);
        assert_eq!(
            (named("relay"), named("audit"), named("search")),
            (args != ["--no-relay"], args == ["--full"], args == ["--full"])
        );
        let key = fs::read_to_string(shop.path("token.key")).unwrap();
        assert!(!report.answer.to_string().contains(key.trim()), "the key is not told");
    }
}

#[test]
fn what_lies_in_a_journal_is_looked_at_too() {
    let shop = Program::demo(100);
    let _console = program::reader(&shop.path("keydesk.db"));
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    let wal = fs::read(shop.path("keydesk.db-wal")).unwrap();
    assert!(!wal.is_empty());
    let report = Report::of(&shop, &["--full"]);
    report.only(&[]);
    assert!(report.text("audit").contains("chain of 1 entries"), "{}", report.answer);
    assert!(report.text("queue").starts_with("1 mails held"), "{}", report.answer);
    assert_eq!(fs::read(shop.path("keydesk.db-wal")).unwrap(), wal);
}

#[test]
fn a_database_that_is_missing_foreign_empty_or_newer_is_told_with_everything_else() {
    let shop = Program::demo(50);
    let others = |report: &Report| {
        for name in ["configuration", "token key", "sqlite", "disk", "relay", "terminal", "locale", "core files"] {
            assert_ne!(report.check(name)["verdict"], "wrong", "{}", report.answer);
        }
    };
    fs::rename(shop.path("keydesk.db"), shop.path("kept.db")).unwrap();
    let missing = Report::of(&shop, &[]);
    others(missing.only(&["database"]));
    assert!(
        missing.text("database").starts_with("There is no database") && missing.advice("database").contains("restore")
    );
    assert!(!shop.path("keydesk.db").exists());

    fs::write(shop.path("keydesk.db"), "").unwrap();
    mode(&shop, "keydesk.db", 0o600);
    others(Report::of(&shop, &[]).only(&["database"]));
    fs::write(shop.path("keydesk.db"), "this is a letter").unwrap();
    others(Report::of(&shop, &[]).only(&["database"]));

    fs::copy(shop.path("kept.db"), shop.path("keydesk.db")).unwrap();
    shop.sql("PRAGMA application_id = 7");
    let foreign = Report::of(&shop, &[]);
    others(foreign.only(&["database"]));
    assert!(foreign.text("database").contains("not one of keydesk"));

    fs::copy(shop.path("kept.db"), shop.path("keydesk.db")).unwrap();
    shop.sql("INSERT INTO _sqlx_migrations VALUES (9999, 'later', 0, 1, x'00', 1)");
    let newer = Report::of(&shop, &["--full"]);
    others(newer.only(&["database"]));
    assert!(newer.text("database").contains("newer keydesk") && newer.text("integrity").contains("is whole"));

    fs::copy(shop.path("kept.db"), shop.path("keydesk.db")).unwrap();
    shop.sql("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)");
    assert!(Report::of(&shop, &[]).only(&[]).advice("database").ends_with("keydesk migrate"));
}

#[test]
fn damage_is_found_wherever_it_is_and_never_written_to() {
    let shop = Program::demo(300);
    shop.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = fs::read(shop.path("keydesk.db")).unwrap();
    let pages = whole.len() / 4096;
    let mut found = 0;
    for page in (1..pages).step_by(7) {
        let mut torn = whole.clone();
        torn[page * 4096..page * 4096 + 300].fill(0xa5);
        fs::write(shop.path("keydesk.db"), &torn).unwrap();
        let report = Report::of(&shop, &["--full", "--no-relay"]);
        found += i32::from(report.code == 1);
        assert!(report.code <= 1, "{}", report.answer);
        assert!(
            report.code == 0 || report.answer.to_string().contains("keydesk restore FILE --replace"),
            "{}",
            report.answer
        );
        assert_eq!(fs::read(shop.path("keydesk.db")).unwrap(), torn, "page {page} was written to");
    }
    let tried = i32::try_from((1..pages).step_by(7).count()).unwrap();
    println!("{found} of {tried} damages found");
    // A page that is free, or whose first bytes only hold text, can be torn without a trace.
    assert!(found * 10 >= tried * 9, "{found} of {tried}");
}

#[test]
fn modes_are_looked_at_not_what_happens_to_work() {
    let shop = Program::demo(50);
    mode(&shop, "keydesk.db", 0o644);
    let report = Report::of(&shop, &[]);
    report.only(&["files"]);
    assert_eq!(report.advice("files"), format!("Run: chmod o-rwx {}", shop.text("keydesk.db")));
    mode(&shop, "keydesk.db", 0o660);
    assert!(Report::of(&shop, &[]).only(&[]).text("files").contains("group"));
    mode(&shop, "keydesk.db", 0o600);

    mode(&shop, "token.key", 0o640);
    assert!(Report::of(&shop, &[]).only(&["token key"]).advice("token key").ends_with(&shop.text("token.key")));
    fs::write(shop.path("token.key"), "00\n").unwrap();
    mode(&shop, "token.key", 0o600);
    assert!(Report::of(&shop, &[]).only(&["token key"]).text("token key").contains("not a key file"));
    fs::remove_file(shop.path("token.key")).unwrap();
    assert!(Report::of(&shop, &[]).only(&[]).named("warning").contains(&"token key"));
    assert!(!shop.path("token.key").exists(), "doctor makes nothing");

    mode(&shop, "", 0o777);
    assert!(Report::of(&shop, &[]).only(&["folder"]).advice("folder").starts_with("Run: chmod o-rwx "));
    mode(&shop, "", 0o755);
    assert!(Report::of(&shop, &[]).only(&[]).named("warning").contains(&"folder"));
    mode(&shop, "", 0o700);

    mode(&shop, "keydesk.toml", 0o666);
    let report = Report::of(&shop, &[]);
    assert!(report.only(&["configuration"]).text("configuration").contains("chmod go-w"), "{}", report.answer);
}

fn relay_at(shop: &Program, url: &str, more: &str) {
    fs::write(shop.path("keydesk.toml"), format!("database = \"sqlite:keydesk.db\"\n[mail]\nurl = \"{url}\"\n{more}"))
        .unwrap();
}

#[test]
fn a_relay_that_is_down_distrusted_or_not_set_is_told_and_no_mail_is_sent() {
    let shop = Program::demo(50);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    relay_at(&shop, &format!("smtp://127.0.0.1:{closed}"), "");
    assert!(Report::of(&shop, &[]).only(&["relay"]).text("relay").contains("connection refused"));
    Report::of(&shop, &["--no-relay"]).only(&[]);

    let (ours, theirs) = (Certificates::make(), Certificates::make());
    let server = Relay::start(Some(&ours), true);
    relay_at(&shop, &format!("smtps://localhost:{}", server.port), "");
    let with = |trusted: &Certificates| {
        let output = shop.command(&["doctor"]).env("SSL_CERT_FILE", trusted.folder().join("ca.pem")).output().unwrap();
        Report { code: output.status.code().unwrap(), answer: serde_json::from_slice(&output.stdout).unwrap() }
    };
    let distrusted = with(&theirs);
    assert!(distrusted.only(&["relay"]).text("relay").contains("certificate"), "{}", distrusted.answer);
    let trusted = with(&ours);
    assert!(trusted.only(&[]).text("relay").ends_with("answers, encrypted"), "{}", trusted.answer);
    assert_eq!(relay::parse(&server), Vec::<Value>::new());

    relay_at(&shop, "smtps://mina@localhost", "password_file = \"secret\"\n");
    fs::write(shop.path("secret"), "hunter2").unwrap();
    mode(&shop, "secret", 0o644);
    let exposed = Report::of(&shop, &[]);
    assert_eq!(exposed.named("wrong"), ["password", "relay"], "{}", exposed.answer);
    assert!(exposed.advice("password").contains("chmod 600") && !exposed.answer.to_string().contains("hunter2"));
    fs::write(shop.path("keydesk.toml"), "database = \"sqlite:keydesk.db\"\n").unwrap();
    assert!(Report::of(&shop, &[]).only(&[]).named("warning").contains(&"relay"));
}

#[test]
fn a_queue_that_is_stopped_late_or_has_dead_letters_is_told() {
    let shop = Program::demo(50);
    shop.sql("UPDATE mail_queue SET stopped_until = 9000000000000000, stopped_why = '535 ' || char(27) || '[2Jno'");
    let stopped = Report::of(&shop, &[]);
    assert!(stopped.only(&["queue"]).text("queue").contains("535 <U+001B>[2Jno"), "{}", stopped.answer);
    shop.sql("UPDATE mail_queue SET stopped_until = NULL");
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    shop.sql("UPDATE outbox SET not_before = 1, next_at = 1");
    assert!(Report::of(&shop, &[]).only(&[]).text("queue").contains("the oldest is due for"));
    shop.sql("UPDATE outbox SET state = 'refused'");
    assert!(Report::of(&shop, &[]).only(&[]).named("warning").contains(&"undelivered"));
}

#[test]
fn a_broken_chain_a_lost_index_a_dangling_row_and_a_clock_behind_are_told() {
    let shop = Program::demo(50);
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    shop.sql("DROP TRIGGER audit_is_not_changed; UPDATE audit SET reason = 'none' WHERE seq = 1");
    Report::of(&shop, &[]).only(&[]);
    assert!(
        Report::of(&shop, &["--full"]).only(&["audit"]).text("audit").contains("entry 1 of the audit log was changed")
    );

    let shop = Program::demo(50);
    shop.sql("DELETE FROM search_texts WHERE customer_id = 7");
    assert!(Report::of(&shop, &["--full"]).only(&["search"]).text("search").contains("50 customers, but 49 texts"));

    let shop = Program::demo(50);
    shop.sql("CREATE TABLE staged_keys (key TEXT)");
    assert!(Report::of(&shop, &[]).only(&[]).named("warning").contains(&"load"));

    let shop = Program::demo(50);
    shop.sql("PRAGMA foreign_keys = OFF; UPDATE customers SET group_id = 99 WHERE id = 3");
    assert!(Report::of(&shop, &["--full"]).only(&["references"]).text("references").starts_with("1 rows"));

    let shop = Program::demo(50);
    shop.sql("UPDATE customers SET created_at = 9000000000000000 WHERE id = 3");
    assert!(Report::of(&shop, &[]).only(&["clock"]).text("clock").contains("before the newest entry"));

    let shop = Program::demo(50);
    shop.sql("UPDATE websites SET base_url = NULL WHERE id = 1; UPDATE websites SET sender_email = NULL WHERE id = 2");
    let text = Report::of(&shop, &[]).only(&["websites"]).text("websites").to_owned();
    assert!(text.contains("has no base URL") && text.contains("has no sender"), "{text}");
}

#[test]
fn another_token_key_and_websites_without_https_are_told() {
    let shop = Program::demo(50);
    assert!(Report::of(&shop, &[]).only(&[]).text("links").starts_with("none was made yet"));
    assert_eq!(shop.json(&["mail", "deliver"]).0, 0);
    assert_eq!(Report::of(&shop, &[]).only(&[]).text("links"), "they are made with this key");
    fs::write(shop.path("token.key"), format!("{}\n", "ab".repeat(64))).unwrap();
    let other = Report::of(&shop, &[]);
    assert!(other.only(&["links"]).text("links").contains("another token key"), "{}", other.answer);
    assert!(other.advice("links").contains("--new-key"));

    let shop = Program::demo(50);
    shop.sql("UPDATE websites SET base_url = 'https://luma.example' WHERE id < 3");
    let shared = Report::of(&shop, &[]);
    assert!(shared.only(&[]).text("addresses").starts_with("base, kr share luma.example;"), "{}", shared.answer);
    shop.sql("UPDATE websites SET base_url = 'http://' || char(27) || '[2Jluma.example' WHERE id = 2");
    let open = Report::of(&shop, &[]);
    assert!(open.only(&[]).named("warning").contains(&"addresses"), "{}", open.answer);
    assert_eq!(open.text("addresses"), "kr is at http://<U+001B>[2jluma.example");
}

#[test]
fn people_get_marks_that_their_terminal_can_show() {
    let shop = Program::demo(50);
    let config = shop.text("keydesk.toml");
    let print = |locale: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(["doctor", "--config", &config]).env_clear().env("HOME", shop.folder());
        let output = command.env("LC_ALL", locale).env("TERM", "\u{1b}]0;owned\u{7}").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let fine = print("ko_KR.UTF-8");
    assert!(fine.starts_with("✓ configuration ") && fine.contains("\n! worker "), "{fine}");
    let ascii = print("C");
    assert!(
        ascii.is_ascii() && ascii.starts_with("ok   configuration ") && ascii.contains("\n!    locale "),
        "{ascii}"
    );
    assert!(!ascii.contains('\u{1b}'));
}
