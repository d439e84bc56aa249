//! What scripts, sessions and other programs hand over: arguments, cursors, keys, audit entries.

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use clap::Parser;
use keydesk::{
    cli::{
        args::{Cli, Command, Twin},
        cursor,
    },
    domain::{
        audit::{Entry, GENESIS, Verifier},
        customer::CustomerId,
        find::{Cursor, CursorKey, Sort, SortKey},
        operation::OpKey,
        operator::{Operator, key_of_session},
        safe_text,
    },
};

use crate::{engine::Target, tty};

#[test]
fn arguments() {
    // One argument a line.
    let seeds = [
        "show\n1\n--json",
        "customers\nver cos\n--limit\n20\n--sort\nname\n--desc",
        "reset-password\na@b.co\n--website\nbase\n--reason\nT-4711\n--op-key\nk1",
        "force-sign-in\n1\n--scope\nall\n--dry-run",
        "force-sign-in\n1\n--token\n7",
        "cancel-reset\n1",
        "mail\nlist\n--before\n5",
        "mail\nshow\n1",
        "mail\ndeliver\n--watch",
        "audit\nlist\n--customer\n1\n--limit\n5",
        "audit\nverify",
        "demo\n--customers\n10\n--seed\n1\n--now\n2026-11-20T14:03:00Z\n--dir\nx",
        "--operator\nmina\nmigrate",
        "completions\nbash",
        "man",
    ];
    let words = [
        "\n",
        "--",
        "-",
        "=",
        "\n--json",
        "\n--operator\n",
        "\n--config\n",
        "help",
        "\n-h",
        "--reason=",
        "\u{202e}",
        "\n\n",
    ];
    Target { name: "arguments", seeds: &seeds, words: &words, cost: 10 }.run(|input| {
        let args = input.split(|b| *b == b'\n').map(|arg| OsString::from_vec(arg.to_vec()));
        match Cli::try_parse_from(std::iter::once("keydesk".into()).chain(args)) {
            Ok(cli) => {
                if let Some(Command::Twin(Twin::ResetPassword(args))) = &cli.command {
                    assert!(
                        args.action.reason.chars().count() <= 200 && !args.action.reason.contains(char::is_control)
                    );
                    assert!(!args.who.who.trim().is_empty());
                }
                assert!(cli.global.operator.is_none_or(|by| !by.name().as_str().contains(tty::is_forbidden)));
                true
            }
            Err(error) => {
                for line in error.render().to_string().lines() {
                    assert!(!safe_text::line(line).contains(tty::is_forbidden));
                }
                false
            }
        }
    });
}

#[test]
fn cursors() {
    let by_name = Sort { key: SortKey::Name, descending: false };
    let text = |key| cursor::encode(&Cursor { tier: 4, key, id: CustomerId(48_210) }, "ver", by_name);
    let seeds = [
        text(CursorKey::Id),
        text(CursorKey::Number(-5)),
        text(CursorKey::Text("홍.길동".into())),
        text(CursorKey::Text(String::new())),
    ];
    let plain = seeds
        .each_ref()
        .map(|seed| String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(seed.as_bytes()).unwrap()).unwrap());
    let seeds: Vec<&str> = seeds.iter().chain(&plain).map(String::as_str).collect();
    Target { name: "cursor", seeds: &seeds, words: &[".", "t", "n", "i", "=", "-", "_"], cost: 1 }.run(|input| {
        let given = String::from_utf8_lossy(input).into_owned();
        // As it is, and as what stands behind the letters.
        let made = data_encoding::BASE64URL_NOPAD.encode(input);
        let mut good = false;
        for text in [given, made] {
            if let Ok(place) = cursor::decode(&text, "ver", by_name) {
                let again = cursor::encode(&place, "ver", by_name);
                assert_eq!(cursor::decode(&again, "ver", by_name), Ok(place));
                assert!(
                    cursor::decode(&text, "vera", by_name).is_err()
                        && cursor::decode(&text, "ver", Sort::default()).is_err()
                );
                good = true;
            }
        }
        good
    });
}

#[test]
fn operation_keys() {
    Target { name: "operation key", seeds: &["k1", "3f2a", "a/b:c", ""], words: &[" ", "\n", "é", "~"], cost: 1 }.run(
        |input| {
            let text = String::from_utf8_lossy(input).into_owned();
            let Some(key) = OpKey::new(&text) else { return false };
            assert!(
                key.as_str() == text
                    && (1..=128).contains(&text.len())
                    && text.bytes().all(|b| (b'!'..=b'~').contains(&b))
            );
            true
        },
    );
}

#[test]
fn sessions() {
    let key = "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n";
    let two = format!("{key}{key}");
    let seeds = [key, &two, "password\n", "publickey ssh-rsa AAAA comment\nkeyboard-interactive\n"];
    Target {
        name: "SSH session",
        seeds: &seeds,
        words: &["\n", "publickey ", " ", "=", "AAAA", "ssh-rsa", "\t"],
        cost: 1,
    }
    .run(|input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let name = Operator::new(&text);
        assert!(name.is_none_or(|name| !name.name().is_empty() && !name.name().as_str().contains(tty::is_forbidden)));
        let Some(key) = key_of_session(&text) else { return false };
        let digest = key.strip_prefix("SHA256:").unwrap();
        assert!(digest.len() == 43 && digest.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b)), "{key}");
        assert!(text.lines().any(|line| line.starts_with("publickey ")));
        assert_eq!(key_of_session(&format!("{text}\n{text}")), None, "two keys are nobody");
        true
    });
}

#[test]
fn audit_entries() {
    let seeds = ["mina|reset.start|1|mail to a@b.co|T-4711|", "||||", "a|b|-9|c|d|0000"];
    Target { name: "audit entry", seeds: &seeds, words: &["|", "||", "0", "\u{0}"], cost: 1 }.run(|input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let mut fields = text.splitn(6, '|').map(str::to_owned);
        let mut field = || fields.next().unwrap_or_default();
        let mut entry = Entry {
            seq: 1,
            at: "2026-11-20T14:03:00Z".parse().unwrap(),
            operator: field(),
            action: field(),
            customer: field().parse().ok().map(CustomerId),
            detail: field(),
            reason: field(),
            previous: GENESIS.to_owned(),
            hash: field(),
        };
        let seal = entry.seal();
        let holds = Verifier::default().check(&entry).is_ok();
        assert_eq!(holds, entry.hash == seal);
        entry.hash = seal;
        assert!(Verifier::default().check(&entry).is_ok());
        // A letter that moves into the next field is another entry.
        let mut moved = entry.clone();
        if let Some(letter) = moved.detail.pop() {
            moved.reason.insert(0, letter);
            assert!(Verifier::default().check(&moved).is_err());
        }
        entry.customer.is_some()
    });
}
