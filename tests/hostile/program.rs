//! The real program: every command over a hostile shop, and every way to be wrong.

use std::{
    ffi::{OsStr, OsString},
    os::unix::{ffi::OsStrExt, process::CommandExt},
    process::{Command, Output, Stdio},
};

use crate::{
    hostile_shop::HostileShop,
    payloads::{self, NOT_UTF8, Payload},
    tty::{self, Writer},
};

/// What was run, and what must not have been printed.
#[derive(Default)]
struct Runs {
    count: usize,
    bytes: usize,
    problems: Vec<String>,
}

impl Runs {
    /// Looks at both outputs of a command, and at the JSON if that was asked for.
    fn look_at(&mut self, command: &mut Command) -> Output {
        let output = command.stdin(Stdio::null()).output().unwrap();
        self.count += 1;
        for bytes in [&output.stdout, &output.stderr] {
            self.bytes += bytes.len();
            let seen = tty::read(Writer::Lines, bytes);
            self.problems.extend(seen.problems.iter().take(2).map(|problem| format!("{problem}: {command:?}")));
        }
        if command.get_args().any(|arg| arg == "--json")
            && !output.stdout.is_empty()
            && serde_json::from_slice::<serde_json::Value>(&output.stdout).is_err()
        {
            self.problems.push(format!("no JSON: {command:?}"));
        }
        assert!(output.status.code().is_some_and(|code| code <= 6), "{command:?}: {output:?}");
        output
    }

    fn end(mut self, what: &str) {
        println!("{what}: {} runs, {} bytes", self.count, self.bytes);
        self.problems.truncate(20);
        assert!(self.problems.is_empty(), "{:#?}", self.problems);
    }
}

/// The program with nothing of this machine's environment.
fn keydesk(shop: &HostileShop) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
    command.env_clear().env("HOME", shop.folder.path());
    command
}

/// Every how many strings one is taken, so that `most` are left.
fn sample(most: usize) -> Vec<Payload> {
    let all = payloads::all();
    let most = if crate::is_long() { all.len() } else { most };
    let every = all.len() / most;
    all.into_iter().step_by(every).filter(|payload| !payload.text.contains('\0')).collect()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn no_command_passes_the_shop_on() {
    let payloads = sample(150);
    let shop = block_on(HostileShop::new(&payloads));
    let mut runs = Runs::default();
    let mut run = |args: &[&str]| {
        let mut texts = Vec::new();
        for json in [&[][..], &["--json"]] {
            let output = runs.look_at(
                keydesk(&shop).args(args).args(json).arg("--config").arg(shop.config()).args(["--operator", "mina"]),
            );
            texts.push(String::from_utf8(output.stdout).unwrap());
        }
        texts
    };
    let all = run(&["customers", "--limit", "1000", "--sort", "id"]);
    assert!(all.iter().all(|text| text.contains(&payloads[1].mark) && text.contains(&payloads[140].mark)));
    let records = if crate::is_long() { 1 } else { 5 };
    for id in (1..=payloads.len()).step_by(records).map(|id| id.to_string()) {
        for text in run(&["show", &id]) {
            assert!(text.contains(&payloads[id.parse::<usize>().unwrap() - 1].mark), "{text}");
        }
    }
    for id in ["1", "2", "7", "8"] {
        run(&["mail", "show", id]);
        run(&["reset-password", id, "--dry-run"]);
        run(&["force-sign-in", id, "--dry-run", "--scope", "all"]);
        run(&["cancel-reset", id, "--dry-run"]);
        run(&["reset-password", id]);
        run(&["force-sign-in", id, "--scope", "all"]);
        run(&["cancel-reset", id]);
        run(&["audit", "list", "--customer", id]);
    }
    run(&["customers", "group:nobody"]);
    for list in [["mail", "list"], ["audit", "list"]] {
        let texts = run(&[list[0], list[1], "--limit", "1000"]);
        assert!(texts.iter().all(|text| text.contains(&payloads[2].mark)), "{texts:?}");
    }
    run(&["audit", "verify"]);
    runs.end("the shop");
}

/// Places of a command line that take a text.
const ARGUMENTS: [&[&str]; 24] = [
    &["TEXT"],
    &["--TEXT"],
    &["customers", "TEXT"],
    &["customers", "is:\"TEXT\""],
    &["customers", "TEXT:x"],
    &["customers", "website:\"TEXT\"", "group:\"TEXT\""],
    &["customers", "--after", "TEXT"],
    &["customers", "--sort", "TEXT"],
    &["customers", "--limit", "TEXT"],
    &["show", "TEXT"],
    &["show", "1", "--website", "TEXT"],
    &["reset-password", "TEXT", "--reason", "TEXT"],
    &["reset-password", "1", "--op-key", "TEXT"],
    &["force-sign-in", "1", "--token", "TEXT"],
    &["cancel-reset", "1", "--operator", "TEXT"],
    &["mail", "show", "TEXT"],
    &["audit", "list", "--customer", "TEXT"],
    &["demo", "--no-console", "--now", "TEXT", "--dir", "TEXT"],
    &["integrations", "add", "TEXT", "--scopes", "TEXT", "--dry-run"],
    &["integrations", "remove", "TEXT"],
    &["completions", "TEXT"],
    &["--config", "TEXT", "customers"],
    &["--database", "sqlite:/nowhere/TEXT", "show", "1"],
    &["help", "TEXT"],
];

/// Variables that are read, by keydesk or by its libraries.
const VARIABLES: [(&str, &str); 18] = [
    ("KEYDESK_CONFIG", "TEXT"),
    ("KEYDESK_DATABASE", "TEXT"),
    ("KEYDESK_DATABASE", "sqlite:/nowhere/TEXT"),
    ("KEYDESK_DATABASE", "TEXT:x"),
    ("KEYDESK_BASE_URL", "TEXT"),
    ("KEYDESK_LISTEN", "TEXT"),
    ("KEYDESK_LISTEN", "unix:/nowhere/TEXT"),
    ("KEYDESK_MAIL", "TEXT"),
    ("KEYDESK_MAIL", "smtp://TEXT"),
    ("KEYDESK_MAIL", "maildir:/nowhere/TEXT"),
    ("KEYDESK_MAIL", "sendmail:/nowhere/TEXT"),
    ("XDG_DATA_HOME", "/nowhere/TEXT"),
    ("HOME", "/nowhere/TEXT"),
    ("SUDO_USER", "TEXT"),
    ("SSH_USER_AUTH", "/nowhere/TEXT"),
    ("TERM", "TEXT"),
    ("LANG", "TEXT"),
    ("NO_COLOR", "TEXT"),
];

/// `TEXT` is replaced by any bytes.
fn with(pattern: &str, text: &[u8]) -> OsString {
    let bytes = pattern.split("TEXT").map(str::as_bytes).collect::<Vec<_>>().join(text);
    OsStr::from_bytes(&bytes).to_owned()
}

/// Strings of every kind that an argument can hold, and bytes that are no text.
fn arguments() -> Vec<Vec<u8>> {
    let mut kinds: Vec<&str> = Vec::new();
    let each = if crate::is_long() { 40 } else { 1 };
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for payload in payloads::all().into_iter().filter(|payload| !payload.text.contains('\0')).step_by(7) {
        if kinds.iter().filter(|kind| **kind == payload.kind).count() < each {
            kinds.push(payload.kind);
            texts.push(payload.text.into_bytes());
        }
    }
    texts.extend(NOT_UTF8.iter().step_by(if crate::is_long() { 1 } else { 4 }).map(|bytes| bytes.to_vec()));
    texts
}

#[test]
fn no_mistake_is_repeated_as_it_is() {
    let shop = block_on(HostileShop::new(&sample(150)[..2]));
    let mut runs = Runs::default();
    for (n, text) in arguments().iter().enumerate() {
        for (m, arguments) in ARGUMENTS.iter().enumerate() {
            let mut command = keydesk(&shop);
            command.args(arguments.iter().map(|argument| with(argument, text)));
            if arguments[0] != "--config" {
                command.arg("--config").arg(shop.config());
            }
            // A reader in a hurry: both forms, by turns.
            command.args(((n + m) % 2 == 0).then_some("--json"));
            runs.look_at(&mut command);
        }
        runs.look_at(keydesk(&shop).arg("--help").arg(with("TEXT", text)));
        runs.look_at(keydesk(&shop).arg("show").arg0(with("TEXT", text)));
        runs.look_at(keydesk(&shop).arg("--help").arg0(with("TEXT", text)));
    }
    runs.end("arguments");
}

#[test]
fn no_variable_is_repeated_as_it_is() {
    let shop = block_on(HostileShop::new(&sample(150)[..2]));
    let mut runs = Runs::default();
    for (n, text) in arguments().iter().enumerate() {
        for (m, (name, value)) in VARIABLES.iter().enumerate() {
            for arguments in [&["customers"][..], &["mail", "deliver"], &[]] {
                let mut command = keydesk(&shop);
                command.args(arguments).args(((n + m) % 2 == 0).then_some("--json"));
                if !name.starts_with("KEYDESK_CONFIG") {
                    command.env("KEYDESK_CONFIG", shop.config());
                }
                runs.look_at(command.env(name, with(value, text)));
            }
        }
    }
    runs.end("variables");
}

/// A configuration file in which a key, a value or the syntax is hostile.
const FILES: [&str; 9] = [
    "database = \"TEXT\"\n",
    "database = 'TEXT'\n",
    "\"TEXT\" = 1\n",
    "TEXT = 1\n",
    "[TEXT]\n",
    "[mail]\nurl = '''TEXT'''\n",
    "[reset]\nlink_life = '''TEXT'''\n",
    "[console]\ntheme = '''TEXT'''\n",
    "token_key = '''/nowhere/TEXT'''\n[mail]\nurl = \"maildir:mail\"\npassword_file = '''TEXT'''\n",
];

#[test]
fn no_file_is_repeated_as_it_is() {
    let shop = block_on(HostileShop::new(&sample(150)[..2]));
    let mut runs = Runs::default();
    for (n, text) in arguments().iter().enumerate() {
        for (m, pattern) in FILES.iter().enumerate() {
            let file = shop.folder.path().join("hostile.toml");
            std::fs::write(&file, with(pattern, text).as_bytes()).unwrap();
            let mut command = keydesk(&shop);
            command.args(["mail", "deliver", "--config"]).arg(&file).args(((n + m) % 2 == 0).then_some("--json"));
            runs.look_at(&mut command);
        }
        // A file of that name: its own errors name it.
        let short = &text[..text.len().min(100)];
        let file = shop
            .folder
            .path()
            .join(with("TEXT.toml", &short.iter().copied().filter(|b| *b != b'/').collect::<Vec<u8>>()));
        std::fs::write(&file, "x").unwrap();
        runs.look_at(keydesk(&shop).args(["customers", "--config"]).arg(&file));
    }
    runs.end("files");
}
