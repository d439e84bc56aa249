//! The notice that a password was changed: it arrives, whatever becomes of the link and the address.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

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
        customer::NewCustomer,
        customer_token::CustomerToken,
        email::EmailAddress,
        mail_retry::NoRetry,
        mail_state::{MailId, MailState},
        name::PersonName,
        outbox::{MailFilter, MailKind, MailLine, MailStage},
        refusal::Refusal,
        reset::{KEY_LEN, ResetId, TokenKey},
        safe_text::SafeText,
        storefront::PasswordSet,
        website::GroupId,
    },
    mail::{
        transport::{Memory, Transport},
        url::MailUrl,
    },
    service::{
        Request,
        delivery::{DeliveryReport, Mailer},
        redeem::Chosen,
    },
    store::Outbox,
};
use shop::{Shop, VERONICA, mina};
use smtp::{Fault, Script, Server, Step};
use sqlx::{Connection, SqliteConnection};

fn mailer(transport: Transport) -> Mailer {
    Mailer { transport, key: TokenKey::new([7; KEY_LEN]), owner: "test worker".into() }
}

fn to(address: &str) -> Mailer {
    let url = MailUrl::parse(&format!("smtp://{address}")).unwrap();
    mailer(Transport::new(&url, Duration::from_millis(500)).unwrap())
}

fn faulty(step: Step, fault: Fault) -> (Server, Mailer) {
    let server = Server::start(Script { fault: Some((step, fault, 0)), ..Script::default() });
    let mailer = to(&server.address.to_string());
    (server, mailer)
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

async fn deliver(shop: &Shop, mailer: &Mailer) -> DeliveryReport {
    shop.service.deliver_due(mailer, &|| true, &mut |_| ()).await.unwrap()
}

async fn line(shop: &Shop, id: MailId) -> MailLine {
    shop.service.mail(id).await.unwrap().unwrap()
}

async fn retried(shop: &Shop, id: MailId) -> Result<MailState, Refusal> {
    let planned = shop.service.plan_retry(id).await.unwrap().map(|mail| mail.state);
    let done = shop.service.retry_mail(id, mina()).await.unwrap().map(|done| done.was);
    assert_eq!(planned, done, "a plan says what is then done");
    done
}

/// Quoted-printable undone, as far as links need it.
fn text_of(mail: &[u8]) -> String {
    String::from_utf8(mail.to_vec()).unwrap().replace("=\r\n", "").replace("=3D", "=")
}

/// Veronica chose a password, with a link that was mailed a minute before.
struct Redeemed {
    shop: Shop,
    reset: ResetId,
    notice: MailId,
}

async fn redeemed() -> Redeemed {
    let shop = Shop::new(50).await;
    let memory = Memory::default();
    shop.service.start_reset(VERONICA, None, mina()).await.unwrap().unwrap();
    shop.clock.advance(minutes(1));
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await.accepted, 1);
    shop.clock.advance(minutes(1));
    let text = text_of(memory.mails()[0].bytes());
    let link = text.lines().find_map(|line| line.split_once("/r/")).and_then(|(_, link)| CustomerToken::parse(link));
    let chosen = shop.service.choose_password(&link.unwrap(), &"vivid7".into()).await.unwrap();
    let Chosen::Set(PasswordSet { reset, mail: notice, .. }) = chosen else { panic!("{chosen:?}") };
    Redeemed { shop, reset, notice }
}

async fn database(shop: &Shop) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", shop.database.display())).await.unwrap()
}

#[tokio::test]
async fn it_goes_to_the_owner_and_says_what_to_do() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let server = Server::start(Script::default());
    let shown = shop.service.mail_text(notice).await.unwrap().unwrap();
    assert_eq!(deliver(&shop, &to(&server.address.to_string())).await.accepted, 1);
    assert_eq!(deliver(&shop, &to(&server.address.to_string())).await, DeliveryReport::default(), "once");

    let seen = server.seen();
    assert!(seen.commands.contains(&"RCPT TO:<roni_cost@example.com>".to_owned()), "{:?}", seen.commands);
    let text = text_of(&seen.mails[0]);
    assert!(text.contains("Subject: Your Luma password was changed\r\n"), "{text}");
    assert!(text.contains("was changed at 2026-11-20 12:02 UTC:"), "{text}");
    assert!(text.contains("\r\nhttp://luma.localhost:8080/forgot\r\n") && !text.contains("/r/"), "{text}");
    let lines: Vec<&str> = shown.lines.iter().map(SafeText::as_str).collect();
    assert!(text.contains(&lines.join("\r\n")), "staff see what is sent: {lines:?}");

    let sent = line(&shop, notice).await;
    assert_eq!((sent.kind, sent.state, sent.link.word()), (MailKind::PasswordChanged, MailState::Accepted, "used"));
}

#[tokio::test]
async fn the_history_tells_what_became_of_both_mails() {
    let Redeemed { shop, reset, notice } = redeemed().await;
    let memory = Memory::default();
    shop.clock.advance(minutes(1));
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await.accepted, 1);
    let history = shop.service.open(VERONICA).await.unwrap().unwrap().history;
    let told: Vec<_> = history
        .iter()
        .map(|line| (line.action.as_str(), line.mail.as_ref().map(|m| (m.id, m.kind, m.stage))))
        .collect();
    let accepted = |id, kind| Some((id, kind, MailStage::Accepted));
    assert_eq!(
        told,
        [
            ("mail.accepted", None),
            ("password.set", accepted(notice, MailKind::PasswordChanged)),
            ("mail.accepted", None),
            ("reset.start", accepted(MailId(notice.0 - 1), MailKind::Reset)),
        ]
    );
    let said = format!("notice {} of reset {}: ", notice.0, reset.0);
    assert!(history[0].detail.as_str().starts_with(&said), "{:?}", history[0].detail);
}

#[tokio::test]
async fn its_second_copy_is_the_same_byte_for_byte() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let (server, mailer) = faulty(Step::Dot, Fault::Cut);
    assert_eq!(deliver(&shop, &mailer).await.retried, 1);
    assert_eq!(line(&shop, notice).await.attempts, 1);
    shop.clock.advance(minutes(2));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1);
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

#[tokio::test]
async fn a_refused_one_is_sent_again_by_hand_as_it_was() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let (server, mailer) = faulty(Step::Dot, Fault::Permanent);
    assert_eq!(retried(&shop, notice).await, Err(Refusal::NotRetried(NoRetry::Due)));
    assert_eq!(deliver(&shop, &mailer).await.refused, 1);
    assert_eq!(shop.service.queue().await.unwrap().dead, 1);
    shop.clock.advance(minutes(3));
    assert_eq!(retried(&shop, notice).await, Ok(MailState::Refused));
    assert_eq!(deliver(&shop, &mailer).await.accepted, 1);
    let mails = server.seen().mails;
    assert_eq!(mails[0], mails[1], "the same Message-ID, Date and words");
    assert_eq!(retried(&shop, notice).await, Err(Refusal::NotRetried(NoRetry::Accepted)));
}

#[tokio::test]
async fn it_is_tried_for_a_day_and_once_more_when_somebody_asks() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = to(&nobody.to_string());
    let day = shop.now().saturating_add(SignedDuration::from_hours(24)).unwrap();
    let mut last_try = shop.now();
    while line(&shop, notice).await.state == MailState::Queued {
        assert!(shop.now() < day, "a mail that is not given up");
        if deliver(&shop, &away).await.retried > 0 {
            last_try = shop.now();
        }
        shop.clock.advance(minutes(10));
    }
    assert!(day.duration_since(last_try) < SignedDuration::from_hours(3), "given up early: {last_try}");
    assert_eq!(line(&shop, notice).await.state, MailState::Expired);
    shop.clock.advance(minutes(600));
    assert_eq!(retried(&shop, notice).await, Ok(MailState::Expired));
    assert_eq!(deliver(&shop, &away).await.dropped, 1, "once");
    assert_eq!(retried(&shop, notice).await, Ok(MailState::Expired));
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(Memory::default()))).await.accepted, 1);
}

/// Veronica's address is another one now, as somebody who got hold of her account would do.
async fn change_address(shop: &Shop) {
    let record = shop.service.open(VERONICA).await.unwrap().unwrap();
    let data = NewCustomer {
        website: record.website.id,
        group: GroupId(1),
        name: PersonName::new("Veronica", "Costello"),
        email: EmailAddress::parse("mallory@example.com").unwrap(),
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
    shop.service.change_customer(VERONICA, record.version, data, mina()).await.unwrap().unwrap();
}

#[tokio::test]
async fn it_goes_to_the_address_that_the_account_had() {
    let Redeemed { shop, .. } = redeemed().await;
    change_address(&shop).await;
    let memory = Memory::default();
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await.accepted, 1);
    let text = text_of(memory.mails()[0].bytes());
    assert!(text.contains("\r\nTo: roni_cost@example.com\r\n") && !text.contains("mallory"), "{text}");
}

#[tokio::test]
async fn nothing_is_sent_about_a_customer_who_is_gone() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let memory = Memory::default();
    shop.service.delete_customer(VERONICA, mina()).await.unwrap().unwrap();
    assert_eq!(line(&shop, notice).await.state, MailState::Cancelled);
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await, DeliveryReport::default());
    assert_eq!(retried(&shop, notice).await, Err(Refusal::NoSuchCustomer));

    // Gone by the hand of another program, which knows nothing of mails.
    let Redeemed { shop, notice, .. } = redeemed().await;
    sqlx::query("DELETE FROM customers WHERE id = 1").execute(&mut database(&shop).await).await.unwrap();
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await.dropped, 1);
    let dropped = line(&shop, notice).await;
    assert_eq!((dropped.state, dropped.relay.as_str()), (MailState::Cancelled, "the customer is gone"));
    assert_eq!(memory.mails().len(), 0);
}

/// What the record says of the newest reset: which, its link, its own mail.
async fn last(shop: &Shop) -> (ResetId, &'static str, Option<MailState>) {
    let last = shop.service.open(VERONICA).await.unwrap().unwrap().last_reset.unwrap();
    (last.id, last.link.word(), last.mail)
}

#[tokio::test]
async fn what_is_done_to_resets_is_not_done_to_it() {
    let Redeemed { shop, reset, notice } = redeemed().await;
    let held = || Request { reason: "T-4712".into(), ..mina() };
    assert_eq!(last(&shop).await, (reset, "used", Some(MailState::Accepted)), "not where its notice stands");
    assert_eq!(shop.service.cancel_reset(VERONICA, mina()).await.unwrap(), Err(Refusal::NothingToCancel));
    assert_eq!(shop.service.plan_cancel_mail(notice).await.unwrap(), Err(Refusal::NoticeStays));
    assert_eq!(shop.service.cancel_mail(notice, mina()).await.unwrap(), Err(Refusal::NoticeStays));

    // A newer reset, undone, superseded, cancelled once its mail has left, void for a new address.
    shop.clock.advance(minutes(30));
    shop.service.start_reset(VERONICA, None, held()).await.unwrap().unwrap();
    assert!(shop.service.cancel_reset(VERONICA, held()).await.unwrap().unwrap().undone);
    shop.service.start_reset(VERONICA, None, held()).await.unwrap().unwrap();
    shop.clock.advance(minutes(30));
    let newest = shop.service.start_reset(VERONICA, None, held()).await.unwrap().unwrap();
    assert!(newest.superseded);
    change_address(&shop).await;
    assert_eq!(last(&shop).await, (newest.reset, "cancelled", Some(MailState::Cancelled)));

    let waiting = shop.service.mails(MailFilter { stage: Some(MailStage::Queued), customer: None }, None, 10).await;
    assert_eq!(waiting.unwrap().iter().map(|mail| mail.id).collect::<Vec<_>>(), [notice]);
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(Memory::default()))).await.accepted, 1);
}

#[tokio::test]
async fn the_next_worker_sends_what_a_dead_one_held() {
    let Redeemed { shop, notice, .. } = redeemed().await;
    let lease = Duration::from_mins(5);
    let claimed = shop.service.store().claim_mail(shop.now(), "dead worker", lease).await.unwrap().unwrap();
    assert_eq!(
        (claimed.id, claimed.kind, claimed.to.as_str()),
        (notice, MailKind::PasswordChanged, "roni_cost@example.com")
    );
    let memory = Memory::default();
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await, DeliveryReport::default());
    shop.clock.advance(minutes(6));
    assert_eq!(deliver(&shop, &mailer(Transport::Memory(memory.clone()))).await.accepted, 1);
    assert_eq!((memory.mails().len(), line(&shop, notice).await.attempts), (1, 2));
}
