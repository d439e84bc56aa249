//! Putting the configuration together: defaults < file < environment < flags.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{
    Config, Env, Flags, Title,
    error::{ConfigError, Place as At},
    file::{ConsoleTable, Given, MailTable, PasswordTable, ResetTable, ServeTable, SignInTable, Source, Tables},
    folders::Folders,
    language, secret_file,
    serve::{Listen, Proxy},
    value::{self, Named, Problem},
};
use crate::domain::database::Place;

/// Why a password is not taken from `--database`.
pub const PASSWORD_SEEN: &str = "a password on the command line can be seen in the list of processes. \
     Use the variable KEYDESK_DATABASE, or database_password_file in the configuration file.";

/// Variables that the driver takes settings from, and what keydesk has for them.
const STRANGERS: [(&str, &str); 5] = [
    ("PGPASSWORD", "give the password in KEYDESK_DATABASE or in database_password_file"),
    ("PGSSLROOTCERT", "name the authority with ?sslrootcert= in the database's address"),
    ("PGSSLCERT", "keydesk signs in with a password"),
    ("PGSSLKEY", "keydesk signs in with a password"),
    ("PGOPTIONS", "give the role its settings with ALTER ROLE"),
];

/// A text with the place that it was given at and the folder that its relative path lies in.
struct Text<'a> {
    value: String,
    place: At,
    base: &'a Path,
}

impl Text<'_> {
    fn check<'t, T>(&'t self, check: impl FnOnce(&'t str) -> Result<T, Problem>) -> Result<T, ConfigError> {
        check(&self.value).map_err(|problem| ConfigError::Value { place: self.place.clone(), problem })
    }
}

/// Where values may come from.
struct Sources<'a> {
    file: Source,
    env: &'a Env<'a>,
    cwd: &'a Path,
}

impl Sources<'_> {
    /// The winner among flag, variable and file. An empty variable counts as not set.
    fn pick(
        &self,
        flag: Option<(&'static str, &String)>,
        variable: &'static str,
        key: &'static str,
        file: Given<String>,
    ) -> Option<Text<'_>> {
        let flag = flag.map(|(name, text)| (text.clone(), At::Flag(name)));
        let variable =
            || (self.env)(variable).filter(|text| !text.is_empty()).map(|text| (text, At::Variable(variable)));
        let outside = flag.or_else(variable).map(|(value, place)| Text { value, place, base: self.cwd });
        outside.or_else(|| {
            file.map(|text| Text {
                place: self.file.place(key, &text),
                value: text.into_inner(),
                base: self.file.folder(),
            })
        })
    }
}

impl Config {
    /// Finds the file, reads and checks everything.
    ///
    /// # Errors
    /// The first setting that is wrong, with its place and what is allowed.
    pub fn load(flags: &Flags, env: &Env, cwd: &Path) -> Result<Self, ConfigError> {
        let folders = Folders::new(env);
        let path = find_file(flags, env, cwd, &folders);
        let (file, tables) = path.as_deref().map(Source::read).transpose()?.unwrap_or_default();
        let sources = Sources { file, env, cwd };
        let Tables {
            database,
            database_password_file,
            base_url,
            token_key,
            mail,
            reset,
            password,
            sign_in,
            serve,
            console,
            keys,
            searches,
        } = tables;
        let flag = flags.database.as_ref().map(|text| ("--database", text));
        let password_file = database_password_file.map(|text| folders.resolve(text.as_ref(), sources.file.folder()));
        let database = sources.pick(flag, "KEYDESK_DATABASE", "database", database);
        let database = place(&sources, &folders, database, password_file.as_deref())?;
        let folder = match (&database, path.is_some()) {
            (Place::File(file), _) => file.parent().unwrap_or(Path::new("")).to_owned(),
            (Place::Server(_), true) => sources.file.folder().to_owned(),
            (Place::Server(_), false) => folders.keys()?,
        };
        let mut config = Self::over(database, folder);
        let base_url = sources.pick(None, "KEYDESK_BASE_URL", "base_url", base_url);
        config.base_url = base_url.map(|text| text.check(value::base_url)).transpose()?;
        if path.is_some() {
            let name = token_key.map_or_else(|| "token.key".to_owned(), toml::Spanned::into_inner);
            config.token_key = folders.resolve(&name, sources.file.folder());
        }
        config.apply_mail(&sources, &folders, flags.mail.as_ref(), mail)?;
        config.apply_reset(&sources.file, reset)?;
        config.apply_password(&sources.file, password)?;
        config.apply_sign_in(&sources.file, sign_in)?;
        config.apply_serve(&sources, &folders, flags.listen.as_ref(), serve)?;
        config.apply_console(&sources, flags.lang.as_ref(), console)?;
        config.keys = sources.file.keys(keys);
        config.searches = sources.file.searches(searches)?;
        config.file = path;
        Ok(config)
    }

    fn apply_mail(
        &mut self,
        sources: &Sources,
        folders: &Folders,
        flag: Option<&String>,
        table: MailTable,
    ) -> Result<(), ConfigError> {
        if let Some(url) = sources.pick(flag.map(|url| ("--mail", url)), "KEYDESK_MAIL", "mail.url", table.url) {
            if matches!(url.place, At::Flag(_)) {
                url.check(no_password)?;
            }
            url.base.clone_into(&mut self.mail.relative_to);
            self.mail.url_from = url.place.to_string();
            self.mail.url = Some(SecretString::from(url.value));
        }
        let path = |text: toml::Spanned<String>| folders.resolve(text.as_ref(), sources.file.folder());
        self.mail.password_file = table.password_file.map(path);
        self.mail.worker = table.worker.unwrap_or(self.mail.worker);
        // Well below the five minutes that a mail is leased for: nobody else takes it meanwhile.
        let allowed = SignedDuration::from_secs(10)..=SignedDuration::from_mins(3);
        let deadline = |text: String| value::duration(&text, allowed);
        set(&mut self.mail.deadline, sources.file.check("mail.deadline", table.deadline, deadline)?);
        Ok(())
    }

    fn apply_reset(&mut self, file: &Source, table: ResetTable) -> Result<(), ConfigError> {
        let span = |key, given: Given<String>, least, most| {
            file.check(key, given, |text| value::duration(&text, least..=most))
        };
        let (none, day) = (SignedDuration::ZERO, SignedDuration::from_hours(24));
        let (minutes, reset) = (SignedDuration::from_mins, &mut self.reset);
        set(&mut reset.link_life, span("reset.link_life", table.link_life, minutes(5), day * 7)?);
        set(&mut reset.hold, span("reset.undo", table.undo, none, minutes(10))?);
        set(&mut reset.limits.min_interval, span("reset.min_interval", table.min_interval, none, day)?);
        let max = file.check("reset.max_per_hour", table.max_per_hour, |max| value::number(max, 0..=1000))?;
        set(&mut reset.limits.max_per_hour, max);
        let protection = file.check("reset.protection", table.protection, |text| value::word(&text))?;
        set(&mut reset.limits.protection, protection);
        Ok(())
    }

    fn apply_password(&mut self, file: &Source, table: PasswordTable) -> Result<(), ConfigError> {
        let length = file.check("password.min_length", table.min_length, |number| value::number(number, 6..=128))?;
        set(&mut self.password.min_length, length);
        let classes = file.check("password.min_classes", table.min_classes, |number| value::number(number, 1..=4))?;
        set(&mut self.password.min_classes, classes);
        Ok(())
    }

    fn apply_sign_in(&mut self, file: &Source, table: SignInTable) -> Result<(), ConfigError> {
        let max = file.check("sign_in.max_failures", table.max_failures, |max| value::number(max, 0..=1000))?;
        set(&mut self.lockout.max_failures, max);
        let allowed = SignedDuration::from_mins(1)..=SignedDuration::from_hours(24);
        let lock = file.check("sign_in.lock", table.lock, |text| value::duration(&text, allowed))?;
        set(&mut self.lockout.lock, lock);
        Ok(())
    }

    fn apply_serve(
        &mut self,
        sources: &Sources,
        folders: &Folders,
        flag: Option<&String>,
        table: ServeTable,
    ) -> Result<(), ConfigError> {
        let flag = flag.map(|text| ("--listen", text));
        if let Some(text) = sources.pick(flag, "KEYDESK_LISTEN", "serve.listen", table.listen) {
            self.serve.listen = match text.check(Listen::parse)? {
                Listen::Unix(path) => Listen::Unix(folders.resolve(&path.to_string_lossy(), text.base)),
                other => other,
            };
        }
        let (file, day) = (&sources.file, SignedDuration::from_hours(24));
        let proxies = |texts: Vec<String>| texts.iter().map(|text| Proxy::parse(text)).collect();
        set(&mut self.serve.trusted_proxies, file.check("serve.trusted_proxies", table.trusted_proxies, proxies)?);
        let session = |text: String| value::duration(&text, SignedDuration::from_mins(5)..=day * 30);
        set(&mut self.serve.session_life, file.check("serve.session_life", table.session_life, session)?);
        let token = |text: String| value::duration(&text, SignedDuration::ZERO..=day * 365);
        let life = file.check("serve.token_life", table.token_life, token)?;
        set(&mut self.serve.token_life, life.map(|life| Some(life).filter(|life| !life.is_zero())));
        Ok(())
    }

    fn apply_console(
        &mut self,
        sources: &Sources,
        flag: Option<&String>,
        table: ConsoleTable,
    ) -> Result<(), ConfigError> {
        let file = &sources.file;
        let theme = file.check("console.theme", table.theme, |text| value::word(&text))?;
        set(&mut self.console.theme, theme);
        let symbols = file.check("console.symbols", table.symbols, |text| value::word(&text))?;
        set(&mut self.console.symbols, symbols);
        let mouse = file.check("console.mouse", table.mouse, |text| value::word(&text))?;
        set(&mut self.console.mouse, mouse);
        let title = |is_set| if is_set { Title::Shop } else { Title::Untouched };
        set(&mut self.console.title, table.title.map(title));
        let flag = flag.map(|text| ("--lang", text));
        let named = sources.pick(flag, "KEYDESK_LANG", "console.language", table.language);
        let named = named.map(|text| text.check(language::language)).transpose()?.flatten();
        self.console.language = named.unwrap_or_else(|| language::of_locale(sources.env));
        self.columns = table.columns.map(|columns| {
            let place = file.place("console.columns", &columns);
            (columns.into_inner(), place)
        });
        Ok(())
    }
}

/// Where the database is. Of a server, what is said of it anywhere else than here is refused: the
/// driver would listen to it.
fn place(
    sources: &Sources,
    folders: &Folders,
    text: Option<Text>,
    password_file: Option<&Path>,
) -> Result<Place, ConfigError> {
    let Some(text) = text else { return folders.database().map(Place::File) };
    let mut address = match text.check(value::database)? {
        Named::File(path) => return Ok(Place::File(folders.resolve(path, text.base))),
        Named::Server(address) => *address,
    };
    if matches!(text.place, At::Flag(_)) && address.password.is_some() {
        text.check(|_| Err::<(), _>(PASSWORD_SEEN.to_owned()))?;
    }
    no_strangers(sources.env)?;
    if let Some(file) = password_file {
        let wrong = |problem| ConfigError::Value { place: text.place.clone(), problem };
        let password = secret_file::read(file)?;
        if password.expose_secret().is_empty() || password.expose_secret().contains('\0') {
            return Err(wrong(format!("{} holds no password that could be sent.", file.display())));
        }
        address = address.with_password(password).map_err(|problem| wrong(format!("{problem}.")))?;
    }
    Ok(Place::Server(address))
}

/// Refuses variables of the environment that the driver reads and that no setting of ours can
/// override.
///
/// # Errors
/// Names the first that is set.
pub fn no_strangers(env: &Env) -> Result<(), ConfigError> {
    let set = STRANGERS.into_iter().find(|(name, _)| env(name).is_some());
    set.map_or(Ok(()), |(name, instead)| {
        let problem = format!("this variable would change how the database is reached. Unset it; {instead}.");
        Err(ConfigError::Value { place: At::Variable(name), problem })
    })
}

fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}

fn find_file(flags: &Flags, env: &Env, cwd: &Path, folders: &Folders) -> Option<PathBuf> {
    let variable = || env("KEYDESK_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let named = flags.config.clone().or_else(variable).map(|path| cwd.join(path));
    // A file that may be there but cannot be looked at must not be passed over in silence.
    let is_there = |path: &PathBuf| path.try_exists().unwrap_or(true);
    named.or_else(|| folders.config_files().into_iter().find(is_there))
}

fn no_password(mail_url: &str) -> Result<(), Problem> {
    if value::has_password(mail_url) {
        Err("a password on the command line can be seen in the list of processes. \
             Use the variable KEYDESK_MAIL, or mail.password_file in the configuration file."
            .to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
