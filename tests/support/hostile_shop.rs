//! A real database in which every field that a customer, an integration, a relay or an operator
//! fills holds a hostile string.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    domain::{
        access_token::{NewAccessToken, Scope},
        customer::{CustomerId, NewCustomer},
        email::EmailAddress,
        name::PersonName,
        operator::Operator,
        website::NewWebsite,
    },
    service::{Request, Rules, Service},
    store::{
        Customers, Setup,
        sql::{OpenMode, SqlStore},
    },
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::payloads::Payload;

/// A shop with one customer for each string; their ids are the strings' places from 1 on.
pub struct HostileShop {
    pub folder: tempfile::TempDir,
}

/// The time at which everything in the shop happened: long enough ago for another reset.
fn start() -> Timestamp {
    Timestamp::now() - SignedDuration::from_mins(30)
}

impl HostileShop {
    pub async fn new(payloads: &[Payload]) -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        let store = SqlStore::open_file(&shop.database(), OpenMode::CreateIfMissing).await.unwrap();
        let ids = insert(&store, payloads).await;
        act(&store, payloads, &ids).await;
        spoil(&shop.database(), payloads).await;
        let config = format!("database = \"sqlite:{}\"\n[mail]\nworker = false\n", shop.database().display());
        std::fs::write(shop.config(), config).unwrap();
        shop
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("keydesk.db")
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("keydesk.toml")
    }
}

async fn insert(store: &SqlStore, payloads: &[Payload]) -> Vec<CustomerId> {
    let website = NewWebsite {
        code: "base".into(),
        name: payloads[0].text.clone(),
        base_url: "https://luma.example".into(),
        sender_name: payloads[0].text.clone(),
        sender_email: EmailAddress::parse("support@luma.example").ok(),
        language: "en".into(),
    };
    let website = store.insert_website(&website).await.unwrap();
    let mut customers = Vec::new();
    for (n, payload) in payloads.iter().enumerate() {
        let group = store.insert_group(&format!("{} {n}", payload.text)).await.unwrap();
        let name = PersonName { middle: payload.text.clone(), ..PersonName::new(&payload.text, &payload.text) };
        let email = EmailAddress::parse(&format!("{}.`{{|}}~=cmd'{n}@hostile.example", payload.mark)).unwrap();
        customers.push(NewCustomer {
            website,
            group,
            name,
            email,
            phone: payload.text.clone(),
            password_hash: None,
            active: n % 3 != 0,
            confirmed: n % 2 != 0,
            failed_sign_ins: 0,
            locked_until: (n % 2 != 0).then(|| start() + SignedDuration::from_hours(24)),
            created_at: start(),
            last_sign_in_at: None,
            attributes: Some(serde_json::json!({(payload.text.as_str()): payload.text}).to_string()),
        });
    }
    let ids = store.insert_customers(store.batch(&customers)).await.unwrap();
    for ((n, payload), &customer) in payloads.iter().enumerate().zip(&ids) {
        let integration = store.insert_integration(&format!("{} {n}", payload.text), start()).await.unwrap();
        let token = NewAccessToken {
            customer,
            integration,
            digest: format!("{n:064x}"),
            scopes: payload.text.clone(),
            created_at: start(),
            last_used_at: None,
            expires_at: None,
        };
        store.insert_tokens(&[token]).await.unwrap();
    }
    ids
}

/// Resets and ended tokens by hostile operators for hostile reasons.
async fn act(store: &SqlStore, payloads: &[Payload], ids: &[CustomerId]) {
    let clock = Clock::Manual(ManualClock::new(start()));
    let service = Service::new(store.clone(), clock, Entropy::seeded(7), Rules::default());
    for (n, (payload, &id)) in payloads.iter().zip(ids).enumerate() {
        let by = Operator::new(&payload.text).unwrap_or_else(|| Operator::new("nobody").unwrap());
        let request = Request { by, reason: payload.text.clone(), op_key: None };
        if n % 2 == 0 {
            service.start_reset(id, None, request).await.unwrap().unwrap();
        } else {
            service.force_sign_in(id, None, Scope::Tokens, request).await.unwrap().unwrap();
        }
    }
}

/// What keydesk itself would never write: another program did.
async fn spoil(database: &Path, payloads: &[Payload]) {
    let options = SqliteConnectOptions::new().filename(database);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for (n, payload) in payloads.iter().enumerate() {
        let id = i64::try_from(n).unwrap() + 1;
        let updates = [
            "UPDATE outbox SET relay = $1, message_id = $1, recipient = $1 WHERE customer_id = $2",
            "UPDATE customers SET attributes = $1 WHERE id = $2",
            "UPDATE customers SET email = $1 WHERE id = $2 AND id % 4 = 1",
            "UPDATE password_resets SET ip = $1, requested_by = $1, reason = $1 WHERE customer_id = $2",
        ];
        for sql in updates {
            sqlx::query(sql).bind(&payload.text).bind(id).execute(&mut connection).await.unwrap();
        }
    }
    for sql in [
        "UPDATE mail_queue SET stopped_until = 9999999999999999, stopped_why = $1",
        "UPDATE websites SET base_url = 'https://luma.example/' || $1, language = $1",
    ] {
        sqlx::query(sql).bind(&payloads[0].text).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}
