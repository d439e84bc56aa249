//! What the shop decided, read from defaults < file < environment < flags into checked types.

pub mod check;
pub mod error;
pub mod file;
pub mod folders;
pub mod language;
pub mod load;
pub mod secret_file;
pub mod serve;
pub mod settings;
pub mod token_key;
pub mod value;

use std::path::PathBuf;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::{
    config::{error::ConfigError, serve::ServeConfig},
    domain::{database::Place, password::PasswordPolicy, reset::ResetPolicy, sign_in::Lockout},
    texts::Texts,
};

/// Reads environment variables; handed in, so that a test never touches the process's own.
pub type Env<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Settings that the command line gives; they win over everything else.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`: this file, which must be there.
    pub config: Option<PathBuf>,
    /// `--database`
    pub database: Option<String>,
    /// `--mail`; may not hold a password, no more than `--database`.
    pub mail: Option<String>,
    /// `--listen` of `keydesk serve`.
    pub listen: Option<String>,
    /// `--lang`
    pub lang: Option<String>,
}

/// Every setting, checked. Debug shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Where the database is; a server's password is in it.
    pub database: Place,
    /// Takes the place of every website's base URL; without a slash at the end.
    pub base_url: Option<String>,
    /// The file of the key that links are derived from.
    pub token_key: PathBuf,
    /// How mails leave.
    pub mail: MailConfig,
    /// Links and their limits.
    pub reset: ResetPolicy,
    /// New passwords.
    pub password: PasswordPolicy,
    /// Wrong passwords.
    pub lockout: Lockout,
    /// How `keydesk serve` is reached.
    pub serve: ServeConfig,
    /// How the console looks.
    pub console: ConsoleConfig,
    /// Keys of the console that the shop chose, as they are written in the file.
    pub keys: Vec<KeysConfig>,
    /// Searches that the shop saved.
    pub searches: Vec<SearchConfig>,
    /// Columns of the table of customers beside name and address; none = those that there is room for.
    pub columns: Option<(Vec<String>, error::Place)>,
}

/// A search that the shop saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchConfig {
    /// What it is called.
    pub name: String,
    /// What is searched for; it can be run.
    pub query: String,
}

/// The keys that a command is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysConfig {
    /// The command's name.
    pub command: String,
    /// The keys.
    pub keys: Vec<String>,
    /// Where that is said.
    pub place: error::Place,
}

/// How mails leave.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Where they are handed over; none = they wait in the queue.
    pub url: Option<SecretString>,
    /// What gave the URL, for messages about it.
    pub url_from: String,
    /// The folder that a relative `maildir:` lies in.
    pub relative_to: PathBuf,
    /// The file that holds the relay's password.
    pub password_file: Option<PathBuf>,
    /// Whether an open console, and `keydesk serve`, deliver mails.
    pub worker: bool,
    /// How long one delivery may take in all.
    pub deadline: SignedDuration,
}

impl MailConfig {
    /// The relay's password, from its own file.
    ///
    /// # Errors
    /// When the file cannot be read, or others can read it.
    pub fn password(&self) -> Result<Option<SecretString>, ConfigError> {
        self.password_file.as_deref().map(secret_file::read).transpose()
    }
}

/// How the console looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsoleConfig {
    /// Colours.
    pub theme: Theme,
    /// Lines and marks.
    pub symbols: Symbols,
    /// Whose the mouse is.
    pub mouse: Mouse,
    /// Whether the terminal's title says which shop this is.
    pub title: Title,
    /// What the person at the terminal reads, from commands, too.
    pub language: Texts,
}

/// Whether the terminal's title says which shop this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Title {
    /// Yes.
    #[default]
    Shop,
    /// The title is left as it is.
    Untouched,
}

/// The console's colours. Without colours it is wherever `NO_COLOR` is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// By what is known of the terminal.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// None.
    Mono,
}

/// Whether the console takes the mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mouse {
    /// Where the terminal is known to tell of it as the console asks.
    #[default]
    Auto,
    /// Always.
    On,
    /// Not before somebody asks for it.
    Off,
}

/// What the console draws lines and marks with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// Box drawing characters.
    #[default]
    Unicode,
    /// Plain ASCII, for terminals that draw ambiguous characters two cells wide.
    Ascii,
}

impl Config {
    /// The defaults over a database, with the token key in a folder: the one that a database file
    /// lies in, or keydesk's own where a server has the database.
    #[must_use]
    pub fn over(database: Place, folder: PathBuf) -> Self {
        Self {
            file: None,
            token_key: folder.join("token.key"),
            database,
            base_url: None,
            mail: MailConfig {
                url: None,
                url_from: String::new(),
                relative_to: folder,
                password_file: None,
                worker: true,
                deadline: SignedDuration::from_secs(120),
            },
            reset: ResetPolicy::default(),
            password: PasswordPolicy::default(),
            lockout: Lockout::default(),
            serve: ServeConfig::default(),
            console: ConsoleConfig::default(),
            keys: Vec::new(),
            searches: Vec::new(),
            columns: None,
        }
    }
}
