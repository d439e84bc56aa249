//! What the pages look like: on a desk, on the smallest telephone, in the dark. The pictures are for
//! people; what can be measured is measured.

use serde_json::json;

use crate::{
    NEW_PASSWORD,
    browser::Browser,
    choose, sign_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA},
};

/// Name, width, height and colours.
const SCREENS: [(&str, u32, u32, &str); 4] = [
    ("wide", 1000, 700, "light"),
    ("wide-dark", 1000, 700, "dark"),
    ("narrow", 320, 640, "light"),
    ("narrow-dark", 320, 640, "dark"),
];

/// Shows pages on every screen: `pages` opens them, and says their names when they are open.
fn on_every_screen(browser: &Browser, pages: impl Fn(&dyn Fn(&str))) {
    for (name, width, height, scheme) in SCREENS {
        browser.screen(width, height);
        browser.prefers("prefers-color-scheme", scheme);
        pages(&|page| {
            fits(browser, page, width);
            can_be_read(browser, page, scheme);
            browser.screenshot(&format!("{page}-{name}"));
        });
    }
}

#[test]
fn pages_for_everybody() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    on_every_screen(&browser, |look| {
        for page in ["sign-in", "forgot", "forgot/sent", "reset/done", "nowhere"] {
            browser.go(&storefront.url(&format!("/{page}")));
            look(&page.replace('/', "-"));
        }
        browser.go(&storefront.shared_url("/forgot"));
        look("forgot-where");
    });
}

#[test]
fn pages_for_customers() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let link = storefront.forgotten(VERONICA);
    let browser = Browser::open();
    on_every_screen(&browser, |look| {
        browser.go(&link);
        look("reset");
        choose(&browser, "abc", "abc");
        look("reset-problem");
        choose(&browser, NEW_PASSWORD, "vivid-sea-8");
        look("reset-differs");
        sign_in(&browser, &storefront, VERONICA, "wrong");
        look("sign-in-refused");
        sign_in(&browser, &storefront, VERONICA, PASSWORD);
        look("account");
        browser.click("form#sign-out button[type=submit]");
        browser.go(&storefront.url("/r/x"));
        look("link-dead");
    });
}

/// No scrolling sideways, and nothing that is cut off (WCAG 2.2, 1.4.10).
fn fits(browser: &Browser, page: &str, width: u32) {
    let wide = browser.script("return document.documentElement.scrollWidth").as_u64().unwrap();
    assert!(wide <= u64::from(width), "{page} is {wide} wide on a screen of {width}");
    let sticking_out = browser.script(
        "return [...document.querySelectorAll('body *')].filter(e => { const r = e.getBoundingClientRect(); \
         return r.width > 1 && (r.left < 0 || r.right > innerWidth + 0.5) }).map(e => e.outerHTML.slice(0, 80))",
    );
    assert_eq!(sticking_out, json!([]), "{page} on a screen of {width}");
}

/// The scheme that is asked for; text that stands out from what is behind it (WCAG 2.2, 1.4.3:
/// 4.5 to 1); fields and buttons that a finger finds (2.5.8: 24 pixels); names for all fields.
fn can_be_read(browser: &Browser, page: &str, scheme: &str) {
    let script = "
        const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
        const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const rgba = text => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = text; pen.fillRect(0, 0, 1, 1); return [...pen.getImageData(0, 0, 1, 1).data] };
        const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c.slice(0, 3) } return null };
        const problems = [];
        for (const e of document.querySelectorAll('body *')) {
            const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.matches('input');
            if (!own || e.getClientRects().length === 0 || e.matches('option')) continue;
            const back = ground(e);
            if (!back) { problems.push('no background: ' + e.outerHTML.slice(0, 80)); continue }
            const [a, b] = [light(rgba(getComputedStyle(e).color).slice(0, 3)), light(back)].sort((x, y) => y - x);
            const contrast = (a + 0.05) / (b + 0.05);
            if (contrast < 4.5) problems.push(contrast.toFixed(2) + ': ' + e.outerHTML.slice(0, 80));
        }
        for (const e of document.querySelectorAll('input:not([type=hidden]), select, button')) {
            if (e.getBoundingClientRect().height < 24) problems.push('too low: ' + e.outerHTML.slice(0, 80));
            if (!e.matches('button') && !e.labels.length) problems.push('no label: ' + e.outerHTML.slice(0, 80));
        }
        if (document.documentElement.lang !== LANGUAGE) problems.push('no language');
        if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1');
        if (!document.title) problems.push('no title');
        return [problems, light(ground(document.body) ?? rgba('Canvas').slice(0, 3)) < 0.2];
    ";
    // Of the websites at the shared host the Korean one is the first.
    let language = if page == "forgot-where" { "'ko'" } else { "'en'" };
    let found = browser.script(&script.replace("LANGUAGE", language));
    assert_eq!(found, json!([[], scheme == "dark"]), "{page}");
}
