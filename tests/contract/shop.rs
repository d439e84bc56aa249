//! A shop over any store, with a clock that stands still.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    domain::{
        audit::AuditFilter,
        customer::{Customer, CustomerId, NewCustomer},
        email::EmailAddress,
        find::{PageFrom, Sort},
        name::PersonName,
        operation::OpKey,
        operator::Operator,
        query::Query,
        website::{GroupId, NewWebsite, WebsiteId},
    },
    service::{Request, Rules, Service},
    store::Store,
};

/// How long a worker holds a mail.
pub const LEASE: Duration = Duration::from_mins(5);

/// A shop over a store, with a clock that stands still.
pub struct Shop<S> {
    pub service: Service<S>,
    pub clock: ManualClock,
}

pub fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub fn of_customer(id: CustomerId) -> AuditFilter {
    AuditFilter { customer: Some(id), ..AuditFilter::default() }
}

pub fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

pub fn mina() -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: "T-4711".into(), op_key: None }
}

pub fn with_key(key: &str) -> Request {
    Request { op_key: OpKey::new(key), ..mina() }
}

pub fn customer(website: WebsiteId, group: GroupId, email: &str) -> NewCustomer {
    NewCustomer {
        website,
        group,
        name: PersonName::new("Veronica", "Costello"),
        email: EmailAddress::parse(email).unwrap(),
        phone: "(555) 229-3326".into(),
        password_hash: Some("$argon2id$x".into()),
        active: true,
        confirmed: true,
        failed_sign_ins: 2,
        locked_until: None,
        created_at: "2013-12-15T10:00:00Z".parse().unwrap(),
        last_sign_in_at: None,
        attributes: None,
    }
}

impl<S: Store> Shop<S> {
    pub fn new(store: S, seed: u64) -> Self {
        let clock = ManualClock::new(start());
        let service = Service::new(store, Clock::Manual(clock.clone()), Entropy::seeded(seed), Rules::default());
        Self { service, clock }
    }

    pub fn store(&self) -> &S {
        self.service.store()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub async fn record(&self, id: CustomerId) -> Customer {
        self.service.open(id).await.unwrap().expect("the customer is there")
    }

    pub async fn found(&self, typed: &str) -> Vec<CustomerId> {
        let query = Query::parse(typed).unwrap();
        let page = self.service.find_all_of_page(query, Sort::default(), PageFrom::Start, 50).await.unwrap();
        page.rows.iter().map(|row| row.id).collect()
    }
}

/// A website whose mails can be sent.
pub fn website(code: &str) -> NewWebsite {
    NewWebsite {
        code: code.into(),
        name: "Luma".into(),
        base_url: format!("https://{code}.luma.example/"),
        sender_name: "Luma Support".into(),
        sender_email: EmailAddress::parse("support@luma.example").ok(),
        language: "en".into(),
    }
}

/// A shop with two websites, one group and these customers on the first website.
pub async fn open<S: Store>(store: S, emails: &[&str]) -> (Shop<S>, Vec<CustomerId>) {
    let shop = Shop::new(store, 3);
    let base = shop.store().insert_website(&website("base")).await.unwrap();
    shop.store().insert_website(&website("kr")).await.unwrap();
    let group = shop.store().insert_group("General").await.unwrap();
    let new: Vec<NewCustomer> = emails.iter().map(|email| customer(base, group, email)).collect();
    let ids = shop.store().insert_customers(shop.store().batch(&new)).await.unwrap();
    (shop, ids)
}
