//! What the browser tells others, what it keeps, and what it does with text that others wrote.

use serde_json::Value;

use crate::{
    NEW_PASSWORD,
    browser::{Browser, Sent},
    choose, is_at,
    payloads::{self, Payload},
    sign_in,
    storefront::{NO_LIMITS, PASSWORD, Storefront, VERONICA, path_of},
    trials::{Trials, so_many},
};

/// From the mail to the account: no request to anybody else, none that says where it comes from,
/// the token in one request only and never again in an address bar.
#[test]
fn nobody_else_hears_of_it() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let link = storefront.forgotten(VERONICA);
    let browser = Browser::open();
    browser.go("about:blank");
    browser.requests();
    browser.go(&link);
    is_at(&browser, &storefront, "/reset");
    assert_eq!(browser.script("return document.referrer"), "");
    let (_, token) = link.rsplit_once('.').unwrap();
    assert!(!browser.script("return document.documentElement.outerHTML").as_str().unwrap().contains(token));
    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    assert_eq!(browser.script("return document.referrer"), "");
    sign_in(&browser, &storefront, VERONICA, NEW_PASSWORD);
    is_at(&browser, &storefront, "/account");

    let sent = browser.requests();
    assert!(sent.iter().filter(|sent| sent.url.ends_with("/style.css")).count() > 0, "the log is empty");
    let with_token: Vec<&Sent> = sent.iter().filter(|sent| sent.url.contains(token)).collect();
    assert_eq!(with_token.len(), 1, "{with_token:?}");
    for sent in &sent {
        assert!(sent.url.is_empty() || sent.url.starts_with(&storefront.url("/")), "{sent:?}");
        let headers = sent.headers.as_object().unwrap();
        let told = headers.iter().filter(|(name, value)| name.eq_ignore_ascii_case("referer") && **value != "");
        assert_eq!(told.count(), 0, "{sent:?}");
    }
    assert_eq!(browser.complaints(), [""; 0], "the content policy stands in nobody's way");
}

/// The cookie of the link is gone when the password is set, the others are out of reach of scripts.
#[test]
fn what_is_kept() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    let names = |browser: &Browser| {
        let cookies = browser.cookies();
        for cookie in &cookies {
            let facts = ["secure", "httpOnly", "sameSite", "path", "domain"].map(|name| cookie[name].clone());
            let wanted: [Value; 5] = [true.into(), true.into(), "Lax".into(), "/".into(), "luma.localhost".into()];
            assert_eq!(facts, wanted, "{cookie}");
        }
        assert_eq!(browser.script("return document.cookie"), "");
        let mut names: Vec<String> = cookies.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    browser.go(&storefront.forgotten(VERONICA));
    assert_eq!(names(&browser), ["__Host-csrf", "__Host-reset"]);
    choose(&browser, NEW_PASSWORD, NEW_PASSWORD);
    assert_eq!(names(&browser), ["__Host-csrf"]);
    sign_in(&browser, &storefront, VERONICA, NEW_PASSWORD);
    assert_eq!(names(&browser), ["__Host-csrf", "__Host-session"]);
    browser.click("form#sign-out button[type=submit]");
    assert!(!names(&browser).contains(&"__Host-session".to_owned()));
}

/// A page of somebody else's can neither send the forms nor show the pages inside of its own.
#[test]
fn another_website_can_do_nothing() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    let csrf = browser.property("form#sign-out input[name=csrf]", "value");
    let form = format!(
        "data:text/html,<form method=post action=\"{}\"><input name=csrf value=\"{csrf}\"><button>Go</button></form>",
        storefront.url("/sign-out"),
    );
    // Even with a token that was found out.
    browser.go(&form);
    browser.click("button");
    browser.go(&storefront.url("/account"));
    is_at(&browser, &storefront, "/account");

    browser.requests();
    let page = storefront.url("/sign-in");
    browser.go(&format!("data:text/html,<iframe src=\"{page}\"></iframe>"));
    assert!(browser.requests().iter().any(|sent| sent.url == page), "nothing was asked for");
    browser.enter_frame("iframe");
    assert!(!browser.has("form"), "it is shown inside of another page");
}

/// Whatever customers are called, their names are text.
#[test]
fn hostile_names_are_text() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let browser = Browser::open();
    browser.screen(320, 640);
    sign_in(&browser, &storefront, VERONICA, PASSWORD);
    let tags = "return [...document.querySelectorAll('*')].map(e => e.tagName + '(' + [...e.attributes].map(a => \
                a.name) + ')').join(' ')";
    let harmless = browser.script(tags);
    let all: Vec<Payload> = payloads::all().into_iter().chain(of_browsers()).collect();
    let count = so_many(40, u32::try_from(all.len()).unwrap());
    let trials = Trials::new("hostile names in a browser", count);
    let step = all.len() / usize::try_from(count).unwrap();
    for (n, _) in trials.each() {
        // From the end, where the browsers' own are.
        let payload = &all[all.len() - 1 - usize::try_from(n).unwrap() * step];
        let name = payload.text.replace('\0', "");
        storefront.sql("UPDATE customers SET first_name = $1, last_name = $1 WHERE id = 1", &[&name]);
        browser.go(&storefront.url("/account"));
        assert_eq!(browser.script(tags), harmless, "{payload:?}");
        let shown = browser.script("return document.body.textContent");
        // What is too long is cut off, with the mark where it stands at the end.
        let is_shown = shown.as_str().unwrap().contains(&payload.mark) || name.len() > 100;
        assert!(is_shown, "{payload:?} is not shown: {shown}");
        let wide = browser.script("return document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= 320, "{payload:?} makes the page {wide} wide");
    }
    trials.passed("");
    storefront.sql("UPDATE customers SET first_name = '<script>alert(1)</script>' WHERE id = 1", &[]);
    storefront.sql("UPDATE customers SET last_name = '\"><img src=x onerror=alert(1)>' WHERE id = 1", &[]);
    browser.go(&storefront.url("/account"));
    browser.screenshot("account-hostile");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// What a browser would run, or take for the end of what it stands in.
fn of_browsers() -> impl Iterator<Item = Payload> {
    let attacks = [
        "<script>document.title='x'</script>",
        "\"><svg onload=alert(1)>",
        "' autofocus onfocus=alert(1) x='",
        "</title></main></body><h1>Owned</h1>",
        "<!--",
        "<![CDATA[<b>]]>",
        "&lt;b&gt;&#60;i&#62;",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "<base href=//evil.example>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<style>*{display:none}</style>",
        "javascript:alert(1)",
        "{{constructor.constructor('alert(1)')()}}",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<form action=//evil.example><input name=csrf>",
        "<plaintext>",
    ];
    attacks.into_iter().enumerate().map(|(n, attack)| {
        let mark = format!("Kb{n:04x}");
        Payload { kind: "browser", text: format!("{mark}{attack}{mark}"), mark }
    })
}

/// The link is gone from the history: going back does not lead through it again.
#[test]
fn the_history_has_no_token() {
    let storefront = Storefront::open(20, NO_LIMITS);
    let link = storefront.forgotten(VERONICA);
    let browser = Browser::open();
    browser.go(&storefront.url("/sign-in"));
    browser.go(&link);
    browser.requests();
    browser.click("a[href='/sign-in'], a[href='/forgot'], a[href='/']");
    browser.back();
    browser.reload();
    browser.back();
    let path = path_of(&link);
    assert!(browser.requests().iter().all(|sent| !sent.url.contains(&path)));
}
