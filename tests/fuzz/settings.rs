//! What the shop decided: the configuration file, its values, the relay's URL, key files.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use jiff::SignedDuration;
use keydesk::{
    config::{
        Config, Flags, Symbols, Theme,
        serve::{Listen, Proxy},
        token_key, value,
    },
    domain::{customer::CustomerId, reset::ResetId, throttle::Protection},
    mail::url::MailUrl,
};
use secrecy::ExposeSecret;

use crate::engine::Target;

/// Stands where passwords stand.
const SECRET: &str = "hunter2geheim";

const FILES: &[&str] = &[
    "database = \"sqlite:shop.db\"\nbase_url = \"https://luma.example\"\n[mail]\nurl = \"smtps://u:hunter2geheim@relay.example\"\nworker = false\ndeadline = \"60s\"\n",
    "[reset]\nlink_life = \"24h\"\nmax_per_hour = 5\nmin_interval = \"10m\"\nprotection = \"ip_and_email\"\nundo = \"10s\"\n",
    "[password]\nmin_length = 8\nmin_classes = 3\n[console]\ntheme = \"mono\"\nsymbols = \"ascii\"\n",
    "[sign_in]\nmax_failures = 10\nlock = \"10m\"\n[serve]\nlisten = \"[::1]:8080\"\ntrusted_proxies = [\"10.0.0.0/8\", \"unix\"]\nsession_life = \"12h\"\ntoken_life = \"0s\"\n",
    "token_key = \"~/key\"\n[mail]\nurl = \"maildir:mail\"\npassword_file = \"secret\"\n",
    "[mail]\nurl = 5\n[mail]\n",
    "",
    "# nothing\n",
];

#[test]
fn configuration_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keydesk.toml");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let words = [
        "\"", "'", "'''", "\n", "[", "]", "=", "[[mail]]", "1e9", "true", "{", "\\u0000", "24h", "-1", "inf",
        "sqlite:", "smtp://", "🇰🇷", ".",
    ];
    let flags = Flags { config: Some(file.clone()), database: Some("sqlite:shop.db".into()), ..Flags::default() };
    Target { name: "configuration", seeds: FILES, words: &words, cost: 4 }.run(|input| {
        fs::write(&file, input).unwrap();
        match Config::load(&flags, &|_| None, folder.path()) {
            Ok(config) => {
                let (minutes, hours) = (SignedDuration::from_mins, SignedDuration::from_hours);
                assert!((minutes(5)..=hours(7 * 24)).contains(&config.reset.link_life));
                assert!((minutes(0)..=minutes(10)).contains(&config.reset.hold));
                assert!((minutes(0)..=hours(24)).contains(&config.reset.limits.min_interval));
                assert!((SignedDuration::from_secs(10)..=minutes(3)).contains(&config.mail.deadline));
                assert!(
                    (6..=128).contains(&config.password.min_length) && (1..=4).contains(&config.password.min_classes)
                );
                assert!(config.lockout.max_failures <= 1000);
                assert!((minutes(1)..=hours(24)).contains(&config.lockout.lock));
                assert!((minutes(5)..=hours(30 * 24)).contains(&config.serve.session_life));
                assert!(config.serve.token_life.is_none_or(|life| life.is_positive() && life <= hours(365 * 24)));
                assert!(!format!("{config:?}").contains(SECRET));
                true
            }
            Err(error) => {
                let said = error.to_string();
                assert!(!said.contains(SECRET) || !is_in_a_value(input), "{said}");
                false
            }
        }
    });
}

/// Whether the secret stands where values stand: behind an equals sign, in quotes.
fn is_in_a_value(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    text.lines().filter(|line| line.contains(SECRET)).all(|line| {
        let before = line.split(SECRET).next().unwrap_or_default();
        before.starts_with("url = \"") && before.matches('"').count() == 1
    })
}

#[test]
fn values() {
    let seeds = [
        "24h",
        "10m",
        "1h30m",
        "7d",
        "90s",
        "PT24H",
        "1 hour",
        "https://luma.example",
        "http://localhost:8080/",
        "sqlite:shop.db",
        "sqlite:///a/b",
        "postgres://u:hunter2geheim@h/d",
        "ip_and_email",
        "127.0.0.1:8080",
        "[::1]:8080",
        "unix:/run/keydesk/serve.sock",
        "10.0.0.0/8",
        "::ffff:10.0.0.0/104",
        "mono",
        "ascii",
    ];
    let words = [
        "h", "m", "s", "d", "mo", "y", "-", "+", "P", "T", ":", "/", "//", "?", "#", "@", "https://", "sqlite:",
        " ago", ".5", ",",
    ];
    let (least, most) = (SignedDuration::from_secs(5), SignedDuration::from_hours(48));
    Target { name: "values", seeds: &seeds, words: &words, cost: 1 }.run(|input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let duration = value::duration(&text, least..=most);
        assert!(duration.as_ref().is_ok_and(|span| (least..=most).contains(span)) || duration.is_err());
        let url = value::base_url(&text);
        if let Ok(url) = &url {
            let place = url.split_once("://").unwrap().1;
            assert!(
                url.starts_with("http")
                    && !place.is_empty()
                    && place.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c)),
                "{url}"
            );
            assert_eq!(value::base_url(url).as_ref(), Ok(url));
        }
        let database = value::database(&text);
        if let Ok(value::Named::File(path)) = database {
            assert!(text.starts_with("sqlite:") && text.ends_with(path) && !path.is_empty() && !path.contains('?'));
        }
        let number = text.parse().map(|n: i64| value::number::<u8>(n, 6..=128));
        assert!(!matches!(number, Ok(Ok(n)) if !(6..=128).contains(&n)));
        let listen = Listen::parse(&text);
        assert!(
            listen.as_ref().is_ok_and(|read| Listen::parse(&read.to_string()).as_ref() == Ok(read)) || listen.is_err()
        );
        let proxy = Proxy::parse(&text);
        if let Ok(Proxy::Network { ip, prefix }) = proxy {
            assert!(
                prefix <= if ip.is_ipv4() { 32 } else { 128 } && proxy.as_ref().is_ok_and(|proxy| proxy.covers(ip))
            );
        }
        let words = [
            listen.is_ok(),
            proxy.is_ok(),
            value::word::<Protection>(&text).is_ok(),
            value::word::<Theme>(&text).is_ok(),
            value::word::<Symbols>(&text).is_ok(),
        ];
        duration.is_ok() || url.is_ok() || database.is_ok() || words.contains(&true)
    });
}

#[test]
fn mail_url() {
    let seeds = [
        "smtps://u:hunter2geheim@relay.example",
        "smtp://localhost",
        "smtp://u%40shop:hunter2geheim@mail.example:2525?tls=required",
        "smtp://[::1]:25",
        "sendmail:/usr/sbin/sendmail",
        "sendmail:",
        "maildir:demo/mail",
        "http://x",
    ];
    let words = [
        "@",
        ":",
        "/",
        "//",
        "?tls=required",
        "%40",
        "%00",
        "%ff",
        "[",
        "]",
        "::1",
        "smtp://",
        "smtps://",
        "127.0.0.1",
        "localhost",
        "\r\n",
        "#",
    ];
    Target { name: "mail URL", seeds: &seeds, words: &words, cost: 1 }.run(|input| {
        let text = String::from_utf8_lossy(input).into_owned();
        // Where the text keeps its shape, what stands for the password is never shown.
        let has_password =
            text.starts_with("smtp") && value::has_password(&text) && text.contains(&format!(":{SECRET}@"));
        match MailUrl::parse(&text) {
            Ok(url) => {
                let shown = url.to_string();
                assert_eq!(format!("{url:?}"), shown);
                // Stars are not a password, so only one without any can be read back the same.
                if !url.has_password() {
                    assert_eq!(MailUrl::parse(&shown).unwrap().to_string(), shown);
                }
                // A name is shown, even one that looks like a password.
                let before =
                    text.split_once("://").and_then(|(_, rest)| rest.split_once(':')).map_or("", |(name, _)| name);
                assert!(!url.has_password() || !shown.contains(SECRET) || before.contains(SECRET), "{shown}");
                true
            }
            Err(error) => {
                assert!(!has_password || !error.to_string().contains(SECRET));
                false
            }
        }
    });
}

#[test]
fn key_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.key");
    token_key::load_or_create(&path, &|| [7; 64]).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let read = |path: &Path| token_key::load_or_create(path, &|| [9; 64]).ok();
    let token =
        |path: &Path| read(path).map(|key| key.token(ResetId(1), b"nonce").link("https://a.example", CustomerId(1)));
    let upper = good.to_ascii_uppercase();
    Target { name: "key file", seeds: &[&good, &upper], words: &["\n", "0", "f", "G", " "], cost: 4 }.run(|input| {
        fs::write(&path, input).unwrap();
        let Some(link) = token(&path) else { return false };
        let hex = String::from_utf8(input.to_vec()).unwrap();
        let hex = hex.trim_end_matches(['\n', '\r']);
        assert!(hex.len() == 128 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(fs::read(&path).unwrap(), input, "a key is never written over");
        let token = link.expose_secret().strip_prefix("https://a.example/r/1.").unwrap();
        assert!(token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        true
    });
}
