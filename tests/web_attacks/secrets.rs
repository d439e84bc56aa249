//! Passwords, tokens, session ids and secrets: who holds them, and nobody else.

use serde_json::json;

use crate::{
    http::Ask,
    hunt::Hunt,
    promises::token_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, path_of},
};

/// A password that nothing else contains.
const CANARY: &str = "canary-Zq4vT7wKp2";
/// One that is not accepted.
const WRONG: &str = "wrong-canary-Hj5xW9";

#[test]
fn nothing_secret_stays_anywhere() {
    let mut storefront = Storefront::open(20, NO_LIMITS);
    let (key, secret) = storefront.integration("Mobile shop");
    let mut visitor = storefront.visitor();
    let mut secrets = vec![secret.clone()];
    let sign_in = [("email", VERONICA), ("password", PASSWORD)];
    assert_eq!(visitor.post("/sign-in", &sign_in).status, 303);
    assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", WRONG)]).status, 401);
    secrets.extend(visitor.cookies.values().cloned());

    let issue = |password: &str| {
        let customer = json!({"username": VERONICA, "password": password});
        let ask = Ask::new("POST", "/rest/V1/integration/customer/token").basic(&key, &secret).json(&customer);
        ask.send(storefront.port(), &storefront.host()).unwrap()
    };
    let token = issue(PASSWORD).json().as_str().unwrap().to_owned();
    let me = || Ask::get("/rest/V1/customers/me").bearer(&token).send(storefront.port(), &storefront.host()).unwrap();
    assert_eq!(me().status, 200);
    assert_eq!(issue(WRONG).status, 401);
    secrets.push(token.clone());

    let link = path_of(&storefront.forgotten(VERONICA));
    visitor.get(&link);
    let set = visitor.post("/reset", &[("password", CANARY), ("password_again", CANARY)]);
    assert_eq!(set.status, 303, "{set}");
    assert_eq!(visitor.post("/sign-in", &[("email", VERONICA), ("password", CANARY)]).status, 303);
    secrets.extend(visitor.cookies.values().cloned());
    // What somebody mistypes is as secret.
    visitor.get(&link.replace("/r/", "/R/"));
    visitor.get(&format!("/nowhere{link}"));
    Ask::get(&link).send(storefront.port(), "evil.example").unwrap();
    storefront.answered();
    storefront.mail(VERONICA, 1);

    let mut hunt = Hunt::default();
    hunt.process("storefront", storefront.process());
    // Before it ends, while the log of the database is still there, and after.
    hunt.folder(storefront.folder(), &["mail"]);
    assert_eq!(storefront.stop(), Some(0), "{}", storefront.log());
    hunt.folder(storefront.folder(), &["mail"]);
    assert!(hunt.holds(&key), "the hunt sees nothing");
    secrets.push(WRONG.to_owned());
    for secret in &secrets {
        // Behind the customer's id.
        let secret = secret.split_once('.').map_or(secret.as_str(), |(_, secret)| secret);
        assert!(secret.len() >= 16 && !hunt.holds(secret), "{secret} is written down");
    }
    let mails: Vec<Vec<u8>> = storefront.mails(VERONICA).into_iter().map(String::into_bytes).collect();
    let with_link = &mails[..1];
    assert!(link.ends_with(&token_in(&with_link[0])));
    println!("{}", hunt.finds_nothing(with_link, &key, CANARY));
}
