//! What other programs left in the database, what mails are made of, and what relays answer.

use std::time::Duration;

use jiff::Timestamp;
use keydesk::{
    domain::{
        audit::AuditFilter,
        customer::CustomerId,
        email::EmailAddress,
        find::{PageFrom, Sort},
        mail_state::{MailId, SendResult},
        operation::OpKey,
        outbox::MailFilter,
        query::Query,
        safe_text::SafeText,
        website::{Website, WebsiteId},
    },
    mail::{
        render::{Letter, Mail, RenderedMail},
        transport::Transport,
        url::MailUrl,
    },
    service::{Request, Rules},
    store::{Audit, Cancel},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{
    demo_shop::{Shop, VERONICA, mina},
    engine::Target,
    tty,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A cell that another program may have written, and what puts its table right again.
const TEXTS: [(&str, &str); 19] = [
    ("UPDATE customers SET first_name = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET middle_name = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET last_name = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET email = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET phone = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET attributes = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE websites SET code = $1 WHERE id = 1", WEBSITE),
    ("UPDATE websites SET base_url = $1 WHERE id = 1", WEBSITE),
    ("UPDATE websites SET sender_name = $1 WHERE id = 1", WEBSITE),
    ("UPDATE websites SET sender_email = $1 WHERE id = 1", WEBSITE),
    ("UPDATE websites SET language = $1 WHERE id = 1", WEBSITE),
    ("UPDATE access_tokens SET scopes = $1 WHERE customer_id = 1", TOKENS),
    ("UPDATE password_resets SET reason = $1, requested_by = $1", RESETS),
    ("UPDATE outbox SET state = $1", OUTBOX),
    ("UPDATE outbox SET message_id = $1", OUTBOX),
    ("UPDATE outbox SET relay = $1, recipient = $1", OUTBOX),
    ("UPDATE mail_queue SET stopped_why = $1, stopped_until = 9999999999999999", QUEUE),
    ("UPDATE operations SET answer = $1", OPERATIONS),
    ("UPDATE outbox SET template = $1", OUTBOX),
];
const NUMBERS: [(&str, &str); 12] = [
    ("UPDATE customers SET created_at = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET last_sign_in_at = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET locked_until = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET failed_sign_ins = $1, active = $1, confirmed = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE customers SET version = $1 WHERE id = 1", CUSTOMER),
    ("UPDATE access_tokens SET expires_at = $1, last_used_at = $1 WHERE customer_id = 1", TOKENS),
    ("UPDATE password_resets SET requested_at = $1", RESETS),
    ("UPDATE password_resets SET expires_at = $1, used_at = $1", RESETS),
    ("UPDATE outbox SET attempts = $1", OUTBOX),
    ("UPDATE outbox SET created_at = $1, not_before = $1", OUTBOX),
    ("UPDATE outbox SET lease_until = $1, done_at = $1, next_at = $1", OUTBOX),
    ("UPDATE mail_queue SET stopped_until = $1", QUEUE),
];
const CUSTOMER: &str = "UPDATE customers SET first_name = 'V', middle_name = '', last_name = 'C', email = 'roni_cost@example.com', phone = '', \
     attributes = NULL, created_at = 1, last_sign_in_at = NULL, locked_until = NULL, failed_sign_ins = 0, active = 1, confirmed = 1, \
     version = 1 WHERE id = 1";
const WEBSITE: &str = "UPDATE websites SET code = 'base', base_url = 'https://luma.example', sender_name = 'Luma', \
     sender_email = 'support@luma.example', language = 'en' WHERE id = 1";
const TOKENS: &str =
    "UPDATE access_tokens SET scopes = '', expires_at = NULL, last_used_at = NULL WHERE customer_id = 1";
const RESETS: &str =
    "UPDATE password_resets SET reason = '', requested_by = 'm', requested_at = 1, expires_at = NULL, used_at = NULL";
const OUTBOX: &str = "UPDATE outbox SET state = 'queued', message_id = 'm', template = 'reset', relay = '', recipient = 'a@b.co', attempts = 0, \
     created_at = 1, not_before = 1, lease_until = NULL, done_at = NULL, next_at = 1";
const QUEUE: &str = "UPDATE mail_queue SET stopped_until = NULL, stopped_why = NULL";
const OPERATIONS: &str = "UPDATE operations SET answer = '{}'";

#[test]
fn rows_of_the_database() {
    let runtime = runtime();
    let shop = runtime.block_on(Shop::with_rules(20, Rules::default()));
    let op_key = OpKey::new("k1");
    let request = || Request { op_key: op_key.clone(), ..mina() };
    runtime.block_on(shop.service.start_reset(VERONICA, None, request())).unwrap().unwrap();
    let options = SqliteConnectOptions::new().filename(&shop.database).pragma("synchronous", "OFF");
    let mut other = runtime.block_on(SqliteConnection::connect_with(&options)).unwrap();
    let answer: String =
        runtime.block_on(sqlx::query_scalar("SELECT answer FROM operations").fetch_one(&mut other)).unwrap();
    // The first letter says which cell.
    let seeds = [
        "a홍길동",
        "b\u{1b}[31m\u{202e}",
        "dnot an address",
        "jnobody",
        "nqueued",
        "naccepted",
        "p250 OK",
        "schanged",
        "A-1",
        "B9999999999999999",
        "E7",
    ];
    let stored = format!("r{answer}");
    let seeds: Vec<&str> = seeds.into_iter().chain([stored.as_str()]).collect();
    let words = ["{", "}", ":", ",", "null", "\"", "[", "refused", "-", "253402300800000000"];
    Target { name: "database rows", seeds: &seeds, words: &words, cost: 50 }.run(|input| {
        let Some((cell, value)) = input.split_first() else { return false };
        let text = String::from_utf8_lossy(value).into_owned();
        let number = text
            .trim()
            .parse::<i64>()
            .unwrap_or_else(|_| value.iter().fold(0, |n: i64, b| n.wrapping_mul(257).wrapping_sub(i64::from(*b))));
        let (spoil, heal) = if cell.is_ascii_uppercase() {
            NUMBERS[usize::from(cell - b'A') % NUMBERS.len()]
        } else {
            TEXTS[usize::from(cell.wrapping_sub(b'a')) % TEXTS.len()]
        };
        let is_number = cell.is_ascii_uppercase();
        runtime.block_on(async {
            let query = sqlx::query(spoil);
            let query = if is_number { query.bind(number) } else { query.bind(text.clone()) };
            let is_written = query.execute(&mut other).await.is_ok();
            let service = &shop.service;
            let record = service.open(VERONICA).await;
            let mails = service.mails(MailFilter::default(), None, 10).await;
            let mail = service.mail_text(MailId(1)).await;
            let page = service.find(Query::default(), Sort::default(), PageFrom::Start, 30, &Cancel::default()).await;
            let queue = service.queue().await;
            let again = service.start_reset(VERONICA, None, request()).await;
            assert!(service.store().audit_entries(&AuditFilter::default(), None, 10).await.is_ok());
            if let Ok(Some(record)) = &record {
                for shown in
                    [&record.name, &record.email, &record.phone, &record.website.code, &record.website.sender_name]
                {
                    assert!(!shown.as_str().contains(tty::is_forbidden), "{shown:?}");
                }
            }
            // Whoever it is that cannot be read, the others can.
            assert!(
                service.open(CustomerId(2)).await.is_ok_and(|record| record.is_some()) || spoil.contains("websites")
            );
            sqlx::query(heal).execute(&mut other).await.unwrap();
            is_written
                && record.is_ok()
                && mails.is_ok()
                && mail.is_ok()
                && page.is_ok()
                && queue.is_ok()
                && again.is_ok()
        })
    });
}

fn reset_mail(fields: &[String; 4]) -> Mail {
    let [sender_name, base_url, language, message_id] = fields;
    Mail {
        message_id: message_id.clone(),
        website: Website {
            id: WebsiteId(1),
            code: "base".into(),
            name: SafeText::new(sender_name),
            base_url: Some(base_url.clone()),
            sender_name: SafeText::new(sender_name),
            sender_email: EmailAddress::parse("support@luma.example").ok(),
            language: language.clone(),
        },
        to: EmailAddress::parse("roni_cost@example.com").unwrap(),
        letter: Letter::Reset {
            link: format!("{base_url}/r/1.token").into(),
            expires_at: "2026-11-20T14:03:00Z".parse().unwrap(),
            from_console: true,
        },
        created_at: "2026-11-19T14:03:00Z".parse::<Timestamp>().unwrap(),
    }
}

fn fields(input: &[u8]) -> [String; 4] {
    let text = String::from_utf8_lossy(input);
    let mut parts = text.splitn(4, '|').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

#[test]
fn mails() {
    let seeds = [
        "Luma Support|https://luma.example|en|m1",
        "루마|https://kr.luma.example|ko|reset-1.abc",
        "Ann\r\nBcc: x@evil.example|https://a.example|en|m",
        "\"quo\" (x)|https://a.example|de|m",
    ];
    let words =
        ["\r\n", "\n.\n", "\r", "{{", "}}", "{link}", "Bcc: ", "<", ">", "\"", ",", "\u{202e}", "=?utf-8?q?", "|"];
    Target { name: "mail", seeds: &seeds, words: &words, cost: 10 }.run(|input| {
        let Ok(mail) = reset_mail(&fields(input)).render() else { return false };
        let bytes = mail.bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(
            text.is_ascii() && text.split("\r\n").all(|line| !line.contains(['\r', '\n']) && line.len() <= 998),
            "{text:?}"
        );
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let headers: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        for one in ["From", "To", "Subject", "Date", "Message-ID"] {
            assert_eq!(headers.iter().filter(|name| name.eq_ignore_ascii_case(one)).count(), 1, "{head}");
        }
        assert!(
            !headers.iter().any(|name| name.eq_ignore_ascii_case("bcc") || name.eq_ignore_ascii_case("cc")),
            "{head}"
        );
        assert!(head.contains("To: roni_cost@example.com"), "{head}");
        true
    });
}

/// Gives the answers, one to the greeting and one to each command, and hangs up.
async fn relay(listener: &TcpListener, answers: &[u8]) {
    let (mut stream, _) = listener.accept().await.unwrap();
    // Hangs up at once, so that thousands of connections do not use up the ports.
    stream.set_zero_linger().unwrap();
    let _ = talk(&mut stream, answers).await;
}

async fn talk(stream: &mut TcpStream, answers: &[u8]) -> std::io::Result<()> {
    let mut heard = [0; 8192];
    for answer in answers.split(|b| *b == b'|') {
        stream.write_all(answer).await?;
        // Half an answer would be waited for until the deadline.
        match timeout(Duration::from_millis(20), stream.read(&mut heard)).await {
            Ok(Ok(1..)) => {}
            _ => return Ok(()),
        }
    }
    Ok(())
}

#[test]
fn relays_answers() {
    let good = "220 hi\r\n|250-hi\r\n250 8BITMIME\r\n|250 OK\r\n|250 OK\r\n|354 go on\r\n|250 2.0.0 queued as 4X\r\n";
    let seeds = [
        good,
        "220 hi\r\n|250 hi\r\n|250 OK\r\n|550 5.1.1 no such user\r\n",
        "220-a\r\n220 b\r\n|502 no\r\n|250 hi\r\n|451 later\r\n",
        "554 go away\r\n",
        "220 hi\r\n|250 hi\r\n|250 OK\r\n|250 OK\r\n|354 go\r\n|451 4.3.0 later\r\n",
        "220 hi\r\n|250 hi\r\n|250 OK\r\n|250 OK\r\n|354 go\r\n|250-\u{1b}[31m\r\n250 \u{202e}\r\n",
    ];
    let words = [
        "\r\n",
        "|",
        "250 ",
        "250-",
        "354 ",
        "550 ",
        "421 ",
        "\n",
        "999 ",
        "25",
        "-",
        "\u{1b}]0;x\u{7}",
        "STARTTLS",
        "AUTH PLAIN",
    ];
    let runtime = runtime();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let place = listener.local_addr().unwrap();
    let mail: RenderedMail = reset_mail(&fields(seeds_of_a_mail())).render().unwrap();
    Target { name: "relay's answers", seeds: &seeds, words: &words, cost: 50 }.run(|input| {
        // A new connection for each: an idle one would carry the answers of another.
        let url = MailUrl::parse(&format!("smtp://{place}")).unwrap();
        let transport = Transport::new(&url, Duration::from_millis(400)).unwrap();
        let result = runtime.block_on(async { tokio::join!(transport.send(&mail), relay(&listener, input)).0 });
        assert!(result.text().chars().count() <= 1_000, "{result:?}");
        assert!(!SafeText::new(result.text()).as_str().contains(tty::is_forbidden));
        // Accepted is what the sixth answer says, and nothing else; the first digit is what counts.
        let accepted = matches!(result, SendResult::Accepted(_));
        let said = String::from_utf8_lossy(input).into_owned();
        assert!(!accepted || (said.matches('2').count() >= 5 && said.contains('3')), "{said:?}");
        accepted
    });
}

const fn seeds_of_a_mail() -> &'static [u8] {
    b"Luma Support|https://luma.example|en|m1"
}
