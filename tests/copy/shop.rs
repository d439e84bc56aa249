//! A shop in a file with everything in it that a shop may have, and its copy.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    demo,
    domain::{
        access_token::Scope,
        command::Asked,
        copy::{Copied, CopyOrder},
        customer::{CustomerId, NewCustomer},
        customer_token::CustomerToken,
        email::EmailAddress,
        name::PersonName,
        operation::OpKey,
        operator::Operator,
        reset::{KEY_LEN, TokenKey},
        server_address::ServerAddress,
        website::{GroupId, WebsiteId},
    },
    mail::transport::{Memory, Transport},
    service::{Request, Rules, Service, delivery::Mailer, redeem::Chosen, sign_in::Login},
    store::sql::{OpenMode, SqlStore, Stopped, copy, postgres::migrate},
};
use sqlx::{Connection, SqliteConnection};

use crate::postgres::{Database, Server};

/// Requests for links that the ledger has: more than two pages of a copy.
pub const REQUESTS: u32 = 25_000;
/// The key of an action that has its answer.
pub const KEY: &str = "asked-before";

pub fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// When the shop is copied: links of that day still work.
pub fn moment() -> Timestamp {
    start() + SignedDuration::from_hours(3)
}

pub fn mina() -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: "T-4711".into(), op_key: None }
}

pub fn with_key() -> Request {
    Request { op_key: OpKey::new(KEY), ..mina() }
}

/// A service over a store at this moment.
pub fn at(store: SqlStore, now: Timestamp) -> (Service<SqlStore>, ManualClock) {
    let clock = ManualClock::new(now);
    let rules = Rules { token_life: Some(SignedDuration::from_hours(24)), ..Rules::default() };
    (Service::new(store, Clock::Manual(clock.clone()), Entropy::seeded(now.as_second().unsigned_abs()), rules), clock)
}

/// What was in people's hands when the shop was copied.
pub struct Shop {
    pub folder: tempfile::TempDir,
    /// The link of a mail that was delivered.
    pub link: CustomerToken,
    /// A browser session.
    pub session: CustomerToken,
    /// An access token.
    pub token: CustomerToken,
    /// The last customer that there ever was, who is deleted.
    pub deleted: CustomerId,
}

fn key() -> TokenKey {
    TokenKey::new([5; KEY_LEN])
}

fn mailer(memory: &Memory) -> Mailer {
    Mailer { transport: Transport::Memory(memory.clone()), key: key(), owner: "worker".into() }
}

fn link_in(mail: &[u8]) -> Option<CustomerToken> {
    let text = String::from_utf8(mail.to_vec()).unwrap().replace("=\r\n", "");
    CustomerToken::parse(text.split("/r/").nth(1)?.split(char::is_whitespace).next()?)
}

/// Delivers what is due, and gives the links of the mails.
async fn links(service: &Service<SqlStore>) -> Vec<CustomerToken> {
    let memory = Memory::default();
    service.deliver_due(&mailer(&memory), &|| true, &mut |_| ()).await.unwrap();
    memory.mails().iter().filter_map(|mail| link_in(mail.bytes())).collect()
}

impl Shop {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let store = SqlStore::open_file(&file, OpenMode::CreateIfMissing).await.unwrap();
        demo::build(&store, &demo::Shop { customers: 60, seed: 7, now: start() }, None, |_| ()).await.unwrap();
        let (service, clock) = at(store.clone(), start());
        let minute = || clock.advance(SignedDuration::from_mins(1));
        let customer = CustomerId;
        let reset = async |id| service.start_reset(customer(id), None, mina()).await.unwrap().unwrap();
        service.agree_on_key(&mailer(&Memory::default()), false).await.unwrap();

        // Links that were used, cancelled, superseded and undone.
        reset(2).await;
        minute();
        let used = links(&service).await.pop().unwrap();
        reset(3).await;
        reset(4).await;
        reset(5).await;
        minute();
        assert_eq!(links(&service).await.len(), 3);
        service.cancel_reset(customer(3), mina()).await.unwrap().unwrap();
        clock.advance(SignedDuration::from_mins(11));
        reset(4).await;
        minute();
        let link = links(&service).await.pop().unwrap();
        reset(6).await;
        service.cancel_reset(customer(6), mina()).await.unwrap().unwrap();
        // Mails that wait with a link of their own: one held, one that a worker died with.
        service.start_reset(customer(7), None, with_key()).await.unwrap().unwrap();
        minute();
        let claimed =
            keydesk::store::Outbox::claim_mail(&store, clock.now(), "dead", std::time::Duration::from_mins(5));
        assert!(claimed.await.unwrap().is_some());
        reset(8).await;
        // A new password, whose notice waits; a session and a token.
        let chosen = service.choose_password(&used, &"vivid7".into()).await.unwrap();
        assert!(matches!(chosen, Chosen::Set(_)), "{chosen:?}");
        let email = service.open(customer(2)).await.unwrap().unwrap().email.to_string();
        let login = || Login { website: WebsiteId(website_of(2)), email: email.clone(), password: "vivid7".into() };
        let session = service.sign_in(&login()).await.unwrap().unwrap();
        let integration = service.add_integration("Returns desk", "orders", mina()).await.unwrap().unwrap();
        let stored = service.integration(&integration.key, &integration.secret).await.unwrap().unwrap();
        let token = service.issue_token(&stored, &login()).await.unwrap().unwrap();

        service.force_sign_in(customer(1), None, Scope::Tokens, mina()).await.unwrap().unwrap();
        for wrong in 0..12 {
            let password = format!("wrong{wrong}").into();
            let email = if wrong == 11 { "nobody@example.com".to_owned() } else { email.clone() };
            let website = WebsiteId(website_of(2));
            assert!(service.sign_in(&Login { website, email, password }).await.unwrap().is_none());
        }
        for address in ["nobody@example.com", "somebody@example.com"] {
            let address = EmailAddress::parse(address).unwrap();
            service.ask_for_reset(WebsiteId(1), address, None, &key()).await.unwrap().unwrap();
        }
        let added = NewCustomer {
            website: WebsiteId(1),
            group: GroupId(1),
            name: PersonName { middle: "J\0".into(), ..PersonName::new("Zoë", "O'Neill\0\u{1b}[2J") },
            email: EmailAddress::parse("Zoe@Example.com").unwrap(),
            phone: "+82 10-1234-5678".into(),
            password_hash: None,
            active: false,
            confirmed: false,
            failed_sign_ins: 3,
            locked_until: Some(start() + SignedDuration::from_hours(48)),
            created_at: "1969-07-20T20:17:40.000001Z".parse().unwrap(),
            last_sign_in_at: None,
            attributes: Some(r#"{"taxvat":"a\u0000b","x":"😀"}"#.into()),
        };
        service.add_customer(added.clone(), mina()).await.unwrap().unwrap();
        let other = NewCustomer { email: EmailAddress::parse("gone@example.com").unwrap(), ..added };
        let deleted = service.add_customer(other, mina()).await.unwrap().unwrap();
        service.delete_customer(deleted, mina()).await.unwrap().unwrap();
        for sql in [
            "UPDATE mail_queue SET stopped_until = 1795176000000000, stopped_why = 'down' || char(0)",
            "UPDATE customers SET version = 9007199254740993, sessions_valid_from = -1 WHERE id = 9",
            "UPDATE password_resets SET ip = '10.0.0.0/24', reason = 'a' || char(0, 10, 8238)",
        ] {
            sqlx_run(&file, sql).await;
        }
        let many = format!(
            "INSERT INTO reset_requests (address_digest, requested_at) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL \
             SELECT n + 1 FROM n WHERE n < {REQUESTS}) SELECT 'digest ' || n, 1795176000000000 + n FROM n"
        );
        sqlx_run(&file, &many).await;
        store.close().await;
        Self { folder, link, session, token, deleted }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }
}

/// The demo shop's customer is of this website.
fn website_of(customer: i64) -> i64 {
    let shop = demo::Shop { customers: 60, seed: 7, now: start() };
    i64::try_from(demo::people::customer(&shop, u64::try_from(customer).unwrap() - 1).website).unwrap() + 1
}

/// What another program does to the file.
pub async fn sqlx_run(file: &Path, sql: &str) {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub fn address(url: &str) -> ServerAddress {
    ServerAddress::parse(url).unwrap()
}

/// An empty database with the tables.
pub async fn target(server: &Server) -> Database<'_> {
    let database = server.database();
    migrate(&address(&database.url())).await.unwrap();
    database
}

pub fn order(file: &Path) -> CopyOrder {
    let asked = Asked {
        at: moment(),
        by: Operator::new("mina").unwrap(),
        reason: "T-9".into(),
        op_key: OpKey::from_random([0; 16]),
    };
    CopyOrder { asked, from: file.to_owned() }
}

/// Copies it in one go.
pub async fn copied(file: &Path, url: &str) -> Result<Copied, Stopped> {
    copy(&order(file), &address(url), |_| ()).await
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
