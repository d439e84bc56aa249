//! The real program on a demo shop in a folder of its own.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use sqlx::{Connection, Executor, SqliteConnection};

pub struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    /// A demo shop with so many customers.
    pub fn demo(customers: u32) -> Self {
        let shop = Self { folder: folder() };
        let dir = shop.folder().display().to_string();
        let made = shop.bare(&["demo", "--no-console", "--customers", &customers.to_string(), "--dir", &dir]);
        assert!(made.status.success(), "{made:?}");
        shop
    }

    /// The backup `name` of this shop, restored into an empty folder.
    pub fn restored_elsewhere(&self, name: &str) -> Self {
        let copy = Self { folder: folder() };
        std::fs::copy(self.path("keydesk.toml"), copy.path("keydesk.toml")).unwrap();
        let (code, done) = copy.json(&["restore", &self.text(name)]);
        assert_eq!(code, 0, "{done}");
        assert_eq!(done["aside"], Value::Null);
        copy.is_safe();
        copy
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Runs with nothing of this machine's environment.
    fn without_config(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.folder()).stdin(Stdio::null());
        command
    }

    pub fn bare(&self, args: &[&str]) -> Output {
        self.without_config(args).output().unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.without_config(args);
        command.args(["--operator", "mina", "--json", "--config"]).arg(self.path("keydesk.toml"));
        command
    }

    /// Exit code and answer.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let output = self.command(args).output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")))
    }

    /// Behind the program's back.
    pub fn sql(&self, sql: &'static str) {
        run(&self.path("keydesk.db"), sql);
    }

    pub fn number(&self, sql: &'static str) -> i64 {
        let path = self.path("keydesk.db");
        wait(async {
            let mut connection = connect(&path).await;
            let number = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            number
        })
    }

    /// No link lives, no mail and no request waits, nobody is signed in.
    pub fn is_safe(&self) {
        for living in [
            "SELECT count(*) FROM password_resets WHERE used_at IS NULL AND cancelled_at IS NULL AND superseded_at IS NULL",
            "SELECT count(*) FROM outbox WHERE state = 'queued' OR lease_owner IS NOT NULL",
            "SELECT count(*) FROM reset_requests WHERE address IS NOT NULL",
            "SELECT count(*) FROM web_sessions WHERE ended_at IS NULL",
        ] {
            assert_eq!(self.number(living), 0, "{living}");
        }
    }
}

/// A folder for its owner alone, as keydesk makes its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

/// Runs statements on a database file, behind the program's back.
pub fn sql(path: &Path, sql: &'static str) {
    run(path, sql);
}

fn run(path: &Path, sql: &'static str) {
    wait(async {
        let mut connection = connect(path).await;
        connection.execute(sqlx::raw_sql(sql)).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// Somebody who has the database open.
pub struct Reader(tokio::runtime::Runtime, Option<SqliteConnection>);

impl Reader {
    pub fn end(&mut self) {
        if let Some(connection) = self.1.take() {
            self.0.block_on(connection.close()).unwrap();
        }
    }
}

pub fn reader(path: &Path) -> Reader {
    let runtime = runtime();
    let connection = runtime.block_on(async {
        let mut connection = connect(path).await;
        connection.execute("SELECT count(*) FROM customers").await.unwrap();
        connection
    });
    Reader(runtime, Some(connection))
}

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
