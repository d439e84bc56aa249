//! Shops on PostgreSQL servers: named ones, which are only read, and some on a server that is
//! started for the occasion, as durable as a shop's, in a folder in `TMPDIR`.

mod consoles;
mod loading;
#[path = "../../tests/support/postgres.rs"]
mod postgres;
mod resets;
mod search;

use keydesk::{
    clock::Clock,
    demo,
    domain::{database::Place, server_address::ServerAddress},
    store::sql::{SqlStore, postgres::migrate},
};
use postgres::{Database, Server};

/// What PostgreSQL has too little of for any shop as it comes.
const SETTINGS: [&str; 6] = [
    "fsync=on",
    "full_page_writes=on",
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "maintenance_work_mem=256MB",
    "max_connections=1000",
];

/// Where shops on servers are.
pub struct Servers {
    named: Vec<String>,
    own: Option<&'static Server>,
}

impl Servers {
    pub const fn new(named: Vec<String>) -> Self {
        Self { named, own: None }
    }

    /// A new shop of so many customers, on a server of its own.
    async fn new_shop(&mut self, customers: u64) -> Database<'static> {
        let database = self.new_database().await;
        load(&database.url(), customers).await;
        database
    }

    /// An empty one.
    async fn new_database(&mut self) -> Database<'static> {
        // Ends with this process.
        let server = *self.own.get_or_insert_with(|| Box::leak(Box::new(Server::with(&SETTINGS))));
        let database = server.database();
        migrate(&address(&database.url())).await.unwrap();
        database
    }
}

fn address(url: &str) -> ServerAddress {
    ServerAddress::parse(url).unwrap_or_else(|why| panic!("{why}"))
}

fn place(url: &str) -> Place {
    Place::Server(address(url))
}

/// Loads a demo shop.
async fn load(url: &str, customers: u64) {
    let store = SqlStore::open_server(&address(url)).await.unwrap();
    let shop = demo::Shop { customers, seed: 1, now: Clock::system().now() };
    demo::build(&store, &shop, None, |_| ()).await.unwrap();
    store.close().await;
}
