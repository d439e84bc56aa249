//! The command line as people and scripts use it: the real program on a demo shop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A demo shop in a folder of its own.
struct Shop(TempDir);

impl Shop {
    fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        let dir = shop.path("").display().to_string();
        let made =
            shop.bare(&["demo", "--no-console", "--customers", "200", "--dir", &dir, "--now", "2026-11-20T12:00:00Z"]);
        assert!(made.status.success(), "{made:?}");
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs with nothing of this machine's environment.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.0.path()).stdin(Stdio::null());
        command
    }

    fn bare(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        let config = self.path("keydesk.toml").display().to_string();
        self.bare(&[args, &["--operator", "mina", "--config", &config]].concat())
    }

    /// Exit code and answer of a command that is asked for JSON.
    fn json(&self, args: &[&str]) -> (i32, Value) {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")))
    }

    /// Somebody who can be sent a reset and has access tokens.
    fn with_tokens(&self) -> String {
        let (_, found) = self.json(&["customers", "has:tokens", "is:active", "--sort", "id"]);
        found["customers"][0]["id"].to_string()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_search_is_paged_with_cursors() {
    let shop = Shop::new();
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let cursor = after.clone().unwrap_or_default();
        let mut args = vec!["customers", "--sort", "name", "--limit", "60"];
        if after.is_some() {
            args.extend(["--after", &cursor]);
        }
        let (code, page) = shop.json(&args);
        assert_eq!((code, &page["outcome"]), (0, &"done".into()));
        assert_eq!(page["count"], serde_json::json!({"value": 200, "exact": true}));
        seen.extend(page["customers"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
    let (code, wrong) = shop.json(&["customers", "--sort", "email", "--after", &after.unwrap()]);
    assert_eq!((code, &wrong["outcome"], &wrong["reason"]), (2, &"usage".into(), &"cursor".into()));
    let (code, wrong) = shop.json(&["customers", "is:happy"]);
    assert_eq!((code, &wrong["reason"]), (2, &"query".into()));
}

#[test]
fn a_website_or_group_that_does_not_exist_is_a_mistake() {
    let shop = Shop::new();
    for (wrong, right) in [("website:moon", "website:BASE"), ("group:moon", "group:general")] {
        let (code, answer) = shop.json(&["customers", wrong]);
        assert_eq!((code, &answer["outcome"], &answer["reason"]), (2, &"usage".into(), &"query".into()), "{answer}");
        let valid = answer["valid"].as_array().unwrap();
        assert!(valid.len() > 1 && answer["message"].as_str().unwrap().contains(valid[0].as_str().unwrap()));
        let (code, answer) = shop.json(&["customers", right]);
        assert!(code == 0 && answer["count"]["value"].as_u64().unwrap() > 0, "{answer}");
    }
}

#[test]
fn a_reset_is_planned_queued_limited_undone_and_in_the_history() {
    let shop = Shop::new();
    let who = shop.with_tokens();
    let (code, plan) = shop.json(&["reset-password", &who, "--dry-run"]);
    assert_eq!((code, &plan["outcome"]), (0, &"planned".into()), "{plan}");
    assert_eq!(shop.json(&["mail", "list"]).1["mails"], serde_json::json!([]));

    let (code, first) = shop.json(&["reset-password", &who, "--reason", "T-4711", "--op-key", "k1"]);
    assert_eq!((code, &first["outcome"]), (0, &"queued".into()), "{first}");
    assert_eq!(first["email"], plan["email"]);
    assert!(first["reset_id"].is_i64() && first["mail_id"].is_i64() && first["send_at"].is_string());
    let (_, again) = shop.json(&["reset-password", &who, "--op-key", "k1"]);
    assert_eq!(again["reset_id"], first["reset_id"], "the same key is the same reset");
    assert_eq!((&first["repeated"], &again["repeated"]), (&false.into(), &true.into()));
    assert_eq!(again["mail_state"], "queued");

    let (code, refused) = shop.json(&["reset-password", &who]);
    assert_eq!((code, &refused["outcome"], &refused["reason"]), (3, &"refused".into(), &"too_soon".into()));
    assert!(refused["retry_at"].as_str().unwrap().ends_with('Z'));

    let (code, undone) = shop.json(&["cancel-reset", &who]);
    assert_eq!((code, &undone["outcome"]), (0, &"undone".into()));
    let (_, again) = shop.json(&["reset-password", &who, "--op-key", "k1"]);
    assert_eq!((&again["repeated"], &again["mail_state"]), (&true.into(), &"cancelled".into()));
    assert!(again["message"].as_str().unwrap().contains("its mail is now cancelled"));
    let (code, nothing) = shop.json(&["cancel-reset", &who]);
    assert_eq!((code, &nothing["reason"]), (3, &"nothing_to_cancel".into()));

    let (_, record) = shop.json(&["show", &who]);
    assert_eq!(record["budget"]["used"], 0);
    let history = record["history"].to_string();
    assert!(history.contains("T-4711") && history.contains("mina") && history.contains("reset.undo"), "{history}");
}

#[test]
fn a_reset_says_when_a_new_password_alone_will_not_do() {
    let shop = Shop::new();
    for (status, says) in
        [("disabled", "The account is switched off."), ("unconfirmed", "The e-mail address is not confirmed.")]
    {
        let (_, found) = shop.json(&["customers", &format!("is:{status}"), "--limit", "100"]);
        let found = found["customers"].as_array().unwrap().iter().find(|row| row["status"] == status).unwrap().clone();
        let who = found["id"].to_string();
        let (code, plan) = shop.json(&["reset-password", &who, "--dry-run"]);
        assert_eq!((code, &plan["status"]), (0, &status.into()), "{plan}");
        assert!(stdout(&shop.run(&["reset-password", &who, "--dry-run"])).contains(says));
        assert_eq!(shop.json(&["reset-password", &who]).1["status"], status);
    }
}

#[test]
fn mails_are_handed_over_and_the_secret_is_only_in_them() {
    let shop = Shop::new();
    let file = shop.path("keydesk.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "[reset]\nundo = \"0s\"\n").unwrap();
    let who = shop.with_tokens();
    let (_, queued) = shop.json(&["reset-password", &who]);
    let (code, report) = shop.json(&["mail", "deliver"]);
    assert_eq!((code, &report["accepted"]), (0, &1.into()), "{report}");
    let mail_id = queued["mail_id"].to_string();
    let (code, mail) = shop.json(&["mail", "show", &mail_id]);
    assert_eq!((code, &mail["mail"]["state"]), (0, &"accepted".into()));
    let written: Vec<_> = fs::read_dir(shop.path("mail/new")).unwrap().collect();
    assert_eq!(written.len(), 1);
    let key = fs::metadata(shop.path("token.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    let (code, cancelled) = shop.json(&["cancel-reset", &who]);
    assert_eq!((code, &cancelled["outcome"], &cancelled["mail_may_arrive"]), (0, &"cancelled".into(), &true.into()));
    assert_eq!(shop.json(&["mail", "show", "999"]).0, 4);
    assert!(stdout(&shop.run(&["mail", "deliver"])).contains("No mail was due."));
}

#[test]
fn a_mail_that_waits_is_sent_again_and_listed_by_where_it_stands() {
    let shop = Shop::new();
    let who = shop.with_tokens();
    let (_, plan) = shop.json(&["reset-password", &who, "--dry-run"]);
    let (_, queued) = shop.json(&["reset-password", &who]);
    let mail = queued["mail_id"].to_string();
    let (code, held) = shop.json(&["mail", "retry", &mail]);
    assert_eq!((code, &held["reason"]), (3, &"mail_held".into()), "{held}");
    assert_eq!(shop.json(&["mail", "cancel", &mail, "--dry-run"]).1["outcome"], "planned");
    assert_eq!(shop.json(&["mail", "cancel", &mail]).1["outcome"], "undone");
    let (code, nothing) = shop.json(&["mail", "cancel", &mail]);
    assert_eq!((code, &nothing["reason"], &nothing["mail_id"]), (3, &"nothing_to_cancel".into(), &queued["mail_id"]));

    let file = shop.path("keydesk.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "[reset]\nundo = \"0s\"\n").unwrap();
    let mail = shop.json(&["reset-password", &who]).1["mail_id"].to_string();
    let (_, report) = shop.json(&["mail", "deliver", "--mail", "smtp://127.0.0.1:1"]);
    assert_eq!(report["retried"], 1, "{report}");
    assert_eq!(shop.json(&["mail", "deliver"]).1["accepted"], 0, "it waits for its next try");
    let (_, waiting) = shop.json(&["mail", "list", "--state", "queued", "--customer", &who]);
    assert!(waiting["mails"][0]["next_at"].is_string(), "{waiting}");
    let (code, again) = shop.json(&["mail", "retry", &mail, "--reason", "T-9", "--op-key", "r1"]);
    assert_eq!((code, &again["outcome"], &again["was"]), (0, &"queued".into(), &"queued".into()), "{again}");
    assert_eq!(shop.json(&["mail", "retry", &mail, "--op-key", "r1"]).1, again);
    assert_eq!(shop.json(&["mail", "deliver"]).1["accepted"], 1);
    assert_eq!(shop.json(&["mail", "retry", &mail]).1["reason"], "mail_accepted");
    assert_eq!(shop.json(&["mail", "retry", "999"]).0, 4);

    let ids = |state: &str| {
        let list = shop.json(&["mail", "list", "--state", state]).1;
        list["mails"].as_array().unwrap().iter().map(|mail| mail["id"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!((ids("accepted"), ids("cancelled"), ids("sending")), (vec![mail.clone()], vec!["1".into()], vec![]));
    let (_, record) = shop.json(&["show", &who]);
    let fates: Vec<&Value> = record["history"].as_array().unwrap().iter().map(|line| &line["mail"]["state"]).collect();
    assert_eq!(fates, [&Value::Null, &Value::Null, &"accepted".into(), &Value::Null, &"cancelled".into()], "{record}");

    // The preview was the mail, but for its secret.
    let (_, sent) = shop.json(&["mail", "show", &mail]);
    for what in ["from", "subject", "language", "link_host"] {
        assert_eq!(plan["mail"][what], sent[what], "{what}");
    }
    assert!(plan["mail"]["text"].as_str().unwrap().contains(&format!("/r/{who}.••••••••")));
    assert!(stdout(&shop.run(&["reset-password", "4", "--dry-run"])).contains("\nSubject: "));
}

#[test]
fn another_key_makes_no_links_unless_it_is_the_new_one() {
    let shop = Shop::new();
    assert_eq!(shop.json(&["mail", "deliver"]).0, 0);
    fs::remove_file(shop.path("token.key")).unwrap();
    for _ in 0..2 {
        let (code, refused) = shop.json(&["mail", "deliver"]);
        assert_eq!((code, &refused["reason"]), (1, &"token_key".into()), "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("No mail was made"));
    }
    assert_eq!(shop.json(&["mail", "deliver", "--new-key"]).0, 0);
    assert_eq!(shop.json(&["mail", "deliver"]).0, 0);
}

#[test]
fn a_lock_is_taken_off() {
    let shop = Shop::new();
    // The demo's locks ended long ago by the clock on the wall; nobody is locked.
    let (code, free) = shop.json(&["unlock", &shop.with_tokens()]);
    assert_eq!((code, &free["outcome"], &free["reason"]), (3, &"refused".into(), &"not_locked".into()));
    let dir = shop.path("now").display().to_string();
    fs::create_dir(shop.path("now")).unwrap();
    assert!(shop.bare(&["demo", "--no-console", "--customers", "300", "--dir", &dir]).status.success());
    let database = format!("sqlite:{}", shop.path("now/keydesk.db").display());
    let here = |args: &[&str]| shop.json(&[args, &["--database", &database]].concat());
    let (_, found) = here(&["customers", "is:locked"]);
    let who = found["customers"][0]["id"].to_string();
    let (code, plan) = here(&["unlock", &who, "--dry-run"]);
    assert_eq!((code, &plan["outcome"]), (0, &"planned".into()), "{plan}");
    let (code, done) = here(&["unlock", &who, "--reason", "T-5"]);
    assert_eq!((code, &done["outcome"], &done["was_locked_until"]), (0, &"unlocked".into(), &plan["locked_until"]));
    let (_, record) = here(&["show", &who]);
    assert_eq!(
        (&record["customer"]["locked_until"], &record["customer"]["failed_sign_ins"]),
        (&Value::Null, &0.into())
    );
    assert_eq!(here(&["audit", "list"]).1["entries"][0]["action"], "customer.unlock");
}

#[test]
fn force_sign_in_says_what_ended_and_what_is_left() {
    let shop = Shop::new();
    let who = shop.with_tokens();
    let (_, record) = shop.json(&["show", &who]);
    let tokens = record["alive"]["tokens"].as_u64().unwrap();
    let (_, plan) = shop.json(&["force-sign-in", &who, "--dry-run"]);
    assert_eq!((&plan["outcome"], &plan["would_revoke"]), (&"planned".into(), &tokens.into()));
    let (code, done) = shop.json(&["force-sign-in", &who, "--scope", "all"]);
    assert_eq!((code, &done["outcome"]), (0, &"revoked".into()));
    assert_eq!((&done["revoked"], &done["remaining"]), (&tokens.into(), &0.into()));
    let again = stdout(&shop.run(&["force-sign-in", &who]));
    assert_eq!(again, "Nothing was alive: 0 access tokens, 0 left.\n");
    let (code, unknown) = shop.json(&["force-sign-in", &who, "--token", "999999"]);
    assert_eq!((code, &unknown["reason"]), (4, &"no_such_token".into()), "{unknown}");
}

#[test]
fn an_integration_is_added_listed_and_removed() {
    let shop = Shop::new();
    let named = |name: &str| {
        let (_, list) = shop.json(&["integrations", "list"]);
        list["integrations"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned()
    };
    let (code, plan) = shop.json(&["integrations", "add", "Returns desk", "--dry-run"]);
    assert_eq!((code, &plan["outcome"], named("Returns desk")), (0, &"planned".into(), None), "{plan}");
    let add = ["integrations", "add", "Returns desk", "--scopes", "orders:read", "--reason", "T-9"];
    let (code, added) = shop.json(&add);
    assert_eq!((code, &added["outcome"]), (0, &"done".into()), "{added}");
    let (key, secret) = (added["key"].as_str().unwrap(), added["secret"].as_str().unwrap());
    assert_eq!((key.len(), secret.len()), (32, 43));
    let listed = named("Returns desk").unwrap();
    assert_eq!((&listed["key"], &listed["scopes"]), (&key.into(), &"orders:read".into()));
    for printed in [&["integrations", "list"][..], &["integrations", "list", "--json"], &["audit", "list", "--json"]] {
        assert!(!stdout(&shop.run(printed)).contains(secret), "{printed:?} tells the secret");
    }
    let (code, again) = shop.json(&add);
    assert_eq!((code, &again["reason"], &again["secret"]), (3, &"integration_exists".into(), &Value::Null));

    let (code, plan) = shop.json(&["integrations", "remove", "Returns desk", "--dry-run"]);
    assert_eq!((code, &plan["outcome"], &plan["key"]), (0, &"planned".into(), &key.into()));
    let (code, removed) = shop.json(&["integrations", "remove", "Returns desk"]);
    assert_eq!((code, &removed["outcome"], &removed["revoked"]), (0, &"revoked".into(), &0.into()), "{removed}");
    assert_eq!(named("Returns desk"), None);
    for more in [&[][..], &["--dry-run"]] {
        let (code, gone) = shop.json(&[&["integrations", "remove", "Returns desk"], more].concat());
        assert_eq!((code, &gone["reason"]), (4, &"no_such_integration".into()), "{gone}");
    }
    let (_, log) = shop.json(&["audit", "list"]);
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "{log}");
    assert_eq!(
        (&log["entries"][1]["reason"], &log["entries"][1]["operator"]),
        (&"T-9".into(), &"mina".into()),
        "{log}"
    );
}

#[test]
fn the_tokens_of_an_integration_end_with_it() {
    let shop = Shop::new();
    let who = shop.with_tokens();
    let alive = || shop.json(&["show", &who]).1["alive"]["tokens"].as_u64().unwrap();
    let before = alive();
    let (_, record) = shop.json(&["show", &who]);
    let name = record["tokens"][0]["integration"].as_str().unwrap().to_owned();
    let said = stdout(&shop.run(&["integrations", "remove", &name]));
    assert!(said.starts_with(&format!("Removed the integration {name}:")) && said.contains("ended with it"), "{said}");
    assert_eq!(alive(), before - 1);
    let added = stdout(&shop.run(&["integrations", "add", &name]));
    assert!(added.contains("cannot be shown again") && added.contains("\nSecret  "), "{added}");
    assert_eq!(alive(), before - 1, "the name comes back, its tokens do not");
}

#[test]
fn whoever_is_not_there_is_not_found() {
    let shop = Shop::new();
    for command in ["show", "reset-password", "cancel-reset", "unlock", "force-sign-in"] {
        for who in ["999999", "nobody@example.com"] {
            let (code, answer) = shop.json(&[command, who]);
            assert_eq!((code, &answer["outcome"]), (4, &"not_found".into()), "{command} {who}");
        }
    }
}

#[test]
fn one_address_on_two_websites_is_ambiguous() {
    let shop = Shop::new();
    let (code, answer) = shop.json(&["reset-password", "Roni_Cost@example.com"]);
    assert_eq!((code, &answer["outcome"]), (5, &"ambiguous".into()));
    let candidates = answer["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2);
    for candidate in candidates {
        let website = candidate["website"].as_str().unwrap();
        let (code, record) = shop.json(&["show", "roni_cost@example.com", "--website", website]);
        assert_eq!((code, &record["customer"]["id"]), (0, &candidate["id"]));
    }
    assert_eq!(shop.json(&["mail", "list"]).1["mails"], serde_json::json!([]));
}

#[test]
fn an_id_is_looked_for_on_the_website_that_is_named() {
    let shop = Shop::new();
    let (_, record) = shop.json(&["show", " 1 "]);
    let here = record["customer"]["website"].as_str().unwrap();
    assert_eq!(shop.json(&["show", "1", "--website", here]).0, 0);
    for command in ["show", "reset-password", "cancel-reset", "force-sign-in"] {
        let (code, answer) = shop.json(&[command, "1", "--website", "elsewhere"]);
        assert_eq!((code, &answer["outcome"], &answer["website"]), (4, &"not_found".into(), &here.into()), "{answer}");
    }
    assert_eq!(shop.json(&["audit", "list"]).1["entries"], serde_json::json!([]));
}

#[test]
fn the_default_database_is_made_where_it_belongs() {
    let shop = Shop(tempfile::tempdir().unwrap());
    assert_eq!(shop.bare(&["customers"]).status.code(), Some(6));
    assert_eq!(shop.bare(&["migrate"]).status.code(), Some(0));
    let database = shop.path(".local/share/keydesk/keydesk.db");
    assert_eq!(fs::metadata(&database).unwrap().permissions().mode() & 0o077, 0);
    assert!(stdout(&shop.bare(&["customers"])).contains("keydesk demo"));
    let elsewhere = format!("sqlite:{}", shop.path("no/such/folder/a.db").display());
    assert_eq!(shop.bare(&["migrate", "--database", &elsewhere]).status.code(), Some(6));
}

#[test]
fn the_audit_log_is_listed_and_verified() {
    let shop = Shop::new();
    let who = shop.with_tokens();
    shop.json(&["force-sign-in", &who, "--reason", "T-1"]);
    shop.json(&["reset-password", &who, "--reason", "T-2"]);
    let (_, list) = shop.json(&["audit", "list", "--customer", &who]);
    assert_eq!((&list["entries"][0]["reason"], &list["entries"][1]["reason"]), (&"T-2".into(), &"T-1".into()));
    for (filter, wanted) in [
        (["--action", "reset."], vec!["T-2"]),
        (["--action", "force_sign_in"], vec!["T-1"]),
        (["--action", "force"], vec!["T-1"]),
        (["--by", "mina"], vec!["T-2", "T-1"]),
        (["--by", "joon"], vec![]),
        (["--since", "2026-01-01"], vec!["T-2", "T-1"]),
        (["--until", "2025"], vec![]),
    ] {
        let (_, list) = shop.json(&[&["audit", "list"][..], &filter].concat());
        let reasons: Vec<&str> =
            list["entries"].as_array().unwrap().iter().map(|entry| entry["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, wanted, "{filter:?}");
    }
    let (code, unknown) = shop.json(&["audit", "list", "--action", "sign"]);
    assert!(code == 2 && unknown["message"].as_str().unwrap().contains("try reset, force"), "{unknown}");
    let (code, verified) = shop.json(&["audit", "verify"]);
    assert_eq!((code, &verified["entries"]), (0, &2.into()));
    assert_eq!(verified["head"].as_str().unwrap().len(), 64);
}

#[test]
fn wrong_usage_and_configuration_are_code_2_and_json_if_asked() {
    let shop = Shop::new();
    let (code, answer) = shop.json(&["show"]);
    assert_eq!((code, &answer["outcome"], &answer["reason"]), (2, &"usage".into(), &"arguments".into()));
    let (code, answer) = shop.json(&["reset-password", "1", "--reason", "T-1\nsent by somebody else"]);
    assert_eq!((code, &answer["reason"]), (2, &"arguments".into()));
    assert!(answer["message"].as_str().unwrap().contains("one line"), "{answer}");
    let output = shop.run(&["customers", "--sort", "size"]);
    assert!(output.stdout.is_empty() && stderr(&output).contains("last-sign-in"));

    let output = shop.bare(&["customers", "--database", "postgres://u:hunter2@h/d"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("KEYDESK_DATABASE") && !stderr(&output).contains("hunter2"));
    let output = shop.bare(&["customers", "--mail", "smtps://u:hunter2@relay.example"]);
    assert!(stderr(&output).contains("KEYDESK_MAIL") && !stderr(&output).contains("hunter2"));

    fs::set_permissions(shop.path("keydesk.toml"), fs::Permissions::from_mode(0o666)).unwrap();
    let (code, answer) = shop.json(&["customers"]);
    assert_eq!(code, 2);
    assert!(answer["message"].as_str().unwrap().contains("chmod go-w"));
}

#[test]
fn a_database_that_is_not_there_is_unreachable() {
    let shop = Shop::new();
    let missing = format!("sqlite:{}", shop.path("missing.db").display());
    let (code, answer) = shop.json(&["customers", "--database", &missing]);
    assert_eq!((code, &answer["outcome"]), (6, &"unreachable".into()));
    assert!(!shop.path("missing.db").exists());
    let (code, _) = shop.json(&["migrate", "--database", &missing]);
    assert_eq!(code, 0);
    let (code, empty) = shop.json(&["customers", "--database", &missing]);
    assert_eq!((code, &empty["customers"]), (0, &serde_json::json!([])));
}

#[test]
fn flags_win_over_variables() {
    let shop = Shop::new();
    let here = format!("sqlite:{}", shop.path("keydesk.db").display());
    let run = |variable: &str, flags: &[&str]| {
        let args = [&["customers", "--limit", "1"], flags].concat();
        shop.command(&args).env("KEYDESK_DATABASE", variable).output().unwrap().status.code()
    };
    assert_eq!(run(&here, &[]), Some(0));
    assert_eq!(run("sqlite:/nowhere.db", &[]), Some(6));
    assert_eq!(run("sqlite:/nowhere.db", &["--database", &here]), Some(0));
}

#[test]
fn nothing_that_is_printed_can_do_anything_to_a_terminal() {
    let shop = Shop::new();
    let harmless = |output: &Output| {
        let text = stdout(output) + &stderr(output);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{text:?}");
    };
    harmless(&shop.run(&["customers", "--limit", "200"]));
    harmless(&shop.run(&["customers", "--limit", "200", "--json"]));
    harmless(&shop.run(&["show", "a\u{1b}[31m\u{9b}@b.co"]));
    harmless(&shop.run(&["--help"]));
    for id in 1..=200 {
        if id % 20 == 0 {
            harmless(&shop.run(&["show", &id.to_string()]));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let shop = Shop::new();
    let config = shop.path("keydesk.toml").display().to_string();
    let mut child = shop
        .command(&["customers", "--limit", "200", "--config", &config])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn a_full_disk_is_an_error() {
    let shop = Shop::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = shop.command(&["man"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("could not be written"));
}

#[test]
fn a_demo_is_made_once_and_never_elsewhere() {
    let shop = Shop::new();
    let dir = shop.path("").display().to_string();
    let elsewhere = format!("sqlite:{}", shop.path("real.db").display());
    let output = shop
        .command(&["demo", "--no-console", "--dir", &dir, "--json"])
        .env("KEYDESK_DATABASE", &elsewhere)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((&answer["outcome"], &answer["made"]), (&"done".into(), &false.into()));
    assert!(!shop.path("real.db").exists());
    let again = |customers| stdout(&shop.bare(&["demo", "--no-console", "--dir", &dir, "--customers", customers]));
    assert!(again("300").contains("with 200 customers; --customers was not used"), "{}", again("300"));
    assert!(!again("200").contains("--customers"));
}

#[test]
fn shells_and_manual_are_printed_without_a_shop() {
    let shop = Shop(tempfile::tempdir().unwrap());
    assert!(stdout(&shop.bare(&["completions", "bash"])).contains("force-sign-in"));
    assert!(stdout(&shop.bare(&["man"])).contains(".TH keydesk"));
    assert!(stdout(&shop.bare(&["--version"])).starts_with("keydesk "));
}

#[test]
fn serve_says_why_it_does_not_open() {
    let shop = Shop::new();
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    fs::write(shop.path("notes"), "").unwrap();
    let refused = |listen: &str| {
        let (code, answer) = shop.json(&["serve", "--listen", listen]);
        (code, answer["reason"].as_str().unwrap().to_owned(), answer["message"].as_str().unwrap().to_owned())
    };
    for (listen, said) in [
        (held.local_addr().unwrap().to_string(), "another program does. Name another address with --listen"),
        (format!("unix:{}", shop.path("notes").display()), "this file is no socket. Name another address"),
        (format!("unix:{}", shop.path("none/there").display()), "No such file or directory"),
        ("systemd".to_owned(), "Start keydesk by a socket unit"),
    ] {
        let (code, reason, message) = refused(&listen);
        assert!((code, reason.as_str()) == (1, "listen") && message.contains(said), "{message}");
    }
    let (code, reason, message) = refused("8080");
    assert!((code, reason.as_str()) == (2, "configuration") && message.contains("127.0.0.1:8080"), "{message}");
}

#[test]
fn a_shop_that_nobody_could_be_answered_for_is_not_served() {
    let shop = Shop::new();
    let empty = format!("sqlite:{}", shop.path("empty.db").display());
    assert!(shop.bare(&["migrate", "--database", &empty]).status.success());
    let output = shop.bare(&["serve", "--listen", "127.0.0.1:0", "--database", &empty]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("no website yet"), "{said}");
}
