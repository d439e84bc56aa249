//! Real PostgreSQL servers of Debian's, each in a folder of its own that it listens in. They end
//! with the value that stands for them, and with this process, in whatever way it ends.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    fmt,
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

#[path = "certificates.rs"]
pub mod certificates;
#[path = "postgres_minder.rs"]
mod minder;
#[path = "postgres_pair.rs"]
pub mod pair;
#[path = "postgres_programs.rs"]
mod programs;

use certificates::Certificates;
use minder::{Minder, PATIENCE, children_of};
pub use minder::{is_alive, until};
use programs::{answer, as_server, give_away, newest, psql, run, server_user};

/// Who owns everything, and may do everything.
pub const OWNER: &str = "keydesk_owner";
/// The owner's, asked for by a server with TLS alone. A URL must escape it.
pub const PASSWORD: &str = "p@ss:w/rd %41";

/// The port, which on a Unix socket is a part of its file's name.
const PORT: u16 = 5432;
/// What initdb is told.
const INITDB: [&str; 6] = [
    "--no-sync",
    "--no-instructions",
    "--locale=C.UTF-8",
    "--encoding=UTF8",
    "--auth=trust",
    "--username=keydesk_owner",
];

/// A server that runs, unless a test stopped it.
pub struct Server {
    folder: PathBuf,
    /// Of the socket, and of the machine's loopback address if there is TLS.
    port: u16,
    minder: Mutex<Minder>,
    /// Databases so far.
    made: AtomicU32,
}

impl Server {
    /// One for all tests of this process, for those that leave it running.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Server> = LazyLock::new(Server::make);
        &SHARED
    }

    pub fn make() -> Self {
        Self::with(&[])
    }

    /// Waits for the disk as a shop's server does.
    pub fn durable() -> Self {
        Self::with(&["fsync=on", "full_page_writes=on"])
    }

    /// With settings such as `max_connections=5`, which win over all others.
    pub fn with(settings: &[&str]) -> Self {
        let server = Self::empty(PORT, settings);
        server.initialise();
        server.start();
        server
    }

    /// Takes TLS connections to 127.0.0.1 that bring the password, and shows them the certificate
    /// `NAME.pem`. On its Unix socket it is like any other.
    pub fn with_tls(certificates: &Certificates, name: &str) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Somebody else may take the port before the server does.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let server = Self::empty(port, &["listen_addresses=127.0.0.1", "ssl=on"]);
            server.initialise();
            for (file, place) in [("pem", "server.crt"), ("key", "server.key")] {
                let place = server.data().join(place);
                fs::copy(certificates.file(&format!("{name}.{file}")), &place).unwrap();
                fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
                give_away(&place);
            }
            let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
            fs::write(server.data().join("pg_hba.conf"), rules).unwrap();
            match server.try_start() {
                Ok(()) => {
                    server.psql("postgres", &format!("ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'"));
                    return server;
                }
                Err(log) => assert!(log.contains("Address already in use") && Instant::now() < deadline, "{log}"),
            }
        }
    }

    /// A folder, and somebody who minds it; no data yet.
    fn empty(port: u16, settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("keydesk-postgres-").tempdir().unwrap().keep();
        give_away(&folder);
        let minder = Mutex::new(Minder::start(&folder, port, settings));
        Self { folder, port, minder, made: AtomicU32::new(1) }
    }

    /// What initdb makes. It takes half a second, a copy of what it made before a tenth of that.
    fn initialise(&self) {
        let (version, binaries) = newest();
        // Beside the programs that are tested.
        let place = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
        let template = place.join(format!("postgres-{version}{}", INITDB.concat()));
        let lock = File::create(place.join("postgres.lock")).unwrap();
        lock.lock().unwrap();
        if template.exists() {
            run(Command::new("cp").arg("-r").arg(&template).arg(self.data()));
        } else {
            run(as_server(&mut Command::new(binaries.join("initdb"))).args(INITDB).arg("-D").arg(self.data()));
            // Nobody sees half a copy.
            let half = place.join("postgres.half");
            let _ = fs::remove_dir_all(&half);
            run(Command::new("cp").arg("-r").arg(self.data()).arg(&half));
            fs::rename(half, template).unwrap();
        }
        if let Some(user) = server_user() {
            run(Command::new("chown").arg("-R").arg(format!("{}:{}", user.uid, user.gid)).arg(self.data()));
        }
    }

    /// Starts it, and waits until it answers.
    pub fn start(&self) {
        self.try_start().unwrap_or_else(|log| panic!("PostgreSQL does not start:\n{log}"));
    }

    fn try_start(&self) -> Result<(), String> {
        let mut minder = self.minder.lock().unwrap();
        assert!(minder.server.is_none(), "it runs");
        let server: u32 = minder.ask("start").parse().unwrap();
        let is_ready = || {
            let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            lines.first() == Some(&server.to_string().as_str()) && lines.get(7) == Some(&"ready")
        };
        until("PostgreSQL starts", || is_ready() || !is_alive(server));
        if is_alive(server) {
            minder.server = Some(server);
            return Ok(());
        }
        minder.ask("QUIT");
        Err(self.log())
    }

    /// Ends it in order; connections are ended.
    pub fn stop(&self) {
        self.end(|_| "INT".to_owned());
    }

    pub fn restart(&self) {
        self.stop();
        self.start();
    }

    /// Kills all its processes, in the middle of whatever they do.
    pub fn kill9(&self) {
        let mut children = Vec::new();
        self.end(|server| {
            children = children_of(server);
            children.iter().fold("KILL".to_owned(), |command, child| format!("{command} {child}"))
        });
        // It does not start again beside them.
        until("processes end", || !children.iter().any(|child| is_alive(*child)));
    }

    fn end(&self, command: impl FnOnce(u32) -> String) {
        let mut minder = self.minder.lock().unwrap();
        let server = minder.server.take().expect("it runs");
        minder.ask(&command(server));
    }

    /// The process that all others of the server come from; 0 if it does not run.
    pub fn process(&self) -> u32 {
        self.minder.lock().unwrap().server.unwrap_or_default()
    }

    /// Where its socket is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// An empty database that goes with the value.
    pub fn database(&self) -> Database<'_> {
        self.database_from("template0")
    }

    /// The same, where texts are sorted as people of a language sort them: `en-US`.
    pub fn database_in(&self, language: &str) -> Database<'_> {
        self.database_from(&format!("template0 LOCALE_PROVIDER icu ICU_LOCALE '{language}'"))
    }

    fn database_from(&self, template: &str) -> Database<'_> {
        let name = format!("shop_{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database { server: self, name }
    }

    /// What psql answers: rows by line, columns between `|`.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.try_psql(database, &[sql]).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The same, or what went wrong. Each text is a transaction.
    pub fn try_psql(&self, database: &str, sql: &[&str]) -> Result<String, String> {
        let (folder, port) = (self.folder.display().to_string(), self.port.to_string());
        let mut psql = psql();
        psql.args(["-h", &folder, "-p", &port, "-U", OWNER, "-d", database]);
        for sql in sql {
            psql.args(["-c", sql]);
        }
        answer(&mut psql)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.minder.get_mut().unwrap_or_else(PoisonError::into_inner).end();
    }
}

/// A database; dropped with this value.
pub struct Database<'a> {
    server: &'a Server,
    pub name: String,
}

impl Database<'_> {
    /// Through the Unix socket, without a password.
    pub fn url(&self) -> String {
        url(&[self.server.folder()], self.server.port, &self.name)
    }

    /// Through the socket of a proxy in this folder.
    pub fn url_through(&self, folder: &Path) -> String {
        url(&[folder], PORT, &self.name)
    }

    /// Through TCP, with the password; the server has TLS. `host` may be a name of 127.0.0.1.
    pub fn tcp_url(&self, host: &str) -> String {
        let password = utf8_percent_encode(PASSWORD, NON_ALPHANUMERIC);
        format!("postgres://{OWNER}:{password}@{host}:{}/{}", self.server.port, self.name)
    }

    /// What psql answers: rows by line, columns between `|`.
    pub fn psql(&self, sql: &str) -> String {
        self.server.psql(&self.name, sql)
    }

    pub fn try_psql(&self, sql: &str) -> Result<String, String> {
        self.server.try_psql(&self.name, &[sql])
    }

    /// Another with the same content. Nobody may be connected to this one.
    pub fn copy(&self) -> Self {
        self.server.database_from(&self.name)
    }
}

impl fmt::Debug for Database<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Does not wait for a standby that may be gone. The server may be, too, and with it this.
        let sql = ["SET synchronous_commit = local", &format!("DROP DATABASE {} WITH (FORCE)", self.name)];
        let _ = self.server.try_psql("postgres", &sql);
    }
}

/// The address of a database that each of these sockets' servers may have.
fn url(folders: &[&Path], port: u16, database: &str) -> String {
    let encoded = |folder: &&Path| {
        let host = utf8_percent_encode(folder.to_str().unwrap(), NON_ALPHANUMERIC);
        if port == PORT { host.to_string() } else { format!("{host}:{port}") }
    };
    let hosts = folders.iter().map(encoded).collect::<Vec<_>>().join(",");
    format!("postgres://{OWNER}@{hosts}/{database}")
}

/// What psql answers to a statement at any address, or what went wrong.
pub fn psql_at(url: &str, sql: &str) -> Result<String, String> {
    answer(psql().args(["-d", url, "-c", sql]))
}
