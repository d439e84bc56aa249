//! Backup and restore with the real program: under load, killed, without space, in the wrong place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/program.rs"]
mod program;

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use program::Program;
use serde_json::Value;

/// Names in a folder, but for what SQLite keeps beside a database while it likes.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    names.sort();
    names
}

/// The resets that the audit log of a shop tells of.
fn started(shop: &Program) -> Vec<i64> {
    let (_, log) = shop.json(&["audit", "list", "--limit", "1000"]);
    let entries = log["entries"].as_array().unwrap().iter().filter(|entry| entry["action"] == "reset.start");
    entries.map(|entry| entry["customer"].as_i64().unwrap()).collect()
}

/// Whoever can be sent a reset.
fn active(shop: &Program, most: &str) -> Vec<String> {
    let (_, found) = shop.json(&["customers", "is:active", "--sort", "id", "--limit", most]);
    found["customers"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect()
}

#[test]
fn a_backup_under_load_has_every_reset_that_was_acknowledged_before_it_began() {
    let shop = Program::demo(10_000);
    let (enough, done) = (AtomicBool::new(false), Mutex::new(Vec::<i64>::new()));
    let customers = active(&shop, "300");
    let (before, made) = thread::scope(|scope| {
        scope.spawn(|| {
            for id in customers.iter().take_while(|_| !enough.load(Ordering::Relaxed)) {
                let (code, answer) = shop.json(&["reset-password", id]);
                assert_eq!(code, 0, "{answer}");
                done.lock().unwrap().push(id.parse().unwrap());
            }
        });
        while done.lock().unwrap().len() < 5 {
            thread::yield_now();
        }
        let before = done.lock().unwrap().clone();
        let (code, made) = shop.json(&["backup", &shop.text("b.db"), "--reason", "nightly"]);
        let (searched, _) = shop.json(&["customers", "cos"]);
        enough.store(true, Ordering::Relaxed);
        assert_eq!((code, searched), (0, 0), "{made}");
        (before, made)
    });
    assert_eq!((&made["customers"], &made["noted"]), (&10_000.into(), &true.into()), "{made}");
    let file = fs::metadata(shop.path("b.db")).unwrap();
    assert_eq!((file.mode() & 0o777, made["bytes"].as_u64().unwrap()), (0o600, file.len()));
    let sum = Command::new("sha256sum").arg(shop.path("b.db")).output().unwrap();
    assert!(String::from_utf8(sum.stdout).unwrap().starts_with(made["sha256"].as_str().unwrap()));

    let copy = shop.restored_elsewhere("b.db");
    let in_copy = started(&copy);
    assert!(before.iter().all(|id| in_copy.contains(id)), "{before:?} {in_copy:?}");
    assert!(started(&shop).len() >= before.len());
    let (_, log) = shop.json(&["audit", "list", "--limit", "1000"]);
    let told = log["entries"].as_array().unwrap().iter().find(|entry| entry["action"] == "backup.made").unwrap();
    assert!(told["detail"].as_str().unwrap().contains(made["head"].as_str().unwrap()), "{told}");
    assert_eq!((&told["reason"], &told["operator"]), (&"nightly".into(), &"mina".into()));
}

#[test]
fn a_restored_shop_has_its_customers_and_no_link_mail_or_session_that_lives() {
    let shop = Program::demo(500);
    let who = active(&shop, "4");
    for id in &who {
        assert_eq!(shop.json(&["reset-password", id]).0, 0);
    }
    // Three mails leave, the demo holds one more.
    assert_eq!(shop.json(&["cancel-reset", &who[3]]).0, 0);
    shop.sql("UPDATE outbox SET not_before = 0, next_at = 0");
    let (_, sent) = shop.json(&["mail", "deliver"]);
    assert_eq!(sent["accepted"], 3, "{sent}");
    assert_eq!(shop.json(&["reset-password", &active(&shop, "9")[6]]).0, 0);
    // One customer chose a password, and somebody asks for a reset that nobody looked at yet.
    shop.sql(
        "INSERT INTO outbox (customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, \
         not_before, next_at, state) VALUES (1, 1, 'changed-1.5f3a9c01', 'changed', 'a@example.com', 0, 1, 0, 0, 0, 'queued'); \
         INSERT INTO reset_requests (address_digest, address, website_id, requested_at) VALUES ('d', 'a@example.com', 1, 0)",
    );
    shop.sql("INSERT INTO web_sessions (customer_id, digest, created_at, expires_at) VALUES (1, 'd', 0, 9e15)");
    let (_, made) = shop.json(&["backup", &shop.text("b.db")]);
    let tokens = shop.number("SELECT count(*) FROM access_tokens WHERE revoked_at IS NULL");
    let holder = shop.number("SELECT min(customer_id) FROM access_tokens WHERE revoked_at IS NULL");
    assert_eq!(shop.json(&["force-sign-in", &holder.to_string()]).0, 0);

    let (code, refused) = shop.json(&["restore", &shop.text("b.db")]);
    assert_eq!((code, &refused["reason"]), (1, &"not_copied".into()), "{refused}");
    let before = fs::read(shop.path("keydesk.db")).unwrap();
    let (code, plan) = shop.json(&["restore", &shop.text("b.db"), "--replace", "--dry-run"]);
    assert_eq!((code, &plan["outcome"]), (0, &"planned".into()), "{plan}");
    assert_eq!(fs::read(shop.path("keydesk.db")).unwrap(), before);

    let (code, done) = shop.json(&["restore", &shop.text("b.db"), "--replace", "--reason", "T-1"]);
    assert_eq!((code, &done["head"]), (0, &made["head"]), "{done}");
    for fact in ["links_revoked", "mails_cancelled", "sessions_ended", "tokens_left", "customers"] {
        assert_eq!(done[fact], plan[fact], "{fact}");
    }
    assert_eq!((&done["links_revoked"], &done["mails_cancelled"]), (&4.into(), &2.into()), "{done}");
    assert!(done["sessions_ended"].as_u64().unwrap() >= 1 && done["customers"] == 500, "{done}");
    assert!(done["tokens_left"].as_i64().unwrap() > 0 && tokens > 0, "{done}");
    shop.is_safe();
    assert_eq!(shop.number("SELECT count(*) FROM customers WHERE sessions_valid_from = 0"), 0);
    assert_eq!(shop.number("SELECT count(*) FROM access_tokens WHERE revoked_at IS NULL"), tokens);
    assert_eq!(shop.json(&["audit", "verify"]).0, 0);
    let (_, found) = shop.json(&["customers", "costello"]);
    assert!(!found["customers"].as_array().unwrap().is_empty());
    let (_, log) = shop.json(&["audit", "list", "--customer", &who[0]]);
    assert_eq!((&log["entries"][0]["action"], &log["entries"][0]["reason"]), (&"reset.cancel".into(), &"T-1".into()));
    // What was there is kept, and is complete in one file.
    let aside = done["aside"].as_str().unwrap();
    assert_eq!(shop.json(&["audit", "verify", "--database", &format!("sqlite:{aside}")]).1["entries"], 11);

    let (_, all) = shop.json(&["restore", &shop.text("b.db"), "--replace", "--revoke-tokens"]);
    assert_eq!((&all["tokens_left"], &all["tokens_revoked"]), (&0.into(), &done["tokens_left"]), "{all}");
    assert_eq!(shop.number("SELECT count(*) FROM access_tokens WHERE revoked_at IS NULL"), 0);
}

#[test]
fn nothing_that_is_there_is_overwritten_not_even_a_link_that_leads_nowhere() {
    let shop = Program::demo(50);
    fs::write(shop.path("there.db"), "mine").unwrap();
    symlink("nowhere.db", shop.path("link.db")).unwrap();
    symlink(shop.path("there.db"), shop.path("link2.db")).unwrap();
    let before = names(shop.folder());
    for name in ["there.db", "link.db", "link2.db", "keydesk.db", "none/a.db", "mail"] {
        let (code, refused) = shop.json(&["backup", &shop.text(name)]);
        assert_eq!((code, &refused["reason"]), (1, &"not_copied".into()), "{name} {refused}");
        assert!(refused["message"].as_str().unwrap().contains("Nothing was done"), "{refused}");
    }
    assert_eq!(fs::read_to_string(shop.path("there.db")).unwrap(), "mine");
    assert_eq!(names(shop.folder()), before);
    assert_eq!(shop.json(&["audit", "verify"]).1["entries"], 0, "what failed is not written down as made");
}

#[test]
fn what_is_not_a_whole_backup_of_ours_is_refused_and_changes_nothing() {
    let shop = Program::demo(300);
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    assert_eq!(shop.json(&["backup", &shop.text("good.db")]).0, 0);
    let good = fs::read(shop.path("good.db")).unwrap();
    let make = |name: &str, sql: &'static str| {
        fs::write(shop.path(name), &good).unwrap();
        program::sql(&shop.path(name), sql);
    };
    make("newer.db", "INSERT INTO _sqlx_migrations VALUES (9999, 'later', 0, 1, x'00', 1)");
    make("foreign.db", "PRAGMA application_id = 7");
    make("forged.db", "DROP TRIGGER audit_is_not_changed; UPDATE audit SET operator = 'nobody'");
    fs::write(shop.path("text.db"), "not a database").unwrap();
    fs::write(shop.path("empty.db"), "").unwrap();
    fs::write(shop.path("short.db"), &good[..good.len() / 2]).unwrap();
    let mut torn = good.clone();
    let middle = torn.len() / 8192 * 4096;
    torn[middle..middle + 300].fill(0xa5);
    fs::write(shop.path("torn.db"), torn).unwrap();
    fs::write(shop.path("half.db"), &good).unwrap();
    fs::write(shop.path("half.db-wal"), "the other half").unwrap();
    shop.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let (before, live) = (names(shop.folder()), fs::read(shop.path("keydesk.db")).unwrap());
    for name in [
        "newer.db",
        "foreign.db",
        "forged.db",
        "text.db",
        "empty.db",
        "short.db",
        "torn.db",
        "half.db",
        "none.db",
        "mail",
    ] {
        for more in [&["--replace"][..], &["--replace", "--dry-run"]] {
            let (code, refused) = shop.json(&[&["restore", &shop.text(name)], more].concat());
            assert_eq!(code, 1, "{name} {refused}");
            assert!(refused["message"].as_str().unwrap().contains("othing was"), "{name} {refused}");
        }
    }
    assert_eq!(names(shop.folder()), before);
    assert_eq!(fs::read(shop.path("keydesk.db")).unwrap(), live);
}

#[test]
fn an_older_backup_gets_todays_tables() {
    let shop = Program::demo(100);
    assert_eq!(shop.json(&["backup", &shop.text("b.db")]).0, 0);
    program::sql(
        &shop.path("b.db"),
        "DROP INDEX integrations_key; ALTER TABLE integrations DROP COLUMN key; \
         ALTER TABLE integrations DROP COLUMN secret_digest; ALTER TABLE integrations DROP COLUMN scopes; \
         ALTER TABLE integrations DROP COLUMN removed_at; DROP INDEX reset_requests_address; \
         DROP INDEX reset_requests_waiting; DROP INDEX reset_requests_age; DROP INDEX web_sessions_end; \
         ALTER TABLE reset_requests DROP COLUMN website_id; ALTER TABLE reset_requests DROP COLUMN address; \
         DROP TABLE unknown_sign_ins; DROP INDEX audit_operator; DROP INDEX audit_action; ALTER TABLE customers DROP COLUMN attributes; \
         ALTER TABLE customers DROP COLUMN has_password; \
         DROP INDEX outbox_queued; DROP INDEX outbox_taken_back; DROP INDEX outbox_customer; DROP INDEX audit_at; \
         ALTER TABLE mail_queue DROP COLUMN token_key; DELETE FROM _sqlx_migrations WHERE version > 2",
    );
    let copy = shop.restored_elsewhere("b.db");
    let tables = "SELECT max(version) FROM _sqlx_migrations";
    assert_eq!(copy.number(tables), shop.number(tables));
    assert_eq!(copy.number("SELECT count(attributes) + count(*) FROM customers"), 100);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let shop = Program::demo(100);
    assert_eq!(shop.json(&["backup", &shop.text("b.db")]).0, 0);
    // A console reads, and so has the file open.
    let mut console = program::reader(&shop.path("keydesk.db"));
    let (code, refused) = shop.json(&["restore", &shop.text("b.db"), "--replace"]);
    assert_eq!((code, &refused["reason"]), (1, &"not_copied".into()), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("Another process"), "{refused}");
    console.end();
    assert_eq!(shop.json(&["restore", &shop.text("b.db"), "--replace"]).0, 0);
}

#[test]
fn a_damaged_database_is_put_aside_with_its_journal() {
    let shop = Program::demo(100);
    assert_eq!(shop.json(&["backup", &shop.text("b.db")]).0, 0);
    let mut torn = fs::read(shop.path("keydesk.db")).unwrap();
    torn[..4096].fill(0xa5);
    fs::write(shop.path("keydesk.db"), &torn).unwrap();
    fs::write(shop.path("keydesk.db-wal"), "what was written last").unwrap();
    let (code, done) = shop.json(&["restore", &shop.text("b.db"), "--replace"]);
    assert_eq!(code, 0, "{done}");
    let aside = done["aside"].as_str().unwrap();
    assert_eq!(fs::read(aside).unwrap(), torn);
    assert_eq!(fs::read_to_string(format!("{aside}-wal")).unwrap(), "what was written last");
    shop.is_safe();
    assert_eq!(shop.json(&["show", "1"]).0, 0);
}

/// Whether a live link, or a mail that waits, can be reached in the database right now.
fn live(shop: &Program) -> i64 {
    shop.number(
        "SELECT (SELECT count(*) FROM password_resets WHERE cancelled_at IS NULL) \
         + (SELECT count(*) FROM outbox WHERE state = 'queued')",
    )
}

#[test]
fn killed_at_any_moment_it_leaves_the_old_database_or_the_safe_one() {
    const KILLS: u32 = 60;
    let shop = Program::demo(2000);
    for id in active(&shop, "5") {
        assert_eq!(shop.json(&["reset-password", &id]).0, 0);
    }
    assert_eq!(shop.json(&["backup", &shop.text("b.db")]).0, 0);
    let restore = ["restore", &shop.text("b.db"), "--replace"];
    let began = Instant::now();
    assert_eq!(shop.json(&restore).0, 0);
    let whole = began.elapsed();
    let old = fs::read(shop.path("keydesk.db")).unwrap();
    let (mut finished, mut swapped) = (0, 0);
    for n in 0..KILLS {
        // What tells the old one from the restored one; both are without live links, the backup is not.
        for name in names(shop.folder()).iter().filter(|name| name.starts_with("keydesk.db")) {
            fs::remove_file(shop.path(name)).unwrap();
        }
        fs::write(shop.path("keydesk.db"), &old).unwrap();
        program::sql(&shop.path("keydesk.db"), "UPDATE customer_groups SET name = 'old' WHERE id = 1");
        let mut process = shop.command(&restore).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(whole * n / KILLS);
        let _ = process.kill();
        finished += u32::from(process.wait().unwrap().success());
        let is_old = shop.number("SELECT count(*) FROM customer_groups WHERE name = 'old'") == 1;
        swapped += u32::from(!is_old);
        assert_eq!(live(&shop), 0, "kill {n}: the plain copy is in place");
        assert_eq!(shop.number("SELECT count(*) FROM customers"), 2000);
        assert_eq!(shop.number("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'"), 0);
        assert_eq!(shop.json(&["audit", "verify"]).0, 0);
    }
    // Whatever was left is no hindrance.
    let (code, done) = shop.json(&restore);
    assert_eq!(code, 0, "{done}");
    assert!(!names(shop.folder()).iter().any(|name| name.contains("restoring")));
    println!("{KILLS} kills over {whole:?}: {swapped} found the restored database, {finished} came too late");
    assert!(swapped < KILLS, "every kill came too late");
}

/// Runs the program with a disk of 600 kB in the place of `disk`, and lists what is on that disk
/// then. It is seen by this process alone and is gone with it.
fn on_a_small_disk(shop: &Program, disk: &Path, args: &[&str]) -> (i32, Value, String) {
    const SCRIPT: &str =
        "mount -t tmpfs -o size=600k,mode=700 none \"$0\" && \"$@\"; code=$?; ls -A \"$0\" >&2; exit $code";
    let program = shop.command(args);
    let mut command = Command::new("unshare");
    // Mounting is for root, or for whoever is root in a name space of their own.
    command.arg(if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" });
    command.args(["sh", "-c", SCRIPT]).arg(disk).arg(program.get_program()).args(program.get_args());
    let done = command.output().unwrap();
    let (answer, left) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    let answer = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("no disk to fill: {answer} {left}"));
    (done.status.code().unwrap(), answer, left)
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let shop = Program::demo(2000);
    fs::create_dir(shop.path("disk")).unwrap();
    let disk = shop.path("disk");
    let (code, refused, left) = on_a_small_disk(&shop, &disk, &["backup", &shop.text("disk/b.db")]);
    assert_eq!((code, &refused["reason"], left.as_str()), (1, &"not_copied".into(), ""), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("full"), "{refused}");
    assert_eq!(shop.json(&["audit", "verify"]).1["entries"], 0);

    assert_eq!(shop.json(&["backup", &shop.text("b.db")]).0, 0);
    let database = format!("sqlite:{}", shop.text("disk/keydesk.db"));
    let (code, refused, left) =
        on_a_small_disk(&shop, &disk, &["restore", &shop.text("b.db"), "--database", &database]);
    assert_eq!((code, left.as_str()), (1, "keydesk.db.lock\n"), "{refused}");
}

#[test]
fn one_that_is_interrupted_leaves_nothing_behind() {
    let shop = Program::demo(5000);
    let before = names(shop.folder());
    for n in 1..=20 {
        let mut process = shop.command(&["backup", &shop.text("b.db")]).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(n * 10));
        let _ = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        let done = process.wait().unwrap();
        let left: Vec<String> = names(shop.folder()).into_iter().filter(|name| !before.contains(name)).collect();
        let left: Vec<&String> = left.iter().filter(|name| !name.starts_with("keydesk.db")).collect();
        if done.success() {
            assert_eq!(left, ["b.db"]);
            fs::remove_file(shop.path("b.db")).unwrap();
        } else {
            assert!(left.is_empty() || left == ["b.db"], "{n}: {left:?}");
            let _ = fs::remove_file(shop.path("b.db"));
        }
    }
}

#[test]
fn a_backup_is_made_for_its_owner_alone_in_a_folder_for_all() {
    let shop = Program::demo(50);
    fs::create_dir(shop.path("all")).unwrap();
    fs::set_permissions(shop.path("all"), fs::Permissions::from_mode(0o777)).unwrap();
    let (code, made): (i32, Value) = shop.json(&["backup", &shop.text("all/b.db")]);
    assert_eq!(code, 0, "{made}");
    assert_eq!(fs::metadata(shop.path("all/b.db")).unwrap().mode() & 0o777, 0o600);
}
