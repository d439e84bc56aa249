//! Whatever a shop and its customers are called, another mail program reads what was written.
//!
//! `KEYDESK_LONG=1` makes a million mails; `KEYDESK_SEED=N` throws other dice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/trials.rs"]
#[allow(dead_code, reason = "the tests of faults use the rest")]
mod trials;

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use keydesk::{
    domain::{
        email::EmailAddress,
        safe_text::SafeText,
        website::{Website, WebsiteId},
    },
    mail::render::{Letter, Mail},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use trials::{Trials, so_many};

const LINK: &str = "https://luma.example/r/3.q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
const HEADERS: [&str; 8] =
    ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];

/// Python's mail parser, in one process for all mails.
struct Reader {
    process: Child,
    mails: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/read_stream.py");
        let mut command = Command::new("/usr/bin/python3");
        let mut process = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mails, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, mails, answers }
    }

    fn read(&mut self, mail: &[u8]) -> Value {
        let framed = [format!("{}\n", mail.len()).as_bytes(), mail].concat();
        self.mails.write_all(&framed).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(mail)))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Names that mail programs trip over, and any others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => any::<String>(),
        8 => "[ -~]{0,120}",
        8 => "[\\r\\n\\t\\x00\"\\\\<>,;:@()\\[\\]=?._ a-zé홍]{0,60}",
        4 => "\\PC{0,80}",
        2 => "(=\\?utf-8\\?[qb]\\?[ -~]{0,30}\\?= ?){1,3}",
        1 => "(\r\n|\n|\r)(Bcc|To|Content-Type|\\.): ?[ -~]{0,30}",
        1 => "[a-z홍]{300,1500}",
    ]
}

fn address() -> impl Strategy<Value = EmailAddress> {
    let text = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([a-z0-9-]{1,63}\\.){1,3}[a-z]{2,20}";
    text.prop_filter_map("not an address", |text| EmailAddress::parse(&text).ok())
}

fn mails() -> impl Strategy<Value = Mail> {
    let languages = prop_oneof![Just("en".to_owned()), Just("ko".to_owned()), "[a-z]{2}(-[A-Z]{2})?", any::<String>()];
    let reset = |from_console| Letter::Reset {
        link: LINK.into(),
        expires_at: "2026-11-21T14:03:19Z".parse().unwrap(),
        from_console,
    };
    let at = "2026-11-20T14:03:09Z".parse().unwrap();
    let letters = prop_oneof![any::<bool>().prop_map(reset), Just(Letter::PasswordChanged { at })];
    (name(), name(), address(), address(), languages, letters, 1..1_000_000_u32).prop_map(
        |(name, sender, from, to, language, letter, id)| Mail {
            message_id: format!("mail-{id}.5f3a"),
            created_at: "2026-11-20T14:03:09Z".parse().unwrap(),
            website: Website {
                id: WebsiteId(1),
                code: "base".into(),
                name: SafeText::new(&name),
                base_url: Some("https://luma.example".into()),
                sender_name: SafeText::new(&sender),
                sender_email: Some(from),
                language,
            },
            to,
            letter,
        },
    )
}

fn is_read_as_written(mail: &Mail, reader: &mut Reader) -> Result<(), TestCaseError> {
    let rendered = mail.render().unwrap();
    let read = reader.read(rendered.bytes());
    let told = || format!("{read}\n{}", String::from_utf8_lossy(rendered.bytes()));
    let from = mail.website.sender_email.as_ref().unwrap();
    let domain = from.as_str().split_once('@').unwrap().1;
    let link = match mail.letter {
        Letter::Reset { .. } => LINK,
        Letter::PasswordChanged { .. } => "https://luma.example/forgot",
    };
    for (what, wanted) in [
        ("defects", json!([])),
        ("headers", json!(HEADERS)),
        ("to", json!([mail.to.as_str()])),
        ("from", json!([from.as_str()])),
        ("id", json!(format!("<{}@{domain}>", mail.message_id))),
        ("parts", json!(["multipart/alternative", "text/plain", "text/html"])),
        ("link", json!(link)),
        ("stray", json!(0)),
    ] {
        prop_assert_eq!(&read[what], &wanted, "{}: {}", what, told());
    }
    prop_assert!(read["longest"].as_u64().unwrap() <= 998, "{}", told());
    Ok(())
}

#[test]
fn another_program_reads_in_every_mail_what_we_wrote() {
    let trials = Trials::new("mails read back", so_many(2_000, 1_000_000));
    let lanes: Vec<_> = trials.each().take(2).map(|(_, mut dice)| dice.bits()).collect();
    let cases = so_many(5_000, 500_000);
    let lane = move |seed: u64| {
        let seed = seed.to_le_bytes().repeat(4);
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let reader = RefCell::new(Reader::start());
        runner.run(&mails(), |mail| is_read_as_written(&mail, &mut reader.borrow_mut())).unwrap();
    };
    let lanes: Vec<_> = lanes.into_iter().map(|seed| thread::spawn(move || lane(seed))).collect();
    for lane in lanes {
        lane.join().unwrap();
    }
    trials.passed("");
}
