//! Looking over the configuration and the secrets that it names. No secret is told.

use std::{fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use crate::{
    config::{Config, token_key},
    domain::check::{Check, Reach, quoted},
};

/// The configuration that was read, and the files that it names.
#[must_use]
pub fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![file(config.file.as_deref()), key(&config.token_key)];
    checks.extend(password(config));
    checks
}

fn file(file: Option<&Path>) -> Check {
    let name = "configuration";
    let Some(file) = file else { return Check::fine(name, "no file; defaults, environment and flags") };
    let shown = file.display();
    match file.metadata() {
        Ok(about) => Check::fine(name, format!("{shown}, {}", reach(&about))),
        Err(e) => Check::wrong(name, format!("{shown} cannot be looked at: {e}"), "Run doctor as the user who works."),
    }
}

fn reach(about: &Metadata) -> String {
    let who = match Reach::of_mode(about.mode()) {
        Reach::Owner => "its owner alone",
        Reach::Group => "its owner and group",
        Reach::Everybody => "everybody on this machine",
    };
    format!("mode {:o}, for {who}", about.mode() & 0o7777)
}

fn key(path: &Path) -> Check {
    let (name, shown) = ("token key", path.display());
    if !path.exists() {
        let text = format!("{shown} is not there; the first mail makes it");
        return Check::warning(name, text, "If this shop has sent links before, put the key's copy back.");
    }
    match token_key::load(path) {
        Ok(_) => Check::fine(name, format!("{shown} holds a key of 64 bytes, for its owner alone")),
        Err(e) => Check::wrong(name, e.to_string(), format!("It must be of its owner: chmod 600 {}", quoted(path))),
    }
}

fn password(config: &Config) -> Option<Check> {
    let (name, file) = ("password", config.mail.password_file.as_deref()?);
    let advice = || format!("Put the relay's password there and run: chmod 600 {}", quoted(file));
    Some(match config.mail.password() {
        Ok(_) => Check::fine(name, format!("{} is for its owner alone", file.display())),
        Err(e) => Check::wrong(name, e.to_string(), advice()),
    })
}
