//! Who has an account here? Neither the bytes of an answer nor its time may say so.

use std::time::Duration;

use serde_json::json;

use crate::{
    http::{Ask, Connection, Reply, Visitor},
    storefront::{Storefront, VERONICA},
    trials::{Trials, is_long, so_many},
};

/// As long as [`VERONICA`], so that only its owner could be what differs.
const NOBODY: &str = "roni_cast@example.com";

/// What is asked for is not counted, and nobody is locked.
const UNCOUNTED: &str = "[reset]\nprotection = \"none\"\nundo = \"0s\"\n[sign_in]\nmax_failures = 0\n";

/// Asks for both in an order that dice throw, over one connection; all answers must be the same,
/// and in the long form so must be their times.
fn alike(what: &'static str, storefront: &Storefront, status: u16, ask: impl Fn(&str) -> Ask) {
    let count = so_many(60, 2_000);
    let mut connection = Connection::open(storefront.port()).unwrap();
    let mut times = [Vec::new(), Vec::new()];
    let mut answers: [Option<String>; 2] = [None, None];
    let trials = Trials::new(what, 2 * count);
    let mut left = [count, count];
    for (_, mut dice) in trials.each() {
        let mut class = usize::from(dice.below(2) == 1);
        if left[class] == 0 {
            class = 1 - class;
        }
        left[class] -= 1;
        let address = [NOBODY, VERONICA][class];
        let bytes = ask(address).bytes(&storefront.host());
        let start = std::time::Instant::now();
        connection.send(&bytes).unwrap();
        let reply = connection.read(false).unwrap();
        times[class].push(start.elapsed());
        assert_eq!(reply.status, status, "{what}: {address}: {reply}");
        let plain = plain(&reply, address);
        let before = answers[class].get_or_insert_with(|| plain.clone());
        assert_eq!(*before, plain, "{what}: answers to {address} differ among themselves");
    }
    assert_eq!(answers[0], answers[1], "{what}: the answer tells whose address it is");
    let auc = area_under_curve(&times[0], &times[1]);
    if is_long() {
        assert!((0.45..=0.55).contains(&auc), "{what}: the time tells whose address it is: AUC {auc:.3}");
    }
    trials.passed(format!("AUC of the times {auc:.3}"));
}

/// An answer without what must differ: its time, random values, the address itself.
fn plain(reply: &Reply, address: &str) -> String {
    let mut text = format!("{}\n", reply.status);
    for (name, value) in &reply.headers {
        let value = match name.as_str() {
            "date" => "",
            "set-cookie" => value.split_once('=').unwrap().0,
            _ => value,
        };
        text.extend([name, ": ", value, "\n"]);
    }
    let body = reply.text().replace(address, "ADDRESS");
    // The token of the form.
    let parts: Vec<&str> = body.split("name=\"csrf\" value=\"").collect();
    text + &parts.iter().map(|part| part.get(43..).filter(|_| parts.len() > 1).unwrap_or(part)).collect::<String>()
}

/// How often a time of the second class is longer than one of the first: one half where nobody can
/// tell them apart.
fn area_under_curve(first: &[Duration], second: &[Duration]) -> f64 {
    let mut sorted = first.to_vec();
    sorted.sort_unstable();
    let wins: usize = second
        .iter()
        .map(|time| sorted.partition_point(|other| other < time) + sorted.partition_point(|other| other <= time))
        .sum();
    let pairs = 2 * first.len() * second.len();
    f64::from(u32::try_from(wins).unwrap()) / f64::from(u32::try_from(pairs).unwrap())
}

/// A visitor who has opened this page.
fn visitor(storefront: &Storefront, page: &str) -> Visitor {
    let mut visitor = storefront.visitor();
    visitor.get(page);
    visitor
}

#[test]
fn forgot_your_password_tells_nobody() {
    let storefront = Storefront::open(20, UNCOUNTED);
    let mut visitor = visitor(&storefront, "/forgot");
    let csrf = visitor.cookies["__Host-csrf"].clone();
    alike("known and unknown addresses at /forgot", &storefront, 303, |address| {
        let fields = [("csrf", csrf.as_str()), ("email", address)];
        visitor.dressed(Ask::new("POST", "/forgot").header("Sec-Fetch-Site", "same-origin").form(&fields))
    });
    storefront.answered();
    assert!(visitor.get("/forgot/sent").status == 200 && !storefront.mails(VERONICA).is_empty());
    assert!(storefront.mails(NOBODY).is_empty());
    alike("the same through the API", &storefront, 200, |address| {
        Ask::new("PUT", "/rest/V1/customers/password").json(&json!({"email": address, "template": "email_reset"}))
    });
}

#[test]
fn sign_in_tells_nobody() {
    let storefront = Storefront::open(20, UNCOUNTED);
    let visitor = visitor(&storefront, "/sign-in");
    let csrf = visitor.cookies["__Host-csrf"].clone();
    alike("known and unknown addresses at /sign-in", &storefront, 401, |address| {
        let fields = [("csrf", csrf.as_str()), ("email", address), ("password", "wrong-sea-7")];
        visitor.dressed(Ask::new("POST", "/sign-in").header("Sec-Fetch-Site", "same-origin").form(&fields))
    });
}

#[test]
fn the_api_tells_nobody() {
    let storefront = Storefront::open(20, UNCOUNTED);
    let (key, secret) = storefront.integration("Mobile shop");
    alike("known and unknown addresses at the token API", &storefront, 401, |address| {
        let customer = json!({"username": address, "password": "wrong-sea-7"});
        Ask::new("POST", "/rest/V1/integration/customer/token").basic(&key, &secret).json(&customer)
    });
    alike("the same where a password is set with a wrong token", &storefront, 400, |address| {
        let body =
            json!({"email": address, "resetToken": format!("1.{}", "A".repeat(43)), "newPassword": "vivid-sea-7"});
        Ask::new("POST", "/rest/V1/customers/resetPassword").json(&body)
    });
}

/// A locked account, one that is switched off and one without a password answer like any other.
#[test]
fn the_state_of_an_account_is_told_to_nobody() {
    let storefront = Storefront::open(20, "[reset]\nprotection = \"none\"\n[sign_in]\nmax_failures = 3\n");
    storefront.sql("UPDATE customers SET active = 1, confirmed = 1, failed_sign_ins = 0, locked_until = NULL", &[]);
    storefront.sql("UPDATE customers SET active = 0 WHERE id = 3", &[]);
    storefront.sql("UPDATE customers SET confirmed = 0 WHERE id = 4", &[]);
    storefront.sql("UPDATE customers SET password_hash = NULL WHERE id = 5", &[]);
    let mut seen: Vec<String> = Vec::new();
    for id in ["1", "3", "4", "5", "6"] {
        storefront.sql("UPDATE customer_emails SET website_id = 1 WHERE customer_id = $1", &[id]);
        storefront.sql("UPDATE customers SET website_id = 1 WHERE id = $1", &[id]);
    }
    for email in storefront.texts("SELECT email FROM customers WHERE id IN (1, 3, 4, 5, 6)") {
        let mut visitor = storefront.visitor();
        for password in ["wrong", "wrong", "wrong", "roni_cost3@example.com"] {
            let fields = [("email", email.as_str()), ("password", password)];
            let refused = visitor.post("/sign-in", &fields);
            assert_eq!(refused.status, 401, "{email}");
            let escaped = email.replace('\'', "&#39;");
            let mut text = plain(&refused, &email).replace(&escaped, "ADDRESS");
            // Its length is the address's.
            text = text.lines().filter(|line| !line.starts_with("content-length")).collect();
            seen.push(text);
        }
    }
    assert!(seen.iter().all(|page| *page == seen[0]), "{seen:#?}");
}
