//! The configuration file as it is written: TOML, every key optional, no key that does not exist.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::Read,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::Spanned;

use crate::config::{
    KeysConfig, SearchConfig,
    error::{ConfigError, Place},
    secret_file::{others_can_read, others_can_write},
    value::{Problem, database_has_password, has_password},
};
use crate::domain::query::Query;

/// A value that may be given; it knows its place in the file.
pub type Given<T> = Option<Spanned<T>>;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tables {
    /// `sqlite:PATH` or `postgres://USER@HOST/DATABASE`
    pub database: Given<String>,
    /// File with the server's password.
    pub database_password_file: Given<String>,
    /// Base URL of all links.
    pub base_url: Given<String>,
    /// Path of the key file.
    pub token_key: Given<String>,
    /// `[mail]`
    pub mail: MailTable,
    /// `[reset]`
    pub reset: ResetTable,
    /// `[password]`
    pub password: PasswordTable,
    /// `[sign_in]`
    pub sign_in: SignInTable,
    /// `[serve]`
    pub serve: ServeTable,
    /// `[console]`
    pub console: ConsoleTable,
    /// `[keys]`: a command's name, and its keys.
    pub keys: BTreeMap<String, Spanned<Vec<String>>>,
    /// `[searches]`: a name, and what is searched for.
    pub searches: BTreeMap<String, Spanned<String>>,
}

/// `[mail]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailTable {
    /// Where mails are handed over.
    pub url: Given<String>,
    /// File with the relay's password.
    pub password_file: Given<String>,
    /// Whether the console and the storefront deliver.
    pub worker: Option<bool>,
    /// Longest time of a delivery.
    pub deadline: Given<String>,
}

/// `[reset]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResetTable {
    /// How long a link works.
    pub link_life: Given<String>,
    /// Most resets in an hour.
    pub max_per_hour: Given<i64>,
    /// Shortest time between two.
    pub min_interval: Given<String>,
    /// What the limits count.
    pub protection: Given<String>,
    /// How long a mail is held.
    pub undo: Given<String>,
}

/// `[password]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordTable {
    /// Fewest characters.
    pub min_length: Given<i64>,
    /// Fewest character classes.
    pub min_classes: Given<i64>,
}

/// `[sign_in]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInTable {
    /// Wrong passwords that lock.
    pub max_failures: Given<i64>,
    /// How long a lock holds.
    pub lock: Given<String>,
}

/// `[serve]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeTable {
    /// Where the storefront listens.
    pub listen: Given<String>,
    /// Whose word on addresses is taken.
    pub trusted_proxies: Given<Vec<String>>,
    /// How long a session lasts.
    pub session_life: Given<String>,
    /// How long an access token works.
    pub token_life: Given<String>,
}

/// `[console]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleTable {
    /// Colours.
    pub theme: Given<String>,
    /// Lines and marks.
    pub symbols: Given<String>,
    /// Whose the mouse is.
    pub mouse: Given<String>,
    /// Whether the title is set.
    pub title: Option<bool>,
    /// What the person reads.
    pub language: Given<String>,
    /// Columns beside name and address.
    pub columns: Given<Vec<String>>,
}

/// A file that was read: its text is kept to find the line of a value.
#[derive(Default)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Reads a file, refusing one that the wrong people can change, or that tells them a password.
    ///
    /// # Errors
    /// When it cannot be read, is not what it should be, or others have too many rights on it.
    pub fn read(path: &Path) -> Result<(Self, Tables), ConfigError> {
        let unreadable = |error| ConfigError::Unreadable { file: path.to_owned(), error };
        let exposed = |problem, chmod| ConfigError::Exposed { file: path.to_owned(), problem, chmod };
        let mut file = fs::File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if others_can_write(&about) {
            return Err(exposed("is not used, because other users can change it", "go-w"));
        }
        let mut source = Self { path: path.to_owned(), text: String::new() };
        file.read_to_string(&mut source.text).map_err(unreadable)?;
        let tables: Tables = toml::from_str(&source.text).map_err(|error| source.syntax(&error))?;
        let mail = tables.mail.url.as_ref().is_some_and(|url| has_password(url.as_ref()));
        let database = tables.database.as_ref().is_some_and(|url| database_has_password(url.as_ref()));
        let problem = match (mail, database) {
            (true, _) => "is not used, because it holds a mail password and other users can read it",
            (_, true) => "is not used, because it holds a database's password and other users can read it",
            (false, false) => return Ok((source, tables)),
        };
        if others_can_read(&about) {
            return Err(exposed(problem, "600"));
        }
        Ok((source, tables))
    }

    /// The folder that relative paths in the file lie in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The place of a value.
    #[must_use]
    pub fn place<T>(&self, key: impl Into<Cow<'static, str>>, value: &Spanned<T>) -> Place {
        Place::File { file: self.path.clone(), line: self.line(&value.span()), key: key.into() }
    }

    /// Checks a value, if it is given.
    ///
    /// # Errors
    /// What `check` says of it, with its place.
    pub fn check<T, U>(
        &self,
        key: &'static str,
        given: Given<T>,
        check: impl FnOnce(T) -> Result<U, Problem>,
    ) -> Result<Option<U>, ConfigError> {
        let Some(given) = given else { return Ok(None) };
        let place = self.place(key, &given);
        check(given.into_inner()).map(Some).map_err(|problem| ConfigError::Value { place, problem })
    }

    /// `[keys]`, in the order of the file.
    #[must_use]
    pub fn keys(&self, table: BTreeMap<String, Spanned<Vec<String>>>) -> Vec<KeysConfig> {
        let mut keys: Vec<_> = table.into_iter().collect();
        keys.sort_by_key(|(_, keys)| keys.span().start);
        let given = |(command, keys): (String, Spanned<Vec<String>>)| {
            let place = self.place(format!("keys.{command}"), &keys);
            KeysConfig { command, keys: keys.into_inner(), place }
        };
        keys.into_iter().map(given).collect()
    }

    /// `[searches]`, in the order of the file.
    ///
    /// # Errors
    /// The first one that cannot be run, in the search's own words.
    pub fn searches(&self, table: BTreeMap<String, Spanned<String>>) -> Result<Vec<SearchConfig>, ConfigError> {
        let mut searches: Vec<_> = table.into_iter().collect();
        searches.sort_by_key(|(_, query)| query.span().start);
        let checked = |(name, query): (String, Spanned<String>)| {
            let place = self.place(format!("searches.{name}"), &query);
            let query = query.into_inner();
            match Query::parse(&query) {
                Ok(_) => Ok(SearchConfig { name, query }),
                Err(problem) => Err(ConfigError::Value { place, problem: format!("{problem}.") }),
            }
        };
        searches.into_iter().map(checked).collect()
    }

    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.text.bytes().take(span.start).filter(|&byte| byte == b'\n').count()
    }

    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let line = error.span().map_or(1, |span| self.line(&span));
        // Only the key is repeated: behind the equals sign may stand a password.
        let written = self.text.lines().nth(line - 1).and_then(|text| text.split_once('='));
        let key = written.map_or_else(String::new, |(key, _)| format!("{}: ", key.trim()));
        let problem = format!("{key}{}.", in_plain_words(&without_value(error.message())));
        ConfigError::Syntax { file: self.path.clone(), line, problem }
    }
}

/// What the reader of TOML expects, as people write it.
fn in_plain_words(message: &str) -> String {
    let words = [
        ("expected a sequence", "expected a list in brackets, [\"...\", \"...\"]"),
        ("expected i64", "expected a whole number"),
        ("expected a boolean", "expected true or false"),
    ];
    words.iter().fold(message.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
}

/// `invalid type: string "secret", expected i64` without the value.
fn without_value(message: &str) -> String {
    match (message.split_once('"'), message.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{}{after}", before.trim_end()),
        _ => message.replace('\n', ", "),
    }
}
