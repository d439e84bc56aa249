//! `keydesk doctor`: looks over everything that a shop needs, and changes nothing.

use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit};

use crate::{
    app::{configuration, console, delivery, rules, variable},
    cli::{
        answer::Answer,
        args::{DoctorArgs, Global},
        doctor::{Session, report},
    },
    clock::Clock,
    config::{self, Config, token_key},
    domain::check::Check,
    service::doctor,
    store::sql,
    tui::terminal,
};

/// Longest wait for the relay.
const PROBE: Duration = Duration::from_secs(20);

/// Runs `keydesk doctor`: every check, whatever the ones before it found.
pub(super) async fn run(global: &Global, args: &DoctorArgs) -> Answer {
    let session = session();
    let mut checks = Vec::new();
    match configuration(global) {
        Ok(config) => {
            checks.extend(config::check::checks(&config));
            checks.extend(look(&config));
            checks.extend(shop(&config, args).await);
            if !args.no_relay {
                checks.push(relay(&config).await);
            }
        }
        Err(wrong) => checks.push(Check::wrong(
            "configuration",
            wrong.lines.join(" "),
            "Correct it first: it says where the database and the relay are.",
        )),
    }
    checks.extend(session.checks());
    report(&checks, session.is_utf8())
}

async fn shop(config: &Config, args: &DoctorArgs) -> Vec<Check> {
    let now = Clock::system().now();
    let found = sql::examine(&config.database, args.full, now).await;
    let mut checks = found.checks;
    if let Some(shop) = &found.shop {
        // What keeps the key from being read is a check of the configuration.
        let key = token_key::load(&config.token_key).ok().map(|key| key.fingerprint());
        checks.extend(doctor::checks(shop, &rules(config), key.as_deref(), now));
    }
    checks
}

/// Keys or columns that are wrong: the console would not open.
fn look(config: &Config) -> Option<Check> {
    let wrong = console::keymap(config).err().or_else(|| console::columns(config).err())?;
    Some(Check::wrong("console", wrong.to_string(), "Correct it: the console does not open before."))
}

async fn relay(config: &Config) -> Check {
    let name = "relay";
    if config.mail.url.is_none() {
        let text = "it is not set where mails go, so they wait in the queue";
        return Check::warning(name, text, "Set mail.url in the configuration file, KEYDESK_MAIL or --mail.");
    }
    let advice = "Correct mail.url or its password, or let it pass: mails wait and are tried again.";
    let transport = match delivery::transport(&config.mail, PROBE) {
        Ok(transport) => transport,
        Err(wrong) => return Check::wrong(name, wrong.lines.join(" "), advice),
    };
    match transport.probe().await {
        Ok(text) => Check::fine(name, text),
        Err(text) => Check::wrong(name, text, advice),
    }
}

fn session() -> Session {
    let no_colour = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    Session {
        term: variable("TERM"),
        size: terminal::window(),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set),
        colours: !no_colour,
        core_limit: getrlimit(Resource::RLIMIT_CORE).ok().map(|(soft, _)| soft),
    }
}
