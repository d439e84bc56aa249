//! Making connections: to the first of several servers that is what is asked for.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, PgConnection, Row,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::time::timeout;

use super::error;
use crate::{
    domain::server_address::{Host, ServerAddress, Tls},
    store::{StoreError, StoreResult},
};

/// The oldest PostgreSQL that the statements are written for.
const OLDEST: u32 = 140_000;
/// A connection that was not used for so long is asked whether it still works. No server starts anew
/// in less.
const UNUSED: Duration = Duration::from_millis(10);
/// What the server itself puts an end to, so that nothing waits for ever for somebody else.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "15s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];
/// Asked of a new connection: whether it only reads. Statements are planned once on it, not for the
/// values of each search; a cluster plans where the values lie, and refuses to do without them.
const GREETING: &str = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS only_reads, \
     set_config('plan_cache_mode', CASE WHEN EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN 'auto' \
     ELSE 'force_generic_plan' END, FALSE)";
/// Statements that stay prepared on a connection: all there are, nearly.
const PREPARED: usize = 300;

/// A connection, and what is known of its state.
#[derive(Debug)]
pub(in crate::store::sql) struct Link {
    connection: PgConnection,
    /// A statement has begun, and it is not known that it ended.
    pending: bool,
    /// A transaction runs, or may.
    pub(super) in_transaction: bool,
    used: Instant,
}

impl Link {
    pub(super) fn begin_statement(&mut self) -> &mut PgConnection {
        self.pending = true;
        &mut self.connection
    }

    /// Whether something is left on it that only its end undoes.
    pub(super) const fn has_left(&self) -> bool {
        self.pending || self.in_transaction
    }

    pub(super) fn end_statement(&mut self, ended: bool) {
        self.pending = !ended;
        self.used = Instant::now();
    }
}

/// The servers that a database is looked for on.
#[derive(Debug)]
pub(in crate::store::sql) struct Servers {
    address: ServerAddress,
    /// The one that was right last, asked first.
    last: AtomicUsize,
}

impl Servers {
    pub(super) const fn new(address: ServerAddress) -> Self {
        Self { address, last: AtomicUsize::new(0) }
    }

    /// Connects to the first server that lets us in and is what was asked for.
    pub(super) async fn connect(&self) -> StoreResult<PgConnection> {
        let hosts = &self.address.hosts;
        let first = self.last.load(Ordering::Relaxed);
        let mut why = Vec::new();
        for (n, host) in hosts.iter().enumerate().cycle().skip(first).take(hosts.len()) {
            let tried = timeout(self.address.connect_timeout, self.connect_to(host));
            match tried.await.unwrap_or_else(|_| Err(StoreError::Unreachable("it does not answer".to_owned()))) {
                Ok(connection) => {
                    self.last.store(n, Ordering::Relaxed);
                    return Ok(connection);
                }
                // Another server would not be another program's.
                Err(e @ StoreError::Unusable(_)) => return Err(e),
                Err(e) => why.push(format!("{host}: {e}")),
            }
        }
        Err(StoreError::Unreachable(format!("No database server can be used: {}. Nothing was done.", why.join("; "))))
    }

    async fn connect_to(&self, host: &Host) -> StoreResult<PgConnection> {
        let mut connection = self.options(host).connect().await.map_err(|e| error::connecting(&e))?;
        if let Some(found) = connection.server_version_num().filter(|found| *found < OLDEST) {
            let found = found / 10_000;
            return Err(StoreError::Unusable(format!(
                "{host} runs PostgreSQL {found}; keydesk needs 14 or newer. Nothing was done."
            )));
        }
        let greeting = sqlx::query(GREETING).persistent(false).fetch_one(&mut connection).await;
        let only_reads: bool = greeting.and_then(|row| row.try_get(0)).map_err(|e| error(&e))?;
        if only_reads && self.address.read_write {
            return Err(StoreError::Unreachable("it is a standby, which cannot be written to".to_owned()));
        }
        Ok(connection)
    }

    fn options(&self, host: &Host) -> PgConnectOptions {
        let address = &self.address;
        let options = PgConnectOptions::new_without_pgpass()
            .username(&address.user)
            .database(&address.database)
            .application_name("keydesk")
            .statement_cache_capacity(PREPARED)
            .options(LIMITS);
        let options = match host {
            Host::Tcp(name, port) => options.host(name).port(*port),
            Host::Socket(folder, port) => options.socket(folder).port(*port),
        };
        let options = match (&address.tls, host) {
            (_, Host::Socket(..)) | (Tls::Off, _) => options.ssl_mode(PgSslMode::Disable),
            (Tls::Verified, _) => options.ssl_mode(PgSslMode::VerifyFull),
        };
        let options = match &address.root_certificate {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        };
        match &address.password {
            Some(password) => options.password(password.expose_secret()),
            None => options,
        }
    }
}

impl Manager for Servers {
    type Type = Link;
    type Error = StoreError;

    async fn create(&self) -> StoreResult<Link> {
        let connection = self.connect().await?;
        Ok(Link { connection, pending: false, in_transaction: false, used: Instant::now() })
    }

    async fn recycle(&self, link: &mut Link, _: &Metrics) -> RecycleResult<StoreError> {
        if link.has_left() {
            return Err(RecycleError::message("something was left on it"));
        }
        if link.used.elapsed() > UNUSED {
            let asked = timeout(self.address.connect_timeout, link.connection.ping()).await;
            if !matches!(asked, Ok(Ok(()))) {
                return Err(RecycleError::message("its server has gone"));
            }
        }
        Ok(())
    }
}
