//! The real `keydesk serve` over a demo shop in a folder, with websites that this machine can
//! reach, and mails that become files.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};

use crate::{faketime, http::Visitor, promises::text_of};

/// How long anything that must happen may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Everybody's password in a demo shop.
pub const PASSWORD: &str = "roni_cost3@example.com";
/// Address of the first customer of every demo shop, who is on the first website.
pub const VERONICA: &str = "roni_cost@example.com";

/// Nobody waits for anything.
pub const NO_LIMITS: &str = "[reset]\nprotection = \"none\"\nundo = \"0s\"\n";

/// The running storefront; ends with this value.
pub struct Storefront {
    folder: tempfile::TempDir,
    port: u16,
    /// Keeps the port from others until the program takes it.
    held: Option<TcpListener>,
    server: Option<Child>,
}

impl Storefront {
    /// Opens a shop of so many customers with these rules in its configuration.
    pub fn open(customers: u32, rules: &str) -> Self {
        let mut storefront = Self::closed(customers, rules);
        storefront.serve();
        storefront
    }

    /// The shop before its storefront is open.
    pub fn closed(customers: u32, rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let storefront = Self { folder, port, held: Some(held), server: None };
        let (customers, dir) = (customers.to_string(), storefront.folder().display().to_string());
        let mut made = storefront.bare(&["demo", "--no-console", "--customers", &customers, "--dir", &dir]);
        let made = made.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        storefront.change_rules(rules);
        // The first has a host of its own, the others share one.
        let shared = format!("http://127.0.0.1:{port}");
        for (code, url) in [("base", storefront.url("")), ("kr", shared.clone()), ("b2b", shared)] {
            storefront.sql("UPDATE websites SET base_url = $1 WHERE code = $2", &[&url, code]);
        }
        storefront.set_clock("+0");
        storefront
    }

    fn bare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.folder()).stdin(Stdio::null());
        command
    }

    /// Opens the storefront, and waits until it listens.
    pub fn serve(&mut self) {
        let address = format!("127.0.0.1:{}", self.port);
        let mut command = self.bare(&["serve", "--listen", &address, "--config"]);
        command.arg(self.config()).envs(faketime::variables(&self.clock()));
        let log = |name| fs::OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        command.stdout(log("serve.out")).stderr(log("serve.err"));
        let before = self.openings();
        self.held = None;
        self.server = Some(command.spawn().unwrap());
        let end = Instant::now() + PATIENCE;
        // Not asked by connecting: where nobody listens, a connection can meet itself.
        while self.openings() == before {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < end, "it does not listen ({ended:?}): {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the storefront as systemd does; its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let mut server = self.server.take().unwrap();
        let id = nix::unistd::Pid::from_raw(i32::try_from(server.id()).unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        server.wait().unwrap().code()
    }

    /// What it wrote to its standard output and standard error.
    pub fn log(&self) -> String {
        ["serve.out", "serve.err"].map(|name| fs::read_to_string(self.path(name)).unwrap_or_default()).concat()
    }

    /// How often it said that it listens.
    fn openings(&self) -> usize {
        self.log().matches("Listening on").count()
    }

    pub fn process(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    /// Rules in place of those there are; heard at the next [`Storefront::serve`].
    pub fn change_rules(&self, rules: &str) {
        let config = format!("database = \"sqlite:keydesk.db\"\n[mail]\nurl = \"maildir:mail\"\n{rules}");
        fs::write(self.config(), config).unwrap();
    }

    /// How far the storefront's clock is from the machine's: `+11m`, `+25h`.
    pub fn set_clock(&self, to: &str) {
        let new = self.path("clock.new");
        fs::write(&new, to).unwrap();
        fs::rename(new, self.clock()).unwrap();
    }

    fn clock(&self) -> PathBuf {
        self.path("clock")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("keydesk.toml")
    }

    pub fn database(&self) -> PathBuf {
        self.path("keydesk.db")
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A page of the first website.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    /// A page of the websites that share a host.
    pub fn shared_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What the first website's visitors send as `Host`. Browsers find it on this machine without
    /// asking anybody (RFC 6761), and trust it as they trust HTTPS.
    pub fn host(&self) -> String {
        format!("luma.localhost:{}", self.port)
    }

    /// Somebody at the first website.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.port, &self.host())
    }

    /// Runs a command of the same shop, at the storefront's time.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = self.bare(args);
        command.args(["--operator", "mina", "--json", "--config"]).arg(self.config());
        command.envs(faketime::variables(&self.clock())).output().unwrap()
    }

    /// The answer of a command that does what it is told.
    pub fn done(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Key and secret of a new integration.
    pub fn integration(&self, name: &str) -> (String, String) {
        let answer = self.done(&["integrations", "add", name]);
        let text = |key: &str| answer[key].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        (text("key"), text("secret"))
    }

    /// Behind the program's back; texts only.
    pub fn sql(&self, sql: &'static str, binds: &[&str]) {
        self.at_the_database(async |db| {
            let query = binds.iter().fold(sqlx::query(sql), |query, text| query.bind((*text).to_owned()));
            query.execute(db).await.unwrap();
        });
    }

    /// A number out of the database.
    pub fn number(&self, sql: &'static str) -> i64 {
        self.at_the_database(async |db| sqlx::query_scalar(sql).fetch_one(db).await.unwrap())
    }

    /// Texts out of the database.
    pub fn texts(&self, sql: &'static str) -> Vec<String> {
        self.at_the_database(async |db| sqlx::query_scalar(sql).fetch_all(db).await.unwrap())
    }

    fn at_the_database<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
        let url = format!("sqlite:{}", self.database().display());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut db = SqliteConnection::connect(&url).await.unwrap();
            let result = work(&mut db).await;
            db.close().await.unwrap();
            result
        })
    }

    /// Ids and addresses of so many customers of the first website who may sign in.
    pub fn customers(&self, count: usize) -> Vec<(i64, String)> {
        let text = "SELECT id || ' ' || email FROM customers WHERE website_id = 1 AND active AND confirmed \
                    AND locked_until IS NULL AND email NOT LIKE '%hostile%' ORDER BY id";
        let all = self.texts(text).into_iter().map(|line| {
            let (id, email) = line.split_once(' ').unwrap();
            (id.parse().unwrap(), email.to_owned())
        });
        let some: Vec<_> = all.take(count).collect();
        assert_eq!(some.len(), count, "the shop is too small");
        some
    }

    /// All mails to an address, oldest first.
    pub fn mails(&self, address: &str) -> Vec<String> {
        let to = format!("To: {address}\r\n");
        let files = fs::read_dir(self.path("mail/new")).unwrap().map(|file| file.unwrap().path());
        let mut mails: Vec<_> = files
            .map(|file| (file.metadata().unwrap().modified().unwrap(), text_of(&fs::read(file).unwrap())))
            .filter(|(_, mail)| {
                mail.replace(['<', '>'], "").contains(&to) || mail.contains(&format!("<{address}>\r\n"))
            })
            .collect();
        mails.sort();
        mails.into_iter().map(|(_, mail)| mail).collect()
    }

    /// Waits for the mail that comes behind so many others to an address.
    pub fn mail(&self, address: &str, behind: usize) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(mail) = self.mails(address).into_iter().nth(behind) {
                return mail;
            }
            assert!(Instant::now() < end, "mail {behind} to {address} does not come: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until all requests of "Forgot Your Password?" are looked at, and all mails are sent.
    pub fn answered(&self) {
        let end = Instant::now() + PATIENCE;
        let waiting = "SELECT (SELECT count(*) FROM reset_requests WHERE address IS NOT NULL) \
                       + (SELECT count(*) FROM outbox WHERE state = 'queued')";
        while self.number(waiting) > 0 {
            assert!(Instant::now() < end, "requests wait in vain: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks for a reset as a customer does, and waits for the link in the mail.
    pub fn forgotten(&self, address: &str) -> String {
        let before = self.mails(address).len();
        let sent = self.visitor().post("/forgot", &[("email", address)]);
        assert_eq!((sent.status, sent.header("location")), (303, "/forgot/sent"), "{sent}");
        link_in(&self.mail(address, before))
    }
}

impl Drop for Storefront {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// The link in a mail.
pub fn link_in(mail: &str) -> String {
    let at = mail.find("/r/").unwrap_or_else(|| panic!("no link: {mail}"));
    let start = mail[..at].rfind("http").unwrap();
    mail[start..].chars().take_while(|c| !c.is_whitespace() && !"\"<>".contains(*c)).collect()
}

/// The path of a URL of this machine.
pub fn path_of(url: &str) -> String {
    let (_, behind) = url.split_once("://").unwrap();
    behind.find('/').map_or_else(|| "/".to_owned(), |at| behind[at..].to_owned())
}
