//! The one of two databases that a shop stands in, and what each does in its own way.

use std::{path::Path, time::Duration};

use jiff::Timestamp;

use super::{
    connection::Connection,
    postgres::{self, Server},
    sqlite::{self, Embedded},
};
use crate::{
    domain::{
        access_token::NewAccessToken,
        backup::Backup,
        customer::{CustomerId, NewCustomer, StoredCustomer},
        email::EmailAddress,
        find::{Count, FindPage, Page},
        query::Query,
        website::WebsiteId,
    },
    store::{Cancel, Maintenance, StoreError, StoreResult},
};

/// How often a transaction is tried that others got in the way of.
const TRIES: usize = 5;
/// How long the outcome of a commit is asked for when a server has gone away.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shop's database. Clones share its connections.
#[derive(Clone, Debug)]
pub enum SqlStore {
    /// A file.
    Sqlite(Box<Embedded>),
    /// A PostgreSQL server, or a cluster of them.
    Postgres(Server),
}

/// New customers in the form in which a database takes them.
#[derive(Debug)]
pub enum Batch {
    /// For a file.
    Sqlite(sqlite::Batch),
    /// For a server.
    Postgres(postgres::Batch),
}

/// What a transaction keeps others from changing until it ends.
#[derive(Clone, Debug)]
pub(super) enum Held<'a> {
    /// A customer with all that belongs to them.
    Customer(CustomerId),
    /// The end of the audit log. Held last: it is everybody's.
    Audit,
    /// What is counted under a text, such as requests for an address.
    Count(&'a str),
}

/// A running transaction. Dropped without [`WriteTx::commit`], it is undone and its connection is
/// closed.
pub(super) enum WriteTx {
    Sqlite(sqlite::WriteTx),
    Postgres(postgres::WriteTx),
}

impl WriteTx {
    /// The connection to run statements on.
    pub(super) const fn on(&mut self) -> &mut Connection {
        match self {
            Self::Sqlite(tx) => tx.on(),
            Self::Postgres(tx) => tx.on(),
        }
    }

    /// Commits. An error does not say that nothing was written: the caller asks for its operation
    /// key on a new connection.
    pub(super) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    /// Undoes everything and keeps the connection: for answers such as "refused", where no
    /// statement failed.
    pub(super) async fn roll_back(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => tx.roll_back().await,
            Self::Postgres(tx) => tx.roll_back().await,
        }
    }
}

/// Does work that is one transaction, and does it again when others got in its way: a server may
/// then undo it and ask for that.
pub(super) async fn again<T, W>(work: impl Fn() -> W) -> StoreResult<T>
where
    W: Future<Output = StoreResult<T>>,
{
    for _ in 1..TRIES {
        match work().await {
            Err(StoreError::InTheWay) => {}
            done => return done,
        }
    }
    work().await
}

impl SqlStore {
    /// Starts a write transaction.
    pub(super) async fn write(&self) -> StoreResult<WriteTx> {
        match self {
            Self::Sqlite(file) => file.write().await.map(WriteTx::Sqlite),
            Self::Postgres(server) => server.write().await.map(WriteTx::Postgres),
        }
    }

    /// A connection to read with.
    pub(super) async fn read(&self) -> StoreResult<Connection> {
        match self {
            Self::Sqlite(file) => file.read().await,
            Self::Postgres(server) => server.read().await.map(Connection::Postgres),
        }
    }

    /// How long to ask what became of a commit whose answer was lost. A file is there or is not.
    pub(super) const fn patience(&self) -> Duration {
        match self {
            Self::Sqlite(_) => Duration::ZERO,
            Self::Postgres(_) => PATIENCE,
        }
    }

    /// Closes all connections. Clones of this store must not be used any more.
    pub async fn close(self) {
        match self {
            Self::Sqlite(file) => file.close().await,
            Self::Postgres(server) => server.close(),
        }
    }

    pub(super) async fn find_page(&self, request: &FindPage, cancel: &Cancel) -> StoreResult<Page> {
        match self {
            Self::Sqlite(file) => file.find_page(request, cancel).await,
            // The longer way of a search on a server stays out of everybody's futures.
            Self::Postgres(server) => Box::pin(server.find_page(request, cancel)).await,
        }
    }

    pub(super) async fn count_found(&self, query: &Query, now: Timestamp, cancel: &Cancel) -> StoreResult<Count> {
        match self {
            Self::Sqlite(file) => file.count_found(query, now, cancel).await,
            Self::Postgres(server) => Box::pin(server.count_found(query, now, cancel)).await,
        }
    }

    pub(super) fn make_batch(&self, customers: &[NewCustomer]) -> Batch {
        match self {
            Self::Sqlite(_) => Batch::Sqlite(sqlite::Batch::new(customers)),
            Self::Postgres(_) => Batch::Postgres(postgres::Batch::new(customers)),
        }
    }

    pub(super) async fn insert_batch(&self, batch: Batch) -> StoreResult<Vec<CustomerId>> {
        match (self, batch) {
            (Self::Sqlite(file), Batch::Sqlite(batch)) => file.insert_batch(batch).await,
            (Self::Postgres(server), Batch::Postgres(batch)) => server.insert_batch(batch).await,
            _ => Err(StoreError::Other("these customers were made ready for another database".to_owned())),
        }
    }

    pub(super) async fn insert_token_rows(&self, tokens: &[NewAccessToken]) -> StoreResult<()> {
        match self {
            Self::Sqlite(file) => file.insert_token_rows(tokens).await,
            Self::Postgres(server) => server.insert_token_rows(tokens).await,
        }
    }

    pub(super) async fn begin_bulk_load(&self) -> StoreResult<()> {
        match self {
            Self::Sqlite(file) => file.begin_bulk_load().await,
            Self::Postgres(server) => server.begin_bulk_load().await,
        }
    }

    pub(super) async fn finish_bulk_load(&self) -> StoreResult<()> {
        match self {
            Self::Sqlite(file) => file.finish_bulk_load().await,
            Self::Postgres(server) => server.finish_bulk_load().await,
        }
    }

    pub(super) async fn stored_customers_by_email(
        &self,
        wanted: &[(EmailAddress, WebsiteId)],
    ) -> StoreResult<Vec<StoredCustomer>> {
        match self {
            Self::Sqlite(file) => file.stored_customers_by_email(wanted).await,
            Self::Postgres(server) => server.stored_customers_by_email(wanted).await,
        }
    }

    pub(super) async fn stored_customers_by_id(&self, ids: &[CustomerId]) -> StoreResult<Vec<StoredCustomer>> {
        match self {
            Self::Sqlite(file) => file.stored_customers_by_id(ids).await,
            Self::Postgres(server) => server.stored_customers_by_id(ids).await,
        }
    }

    pub(super) async fn names_of_attributes(&self) -> StoreResult<Vec<String>> {
        match self {
            Self::Sqlite(file) => file.names_of_attributes().await,
            Self::Postgres(server) => server.names_of_attributes().await,
        }
    }

    /// Whether this store is one that delivers mails, becoming it if it may.
    pub(super) async fn take_worker_lock(&self) -> StoreResult<bool> {
        match self {
            Self::Sqlite(file) => file.take_worker_lock(),
            Self::Postgres(server) => server.take_worker_lock().await,
        }
    }

    /// Whether some process delivers mails.
    pub(super) async fn has_worker(&self) -> StoreResult<bool> {
        match self {
            Self::Sqlite(file) => file.has_worker(),
            Self::Postgres(server) => server.has_worker().await,
        }
    }
}

impl Maintenance for SqlStore {
    async fn back_up(&self, to: &Path, cancel: &Cancel) -> StoreResult<Backup> {
        match self {
            Self::Sqlite(file) => file.back_up_to(to, cancel).await,
            Self::Postgres(_) => Err(StoreError::NotCopied(postgres::BACKUP.to_owned())),
        }
    }

    async fn tidy(&self) -> StoreResult<bool> {
        match self {
            // Every write merges a little of what it adds to the index.
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(server) => server.merge_grams().await,
        }
    }
}

/// What a transaction does in each database's way.
impl Connection {
    /// Waits until nobody else holds this, and holds it until the transaction ends. In a file
    /// every transaction that writes is alone.
    pub(super) async fn hold(&mut self, what: Held<'_>) -> StoreResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => postgres::hold(self, what).await,
        }
    }

    /// Adds one customer, with a place in the search index.
    pub(super) async fn insert_customer(&mut self, customer: &NewCustomer) -> StoreResult<CustomerId> {
        match self {
            Self::Sqlite(handle) => sqlite::insert_customer(handle, customer).await,
            Self::Postgres(_) => postgres::insert_customer(self, customer).await,
        }
    }

    /// Takes a customer out of the index, before the row is changed or deleted.
    pub(super) async fn unindex(&mut self, id: CustomerId) -> StoreResult<()> {
        match self {
            Self::Sqlite(handle) => sqlite::unindex(handle, id).await,
            Self::Postgres(_) => postgres::unindex(self, id).await,
        }
    }

    /// Makes the index know of a customer that the address is confirmed, before the row says so.
    pub(super) async fn index_confirmed(&mut self, id: CustomerId, customer: &NewCustomer) -> StoreResult<()> {
        match self {
            Self::Sqlite(handle) => {
                sqlite::unindex(handle, id).await?;
                sqlite::index(handle, id, customer).await
            }
            Self::Postgres(_) => postgres::index_again(self, id).await,
        }
    }

    /// Puts a changed customer back into the index.
    pub(super) async fn index(&mut self, id: CustomerId, customer: &NewCustomer) -> StoreResult<()> {
        match self {
            Self::Sqlite(handle) => sqlite::index(handle, id, customer).await,
            Self::Postgres(_) => postgres::index(self, id, customer).await,
        }
    }
}
