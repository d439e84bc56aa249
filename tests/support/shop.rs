//! A small shop in a temporary folder, with a clock that stands still.

use std::path::PathBuf;

use jiff::Timestamp;
use keydesk::{
    clock::{Clock, Entropy, ManualClock},
    demo,
    domain::{customer::CustomerId, operator::Operator},
    service::{Request, Rules, Service},
    store::sql::{OpenMode, SqlStore},
};

pub struct Shop {
    pub service: Service<SqlStore>,
    pub clock: ManualClock,
    pub database: PathBuf,
    pub dir: tempfile::TempDir,
}

/// Where the database is, if it is a file.
const FILE: &str = "keydesk.db";

/// Veronica Costello, the first customer of every demo shop.
pub const VERONICA: CustomerId = CustomerId(1);

pub fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub fn mina() -> Request {
    Request { by: Operator::new("mina").unwrap(), reason: "T-4711".into(), op_key: None }
}

impl Shop {
    /// A demo shop with so many customers.
    pub async fn new(customers: u64) -> Self {
        Self::with_rules(customers, Rules::default()).await
    }

    pub async fn with_rules(customers: u64, rules: Rules) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqlStore::open_file(&dir.path().join(FILE), OpenMode::CreateIfMissing).await.unwrap();
        Self::over(store, dir, customers, rules).await
    }

    /// The same in an empty database that may be kept elsewhere.
    pub async fn over(store: SqlStore, dir: tempfile::TempDir, customers: u64, rules: Rules) -> Self {
        let database = dir.path().join(FILE);
        let shop = demo::Shop { customers, seed: 7, now: start() };
        demo::build(&store, &shop, None, |_| ()).await.unwrap();
        let clock = ManualClock::new(start());
        let service = Service::new(store, Clock::Manual(clock.clone()), Entropy::seeded(7), rules);
        Self { service, clock, database, dir }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
