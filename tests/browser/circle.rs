//! The whole circle: staff at the console, the customer at a browser, an integration at the API.

use std::{thread, time::Duration};

use serde_json::json;

use crate::{
    NEW_PASSWORD,
    browser::Browser,
    choose,
    console::Console,
    http::{Ask, Reply},
    is_at, sign_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, link_in},
};

/// Keys that come at once after a question are not taken for its answer.
const THOUGHT: Duration = Duration::from_millis(250);

fn token(storefront: &Storefront, (key, secret): &(String, String), password: &str) -> Reply {
    let customer = json!({"username": VERONICA, "password": password});
    let ask = Ask::new("POST", "/rest/V1/integration/customer/token").basic(key, secret).json(&customer);
    ask.send(storefront.port(), &storefront.host()).unwrap()
}

fn me(storefront: &Storefront, token: &str) -> Reply {
    Ask::get("/rest/V1/customers/me").bearer(token).send(storefront.port(), &storefront.host()).unwrap()
}

/// The console with the first customer's record.
fn console(storefront: &Storefront) -> Console {
    let config = storefront.config().display().to_string();
    let mut console = Console::start(100, 30, &["--operator", "mina", "--config", &config], &[]);
    console.wait_for(" ms");
    console.keys("/id:1");
    console.wait_for("1 of 20");
    console.keys("\r");
    console.keys("\r");
    console.wait_for("Veronica Costello");
    console
}

#[test]
fn from_the_console_through_mail_and_browser_back_to_the_console() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let integration = storefront.integration("Mobile shop");
    let issued = token(&storefront, &integration, PASSWORD);
    assert_eq!(issued.status, 200, "{issued}");
    let old = issued.json().as_str().unwrap().to_owned();
    assert_eq!(me(&storefront, &old).json()["email"], VERONICA);
    let browser = Browser::open();
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    is_at(&browser, &storefront, "/account");

    let mut console = console(&storefront);
    console.keys("r");
    console.wait_for("Do not send");
    thread::sleep(THOUGHT);
    console.keys("y");
    browser.go(&link_in(&storefront.mail(VERONICA, 0)));
    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    is_at(&browser, &storefront, "/reset/done");
    browser.go(&storefront.url("/account"));
    is_at(&browser, &storefront, "/sign-in");

    // A reset ends sessions; what integrations hold lives on until Force Sign In (Adobe's manual).
    assert_eq!(me(&storefront, &old).status, 200);
    assert_eq!(token(&storefront, &integration, PASSWORD).status, 401);
    let second = token(&storefront, &integration, NEW_PASSWORD).json().as_str().unwrap().to_owned();
    assert_ne!(second, old);

    console.keys("f");
    console.wait_for("Leave it");
    thread::sleep(THOUGHT);
    console.keys("y");
    console.wait_for("0 left, verified.");
    for token in [&old, &second] {
        let refused = me(&storefront, token);
        assert_eq!((refused.status, refused.header("www-authenticate").contains("Bearer")), (401, true), "{refused}");
    }
    let new = token(&storefront, &integration, NEW_PASSWORD).json().as_str().unwrap().to_owned();
    assert_eq!(me(&storefront, &new).status, 200);
    sign_in(&browser, &storefront, VERONICA, NEW_PASSWORD);
    is_at(&browser, &storefront, "/account");
    assert!(storefront.done(&["audit", "verify"])["message"].as_str().is_some());
}

/// What others are told, so that nobody is surprised later: signed in at a browser, then put out by
/// Force Sign In of everything.
#[test]
fn force_sign_in_of_sessions_is_seen_at_the_next_click() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    is_at(&browser, &storefront, "/account");
    storefront.done(&["force-sign-in", "1", "--scope", "sessions"]);
    browser.reload();
    is_at(&browser, &storefront, "/sign-in");
}
