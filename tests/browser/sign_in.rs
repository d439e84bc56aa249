//! Signing in and out, and being locked out.

use crate::{
    browser::Browser,
    is_at, sign_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA},
};

#[test]
fn in_and_out() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    browser.go(&storefront.url("/"));
    is_at(&browser, &storefront, "/sign-in");
    assert_eq!(browser.text("form#sign-in button[type=submit]"), "Sign In");
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    is_at(&browser, &storefront, "/account");
    let page = browser.text("body");
    assert!(page.contains("Veronica Costello") && page.contains(VERONICA), "{page}");
    browser.go(&storefront.url("/"));
    is_at(&browser, &storefront, "/account");
    assert_eq!(browser.text("form#sign-out button[type=submit]"), "Sign Out");
    browser.click("form#sign-out button[type=submit]");
    is_at(&browser, &storefront, "/sign-in");
    browser.go(&storefront.url("/account"));
    is_at(&browser, &storefront, "/sign-in");
    // What was left behind is not shown again.
    browser.back();
    assert!(!browser.text("body").contains("Veronica"), "{}", browser.text("body"));
}

/// The same words for a wrong password, an address that is nobody's and an account that is
/// switched off.
#[test]
fn whatever_the_reason_the_message_is_one() {
    let storefront = Storefront::open(20, NO_LIMITS);
    storefront.sql("UPDATE customers SET active = 0, confirmed = 1, locked_until = NULL WHERE id = 3", &[]);
    let disabled = storefront.texts("SELECT email FROM customers WHERE id = 3").remove(0);
    let browser = Browser::open();
    let mut messages = Vec::new();
    for (email, password) in
        [(VERONICA, "wrong"), ("nobody@example.com", PASSWORD), (&disabled, PASSWORD), (VERONICA, &"x".repeat(1025))]
    {
        sign_in(&browser, &storefront, email, password);
        is_at(&browser, &storefront, "/sign-in");
        messages.push(browser.text("#message"));
        // The address is there still; what has to be typed again is the password.
        assert_eq!(browser.property("#email", "value"), email);
        assert_eq!(browser.property("#password:focus", "value"), "");
    }
    assert!(!messages[0].is_empty() && messages.iter().all(|message| *message == messages[0]), "{messages:?}");
}

/// What ends by itself; one browser sees all of it, because starting one takes as long as the rest.
#[test]
fn locks_and_sessions_end() {
    let browser = Browser::open();
    ten_wrong_passwords_lock_for_ten_minutes(&browser);
    a_shop_decides_when_it_locks_and_for_how_long(&browser);
    a_session_ends(&browser);
}

fn ten_wrong_passwords_lock_for_ten_minutes(browser: &Browser) {
    let storefront = Storefront::open(20, NO_LIMITS);
    let mut other = storefront.visitor();
    for _ in 0..9 {
        assert_eq!(other.post("/sign-in", &[("email", VERONICA), ("password", "wrong")]).status, 401);
    }
    sign_in(browser, &storefront, VERONICA, "wrong");
    let message = browser.text("#message");
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    is_at(browser, &storefront, "/sign-in");
    assert_eq!(browser.text("#message"), message, "the lock is told to nobody");
    storefront.set_clock("+9m");
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    is_at(browser, &storefront, "/sign-in");
    storefront.set_clock("+11m");
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    is_at(browser, &storefront, "/account");
}

fn a_shop_decides_when_it_locks_and_for_how_long(browser: &Browser) {
    let rules = format!("{NO_LIMITS}[sign_in]\nmax_failures = 2\nlock = \"1h\"\n");
    let storefront = Storefront::open(20, &rules);
    for _ in 0..2 {
        sign_in(browser, &storefront, VERONICA, "wrong");
    }
    storefront.set_clock("+59m");
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    is_at(browser, &storefront, "/sign-in");
    storefront.set_clock("+61m");
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    is_at(browser, &storefront, "/account");
}

fn a_session_ends(browser: &Browser) {
    let storefront = Storefront::open(20, &format!("{NO_LIMITS}[serve]\nsession_life = \"30m\"\n"));
    sign_in(browser, &storefront, VERONICA, PASSWORD);
    storefront.set_clock("+29m");
    browser.go(&storefront.url("/account"));
    is_at(browser, &storefront, "/account");
    storefront.set_clock("+31m");
    browser.go(&storefront.url("/account"));
    is_at(browser, &storefront, "/sign-in");
}

/// Where several websites share a host, the customer says which one is meant.
#[test]
fn two_websites_at_one_host() {
    let storefront = Storefront::open(20, NO_LIMITS);
    storefront.sql("UPDATE customers SET active = 1, confirmed = 1, locked_until = NULL WHERE id = 2", &[]);
    let browser = Browser::open();
    browser.go(&storefront.url("/sign-in"));
    assert!(!browser.has("select"), "one website, no question");
    let shared = storefront.shared_url("/sign-in");
    browser.go(&shared);
    let options = browser.texts("select[name=website] option");
    assert_eq!(options, ["Luma Korea", "Luma Business"]);
    // The second customer is the first one's twin, on the third website.
    for (website, is_hers) in [("Luma Korea", false), ("Luma Business", true)] {
        browser.go(&shared);
        browser.fill("#email", VERONICA);
        browser.fill("#password", PASSWORD);
        browser.choose("select[name=website]", website);
        browser.click("form#sign-in button[type=submit]");
        let account = browser.url() == storefront.shared_url("/account");
        assert_eq!(account, is_hers, "{website}: {}", browser.text("body"));
    }
    assert!(browser.text("body").contains("V. Costello"));
}
