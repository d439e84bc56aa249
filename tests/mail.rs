//! Mails handed over to relays that behave, that do not, and that lie.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

#[path = "support/relay.rs"]
mod relay;
#[path = "support/smtp.rs"]
#[allow(dead_code, reason = "the tests of faults use all of it")]
mod smtp;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use keydesk::{
    domain::{
        email::EmailAddress,
        mail_state::SendResult,
        website::{Website, WebsiteId},
    },
    mail::{
        render::{Letter, Mail, RenderedMail},
        transport::Transport,
        url::MailUrl,
    },
};
use relay::{Certificates, Relay, parse};
use smtp::{Fault, Script, Server, Step};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(500);
/// How much later than its deadline a try may end on a busy machine.
const SLACK: Duration = Duration::from_millis(1500);

fn mail_of(name: &str, message_id: &str) -> RenderedMail {
    mail_in("en", name, message_id)
}

fn mail_in(language: &str, name: &str, message_id: &str) -> RenderedMail {
    let website = Website {
        id: WebsiteId(1),
        code: "base".into(),
        name: name.into(),
        base_url: Some("https://luma.example".into()),
        sender_name: name.into(),
        sender_email: Some(EmailAddress::parse("support@luma.example").unwrap()),
        language: language.into(),
    };
    let mail = Mail {
        message_id: message_id.into(),
        created_at: "2026-11-20T14:03:09Z".parse().unwrap(),
        website,
        to: EmailAddress::parse("roni_cost@example.com").unwrap(),
        letter: Letter::Reset {
            link: "https://luma.example/r/3.q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA".into(),
            expires_at: "2026-11-21T14:03:19Z".parse().unwrap(),
            from_console: true,
        },
    };
    mail.render().unwrap()
}

fn mail() -> RenderedMail {
    mail_of("Luma", "reset-12.5f3a")
}

fn transport(url: &str, deadline: Duration) -> Transport {
    Transport::new(&MailUrl::parse(url).unwrap(), deadline).unwrap()
}

fn to(server: &Server, deadline: Duration) -> Transport {
    transport(&format!("smtp://{}", server.address), deadline)
}

async fn send_to(script: Script, options: (&str, &str), deadline: Duration) -> (SendResult, smtp::Seen, String) {
    let server = Server::start(script);
    let url = format!("smtp://{}{}{}", options.0, server.address, options.1);
    let result = transport(&url, deadline).send(&mail()).await;
    (result, server.seen(), server.address.to_string())
}

const TAKEN: &str = "250 2.0.0 Ok: queued as 4XyZ";

#[tokio::test]
async fn a_relay_takes_exactly_our_bytes_to_exactly_one_address() {
    let (result, seen, _) = send_to(Script::default(), ("", ""), LONG).await;
    assert_eq!(result, SendResult::Accepted(TAKEN.into()));
    assert_eq!(seen.mails, [mail().bytes()]);
    assert!(seen.commands[0].starts_with("EHLO "));
    assert_eq!(seen.commands[1..], ["MAIL FROM:<support@luma.example>", "RCPT TO:<roni_cost@example.com>", "DATA"]);
}

#[tokio::test]
async fn a_line_with_only_a_dot_does_not_end_the_mail() {
    let server = Server::start(Script::default());
    let mail = mail_of(".", "reset-1.a");
    assert!(mail.bytes().windows(5).any(|bytes| bytes == b"\r\n.\r\n"));
    assert_eq!(to(&server, LONG).send(&mail).await, SendResult::Accepted(TAKEN.into()));
    assert_eq!(server.seen().mails, [mail.bytes()]);
}

/// What a fault means at a step.
fn expected(step: Step, fault: Fault) -> fn(String) -> SendResult {
    match fault {
        Fault::Permanent if matches!(step, Step::Rcpt | Step::Data | Step::Dot) => SendResult::RecipientRefused,
        Fault::Permanent if step == Step::Mail => SendResult::FromRefused,
        Fault::Permanent | Fault::LoginNeeded => SendResult::SenderRefused,
        _ => SendResult::TryAgain,
    }
}

async fn try_fault(step: Step, fault: Fault) {
    let script =
        Script { fault: Some((step, fault, 0)), starttls: step == Step::StartTls, auth: "PLAIN", ..Script::default() };
    let login = if step == Step::Auth { "shop:p%40ss@" } else { "" };
    let options = if step == Step::StartTls { "?tls=required" } else { "" };
    let slow = matches!(fault, Fault::Hang | Fault::Drip);
    let deadline = if slow { SHORT } else { LONG };
    let begin = Instant::now();
    let (result, seen, place) = send_to(script, (login, options), deadline).await;
    let case = format!("{step:?} {fault:?}: {result:?}");

    let (SendResult::Accepted(text)
    | SendResult::RecipientRefused(text)
    | SendResult::FromRefused(text)
    | SendResult::SenderRefused(text)
    | SendResult::TryAgain(text)) = result.clone();
    assert_eq!(expected(step, fault)(text.clone()), result, "{case}");
    assert!(text.chars().count() <= 600, "{case}");
    let handed_over = step == Step::Dot;
    assert_eq!(seen.mails.len(), usize::from(handed_over), "{case}");
    match fault {
        Fault::Temporary => assert_eq!(text, "451 4.3.0 not now", "{case}"),
        Fault::Closing => assert_eq!(text, "421 4.4.2 too quiet", "{case}"),
        Fault::Permanent => assert_eq!(text, "550 5.1.1 no such user", "{case}"),
        Fault::LoginNeeded => assert_eq!(text, "530 5.7.0 sign in first", "{case}"),
        Fault::Hang | Fault::Drip => {
            assert!(text.starts_with("no answer within 0.5 s"), "{case}");
            assert!(begin.elapsed() < SHORT + SLACK, "{case} took {:?}", begin.elapsed());
        }
        Fault::Cut | Fault::Reset | Fault::HalfClose | Fault::Junk | Fault::Oversized | Fault::Endless => {
            assert!(text.contains(&place), "{case}");
        }
        Fault::WrongYes => assert!(text.contains("not an answer that fits"), "{case}"),
        Fault::Injected | Fault::Escapes | Fault::Echo => {}
    }
    let unclear = !matches!(fault, Fault::Temporary | Fault::Permanent | Fault::Closing | Fault::LoginNeeded);
    assert_eq!(text.contains("the relay may have taken it"), handed_over && unclear, "{case}");
}

#[tokio::test]
async fn every_fault_at_every_step_is_told_for_what_it_is() {
    let faults = [
        Fault::Temporary,
        Fault::Permanent,
        Fault::Closing,
        Fault::LoginNeeded,
        Fault::Hang,
        Fault::Drip,
        Fault::Cut,
        Fault::Junk,
        Fault::Oversized,
        Fault::Endless,
    ];
    join_all(Step::ALL.iter().flat_map(|step| faults.map(|fault| Box::pin(try_fault(*step, fault))))).await;
}

#[tokio::test]
async fn a_yes_to_another_question_is_no_yes() {
    let steps = [Step::Auth, Step::Mail, Step::Rcpt, Step::Data, Step::Dot];
    join_all(steps.map(|step| Box::pin(try_fault(step, Fault::WrongYes)))).await;
}

/// Nothing that only the relay may know has left.
fn nothing_leaked(seen: &smtp::Seen) {
    let bytes = String::from_utf8_lossy(&seen.bytes).to_uppercase();
    for secret in ["AUTH", "MAIL FROM", "RCPT", "DATA", "RONI_COST", "LUMA", "Q83VE", "AHNOB3AACEBZCW"] {
        assert!(!bytes.contains(secret), "{bytes}");
    }
}

#[tokio::test]
async fn when_starttls_is_stripped_nothing_leaves() {
    for login in ["", "shop:p%40ss@"] {
        let script = Script { auth: "PLAIN LOGIN", ..Script::default() };
        let (result, seen, place) = send_to(script, (login, "?tls=required"), LONG).await;
        let text = format!("STARTTLS is not offered by {place}; nothing was sent");
        assert_eq!(result, SendResult::SenderRefused(text));
        nothing_leaked(&seen);
    }
}

#[tokio::test]
async fn what_is_said_before_tls_does_not_count_under_tls() {
    for fault in [None, Some((Step::StartTls, Fault::Injected, 0))] {
        let script = Script { fault, starttls: true, auth: "PLAIN", ..Script::default() };
        let (result, seen, _) = send_to(script, ("shop:p%40ss@", "?tls=required"), SHORT).await;
        let SendResult::TryAgain(text) = result else { panic!("{result:?}") };
        // Injected text breaks the handshake at once; without it the server just never shakes hands.
        assert_eq!(text.starts_with("no answer within"), fault.is_none(), "{text}");
        assert_eq!(seen.commands.last().unwrap(), "STARTTLS");
        nothing_leaked(&seen);
    }
}

#[tokio::test]
async fn signs_in_with_what_the_relay_offers() {
    let (result, seen, _) =
        send_to(Script { auth: "LOGIN PLAIN", ..Script::default() }, ("shop:p%40ss@", ""), LONG).await;
    assert_eq!(result, SendResult::Accepted(TAKEN.into()));
    assert_eq!(seen.commands[1], "AUTH PLAIN AHNob3AAcEBzcw==");

    let (result, seen, _) = send_to(Script { auth: "LOGIN", ..Script::default() }, ("shop:p%40ss@", ""), LONG).await;
    assert_eq!(result, SendResult::Accepted(TAKEN.into()));
    assert_eq!(seen.commands[1..4], ["AUTH LOGIN", "c2hvcA==", "cEBzcw=="]);

    let (result, seen, place) =
        send_to(Script { auth: "GSSAPI", ..Script::default() }, ("shop:p%40ss@", ""), LONG).await;
    let text = format!("AUTH PLAIN or LOGIN is not offered by {place}; nothing was sent");
    assert_eq!(result, SendResult::SenderRefused(text));
    assert!(seen.mails.is_empty());
}

#[tokio::test]
async fn a_copy_after_a_lost_answer_is_the_same_mail() {
    for fault in [Fault::Cut, Fault::Temporary, Fault::Hang] {
        let server = Server::start(Script { fault: Some((Step::Dot, fault, 0)), ..Script::default() });
        let transport = to(&server, SHORT);
        assert!(matches!(transport.send(&mail()).await, SendResult::TryAgain(_)));
        assert_eq!(to(&server, LONG).send(&mail()).await, SendResult::Accepted(TAKEN.into()));
        let mails = server.seen().mails;
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0], mails[1]);
    }
}

#[tokio::test]
async fn one_connection_serves_many_mails() {
    let server = Server::start(Script::default());
    let transport = to(&server, LONG);
    for _ in 0..3 {
        assert_eq!(transport.clone().send(&mail()).await, SendResult::Accepted(TAKEN.into()));
    }
    assert_eq!((server.seen().connections, server.seen().mails.len()), (1, 3));
}

#[tokio::test]
async fn an_idle_connection_that_died_costs_nothing_but_a_new_one() {
    for fault in [Fault::Closing, Fault::Cut, Fault::Hang, Fault::Junk, Fault::Permanent, Fault::WrongYes] {
        let server = Server::start(Script { fault: Some((Step::Mail, fault, 1)), ..Script::default() });
        let transport = to(&server, 4 * SHORT);
        for _ in 0..2 {
            assert_eq!(transport.send(&mail()).await, SendResult::Accepted(TAKEN.into()), "{fault:?}");
        }
        assert_eq!((server.seen().connections, server.seen().mails.len()), (2, 2), "{fault:?}");
    }
}

#[tokio::test]
async fn a_connection_is_not_used_again_after_an_error() {
    let server = Server::start(Script { fault: Some((Step::Rcpt, Fault::Permanent, 0)), ..Script::default() });
    let transport = to(&server, LONG);
    assert!(matches!(transport.send(&mail()).await, SendResult::RecipientRefused(_)));
    assert!(matches!(transport.send(&mail()).await, SendResult::Accepted(_)));
    assert_eq!(server.seen().connections, 2);
}

#[tokio::test]
async fn many_at_once_do_not_get_into_each_others_way() {
    let server = Server::start(Script::default());
    let transport = to(&server, LONG);
    let results = join_all((0..20).map(|_| async { transport.send(&mail()).await })).await;
    assert!(results.iter().all(|result| *result == SendResult::Accepted(TAKEN.into())));
    assert_eq!(server.seen().mails.len(), 20);
}

#[tokio::test]
async fn nobody_listens() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["smtp", "smtps"] {
        let result = transport(&format!("{scheme}://{free}"), LONG).send(&mail()).await;
        assert_eq!(result, SendResult::TryAgain(format!("connection refused by {free}")));
    }
    let result = transport("smtp://relay.invalid", LONG).send(&mail()).await;
    assert!(matches!(result, SendResult::TryAgain(text) if text.starts_with("no connection to relay.invalid:587: ")));
}

#[test]
fn neither_debug_nor_errors_show_the_password() {
    let shown = format!("{:?}", transport("smtp://shop:geheim@localhost:2525", LONG));
    assert_eq!(shown, "Smtp(Smtp(localhost:2525))");
    let error = Transport::new(&MailUrl::parse("smtp://shop@localhost").unwrap(), LONG).unwrap_err();
    assert!(error.to_string().starts_with("the mail URL names a user but no password"));
}

/// Names that break mail programs.
const HOSTILE: [&str; 13] = [
    "Luma",
    "Luma\r\nBcc: mallory@example.com\r\n\r\nHi",
    "\"Luma\" <mallory@example.com>, Luma",
    "=?utf-8?q?=0D=0ABcc:_mallory=40example.com?=",
    "루마 고객센터",
    "Łukasz & Søn, Münster (“best”)",
    "\u{202e}amuL\u{0}\u{7f}\u{85}\u{2028}",
    ".",
    "Luma.example",
    "From Luma",
    "--6f6eb21f3404b083d22ee093cac29efaf086a53d4590a41cb23a8c1fcb199a8d--",
    "<script>alert(1)</script>{link}",
    "",
];

#[tokio::test]
async fn a_real_server_reads_in_every_mail_what_we_wrote() {
    let relay = Relay::start(None, false);
    let transport = transport(&format!("smtp://127.0.0.1:{}", relay.port), LONG);
    let long = "홍x".repeat(2000);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    let begins = [
        ("en", "Hello,\n\nOur support staff asked"),
        (
            "ko",
            "안녕하세요.\n\n고객 지원 담당자가 다음 계정의 암호 재설정을 요청했습니다.\n\n    roni_cost@example.com\n",
        ),
    ];
    let all: Vec<_> = begins.iter().flat_map(|begin| names.iter().map(move |name| (*begin, *name))).collect();
    for (at, ((language, _), name)) in all.iter().enumerate() {
        let result = transport.send(&mail_in(language, name, &format!("reset-{at}.a"))).await;
        assert_eq!(result, SendResult::Accepted(format!("250 2.0.0 Ok: taken as {}", at + 1)));
    }
    let mails = parse(&relay);
    assert_eq!(mails.len(), all.len());
    for (at, (mail, ((_, begin), name))) in mails.iter().zip(&all).enumerate() {
        assert_eq!(mail["defects"].as_array().unwrap().len(), 0, "{mail}");
        let headers: Vec<_> = mail["headers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let ours = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
        assert_eq!(headers[..2], ["X-From", "X-To"]);
        assert_eq!(headers[2..], ours, "{mail}");
        assert_eq!(mail["to"], serde_json::json!(["roni_cost@example.com"]));
        assert_eq!(mail["from"], serde_json::json!(["support@luma.example"]));
        assert_eq!(mail["id"], format!("<reset-{at}.a@luma.example>"));
        assert_eq!(mail["parts"], serde_json::json!(["multipart/alternative", "text/plain", "text/html"]));
        assert!(!mail["subject"].as_str().unwrap().contains(['\r', '\n']), "{mail}");
        let text = mail["text"].as_str().unwrap();
        let name = keydesk::domain::safe_text::SafeText::new(name);
        assert!(text.starts_with(begin), "{text}");
        assert!(text.contains("https://luma.example/r/3.q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA\n"), "{text}");
        assert!(text.trim_end().ends_with(name.as_str().trim_end()), "{text}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_nothing() {
    let certificates = Certificates::make();
    for (scheme, option) in [("smtp", "?tls=required"), ("smtps", "")] {
        let relay = Relay::start(Some(&certificates), scheme == "smtps");
        let url = format!("{scheme}://shop:p%40ss@127.0.0.1:{}{option}", relay.port);
        let result = transport(&url, LONG).send(&mail()).await;
        let SendResult::TryAgain(text) = result else { panic!("{result:?}") };
        assert!(text.contains("invalid peer certificate: UnknownIssuer"), "{text}");
        assert!(parse(&relay).is_empty());
    }
}

/// Runs again in a process of its own in which the test's authority is trusted: the trusted
/// certificates are the machine's, and only the environment can change them.
#[tokio::test]
async fn a_real_server_is_spoken_to_under_tls_after_its_name_was_checked() {
    const NAME: &str = "a_real_server_is_spoken_to_under_tls_after_its_name_was_checked";
    const FOLDER: &str = "KEYDESK_TEST_CERTIFICATES";
    let Some(folder) = std::env::var_os(FOLDER) else {
        let certificates = Certificates::make();
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(FOLDER, certificates.folder())
            .env("SSL_CERT_FILE", certificates.folder().join("ca.pem"))
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    };
    let certificates = Certificates::In(folder.into());
    for (scheme, option) in [("smtp", "?tls=required"), ("smtps", "")] {
        let relay = Relay::start(Some(&certificates), scheme == "smtps");
        let try_as = async |login: &str, host: &str| {
            transport(&format!("{scheme}://{login}{host}:{}{option}", relay.port), LONG).send(&mail()).await
        };
        for (at, host) in ["127.0.0.1", "localhost"].into_iter().enumerate() {
            let taken = format!("250 2.0.0 Ok: taken as {}", at + 1);
            assert_eq!(try_as("shop:p%40ss@", host).await, SendResult::Accepted(taken), "{scheme}");
        }
        let result = try_as("shop:wrong@", "127.0.0.1").await;
        assert!(matches!(&result, SendResult::SenderRefused(text) if text.starts_with("535 ")), "{result:?}");
        let result = try_as("", "127.0.0.1").await;
        assert!(matches!(&result, SendResult::SenderRefused(text) if text.starts_with("530 ")), "{result:?}");
        // The same server by a name that its certificate does not hold.
        let result = try_as("shop:p%40ss@", "[::ffff:127.0.0.1]").await;
        assert!(matches!(&result, SendResult::TryAgain(text) if text.contains("not valid for name")), "{result:?}");
        assert_eq!(parse(&relay).len(), 2);
    }
}
