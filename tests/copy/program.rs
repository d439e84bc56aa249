//! The command itself: what it answers, and what it refuses to begin.

use serde_json::json;

use crate::{
    postgres::{PASSWORD, Server},
    server_shop::ServerShop,
};

/// A demo shop in a file; its address.
fn file(shop: &ServerShop) -> String {
    let dir = shop.folder().display().to_string();
    let made = shop.run(&["demo", "--no-console", "--customers", "60", "--dir", &dir]);
    assert!(made.status.success(), "{made:?}");
    format!("sqlite:{dir}/keydesk.db")
}

#[test]
fn a_shop_is_moved_and_works_on() {
    let shop = ServerShop::bare();
    let from = file(&shop);
    assert_eq!(shop.json(&["reset-password", "1"]).0, 0);
    let database = Server::shared().database();
    let to = database.url();
    let copy = ["copy", "--from", &from, "--to", &to, "--reason", "T-12"];

    let (code, early) = shop.json(&copy);
    assert_eq!((code, early["message"].as_str().unwrap().contains("keydesk migrate")), (1, true), "{early}");
    assert!(shop.run(&["migrate", "--database", &to]).status.success());
    let (code, copied) = shop.json(&copy);
    assert_eq!((code, &copied["outcome"]), (0, &json!("done")), "{copied}");
    assert_eq!((&copied["links_cancelled"], &copied["mails_cancelled"]), (&json!(1), &json!(1)), "{copied}");
    assert_eq!(copied["tables"]["customers"]["rows"], 60, "{copied}");
    assert_eq!(copied["tables"]["customers"]["sha256"].as_str().unwrap().len(), 64, "{copied}");

    let (code, again) = shop.json(&copy);
    assert_eq!((code, &again["outcome"]), (1, &json!("failed")), "{again}");
    assert!(again["message"].as_str().unwrap().contains("is not empty"), "{again}");

    std::fs::write(shop.path("keydesk.toml"), format!("database = {}\n", json!(to))).unwrap();
    let (code, log) = shop.json(&["audit", "list"]);
    assert_eq!((code, &log["entries"][0]["action"]), (0, &json!("database.copied")), "{log}");
    assert_eq!(
        (&log["entries"][0]["operator"], &log["entries"][0]["reason"]),
        (&json!("mina"), &json!("T-12")),
        "{log}"
    );
    assert_eq!(shop.json(&["audit", "verify"]).0, 0);
    let (code, found) = shop.json(&["customers", "costello"]);
    assert_eq!((code, &found["customers"][1]["id"]), (0, &json!(1)), "{found}");
}

#[test]
fn people_read_what_was_copied_and_what_to_do_next() {
    let shop = ServerShop::bare();
    let from = file(&shop);
    let database = Server::shared().database();
    assert!(shop.run(&["migrate", "--database", &database.url()]).status.success());
    let output = shop.run(&["copy", "--operator", "mina", "--from", &from, "--to", &database.url()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for part in
        ["60 customers", "Both sides were read again and are the same.", "  customers ", "Next: set database = "]
    {
        assert!(text.contains(part), "{part:?}: {text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let shop = ServerShop::bare();
    let from = file(&shop);
    let database = Server::shared().database();
    let to = database.url();
    let seen = to.replacen('@', &format!(":{}@", "secret"), 1);
    for (args, says) in [
        (vec!["copy", "--from", &from, "--to", &seen], "--to"),
        (vec!["copy", "--from", &to, "--to", &to], "a shop is copied from a file"),
        (vec!["copy", "--from", &from, "--to", &from], "a shop is copied to a server"),
        (vec!["copy", "--database", &from, "--from", &from, "--to", &to], "--from and --to"),
    ] {
        let (code, refused) = shop.json(&args);
        let text = refused["message"].as_str().unwrap();
        assert!(code == 2 && text.contains(says) && text.ends_with("Nothing was done."), "{args:?}: {refused}");
        assert!(!text.contains("secret") && !text.contains(PASSWORD), "{text}");
    }
    let (code, gone) = shop.json(&["copy", "--from", "sqlite:/nowhere/shop.db", "--to", &to]);
    assert_eq!(code, 6, "{gone}");
}
