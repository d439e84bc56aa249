//! "Forgot Your Password?", the link in the mail, the new password.

use crate::{
    NEW_PASSWORD,
    browser::Browser,
    choose, is_at, sign_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, link_in},
};

#[test]
fn a_forgotten_password_is_replaced() {
    let storefront = Storefront::open(20, NO_LIMITS);
    // Signed in elsewhere, and locked.
    let mut elsewhere = storefront.visitor();
    assert_eq!(elsewhere.post("/sign-in", &[("email", VERONICA), ("password", PASSWORD)]).status, 303);
    assert_eq!(elsewhere.get("/account").status, 200);
    for _ in 0..9 {
        assert_eq!(storefront.visitor().post("/sign-in", &[("email", VERONICA), ("password", "wrong")]).status, 401);
    }
    let browser = Browser::open();
    sign_in(&browser, &storefront, VERONICA, "wrong");

    browser.follow("Forgot Your Password?");
    is_at(&browser, &storefront, "/forgot");
    assert_eq!(browser.text("form#forgot button[type=submit]"), "Reset My Password");
    browser.fill("#email", VERONICA);
    browser.click("form#forgot button[type=submit]");
    is_at(&browser, &storefront, "/forgot/sent");

    let link = link_in(&storefront.mail(VERONICA, 0));
    assert!(link.starts_with(&storefront.url("/r/1.")), "{link}");
    browser.go(&link);
    is_at(&browser, &storefront, "/reset");
    assert_eq!(browser.text("form#reset button[type=submit]"), "Reset Password");
    assert!(!storefront.log().contains("/r/1."), "{}", storefront.log());

    for (password, again, sentence) in [
        ("abc", "abc", "Use at least 6 characters."),
        ("open sea 77", "open sea 77", "Do not use spaces."),
        ("password", "password", "This password is among the most common ones. Choose another."),
        (VERONICA, VERONICA, "Do not use your e-mail address."),
    ] {
        choose(&browser, password, again);
        is_at(&browser, &storefront, "/reset");
        assert_eq!(browser.texts("#password-problems li"), [sentence]);
    }
    choose(&browser, NEW_PASSWORD, "vivid-sea-8");
    is_at(&browser, &storefront, "/reset");
    assert!(browser.text("#again-problem").contains("not the same"));
    assert_eq!(browser.property("#password", "value"), "", "a password is not sent back");

    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    is_at(&browser, &storefront, "/reset/done");
    // Nobody is signed in by it, here or elsewhere.
    browser.go(&storefront.url("/account"));
    is_at(&browser, &storefront, "/sign-in");
    assert_eq!(elsewhere.get("/account").status, 303);
    // The lock went with the old password.
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    is_at(&browser, &storefront, "/sign-in");
    sign_in(&browser, &storefront, VERONICA, NEW_PASSWORD);
    is_at(&browser, &storefront, "/account");

    let told = storefront.mail(VERONICA, 1);
    assert!(told.contains("changed") && !told.contains("/r/"), "{told}");
    assert_eq!(storefront.mails(VERONICA).len(), 2);
}

/// Used, cancelled, expired, superseded or never made: one page says all of it, and the way on.
#[test]
fn links_that_do_not_work_are_all_alike() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();

    let used = storefront.forgotten(VERONICA);
    browser.go(&used);
    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    is_at(&browser, &storefront, "/reset/done");
    storefront.mail(VERONICA, 1);

    let cancelled = storefront.forgotten(VERONICA);
    storefront.done(&["cancel-reset", "1"]);
    let superseded = storefront.forgotten(VERONICA);
    let newer = storefront.forgotten(VERONICA);
    let garbage = storefront.url(&format!("/r/1.{}", "x".repeat(43)));
    let nobodys = storefront.url("/r/999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let links = [used, cancelled, superseded, garbage, nobodys, storefront.url("/r/x")];
    let mut pages = links.map(|link| dead(&browser, &storefront, &link)).to_vec();

    // The newest one works until it expires; a form that is open then leads to the same page.
    browser.go(&newer);
    assert!(browser.has("form#reset"));
    storefront.set_clock("+25h");
    choose(&browser, "another-sea-9", "another-sea-9");
    pages.push(browser.text("body"));
    pages.push(dead(&browser, &storefront, &newer));
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    // The way to a new one.
    browser.click("main a[href='/forgot']");
    is_at(&browser, &storefront, "/forgot");
}

/// The page that a link leads to which does not work.
fn dead(browser: &Browser, storefront: &Storefront, link: &str) -> String {
    browser.go(link);
    is_at(browser, storefront, "/reset");
    assert!(!browser.has("form#reset"), "{}", browser.text("body"));
    browser.text("body")
}

/// The link of staff does not fall to somebody who plays with "Forgot Your Password?".
#[test]
fn a_request_does_not_kill_the_link_of_staff() {
    let storefront = Storefront::open(20, NO_LIMITS);
    storefront.done(&["reset-password", "1"]);
    let link = link_in(&storefront.mail(VERONICA, 0));
    let sent = storefront.visitor().post("/forgot", &[("email", VERONICA)]);
    assert_eq!(sent.status, 303);
    storefront.answered();
    let browser = Browser::open();
    browser.go(&link);
    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    is_at(&browser, &storefront, "/reset/done");
}

/// Everything works with the keyboard alone, and nothing of it needs a mouse.
#[test]
fn with_the_keyboard_alone() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    browser.go(&storefront.forgotten(VERONICA));
    browser.focus("#password");
    browser.press(NEW_PASSWORD);
    browser.press("\u{e004}");
    browser.press(NEW_PASSWORD);
    browser.enter();
    is_at(&browser, &storefront, "/reset/done");
    browser.go(&storefront.url("/sign-in"));
    browser.focus("#email");
    browser.press(VERONICA);
    browser.focus("#password");
    browser.press(NEW_PASSWORD);
    browser.enter();
    is_at(&browser, &storefront, "/account");
}
