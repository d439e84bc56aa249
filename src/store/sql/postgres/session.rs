//! Connections in use, and transactions on them.
//!
//! A connection goes back to the others only when it is known that nothing was left on it: each
//! says of itself whether a statement or a transaction has not ended. So whoever stops waiting, at
//! whatever point, leaves nothing behind but a connection that is closed.

use std::{future::Future, time::Duration};

use deadpool::managed::{Object, Pool, PoolError};
use sqlx::{
    PgConnection, Postgres,
    postgres::{PgArguments, PgQueryResult},
    query::Query,
};
use tokio::time::timeout;

use super::{
    connect::{Link, Servers},
    error,
};
use crate::store::{
    StoreError, StoreResult,
    sql::{
        connection::{Connection, Row, sql},
        database::Held,
    },
};

/// How long an answer is waited for. The server itself stops a statement earlier; this is for one
/// that has vanished.
const ANSWER: Duration = Duration::from_secs(30);
/// After this time without work a connection is closed: a hundred consoles of which nobody types
/// anything need no more than a server has room for as it comes.
const IDLE: Duration = Duration::from_secs(10);
/// The lock that the end of the audit log is held by, among all locks by number.
const AUDIT_LOCK: i64 = 0x6b65_7964_0001;

/// A connection in use, until it goes.
#[derive(Debug)]
pub(in crate::store::sql) struct Session(Option<Object<Servers>>);

impl Drop for Session {
    /// One on which something was left is closed now, and not when the pool looks at it next: until
    /// then its transaction would keep others from what it holds.
    fn drop(&mut self) {
        if let Some(link) = self.0.take_if(|link| link.has_left()) {
            drop(Object::take(link));
        }
    }
}

impl Session {
    /// Takes one of the pool's connections, or makes one, and lets go of those that nobody needs any
    /// more.
    pub(super) async fn get(pool: &Pool<Servers>) -> StoreResult<Self> {
        pool.retain(|_, metrics| metrics.last_used() < IDLE);
        match pool.get().await {
            Ok(link) => Ok(Self(Some(link))),
            Err(PoolError::Backend(e)) => Err(e),
            Err(PoolError::Timeout(_)) => Err(StoreError::Busy),
            Err(e) => Err(StoreError::Other(e.to_string())),
        }
    }

    /// A connection that does not go back, and ends with whoever has it.
    pub(super) async fn alone(pool: &Pool<Servers>) -> StoreResult<Self> {
        let mut session = Self::get(pool).await?;
        session.link()?.in_transaction = true;
        Ok(session)
    }

    /// The connection, for one statement that is not known to have ended until
    /// [`Session::end_statement`] is told.
    pub(in crate::store::sql) fn begin_statement(&mut self) -> StoreResult<&mut PgConnection> {
        self.link().map(Link::begin_statement)
    }

    /// Waits for a statement's end, and puts its failure in words.
    pub(in crate::store::sql) fn end_statement<T>(&mut self, done: Result<T, sqlx::Error>) -> StoreResult<T> {
        // After an error of the server's own the connection is as it was.
        let ended = matches!(done, Ok(_) | Err(sqlx::Error::Database(_)));
        self.link()?.end_statement(ended);
        done.map_err(|e| error(&e))
    }

    /// Runs a statement that only servers understand, and gives its rows.
    pub(super) async fn rows(&mut self, query: Query<'_, Postgres, PgArguments>) -> StoreResult<Vec<Row>> {
        let done = answer(query.fetch_all(self.begin_statement()?)).await;
        Ok(self.end_statement(done)?.into_iter().map(Row::Postgres).collect())
    }

    /// Runs a statement that only servers understand, and says how many rows it changed. Waits for
    /// as long as the server itself allows.
    pub(super) async fn run(&mut self, query: Query<'_, Postgres, PgArguments>) -> StoreResult<u64> {
        let done = query.execute(self.begin_statement()?).await;
        Ok(self.end_statement(done)?.rows_affected())
    }

    fn link(&mut self) -> StoreResult<&mut Link> {
        let link = self.0.as_deref_mut();
        link.ok_or_else(|| StoreError::Other("the connection has gone already".to_owned()))
    }
}

/// Waits for an answer, but not for ever.
pub(in crate::store::sql) async fn answer<T>(
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(ANSWER, statement).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// A running transaction. Dropped without [`WriteTx::commit`], its connection is closed, which
/// undoes it.
#[derive(Debug)]
pub(in crate::store::sql) struct WriteTx(Connection);

impl WriteTx {
    /// Begins. A connection whose server has gone meanwhile is replaced by a new one: nothing was
    /// done on it yet.
    pub(super) async fn begin(pool: &Pool<Servers>) -> StoreResult<Self> {
        let mut session = Session::get(pool).await?;
        if session.transaction("BEGIN", true).await.is_err() {
            drop(session);
            pool.retain(|_, _| false);
            session = Session::get(pool).await?;
            session.transaction("BEGIN", true).await?;
        }
        Ok(Self(Connection::Postgres(session)))
    }

    /// The connection to run statements on.
    pub(in crate::store::sql) const fn on(&mut self) -> &mut Connection {
        &mut self.0
    }

    /// The connection to run statements on that only servers understand.
    pub(super) fn session(&mut self) -> StoreResult<&mut Session> {
        self.0.server()
    }

    /// Commits. Where the answer was lost it is not known what was written: who has an operation key
    /// asks for it on a new connection.
    pub(in crate::store::sql) async fn commit(self) -> StoreResult<()> {
        match self.end("COMMIT").await {
            Err(StoreError::Unreachable(_)) => {
                Err(StoreError::Unknown("the database server went away while it was written".to_owned()))
            }
            ended => ended,
        }
    }

    /// Undoes everything.
    pub(in crate::store::sql) async fn roll_back(self) -> StoreResult<()> {
        self.end("ROLLBACK").await
    }

    async fn end(self, text: &'static str) -> StoreResult<()> {
        match self.0 {
            Connection::Postgres(mut session) => session.transaction(text, false).await.map(|_| ()),
            Connection::Sqlite(_) => Ok(()),
        }
    }
}

impl Session {
    /// Begins or ends a transaction. While one is said to run, the connection does not go back.
    async fn transaction(&mut self, text: &'static str, runs: bool) -> StoreResult<PgQueryResult> {
        self.link()?.in_transaction = true;
        let query: Query<'static, Postgres, _> = sqlx::query(text);
        let done = answer(query.execute(self.begin_statement()?)).await;
        let done = self.end_statement(done)?;
        self.link()?.in_transaction = runs;
        Ok(done)
    }
}

/// Waits until nobody else holds this, and holds it until the transaction ends.
pub(in crate::store::sql) async fn hold(connection: &mut Connection, what: Held<'_>) -> StoreResult<()> {
    let lock = match what {
        Held::Customer(id) => sql("SELECT 1 FROM customers WHERE id = $1 FOR UPDATE").bind(id.0),
        Held::Audit => sql("SELECT pg_advisory_xact_lock($1)").bind(AUDIT_LOCK),
        Held::Count(text) => sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(text),
    };
    lock.fetch_optional(connection).await.map(|_| ())
}
