//! From a queued reset to the relay's answer, over a real database and a real socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/shop.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod shop;
#[path = "support/smtp.rs"]
#[allow(dead_code, reason = "the mail tests use all of it")]
mod smtp;

use std::time::Duration;

use jiff::SignedDuration;
use keydesk::{
    domain::{
        command::{Asked, ChangeCustomer},
        customer::{CustomerId, NewCustomer},
        email::EmailAddress,
        mail_state::{AfterTry, MailId, MailState, SendResult},
        name::PersonName,
        operation::OpKey,
        operator::Operator,
        outbox::{FinishMail, MailFilter, MailLine, MailStage},
        reset::{KEY_LEN, LinkState, TokenKey},
        server_address::ServerAddress,
        website::GroupId,
    },
    mail::{
        transport::{Memory, Transport},
        url::MailUrl,
    },
    service::{
        Rules,
        delivery::{DeliveryReport, Mailer, News},
    },
    store::{
        Customers, Outbox,
        sql::{OpenMode, SqlStore, postgres::migrate},
    },
};
use shop::{Shop, VERONICA, mina};
use smtp::{Fault, Script, Server, Step};

/// Each story in a file and on a server.
macro_rules! stories {
    ($($name:ident,)+) => {
        mod in_a_file {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Shop::new(50).await).await;
            })+
        }

        mod on_a_server {
            $(#[tokio::test]
            async fn $name() {
                let database = super::postgres::Server::shared().database();
                super::$name(super::shop_in(&database).await).await;
            })+
        }
    };
}

stories! {
    a_reset_reaches_the_relay_after_its_hold_and_only_once,
    a_mail_whose_answer_was_lost_is_sent_again_byte_for_byte,
    a_refused_recipient_is_a_dead_letter_at_once,
    a_refused_mail_is_sent_again_by_hand_as_it_was,
    the_preview_is_the_mail_that_is_sent_but_for_its_secret,
    a_relay_that_refuses_us_stops_the_queue_and_costs_no_mail_a_try,
    a_sender_that_the_relay_refuses_holds_up_nobody_elses_mails,
    a_relay_that_is_away_all_day_ends_in_a_visible_dead_letter,
    nothing_is_sent_to_an_address_that_changed_meanwhile,
    a_mail_cancelled_while_a_worker_holds_it_is_not_sent,
    what_the_relay_took_is_written_down_even_if_it_was_cancelled_meanwhile,
    another_token_key_is_said_and_kills_no_mail_silently,
}

async fn shop_in(database: &postgres::Database<'_>) -> Shop {
    let address = ServerAddress::parse(&database.url()).unwrap();
    migrate(&address).await.unwrap();
    let store = SqlStore::open_server(&address).await.unwrap();
    Shop::over(store, tempfile::tempdir().unwrap(), 50, Rules::default()).await
}

fn mailer(transport: Transport) -> Mailer {
    Mailer { transport, key: TokenKey::new([7; KEY_LEN]), owner: "test worker".into() }
}

fn to_relay(server: &Server) -> Mailer {
    let url = MailUrl::parse(&format!("smtp://{}", server.address)).unwrap();
    mailer(Transport::new(&url, Duration::from_millis(500)).unwrap())
}

async fn deliver(shop: &Shop, mailer: &Mailer) -> DeliveryReport {
    shop.service.deliver_due(mailer, &|| true, &mut |_| ()).await.unwrap()
}

async fn reset(shop: &Shop) -> MailId {
    shop.service.start_reset(VERONICA, None, mina()).await.unwrap().unwrap().mail
}

async fn line(shop: &Shop, id: MailId) -> MailLine {
    shop.service.store().mail(id, shop.now()).await.unwrap().unwrap()
}

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

/// Quoted-printable undone, as far as links need it.
fn text_of(mail: &[u8]) -> String {
    String::from_utf8(mail.to_vec()).unwrap().replace("=\r\n", "").replace("=3D", "=")
}

/// The secret in the mail's link.
fn token_in(mail: &[u8]) -> String {
    let text = text_of(mail);
    let (_, rest) = text.split_once("http://luma.localhost:8080/r/1.").expect("the link is in the mail");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

async fn a_reset_reaches_the_relay_after_its_hold_and_only_once(shop: Shop) {
    let server = Server::start(Script::default());
    let mailer = to_relay(&server);
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(9));
    assert_eq!(deliver(&shop, &mailer).await, DeliveryReport::default(), "held");
    shop.clock.advance(seconds(1));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1);
    assert_eq!(deliver(&shop, &mailer).await, DeliveryReport::default(), "once");
    let sent = line(&shop, mail).await;
    assert_eq!(sent.state, MailState::Accepted);
    let until = shop.now().saturating_add(SignedDuration::from_hours(24)).unwrap();
    assert_eq!(sent.link, LinkState::Live { until }, "its life begins when the mail is made");

    let seen = server.seen();
    assert_eq!(seen.mails.len(), 1);
    let rcpt: Vec<&String> = seen.commands.iter().filter(|c| c.to_uppercase().starts_with("RCPT")).collect();
    assert_eq!(rcpt.len(), 1);
    assert!(rcpt[0].contains("<roni_cost@example.com>"));
    // The token is in the mail and nowhere else: not in the file, its journal, or any list.
    let token = token_in(&seen.mails[0]);
    assert_eq!(token.len(), 43);
    for file in std::fs::read_dir(shop.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()));
    }
    assert!(!format!("{sent:?} {:?}", shop.service.open(VERONICA).await.unwrap()).contains(&token));
}

async fn a_mail_whose_answer_was_lost_is_sent_again_byte_for_byte(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Dot, Fault::Cut, 0)), ..Script::default() });
    let mailer = to_relay(&server);
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &mailer).await.retried, 1);
    let waiting = line(&shop, mail).await;
    assert_eq!((waiting.state, waiting.attempts), (MailState::Queued, 1));
    shop.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

async fn a_refused_recipient_is_a_dead_letter_at_once(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Rcpt, Fault::Permanent, 0)), ..Script::default() });
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &to_relay(&server)).await.refused, 1);
    let refused = line(&shop, mail).await;
    assert_eq!(refused.state, MailState::Refused);
    assert!(refused.relay.as_str().starts_with("550"), "{:?}", refused.relay);
    assert_eq!(shop.service.store().queue(shop.now()).await.unwrap().dead, 1);
}

async fn a_refused_mail_is_sent_again_by_hand_as_it_was(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Dot, Fault::Permanent, 0)), ..Script::default() });
    let mailer = to_relay(&server);
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &mailer).await.refused, 1);
    shop.clock.advance(SignedDuration::from_mins(3));
    shop.service.retry_mail(mail, mina()).await.unwrap().unwrap();
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2, "the relay refused it only after it had seen it");
    assert_eq!(mails[0], mails[1], "the same Message-ID, Date and link");
    let history = shop.service.open(VERONICA).await.unwrap().unwrap().history;
    let actions: Vec<&str> = history.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["mail.accepted", "mail.retry", "mail.refused", "reset.start"]);
    let fate = history[3].mail.as_ref().unwrap();
    assert_eq!((fate.id, fate.stage, fate.attempts), (mail, MailStage::Accepted, 2));
    assert!(fate.relay.as_str().starts_with("250") && fate.link.is_live());
}

async fn the_preview_is_the_mail_that_is_sent_but_for_its_secret(shop: Shop) {
    let server = Server::start(Script::default());
    let preview = shop.service.preview_reset(VERONICA).await.unwrap().unwrap();
    assert_eq!((preview.to.as_str(), preview.language.as_str()), ("roni_cost@example.com", "en"));
    assert_eq!(preview.link_host.as_str(), "luma.localhost:8080");
    assert_eq!(shop.service.mails(MailFilter::default(), None, 10).await.unwrap(), [], "nothing is written");
    reset(&shop).await;
    assert_eq!(shop.service.preview_reset(VERONICA).await.unwrap().unwrap(), preview, "whatever the limits say");
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &to_relay(&server)).await.accepted, 1);
    let mails = server.seen().mails;
    let (sent, token) = (text_of(&mails[0]), token_in(&mails[0]));
    let text: Vec<String> = preview.lines.iter().map(|line| line.as_str().replace("••••••••", &token)).collect();
    assert!(sent.contains(&text.join("\r\n")), "{sent}\n{text:?}");
    assert!(sent.contains(&format!("Subject: {}\r\n", preview.subject)), "{sent}");
    assert!(!preview.lines.iter().any(|line| line.as_str().contains(&token)));
}

async fn a_relay_that_refuses_us_stops_the_queue_and_costs_no_mail_a_try(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Greeting, Fault::Permanent, 0)), ..Script::default() });
    let mailer = to_relay(&server);
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    assert!(deliver(&shop, &mailer).await.stopped.is_some());
    assert_eq!(line(&shop, mail).await.attempts, 0);
    assert!(shop.service.store().queue(shop.now()).await.unwrap().stopped.is_some());
    assert_eq!(deliver(&shop, &mailer).await, DeliveryReport::default(), "the queue rests");
    shop.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1, "and looks again by itself");
    assert!(shop.service.store().queue(shop.now()).await.unwrap().stopped.is_none());
}

async fn a_sender_that_the_relay_refuses_holds_up_nobody_elses_mails(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Mail, Fault::Permanent, 0)), ..Script::default() });
    let mailer = to_relay(&server);
    let first = reset(&shop).await;
    let other = shop.service.start_reset(CustomerId(2), None, mina()).await.unwrap().unwrap().mail;
    shop.clock.advance(seconds(10));
    let report = deliver(&shop, &mailer).await;
    assert_eq!((report.retried, report.accepted, report.stopped), (1, 1, None));
    let waiting = line(&shop, first).await;
    assert_eq!((waiting.state, waiting.attempts), (MailState::Queued, 1));
    assert!(waiting.relay.as_str().starts_with("550"), "{:?}", waiting.relay);
    assert_eq!(line(&shop, other).await.state, MailState::Accepted);
    shop.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1, "the sender was corrected");
}

async fn a_relay_that_is_away_all_day_ends_in_a_visible_dead_letter(shop: Shop) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = MailUrl::parse(&format!("smtp://{nobody}")).unwrap();
    let mailer = mailer(Transport::new(&url, Duration::from_millis(500)).unwrap());
    let mail = reset(&shop).await;
    let mut tries = 0;
    for _ in 0..(26 * 6) {
        tries += deliver(&shop, &mailer).await.retried;
        shop.clock.advance(SignedDuration::from_mins(10));
    }
    let dead = line(&shop, mail).await;
    assert_eq!(dead.state, MailState::Expired);
    assert!(dead.relay.as_str().contains("refused"), "{:?}", dead.relay);
    assert!((20..60).contains(&tries), "tried {tries} times in a day");
}

async fn nothing_is_sent_to_an_address_that_changed_meanwhile(shop: Shop) {
    let memory = Memory::default();
    let mailer = mailer(Transport::Memory(memory.clone()));
    let mail = reset(&shop).await;
    let record = shop.service.open(VERONICA).await.unwrap().unwrap();
    let data = NewCustomer {
        website: record.website.id,
        group: GroupId(1),
        name: PersonName::new("Veronica", "Costello"),
        email: EmailAddress::parse("new@example.com").unwrap(),
        phone: String::new(),
        password_hash: None,
        active: true,
        confirmed: true,
        failed_sign_ins: 0,
        locked_until: None,
        created_at: record.created_at,
        last_sign_in_at: None,
        attributes: None,
    };
    let asked = Asked {
        at: shop.now(),
        by: Operator::new("import").unwrap(),
        reason: String::new(),
        op_key: OpKey::new("change").unwrap(),
    };
    let change = ChangeCustomer { asked, customer: VERONICA, version: record.version, data };
    shop.service.store().change_customer(&change).await.unwrap().unwrap();
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &mailer).await, DeliveryReport::default());
    assert_eq!(memory.mails().len(), 0);
    assert_eq!(line(&shop, mail).await.state, MailState::Cancelled);
}

async fn a_mail_cancelled_while_a_worker_holds_it_is_not_sent(shop: Shop) {
    let memory = Memory::default();
    let mailer = mailer(Transport::Memory(memory.clone()));
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    // A worker that died with the mail in its hands.
    let lease = Duration::from_mins(5);
    shop.service.store().claim_mail(shop.now(), "dead worker", lease).await.unwrap().unwrap();
    let cancelled = shop.service.cancel_reset(VERONICA, mina()).await.unwrap().unwrap();
    assert!(!cancelled.undone && cancelled.mail_may_arrive);
    shop.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(deliver(&shop, &mailer).await, DeliveryReport::default());
    assert_eq!((memory.mails().len(), line(&shop, mail).await.state), (0, MailState::Cancelled));
}

async fn what_the_relay_took_is_written_down_even_if_it_was_cancelled_meanwhile(shop: Shop) {
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    let lease = Duration::from_mins(5);
    let claimed = shop.service.store().claim_mail(shop.now(), "worker", lease).await.unwrap().unwrap();
    shop.service.cancel_reset(VERONICA, mina()).await.unwrap().unwrap();
    let finish = FinishMail {
        customer: claimed.customer,
        id: claimed.id,
        owner: claimed.owner,
        attempt: claimed.attempt,
        at: shop.now(),
        result: SendResult::Accepted("250 Ok".into()),
        after: AfterTry::Done(MailState::Accepted),
    };
    assert!(shop.service.store().finish_mail(&finish).await.unwrap());
    let sent = line(&shop, mail).await;
    assert_eq!((sent.state, sent.link.word(), sent.leased), (MailState::Accepted, "cancelled", false));
    let history = shop.service.open(VERONICA).await.unwrap().unwrap().history;
    assert_eq!(history[0].action.as_str(), "mail.accepted");
}

async fn another_token_key_is_said_and_kills_no_mail_silently(shop: Shop) {
    let server = Server::start(Script { fault: Some((Step::Rcpt, Fault::Temporary, 0)), ..Script::default() });
    let mail = reset(&shop).await;
    shop.clock.advance(seconds(10));
    assert_eq!(deliver(&shop, &to_relay(&server)).await.retried, 1);
    shop.clock.advance(SignedDuration::from_mins(2));
    let other_key = Mailer { key: TokenKey::new([8; KEY_LEN]), ..to_relay(&server) };
    assert_eq!(deliver(&shop, &other_key).await.refused, 1);
    let refused = line(&shop, mail).await;
    assert_eq!(refused.state, MailState::Refused);
    assert!(refused.relay.as_str().contains("another token key"), "{:?}", refused.relay);
    assert_eq!(server.seen().mails.len(), 0);
}

#[tokio::test]
async fn the_worker_delivers_until_told_to_stop() {
    let shop = Shop::new(50).await;
    let memory = Memory::default();
    let (quit, stopped) = tokio::sync::watch::channel(false);
    let (told, mut tell) = tokio::sync::mpsc::unbounded_channel();
    reset(&shop).await;
    shop.clock.advance(seconds(10));
    let (service, mailer) = (shop.service.clone(), mailer(Transport::Memory(memory.clone())));
    let worker = tokio::spawn(async move {
        service.run_worker(mailer, stopped, &mut |news| told.send(news).unwrap()).await;
    });
    let Some(News::Delivered(delivered)) = tell.recv().await else { panic!("a mail is the first news") };
    assert_eq!(delivered.to.as_str(), "roni_cost@example.com");
    let second = SqlStore::open_file(&shop.database, OpenMode::MustExist).await.unwrap();
    assert!(!second.become_worker().await.unwrap(), "one worker at a time");
    assert!(shop.service.store().queue(shop.now()).await.unwrap().worker);
    quit.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), worker).await.expect("it stops when told").unwrap();
    assert_eq!(memory.mails().len(), 1);
}
