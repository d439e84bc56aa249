//! What the Debian package brings fits the program: its configuration, its units and what it lists.
//! Whether it installs is tried by `debian/test`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Parser;
use keydesk::{
    cli::args::Cli,
    config::{
        Config, Flags,
        serve::{Listen, Proxy},
        settings::SETTINGS,
    },
};

/// What the package decides. Everything else stands in its file as a comment.
const DECIDED: [(&str, &str); 5] = [
    ("database", "\"sqlite:/var/lib/keydesk/keydesk.db\""),
    ("token_key", "\"/var/lib/keydesk/token.key\""),
    ("mail.worker", "false"),
    ("serve.listen", "\"systemd\""),
    ("serve.trusted_proxies", "[\"unix\"]"),
];

/// Examples of what has no default.
const EXAMPLES: [(&str, &str); 6] = [
    ("database_password_file", "\"/var/lib/keydesk/database.password\""),
    ("base_url", "\"https://staging.luma.example\""),
    ("mail.url", "\"smtps://shop@relay.example\""),
    ("mail.password_file", "\"/var/lib/keydesk/relay.password\""),
    // Whose names the shop chooses.
    ("keys.NAME", "reset = [\"r\", \"F5\"]"),
    ("searches.NAME", "locked = \"is:locked\""),
];

const HEAD: &str = "\
# The configuration of keydesk on this machine, for whoever has none in ~/.config/keydesk/keydesk.toml.
# A line with # before a setting is its default, or an example where it has none.
#
# keydesk.socket and keydesk.service are the storefront, keydesk-mail.service delivers mails. The storefront has
# no network of its own: see keydesk.service before you name a database on a server, or a relay for it.
# Passwords belong into files of the user keydesk with mode 600, not into this one, which everybody reads.
";

/// Longest line of the file.
const WIDTH: usize = 110;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn value_of(of: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    of.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
}

/// The package's configuration file, from the table that the README's is made from.
fn configuration() -> String {
    let (mut text, mut table) = (HEAD.to_owned(), "");
    for setting in SETTINGS {
        let (within, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if within != table {
            text.extend(["\n[", within, "]\n"]);
            table = within;
        }
        let meaning = comment(&setting.meaning.replace('`', ""));
        let decided = value_of(&DECIDED, setting.key);
        let note = match decided {
            Some(_) if !setting.default.is_empty() => format!("# ({} without this line)\n", setting.default),
            _ => String::new(),
        };
        let sign = if decided.is_some() { "" } else { "#" };
        let example = || value_of(&EXAMPLES, setting.key).expect("an example");
        let value = decided.unwrap_or_else(|| if setting.default.is_empty() { example() } else { setting.default });
        let name = if key == "NAME" { String::new() } else { format!("{key} = ") };
        text.extend(["\n", &meaning, &note, sign, &name, value, "\n"]);
    }
    text
}

/// Lines that begin with `#`, broken between words.
fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split_whitespace() {
        if lines[lines.len() - 1].chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push("#".to_owned());
        }
        let last = lines.len() - 1;
        lines[last].extend([" ", word]);
    }
    lines.join("\n") + "\n"
}

fn load(path: &Path) -> Config {
    let flags = Flags { config: Some(path.to_owned()), ..Flags::default() };
    Config::load(&flags, &|_| None, Path::new("/")).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn the_configuration_is_made_from_the_programs_own_table() {
    let wanted = configuration();
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(file("debian/keydesk.toml"), &wanted).unwrap();
    }
    assert_eq!(read("debian/keydesk.toml"), wanted, "run UPDATE_README=1 cargo test --test packages");
}

#[test]
fn the_program_takes_the_configuration_and_every_default_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keydesk.toml");
    let place = |text: &str| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        load(&path)
    };
    let written = configuration();
    let config = place(&written);
    assert_eq!(config.database.file(), Some(Path::new("/var/lib/keydesk/keydesk.db")));
    assert_eq!(config.token_key, Path::new("/var/lib/keydesk/token.key"));
    assert!(!config.mail.worker && config.mail.url.is_none());
    assert_eq!((&config.serve.listen, &*config.serve.trusted_proxies), (&Listen::Systemd, &[Proxy::Unix][..]));

    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ");
    let all: Vec<&str> =
        written.lines().map(|line| if is_setting(line) { line.trim_start_matches('#') } else { line }).collect();
    let whole = place(&all.join("\n"));
    assert_eq!(all.iter().filter(|line| line.contains(" = ") && !line.starts_with('#')).count(), SETTINGS.len());
    assert!(whole.mail.url.is_some() && whole.base_url.is_some());
    let defaults = |config: &Config| format!("{:?}", (config.reset, config.password, config.lockout, config.console));
    assert_eq!(defaults(&whole), defaults(&config), "what is called a default is the default");
}

const SERVICES: [&str; 2] = ["keydesk.service", "keydesk-mail.service"];

#[test]
fn the_units_call_commands_that_there_are() {
    for unit in SERVICES {
        let text = read(&format!("debian/{unit}"));
        let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        assert!(line.starts_with("/usr/bin/keydesk "), "{unit}: {line}");
        assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{unit}: {line}");
    }
}

#[test]
fn both_services_are_confined_alike() {
    let confined = |unit: &str| {
        let text = read(&format!("debian/{unit}"));
        let lines = text.lines().skip_while(|line| !line.starts_with("User=")).take_while(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(confined(SERVICES[0]).len() > 20);
    assert_eq!(confined(SERVICES[0]), confined(SERVICES[1]));
}

/// Where systemd is installed it says what it thinks of the units: that it knows every line, and how
/// much they leave open, of 10.
#[test]
fn systemd_is_content_with_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("NOT CHECKED: systemd-analyze is not installed.");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for unit in ["keydesk.socket", SERVICES[0], SERVICES[1]] {
        // Not installed here; what is looked for is the program that was built.
        let text = read(&format!("debian/{unit}")).replace("/usr/bin/keydesk", env!("CARGO_BIN_EXE_keydesk"));
        fs::write(folder.path().join(unit), text).unwrap();
    }
    let judge = |args: &[&str], unit: &str| {
        let output = Command::new("systemd-analyze")
            .args(args)
            .arg(folder.path().join(unit))
            .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.path().display()))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{unit}: {said}");
        said
    };
    for unit in ["keydesk.socket", SERVICES[0], SERVICES[1]] {
        let said = judge(&["verify", "--man=no"], unit);
        let ours: Vec<&str> = said.lines().filter(|line| line.contains("keydesk")).collect();
        assert!(ours.is_empty(), "{unit}: {ours:?}");
    }
    judge(&["security", "--offline=true", "--threshold=10"], SERVICES[0]);
    judge(&["security", "--offline=true", "--threshold=15"], SERVICES[1]);
}

#[test]
fn what_the_package_lists_is_there() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let package = &manifest["package"];
    let deb = &package["metadata"]["deb"];
    let build = read("debian/build");
    for asset in deb["assets"].as_array().unwrap() {
        let source = asset[0].as_str().unwrap();
        match source.strip_prefix("target/release/package/").map(|made| made.split(['/', '.']).next().unwrap()) {
            Some(made) => assert!(build.contains(&format!("$made/{made}")), "debian/build makes no {source}"),
            None if source == "target/release/keydesk" => {}
            None => assert!(file(source).is_file(), "{source}"),
        }
    }
    let version = package["version"].as_str().unwrap();
    let newest = read(deb["changelog"].as_str().unwrap());
    assert!(newest.starts_with(&format!("keydesk ({version}-")), "the changelog has an entry for {version}");
    assert!(manifest["profile"].get(deb["profile"].as_str().unwrap()).is_some());
}
