//! What customers see and do, in a real browser: every way through the storefront's pages, with the
//! links of real mails. What the pages look like is kept in `target/screenshots`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "browser/circle.rs"]
mod circle;
#[path = "browser/forgotten.rs"]
mod forgotten;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/privacy.rs"]
mod privacy;
#[path = "browser/sign_in.rs"]
mod sign_in;

#[path = "support/browser.rs"]
mod browser;
#[path = "support/console.rs"]
#[allow(dead_code, reason = "the other terminal tests use the rest")]
mod console;
#[path = "support/faketime.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod faketime;
#[path = "support/http.rs"]
mod http;
#[path = "support/payloads.rs"]
#[allow(dead_code, reason = "the tests of terminals use the rest")]
mod payloads;
#[path = "support/promises.rs"]
#[allow(dead_code, reason = "the tests of mails use the rest")]
mod promises;
#[path = "support/storefront.rs"]
mod storefront;
#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;

use browser::Browser;
use storefront::Storefront;

/// A password that the shop allows.
const NEW_PASSWORD: &str = "vivid-sea-7";

/// Fills in the sign-in page.
fn sign_in(browser: &Browser, storefront: &Storefront, email: &str, password: &str) {
    browser.go(&storefront.url("/sign-in"));
    browser.fill("#email", email);
    browser.fill("#password", password);
    browser.click("form#sign-in button[type=submit]");
}

/// Fills in the page behind a link.
fn choose(browser: &Browser, password: &str, again: &str) {
    browser.fill("#password", password);
    browser.fill("#password_again", again);
    browser.click("form#reset button[type=submit]");
}

/// Fails unless the browser is at this page.
fn is_at(browser: &Browser, storefront: &Storefront, path: &str) {
    assert_eq!(browser.url(), storefront.url(path), "{}", browser.text("body"));
}
