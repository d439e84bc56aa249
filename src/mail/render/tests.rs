use super::*;
use crate::domain::{customer::CustomerId, reset::dotted_link, website::WebsiteId};
use proptest::prelude::*;

const TOKEN: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

fn luma() -> Website {
    Website {
        id: WebsiteId(1),
        code: "base".into(),
        name: "Luma".into(),
        base_url: Some("https://luma.example".into()),
        sender_name: "Luma Support".into(),
        sender_email: Some(EmailAddress::parse("support@luma.example").unwrap()),
        language: "en".into(),
    }
}

fn letter(link: String, from_console: bool) -> Letter {
    Letter::Reset { link: link.into(), expires_at: "2026-11-21T14:03:19Z".parse().unwrap(), from_console }
}

fn mail() -> Mail {
    Mail {
        message_id: "reset-12.5f3a".into(),
        created_at: "2026-11-20T14:03:09Z".parse().unwrap(),
        website: luma(),
        to: EmailAddress::parse("roni_cost@example.com").unwrap(),
        letter: letter(format!("https://luma.example/r/3.{TOKEN}"), true),
    }
}

fn notice() -> Mail {
    let letter = Letter::PasswordChanged { at: mail().created_at };
    Mail { message_id: "changed-12.5f3a9c01".into(), letter, ..mail() }
}

/// A mail for the tests of transports.
pub(in crate::mail) fn sample(message_id: &str) -> RenderedMail {
    Mail { message_id: message_id.into(), ..mail() }.render().unwrap()
}

fn text(mail: &RenderedMail) -> String {
    String::from_utf8(mail.bytes().to_vec()).unwrap()
}

/// Names and unfolded values of the headers in front of the first empty line.
fn headers(mail: &RenderedMail) -> Vec<(String, String)> {
    let text = text(mail);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.split("\r\n").map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.into(), v.into())).collect()
}

#[test]
fn the_mail_that_support_sends() {
    insta::assert_snapshot!(text(&mail().render().unwrap()).replace("\r\n", "\n"));
}

#[test]
fn the_mail_that_a_customer_asked_for_in_a_shop_with_another_script() {
    let website = Website { name: "루마".into(), sender_name: "루마 고객센터".into(), ..luma() };
    let letter = letter(format!("https://luma.example/r/3.{TOKEN}"), false);
    let mail = Mail { website, letter, ..mail() };
    insta::assert_snapshot!(text(&mail.render().unwrap()).replace("\r\n", "\n"));
}

#[test]
fn the_notice_that_a_password_was_changed() {
    insta::assert_snapshot!(text(&notice().render().unwrap()).replace("\r\n", "\n"));
}

#[test]
fn a_second_copy_is_the_same_mail() {
    assert_eq!(mail().render().unwrap().bytes(), mail().render().unwrap().bytes());
    let other = Mail { message_id: "reset-13.5f3a".into(), ..mail() };
    assert_ne!(mail().render().unwrap().bytes(), other.render().unwrap().bytes());
    assert_eq!(notice().render().unwrap().bytes(), notice().render().unwrap().bytes());
}

#[test]
fn a_notice_holds_no_secret_that_an_answer_could_repeat() {
    assert_eq!(mail().render().unwrap().token(), Some(TOKEN));
    assert_eq!(notice().render().unwrap().token(), None);
}

#[test]
fn a_notice_says_where_to_ask_for_a_link() {
    for base_url in ["https://luma.example", "https://luma.example/"] {
        let website = Website { base_url: Some(base_url.into()), ..luma() };
        let shown = preview(&website, &mail().to, &notice().letter).unwrap();
        assert!(shown.text.lines().any(|line| line == "https://luma.example/forgot"), "{}", shown.text);
        assert_eq!(
            (shown.subject.as_str(), shown.link_host.as_str()),
            ("Your Luma password was changed", "luma.example")
        );
        assert!(text(&Mail { website, ..notice() }.render().unwrap()).contains(&shown.text.replace('\n', "\r\n")));
    }
}

#[test]
fn nothing_but_the_mail_holds_the_secret() {
    let mail = mail();
    let rendered = mail.render().unwrap();
    assert!(text(&rendered).contains(TOKEN));
    assert!(!format!("{mail:?} {rendered:?}").contains(TOKEN));
}

#[test]
fn staff_see_the_same_words_and_no_secret() {
    let dotted = letter(dotted_link("https://luma.example", CustomerId(3)), true);
    let shown = preview(&luma(), &mail().to, &dotted).unwrap();
    assert_eq!(shown.from, "Luma Support <support@luma.example>");
    assert_eq!(shown.to, "roni_cost@example.com");
    assert_eq!(shown.subject, "Reset your Luma password");
    assert_eq!(shown.link_host, "luma.example");
    assert_eq!(shown.language, "en");
    let sent = text(&mail().render().unwrap()).replace("\r\n", "\n");
    assert!(sent.contains(&shown.text.replace("••••••••", TOKEN)));
}

#[test]
fn a_website_that_is_not_set_up_sends_nothing() {
    let website = Website { sender_email: None, ..luma() };
    let error = Mail { website, ..mail() }.render().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the website Luma has no sender address; set one up before its customers can get mail"
    );
    let website = Website { base_url: None, ..luma() };
    assert_eq!(Mail { website, ..notice() }.render().unwrap_err(), RenderError::NoBaseUrl("Luma".into()));
}

#[test]
fn an_id_is_safe_in_a_header_and_as_a_file_name() {
    for id in ["", ".", "a.", ".a", "a..b", "a/b", "a>b", "a\r\nBcc: x@y.z", "é", &"x".repeat(101)] {
        let error = Mail { message_id: id.into(), ..mail() }.render().unwrap_err();
        assert_eq!(error, RenderError::MessageId, "{id:?}");
    }
}

#[test]
fn a_date_that_no_mail_can_have_is_an_error() {
    let created_at = "1969-12-31T23:59:59Z".parse().unwrap();
    assert_eq!(Mail { created_at, ..mail() }.render().unwrap_err(), RenderError::Date);
    let latest = Mail { created_at: Timestamp::MAX, ..mail() };
    assert!(latest.render().is_ok());
}

#[test]
fn stray_line_ends_long_lines_and_8_bit_are_not_fit_for_transport() {
    let long = [b"x".repeat(999).as_slice(), b"\r\n"].concat();
    for bad in [&b""[..], b"a", b"a\n", b"a\r", b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"\xc3\xa9\r\n", &long] {
        assert!(!fit_for_transport(bad), "{bad:?}");
    }
    let longest = [b"x".repeat(998).as_slice(), b"\r\n"].concat();
    for good in [&b"\r\n"[..], b"a\r\n\r\nb\r\n", &longest] {
        assert!(fit_for_transport(good), "{good:?}");
    }
}

/// Names that mail libraries trip over, and any others.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,300}",
        "[\\r\\n\\t\\x00\"\\\\<>,;:@()\\[\\]=?._ a-zé홍]{0,60}",
        Just("Luma\r\nBcc: mallory@example.com\r\n\r\nHi".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:_mallory=40example.com?=".to_owned()),
        Just("\u{202e}amuL\u{0}\u{7f}\u{85}\u{2028}".to_owned()),
        Just("x".repeat(5000)),
        Just("홍".repeat(5000)),
    ]
}

proptest! {
    #[test]
    fn no_name_or_address_changes_the_headers(
        name in hostile(),
        sender_name in hostile(),
        to in "[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9]{1,63}\\.[a-z]{2,20}",
        language in hostile(),
        is_notice in any::<bool>(),
    ) {
        let Ok(to) = EmailAddress::parse(&to) else { return Ok(()) };
        let (name, sender_name) = (SafeText::new(&name), SafeText::new(&sender_name));
        let website = Website { name, sender_name, language, ..luma() };
        let about = if is_notice { notice() } else { mail() };
        let id = format!("<{}@luma.example>", about.message_id);
        let mail = Mail { website, to: to.clone(), ..about }.render().unwrap();
        prop_assert!(fit_for_transport(mail.bytes()));
        let headers = headers(&mail);
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(
            names,
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
        );
        prop_assert!(headers.iter().any(|(name, value)| name == "To" && value == to.as_str()));
        prop_assert!(headers.iter().any(|(name, value)| name == "Message-ID" && value == &id));
    }
}
