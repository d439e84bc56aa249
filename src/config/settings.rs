//! Every setting in one table, which the manual is made from.

/// What there is to know of a setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in the file, with its table in front.
    pub key: &'static str,
    /// Its default as it would be written in the file; empty where it depends on the machine.
    pub default: &'static str,
    /// The flag and the variable that win over the file.
    pub also: &'static str,
    /// What it does and what is allowed.
    pub meaning: &'static str,
}

const fn setting(key: &'static str, default: &'static str, also: &'static str, meaning: &'static str) -> Setting {
    Setting { key, default, also, meaning }
}

/// All settings, in the order of the file.
pub const SETTINGS: [Setting; 29] = [
    setting(
        "database",
        "",
        "`--database`, `KEYDESK_DATABASE`",
        "`sqlite:PATH`, or `postgres://USER@HOST/DATABASE` with `sslrootcert`, `target_session_attrs` and others behind a \
         `?`; without it `keydesk/keydesk.db` in `$XDG_DATA_HOME` or `~/.local/share`",
    ),
    setting(
        "database_password_file",
        "",
        "",
        "file that holds the database server's password and nobody else can read",
    ),
    setting(
        "base_url",
        "",
        "`KEYDESK_BASE_URL`",
        "scheme and host of every link, in place of the websites' own: for a staging copy of a shop",
    ),
    setting(
        "token_key",
        "",
        "",
        "file of the key that links are derived from, made on first use; without it `token.key` beside this file, \
         or beside the database where there is no file; with a server in `keydesk` in `$XDG_DATA_HOME` or `~/.local/share`",
    ),
    setting(
        "mail.url",
        "",
        "`--mail`, `KEYDESK_MAIL`",
        "where mails are handed over: `smtps://user@relay.example`, `smtp://localhost`, `sendmail:`, `maildir:DIR`",
    ),
    setting("mail.password_file", "", "", "file that holds the relay's password and nobody else can read"),
    setting("mail.worker", "true", "", "whether an open console, and `keydesk serve`, deliver mails"),
    setting("mail.deadline", "\"120s\"", "", "longest time of one delivery, 10 seconds to 3 minutes"),
    setting("reset.link_life", "\"24h\"", "", "how long a link works, 5 minutes to 7 days"),
    setting("reset.max_per_hour", "5", "", "most resets of a customer in one hour, 0 to 1000; 0 = any number"),
    setting("reset.min_interval", "\"10m\"", "", "shortest time between two resets of a customer, 0 to 24 hours"),
    setting(
        "reset.protection",
        "\"ip_and_email\"",
        "",
        "what the two limits count: `ip_and_email`, `ip` (staff are not limited), `email`, `none`",
    ),
    setting("reset.undo", "\"10s\"", "", "how long a mail is held so that it can be taken back, 0 to 10 minutes"),
    setting("password.min_length", "6", "", "fewest characters of a new password, 6 to 128"),
    setting(
        "password.min_classes",
        "1",
        "",
        "fewest of digits, capital letters, small letters and other characters in it, 1 to 4",
    ),
    setting(
        "sign_in.max_failures",
        "10",
        "",
        "wrong passwords in a row that lock an account, 0 to 1000; 0 = none ever does",
    ),
    setting("sign_in.lock", "\"10m\"", "", "how long such a lock holds, 1 minute to 24 hours"),
    setting(
        "serve.listen",
        "\"127.0.0.1:8080\"",
        "`--listen`, `KEYDESK_LISTEN`",
        "where `keydesk serve` listens: `IP:PORT`, `unix:PATH`, or `systemd` for the socket that systemd hands over",
    ),
    setting(
        "serve.trusted_proxies",
        "[]",
        "",
        "whose `X-Forwarded-For` is believed: IP addresses, networks such as `10.0.0.0/8`, or `unix` for whoever \
         connects to the socket file",
    ),
    setting("serve.session_life", "\"12h\"", "", "how long a browser session lasts, 5 minutes to 30 days"),
    setting(
        "serve.token_life",
        "\"1h\"",
        "",
        "how long an access token works, 0 seconds to 365 days; 0 = until it is revoked",
    ),
    setting(
        "console.theme",
        "\"auto\"",
        "",
        "`dark`, `light`, `mono`, or `auto`: by `COLORFGBG`; the terminal's 16 colours, others only where `COLORTERM` says \
         `truecolor`; with `NO_COLOR` always `mono`",
    ),
    setting(
        "console.symbols",
        "\"unicode\"",
        "",
        "`unicode`, or `ascii` for terminals that draw ambiguous characters two cells wide",
    ),
    setting(
        "console.mouse",
        "\"auto\"",
        "",
        "`on`, `off`, or `auto`: where the terminal is known to tell of it; `M` changes it while the console runs",
    ),
    setting("console.title", "true", "", "whether the terminal's title says which shop this is"),
    setting(
        "console.language",
        "\"auto\"",
        "`--lang`, `KEYDESK_LANG`",
        "language of the console: `auto` (as `LC_ALL`, `LC_MESSAGES` or `LANG` says), or its code, \
         such as `ko`",
    ),
    setting(
        "console.columns",
        "[\"id\", \"site\", \"group\", \"since\", \"last-in\", \"tokens\", \"state\"]",
        "",
        "columns beside name and e-mail; all = as many as there is room for; `C` changes them while the console runs",
    ),
    setting(
        "keys.NAME",
        "",
        "",
        "keys of the command of this name, in place of its own: `reset = [\"r\", \"F5\"]`; Esc, Enter and Ctrl-C stay",
    ),
    setting(
        "searches.NAME",
        "",
        "",
        "a search of the shop's own, `locked = \"is:locked\"`; `S` lists them, the palette finds them",
    ),
];

/// The table as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut lines = vec!["| setting | default | also by | meaning |".to_owned(), "|---|---|---|---|".to_owned()];
    lines.extend(SETTINGS.iter().map(|setting| {
        let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        format!("| `{}` | {default} | {} | {} |", setting.key, setting.also, setting.meaning)
    }));
    lines.join("\n") + "\n"
}
