//! The rules of the house, read off the code: who may import whom, and what must not be there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

struct Source {
    /// Below `src`, such as `store/sql/resets.rs`.
    name: String,
    /// Its code without comments and without its tests.
    code: String,
    whole: String,
}

impl Source {
    /// The part of the house that it belongs to: `store`, `tui`, `main` ...
    fn part(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap()
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places
            .iter()
            .any(|place| self.name == *place || self.name.starts_with(&format!("{}/", place.trim_end_matches(".rs"))))
    }

    /// Whether the code names something, as a whole word.
    fn names(&self, word: &str) -> bool {
        self.code.match_indices(word).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !joins(before) && !joins(after)
        })
    }
}

fn sources() -> Vec<Source> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    assert!(paths.len() > 30, "the walk over src found too little to judge");
    let mut sources: Vec<Source> = paths
        .iter()
        .map(|path| {
            let whole = fs::read_to_string(path).unwrap();
            let without_tests = whole.split("#[cfg(test)]").next().unwrap();
            let code = without_tests.lines().map(|l| l.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
            Source { name: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), code, whole }
        })
        .filter(|source| !source.name.ends_with("tests.rs") && !source.name.contains("/tests/"))
        .collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Fails with all offenders at once.
fn none(offenders: impl Iterator<Item = String>, rule: &str) {
    let offenders: Vec<String> = offenders.collect();
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

/// Parts of the house, and what each may import of the others.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("domain", &["domain"]),
    ("store", &["store", "domain"]),
    ("texts", &["texts", "store", "domain"]),
    ("mail", &["mail", "texts", "domain"]),
    ("service", &["service", "store", "mail", "domain", "clock"]),
    ("demo", &["demo", "store", "domain"]),
    ("config", &["config", "texts", "domain"]),
    ("cli", &["cli", "service", "store", "mail", "texts", "domain", "clock", "config"]),
    ("tui", &["tui", "service", "store", "mail", "texts", "domain", "clock"]),
    ("web", &["web", "service", "store", "texts", "domain"]),
];

#[test]
fn every_part_imports_only_what_is_below_it() {
    let parts: Vec<&str> = MAY_IMPORT.iter().map(|(part, _)| *part).chain(["app"]).collect();
    none(
        sources().iter().flat_map(|source| {
            let allowed = MAY_IMPORT.iter().find(|(part, _)| *part == source.part()).map(|(_, allowed)| *allowed);
            let named = parts.iter().filter(|part| {
                source.code.contains(&format!("crate::{part}")) || imported_in_braces(&source.code).contains(part)
            });
            let bad: Vec<String> = match allowed {
                Some(allowed) => named
                    .filter(|part| !allowed.contains(part))
                    .map(|p| format!("{} imports {p}", source.name))
                    .collect(),
                None => Vec::new(),
            };
            bad
        }),
        "a part of the house imports something above it",
    );
}

/// Parts named in `use crate::{ a::..., b::... }`.
fn imported_in_braces(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, start) in code.match_indices("use crate::{") {
        let mut depth = 1;
        let mut word_start = Some(at + start.len());
        for (i, c) in code[at + start.len()..].char_indices().map(|(i, c)| (at + start.len() + i, c)) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => word_start = Some(i + 1),
                ':' if depth == 1 => {
                    if let Some(from) = word_start.take() {
                        found.push(code[from..i].trim());
                    }
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn the_domain_is_pure() {
    let foreign = ["ratatui", "crossterm", "sqlx", "lettre", "axum", "tokio", "rand", "nix", "clap"];
    none(
        sources().iter().filter(|s| s.is_in(&["domain.rs", "domain"])).flat_map(|source| {
            let impure =
                ["Timestamp::now", "SystemTime", "Instant", "std::env", "std::fs", "TcpStream", "ToSocketAddrs"];
            let words = foreign.iter().chain(&impure).filter(|word| source.names(word));
            words.map(|word| format!("{} names {word}", source.name)).collect::<Vec<_>>()
        }),
        "the domain does something",
    );
}

/// Libraries that are named in one place only.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("lettre", &["mail/transport.rs", "mail/transport", "mail/render.rs", "mail/render"]),
    ("axum", &["web.rs", "web"]),
    ("hyper", &["web.rs", "web"]),
    ("hyper_util", &["web.rs", "web"]),
    ("askama", &["web.rs", "web", "mail/words.rs"]),
    ("ratatui", &["tui.rs", "tui"]),
    ("crossterm", &["tui/terminal.rs", "tui/terminal", "tui/input.rs", "tui/input", "tui/runtime.rs", "tui/runtime"]),
    ("tokio::spawn", &["tui/runtime.rs", "tui/runtime", "web.rs", "web", "app/delivery.rs"]),
    ("Timestamp::now", &["clock.rs"]),
    ("fluent_bundle", &["texts.rs"]),
    ("fluent_syntax", &["texts/catalogue.rs"]),
    ("clap", &["main.rs", "cli.rs", "cli", "app.rs", "app"]),
];

#[test]
fn every_library_stays_in_its_room() {
    let sources = sources();
    none(
        HOMES.iter().flat_map(|(library, homes)| {
            let strangers = sources.iter().filter(|source| !source.is_in(homes) && source.names(library));
            strangers.map(|source| format!("{} names {library}", source.name)).collect::<Vec<_>>()
        }),
        "a library is used outside of its room",
    );
}

#[test]
fn the_consoles_rules_are_pure() {
    let pure =
        ["model", "msg", "effect", "update", "command", "keymap"].map(|n| [format!("tui/{n}.rs"), format!("tui/{n}")]);
    let pure: Vec<&str> = pure.iter().flatten().map(String::as_str).collect();
    none(
        sources().iter().filter(|s| s.is_in(&pure)).flat_map(|source| {
            let foreign = ["crate::service", "crate::store", "crate::mail", "crossterm", "tokio", "std::fs", "Instant"];
            foreign
                .iter()
                .filter(|word| source.names(word))
                .map(|word| format!("{} names {word}", source.name))
                .collect::<Vec<_>>()
        }),
        "the console's rules reach outside",
    );
}

#[test]
fn the_house_keeps_its_manners() {
    none(
        sources().iter().flat_map(|source| {
            let mut bad = Vec::new();
            if source.name.ends_with("mod.rs") {
                bad.push(format!("{} should be foo.rs beside foo/", source.name));
            }
            for word in
                ["use crate::*", "static mut", "lazy_static", "todo!(", "unimplemented!(", "AssertSqlSafe", "unsafe "]
            {
                if source.code.contains(word) {
                    bad.push(format!("{} has {word}", source.name));
                }
            }
            // A table worked out once from text that is built in is a constant in all but name.
            let shared = |line: &str| {
                let line = line.trim_start().trim_start_matches("pub ");
                line.starts_with("static ") && !line.contains(": LazyLock<")
            };
            if source.code.lines().any(shared) {
                bad.push(format!("{} has a static", source.name));
            }
            if !source.whole.starts_with("//!") {
                bad.push(format!("{} does not say what it is for", source.name));
            }
            for (n, line) in source
                .whole
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains("#[allow") || line.contains("#![allow"))
            {
                if !line.contains("reason") {
                    bad.push(format!("{}:{} silences a lint without a reason", source.name, n + 1));
                }
            }
            bad
        }),
        "bad manners",
    );
}

#[test]
fn main_only_opens_the_door() {
    let main = sources().into_iter().find(|source| source.name == "main.rs").unwrap();
    assert!(main.whole.lines().count() <= 40);
}

#[test]
fn secrets_are_not_written_by_hand() {
    // Whoever reveals a secret stands on this list, with a reason to.
    let may_reveal = [
        "domain/reset.rs",
        "domain/customer_token.rs",
        "mail",
        "config",
        "app.rs",
        "app",
        "cli",
        // Passwords and secrets are hashed here, and judged.
        "service/hashing.rs",
        "service/integrations.rs",
        "service/redeem.rs",
        "service/sign_in.rs",
        // What is stored of a password is its hash.
        "store/sql/storefront/redeem.rs",
        "store/sql/storefront/sign_in.rs",
        // A token is handed to whom it was made for; a new password is compared with itself.
        "web/api/token.rs",
        "web/cookies.rs",
        "store/sql/postgres/connect.rs",
        "web/pages/reset.rs",
    ];
    none(
        sources().iter().filter(|s| !s.is_in(&may_reveal) && s.names("expose_secret")).map(|s| s.name.clone()),
        "a secret is revealed where it need not be",
    );
}
