use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use tempfile::TempDir;

use super::*;
use crate::{
    config::{Mouse, Symbols, Theme, serve::ServeConfig, settings},
    domain::{password::PasswordPolicy, reset::ResetPolicy, sign_in::Lockout, throttle::Protection},
};

/// A machine with a home folder, a configuration file and an environment.
struct Machine {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
    flags: Flags,
}

impl Machine {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().display().to_string();
        let machine = Self { folder, variables: vec![("HOME", home)], flags: Flags::default() };
        std::fs::create_dir_all(machine.path("config")).unwrap();
        std::fs::write(machine.file(), text).unwrap();
        machine.mode(0o600);
        Self { flags: Flags { config: Some(machine.file()), ..Flags::default() }, ..machine }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("config/keydesk.toml")
    }

    fn mode(&self, mode: u32) {
        std::fs::set_permissions(self.file(), Permissions::from_mode(mode)).unwrap();
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let variable = |name: &str| self.variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        Config::load(&self.flags, &variable, &self.path("cwd"))
    }

    fn problem(&self) -> String {
        self.load().unwrap_err().to_string().replace(&self.file().display().to_string(), "FILE")
    }
}

fn problem(text: &str) -> String {
    Machine::new(text).problem()
}

#[test]
fn nothing_given_is_the_table_of_defaults() {
    let empty = Machine::new("").load().unwrap();
    let mut tables: Vec<(&str, String)> = Vec::new();
    for setting in settings::SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
        let (table, key) = setting.key.split_once('.').unwrap();
        if tables.last().is_none_or(|(last, _)| *last != table) {
            tables.push((table, format!("[{table}]\n")));
        }
        let (_, text) = tables.last_mut().unwrap();
        text.extend([key, " = ", setting.default, "\n"]);
    }
    let text: String = tables.into_iter().map(|(_, text)| text).collect();
    let written = Machine::new(&text).load().unwrap();
    assert_eq!((empty.reset, empty.password, empty.console), (written.reset, written.password, written.console));
    assert_eq!((empty.mail.worker, empty.mail.deadline), (written.mail.worker, written.mail.deadline));
    assert_eq!((empty.lockout, &empty.serve), (written.lockout, &written.serve));
    assert_eq!((empty.reset, empty.password), (ResetPolicy::default(), PasswordPolicy::default()));
    assert_eq!((empty.lockout, empty.serve), (Lockout::default(), ServeConfig::default()));
}

#[test]
fn every_setting_is_in_the_table_and_the_other_way_round() {
    let known = |table: &str| -> Vec<String> {
        let text = if table.is_empty() { "nonsense = 1".to_owned() } else { format!("[{table}]\nnonsense = 1") };
        let prefix = if table.is_empty() { String::new() } else { format!("{table}.") };
        let problem = problem(&text);
        let (_, names) = problem.split_once("expected").unwrap();
        names.split('`').skip(1).step_by(2).map(|name| format!("{prefix}{name}")).collect()
    };
    let tables = ["mail", "reset", "password", "sign_in", "serve", "console"];
    // Their keys are for the shop to choose.
    let open = ["keys", "searches"];
    let is_key = |key: &String| !tables.contains(&key.as_str()) && !open.contains(&key.as_str());
    let mut keys: Vec<String> = known("").into_iter().filter(is_key).collect();
    keys.extend(tables.into_iter().flat_map(known));
    keys.extend(open.map(|table| format!("{table}.NAME")));
    assert_eq!(keys, settings::SETTINGS.map(|setting| setting.key));
    assert_eq!(settings::markdown().lines().count(), settings::SETTINGS.len() + 2);
}

#[test]
fn all_settings_are_read() {
    let machine = Machine::new(
        r#"
        database = "sqlite:shop.db"
        base_url = "https://staging.luma.example/"
        token_key = "keys/token"
        [mail]
        url = "maildir:mail"
        password_file = "~/password"
        worker = false
        deadline = "1m30s"
        [reset]
        link_life = "2h"
        max_per_hour = 0
        min_interval = "0s"
        protection = "none"
        undo = "0s"
        [password]
        min_length = 8
        min_classes = 3
        [sign_in]
        max_failures = 0
        lock = "24h"
        [serve]
        listen = "unix:serve.sock"
        trusted_proxies = ["unix", "10.0.0.0/8", "::1"]
        session_life = "30d"
        token_life = "0s"
        [console]
        theme = "mono"
        symbols = "ascii"
        mouse = "off"
        title = false
        columns = ["id"]
        [searches]
        locked = "is:locked"
        "all of Korea" = "website:kr"
        [keys]
        reset = ["F5"]
        "#,
    );
    let config = machine.load().unwrap();
    assert_eq!(config.file, Some(machine.file()));
    assert_eq!(config.database.file(), Some(&*machine.path("config/shop.db")));
    assert_eq!(config.base_url.as_deref(), Some("https://staging.luma.example"));
    assert_eq!(config.token_key, machine.path("config/keys/token"));
    assert_eq!(config.mail.url.as_ref().unwrap().expose_secret(), "maildir:mail");
    assert_eq!(config.mail.relative_to, machine.path("config"));
    assert_eq!(config.mail.password_file, Some(machine.path("password")));
    assert!(!config.mail.worker);
    assert_eq!(config.mail.deadline, SignedDuration::from_secs(90));
    assert_eq!(config.reset.link_life, SignedDuration::from_hours(2));
    assert_eq!((config.reset.hold, config.reset.limits.min_interval), (SignedDuration::ZERO, SignedDuration::ZERO));
    assert_eq!((config.reset.limits.max_per_hour, config.reset.limits.protection), (0, Protection::None));
    assert_eq!((config.password.min_length, config.password.min_classes), (8, 3));
    assert_eq!(config.lockout, Lockout { max_failures: 0, lock: SignedDuration::from_hours(24) });
    assert_eq!(config.serve.listen, Listen::Unix(machine.path("config/serve.sock")));
    assert_eq!(config.serve.trusted_proxies, ["unix", "10.0.0.0/8", "::1"].map(|text| Proxy::parse(text).unwrap()));
    assert_eq!((config.serve.session_life, config.serve.token_life), (SignedDuration::from_hours(720), None));
    assert_eq!((config.console.theme, config.console.symbols), (Theme::Mono, Symbols::Ascii));
    assert_eq!(config.columns.map(|(columns, _)| columns), Some(vec!["id".to_owned()]));
    assert_eq!(config.searches.iter().map(|search| &*search.name).collect::<Vec<_>>(), ["locked", "all of Korea"]);
    assert_eq!(config.keys.iter().map(|keys| &*keys.command).collect::<Vec<_>>(), ["reset"]);
    assert_eq!((config.console.mouse, config.console.title), (Mouse::Off, Title::Untouched));
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let file = "database = \"sqlite:file.db\"\nbase_url = \"https://file\"\n[mail]\nurl = \"maildir:file\"";
    let from_file = Machine::new(file);
    assert_eq!(from_file.load().unwrap().database.file(), Some(&*from_file.path("config/file.db")));

    let mut machine = Machine::new(file)
        .with("KEYDESK_DATABASE", "sqlite:variable.db")
        .with("KEYDESK_BASE_URL", "https://variable")
        .with("KEYDESK_MAIL", "smtps://user:hunter2@variable");
    let config = machine.load().unwrap();
    assert_eq!(config.database.file(), Some(&*machine.path("cwd/variable.db")));
    assert_eq!(config.base_url.as_deref(), Some("https://variable"));
    assert_eq!(config.mail.url.as_ref().unwrap().expose_secret(), "smtps://user:hunter2@variable");
    assert_eq!(config.mail.url_from, "KEYDESK_MAIL");

    machine.flags.database = Some("sqlite:flag.db".into());
    machine.flags.mail = Some("maildir:flag".into());
    let config = machine.load().unwrap();
    assert_eq!(config.database.file(), Some(&*machine.path("cwd/flag.db")));
    assert_eq!(config.mail.url.as_ref().unwrap().expose_secret(), "maildir:flag");
    assert_eq!(config.mail.relative_to, machine.path("cwd"));

    let empty = Machine::new(file).with("KEYDESK_DATABASE", "").with("KEYDESK_MAIL", "");
    assert_eq!(empty.load().unwrap().mail.url_from, format!("{}, line 4, mail.url", empty.file().display()));
}

#[test]
fn the_address_to_listen_at_is_picked_alike_and_a_relative_path_lies_where_it_was_given() {
    let listen = |machine: &Machine| machine.load().unwrap().serve.listen.to_string();
    let file = "[serve]\nlisten = \"[::1]:8080\"";
    assert_eq!(listen(&Machine::new(file)), "[::1]:8080");
    let mut machine = Machine::new(file).with("KEYDESK_LISTEN", "unix:variable.sock");
    assert_eq!(listen(&machine), format!("unix:{}", machine.path("cwd/variable.sock").display()));
    machine.flags.listen = Some("unix:~/flag.sock".into());
    assert_eq!(listen(&machine), format!("unix:{}", machine.path("flag.sock").display()));
    machine.flags.listen = Some("8080".into());
    assert!(machine.problem().starts_with("--listen: \"8080\" is not allowed."), "{}", machine.problem());
}

#[test]
fn the_file_is_named_by_flag_then_variable_then_found() {
    let mut machine = Machine::new("base_url = \"https://flag\"");
    std::fs::create_dir_all(machine.path(".config/keydesk")).unwrap();
    std::fs::write(machine.path(".config/keydesk/keydesk.toml"), "base_url = \"https://found\"").unwrap();
    std::fs::write(machine.path("variable.toml"), "base_url = \"https://variable\"").unwrap();
    for name in [".config/keydesk/keydesk.toml", "variable.toml"] {
        std::fs::set_permissions(machine.path(name), Permissions::from_mode(0o644)).unwrap();
    }
    let variable = machine.path("variable.toml").display().to_string();
    machine = machine.with("KEYDESK_CONFIG", &variable);
    assert_eq!(machine.load().unwrap().base_url.as_deref(), Some("https://flag"));
    machine.flags.config = None;
    assert_eq!(machine.load().unwrap().base_url.as_deref(), Some("https://variable"));
    machine.variables.pop();
    assert_eq!(machine.load().unwrap().base_url.as_deref(), Some("https://found"));
    machine.flags.config = Some(machine.path("none.toml"));
    assert!(machine.problem().contains("none.toml cannot be read"));
}

#[test]
fn the_key_lies_beside_the_file_else_beside_the_database() {
    let mut machine = Machine::new("");
    assert_eq!(machine.load().unwrap().token_key, machine.path("config/token.key"));
    machine.flags.config = None;
    let without = machine.load().unwrap();
    assert_eq!(without.token_key, machine.path(".local/share/keydesk/token.key"));
    assert_eq!(without.database.file(), Some(&*machine.path(".local/share/keydesk/keydesk.db")));
}

/// The password that a machine's configuration gives for its server.
fn password(machine: &Machine) -> Option<String> {
    match machine.load().unwrap().database {
        Place::Server(address) => address.password.map(|password| password.expose_secret().to_owned()),
        Place::File(file) => panic!("{} is no server", file.display()),
    }
}

#[test]
fn a_server_is_named_as_a_file_is_and_its_password_only_where_nobody_else_sees_it() {
    let file = "database = \"postgres://mina:hunter2@h/d\"";
    let machine = Machine::new(file);
    assert_eq!(machine.load().unwrap().database.to_string(), "postgres://mina@h:5432/d");
    assert_eq!(password(&machine).as_deref(), Some("hunter2"));
    assert!(!format!("{:?}", machine.load().unwrap()).contains("hunter2"));
    machine.mode(0o640);
    let problem = machine.problem();
    assert!(problem.contains("holds a database's password") && problem.contains("chmod 600 FILE"), "{problem}");

    let mut machine = Machine::new("").with("KEYDESK_DATABASE", "postgres://mina:hunter2@h/d");
    assert_eq!(password(&machine).as_deref(), Some("hunter2"));
    machine.flags.database = Some("postgres://mina:hunter3@h/d".into());
    let problem = machine.problem();
    assert!(problem.starts_with("--database: a password on the command line can be seen"), "{problem}");
    assert!(problem.contains("KEYDESK_DATABASE") && !problem.contains("hunter3"), "{problem}");
}

#[test]
fn the_password_of_a_server_may_have_a_file_of_its_own() {
    let machine = Machine::new("database = \"postgres://mina@h/d\"\ndatabase_password_file = \"../secret\"");
    assert!(machine.problem().contains("secret cannot be read"));
    std::fs::write(machine.path("secret"), "hunter2\n").unwrap();
    std::fs::set_permissions(machine.path("secret"), Permissions::from_mode(0o644)).unwrap();
    assert!(machine.problem().contains("chmod 600 "));
    std::fs::set_permissions(machine.path("secret"), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(password(&machine).as_deref(), Some("hunter2"));
    std::fs::write(machine.path("secret"), "\n").unwrap();
    assert!(machine.problem().contains("holds no password"));
    std::fs::write(machine.path("secret"), "hunter2").unwrap();
    let twice = machine.with("KEYDESK_DATABASE", "postgres://mina:hunter3@h/d").problem();
    assert!(twice.contains("one must go") && !twice.contains("hunter"), "{twice}");
    let unused = Machine::new("database_password_file = \"/none\"");
    assert!(unused.load().unwrap().database.file().is_some());
}

#[test]
fn what_the_driver_would_read_elsewhere_is_refused() {
    for (name, instead) in STRANGERS {
        let machine = Machine::new("database = \"postgres://mina@h/d\"").with(name, "hunter2");
        let problem = machine.problem();
        assert!(problem.starts_with(&format!("{name}: ")) && problem.contains(instead), "{problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
        assert!(Machine::new("").with(name, "hunter2").load().is_ok(), "{name} is nothing to a file");
    }
    let overridden = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSSLMODE", "PGAPPNAME"];
    let machine = Machine::new("database = \"postgres://mina@h/d\"");
    assert!(overridden.into_iter().fold(machine, |machine, name| machine.with(name, "x")).load().is_ok());
}

#[test]
fn the_key_of_a_servers_links_lies_beside_the_file_else_in_the_data_folder() {
    let mut machine = Machine::new("").with("KEYDESK_DATABASE", "postgres://mina@h/d");
    assert_eq!(machine.load().unwrap().token_key, machine.path("config/token.key"));
    machine.flags.config = None;
    assert_eq!(machine.load().unwrap().token_key, machine.path(".local/share/keydesk/token.key"));
    machine.variables.retain(|(name, _)| *name != "HOME");
    assert!(machine.problem().contains("--config FILE with token_key"));
}

#[test]
fn every_wrong_value_names_file_line_key_and_what_is_allowed() {
    for (text, place, allowed) in [
        ("database = \"mysql://h/d\"", "FILE, line 1, database:", "Use sqlite:PATH or postgres://"),
        ("database = \"postgres://h/d\"", "FILE, line 1, database:", "the user is missing"),
        ("\nbase_url = \"luma\"", "FILE, line 2, base_url:", "https://shop.example"),
        ("[mail]\ndeadline = \"181s\"", "FILE, line 2, mail.deadline:", "from 10s to 3m"),
        ("[mail]\ndeadline = \"9s\"", "FILE, line 2, mail.deadline:", "from 10s to 3m"),
        ("[reset]\n\nlink_life = \"5s\"", "FILE, line 3, reset.link_life:", "from 5m to 7d"),
        ("[reset]\nmax_per_hour = -1", "FILE, line 2, reset.max_per_hour:", "from 0 to 1000"),
        ("[reset]\nmin_interval = \"25h\"", "FILE, line 2, reset.min_interval:", "from 0s to 24h"),
        ("[reset]\nprotection = \"both\"", "FILE, line 2, reset.protection:", "\"ip_and_email\", \"ip\""),
        ("[reset]\nundo = \"11m\"", "FILE, line 2, reset.undo:", "from 0s to 10m"),
        ("[password]\nmin_length = 5", "FILE, line 2, password.min_length:", "from 6 to 128"),
        ("[password]\nmin_classes = 5", "FILE, line 2, password.min_classes:", "from 1 to 4"),
        ("[sign_in]\nmax_failures = 1001", "FILE, line 2, sign_in.max_failures:", "from 0 to 1000"),
        ("[sign_in]\nlock = \"59s\"", "FILE, line 2, sign_in.lock:", "from 1m to 24h"),
        ("[serve]\nlisten = \":80\"", "FILE, line 2, serve.listen:", "unix:PATH, or systemd"),
        ("[serve]\ntrusted_proxies = [\"::1\", \"*\"]", "FILE, line 2, serve.trusted_proxies:", "\"*\" is not a proxy"),
        ("[serve]\nsession_life = \"31d\"", "FILE, line 2, serve.session_life:", "from 5m to 30d"),
        ("[serve]\ntoken_life = \"366d\"", "FILE, line 2, serve.token_life:", "from 0s to 365d"),
        ("[console]\ntheme = \"color\"", "FILE, line 2, console.theme:", "\"auto\", \"dark\", \"light\", \"mono\""),
        ("[searches]\n\n\"who is out\" = \"is:lokced\"", "FILE, line 3, searches.who is out:", "try is:locked"),
        ("[searches]\nx = \"id:\"", "FILE, line 2, searches.x:", "\"id:\" wants a value behind it."),
        ("[console]\ntitle = 1", "FILE, line 2: title:", "expected true or false"),
        ("[console]\nmouse = true", "FILE, line 2: mouse:", "invalid type: boolean `true`, expected a string"),
        ("[console]\nmouse = \"yes\"", "FILE, line 2, console.mouse:", "\"auto\", \"on\", \"off\""),
        ("[console]\nsymbols = \"utf8\"", "FILE, line 2, console.symbols:", "\"unicode\", \"ascii\""),
        ("[console]\nlanguage = \"xx\"", "FILE, line 2, console.language:", "\"auto\", \"en\", \"ko\""),
    ] {
        let problem = problem(text);
        assert!(problem.starts_with(place) && problem.contains(allowed), "{problem}");
        assert!(problem.ends_with("Nothing was done."), "{problem}");
    }
}

#[test]
fn every_wrong_form_names_file_line_and_key() {
    for (text, says) in [
        ("\ndatabse = \"x\"", "FILE, line 2: databse: unknown field `databse`, expected one of `database`"),
        ("[mail]\nusr = \"x\"", "FILE, line 2: usr: unknown field `usr`, expected one of `url`"),
        ("[reset]\nmax_per_hour = \"x\"", "FILE, line 2: max_per_hour: invalid type: string, expected a whole number"),
        ("[mail]\nworker = 1", "FILE, line 2: worker: invalid type: integer `1`, expected true or false"),
        (
            "[serve]\ntrusted_proxies = \"::1\"",
            "FILE, line 2: trusted_proxies: invalid type: string, expected a list in brackets, [\"...\", \"...\"]",
        ),
        ("[mail]\nurl = maildir:x", "FILE, line 2: url: "),
        ("[mail\n", "FILE, line 1: "),
        ("base_url = \"https://a\"\nbase_url = \"https://b\"", "FILE, line 2: base_url: duplicate key"),
    ] {
        let problem = problem(text);
        assert!(problem.starts_with(says) && problem.ends_with(". Nothing was done."), "{problem}");
    }
}

#[test]
fn wrong_flags_and_variables_are_named() {
    let mut machine = Machine::new("").with("KEYDESK_BASE_URL", "luma");
    assert!(machine.problem().starts_with("KEYDESK_BASE_URL: \"luma\" is not a base URL."));
    machine.flags.database = Some("shop.db".into());
    assert!(machine.problem().starts_with("--database: \"shop.db\" does not say"), "{}", machine.problem());
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    let mut machine = Machine::new("");
    machine.flags.mail = Some("smtps://user:hunter2@relay.example".into());
    let problem = machine.problem();
    assert!(problem.starts_with("--mail: a password on the command line"), "{problem}");
    assert!(problem.contains("KEYDESK_MAIL") && !problem.contains("hunter2"), "{problem}");
}

#[test]
fn a_file_that_others_can_change_is_refused() {
    for mode in [0o620, 0o602, 0o666] {
        let machine = Machine::new("");
        machine.mode(mode);
        assert_eq!(
            machine.problem(),
            "FILE is not used, because other users can change it. Run: chmod go-w FILE",
            "{mode:o}"
        );
    }
}

#[test]
fn a_file_that_tells_others_a_password_is_refused() {
    let machine = Machine::new("[mail]\nurl = \"smtps://user:hunter2@relay.example\"");
    assert!(machine.load().is_ok());
    machine.mode(0o640);
    let problem = machine.problem();
    assert!(problem.contains("holds a mail password") && problem.ends_with("Run: chmod 600 FILE"), "{problem}");
    let without = Machine::new("[mail]\nurl = \"smtps://user@relay.example\"");
    without.mode(0o644);
    assert!(without.load().is_ok());
}

#[test]
fn no_secret_is_ever_shown() {
    let secret = "smtps://user:hunter2@relay.example";
    let config = Machine::new(&format!("[mail]\nurl = \"{secret}\"")).load().unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    for wrong in [
        format!("[mail]\nurl = {secret}"),
        format!("[mail]\nworker = \"{secret}\""),
        format!("[reset]\nmax_per_hour = '{secret}'"),
        format!("mail = \"{secret}\""),
        format!("[mail]\nurl = [\"{secret}\"]"),
        format!("[mail]\nurl = \"{secret}"),
    ] {
        let error = Machine::new(&wrong).load().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

#[test]
fn the_password_has_a_file_of_its_own() {
    let machine = Machine::new("[mail]\npassword_file = \"password\"");
    let config = machine.load().unwrap();
    assert!(config.mail.password().unwrap_err().to_string().contains("cannot be read"));
    std::fs::write(machine.path("config/password"), "hunter2\n").unwrap();
    std::fs::set_permissions(machine.path("config/password"), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(config.mail.password().unwrap().unwrap().expose_secret(), "hunter2");
    assert!(Machine::new("").load().unwrap().mail.password().unwrap().is_none());
}

#[test]
fn the_language_is_the_flags_then_the_variables_then_the_files_then_the_locales() {
    let code = |machine: &Machine| machine.load().unwrap().console.language.code();
    let korean = Machine::new("[console]\nlanguage = \"ko\"").with("LANG", "en_US.UTF-8");
    assert_eq!(code(&korean), "ko");
    let mut english = korean.with("KEYDESK_LANG", "en");
    assert_eq!(code(&english), "en");
    english.flags.lang = Some("ko".to_owned());
    assert_eq!(code(&english), "ko");
    assert_eq!(code(&Machine::new("").with("LANG", "ko_KR.UTF-8")), "ko");
    assert_eq!(code(&Machine::new("[console]\nlanguage = \"auto\"").with("LC_ALL", "ko_KR")), "ko");
    assert_eq!(code(&Machine::new("")), "en");
    assert!(Machine::new("").with("KEYDESK_LANG", "xx").problem().starts_with("KEYDESK_LANG: \"xx\" is not allowed"));
}
