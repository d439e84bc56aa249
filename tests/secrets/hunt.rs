//! Collects everything that somebody could read, and looks for secrets in it.

use std::{collections::HashMap, fs, path::Path};

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use crate::promises::token_in;

/// So many bytes of a secret in a row are no chance.
const TELLING: usize = 12;

/// What was found, where, before it is known what the secrets are.
#[derive(Default)]
pub struct Hunt {
    seen: Vec<(String, Vec<u8>)>,
}

impl Hunt {
    /// Bytes that somebody could read.
    pub fn look(&mut self, place: &str, bytes: Vec<u8>) {
        self.seen.push((place.to_owned(), bytes));
    }

    /// What others see of a running process.
    pub fn process(&mut self, name: &str, id: u32) {
        self.arguments(name, id);
        self.proc(name, id, "environ");
    }

    /// The same without its environment.
    pub fn arguments(&mut self, name: &str, id: u32) {
        for file in ["cmdline", "comm", "status", "maps"] {
            self.proc(name, id, file);
        }
    }

    fn proc(&mut self, name: &str, id: u32, file: &str) {
        // What may not be read is no leak.
        let bytes = fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
        self.look(&format!("{file} of {name}"), bytes);
    }

    /// All files below a folder, free pages and all, but these files and folders.
    pub fn folder(&mut self, folder: &Path, but: &[&str]) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if but.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                self.folder(&path, but);
            } else {
                self.look(&name, fs::read(&path).unwrap());
            }
        }
    }

    /// Whether a text was found anywhere.
    pub fn holds(&self, text: &str) -> bool {
        self.seen.iter().any(|(_, seen)| seen.windows(text.len()).any(|found| found == text.as_bytes()))
    }

    /// Fails where a telling piece of a secret stands in any of its forms. Says what was looked at.
    pub fn finds_nothing(&self, mails: &[Vec<u8>], user: &str, password: &str) -> String {
        let mut forms = HashMap::new();
        let mut add = |what: &str, form: &[u8]| {
            for piece in form.windows(TELLING) {
                forms.insert(piece.to_vec(), what.to_owned());
            }
        };
        for (n, mail) in mails.iter().enumerate() {
            let token = token_in(mail);
            assert_eq!(token.len(), 43);
            let bits = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
            let name = format!("token {n}");
            add(&name, &bits);
            in_all_forms(&name, token.as_bytes(), &mut add);
            for text in [HEXLOWER.encode(&bits), HEXUPPER.encode(&bits), BASE64.encode(&bits)] {
                add(&name, text.as_bytes());
            }
        }
        in_all_forms("password", password.as_bytes(), &mut add);
        let in_auth = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
        add("password in AUTH", in_auth.as_bytes());
        let mut bytes = 0;
        for (place, seen) in &self.seen {
            bytes += seen.len();
            let found = seen.windows(TELLING).find_map(|piece| forms.get(piece));
            assert!(found.is_none(), "{place} holds a piece of {}", found.unwrap());
        }
        let (places, forms) = (self.seen.len(), forms.len());
        format!("{bytes} bytes in {places} places held none of {forms} pieces of {} tokens and a password", mails.len())
    }
}

/// As it is, in hex and in base64 at each of the three places that it can begin at.
fn in_all_forms(name: &str, secret: &[u8], add: &mut impl FnMut(&str, &[u8])) {
    add(name, secret);
    for text in [HEXLOWER.encode(secret), HEXUPPER.encode(secret)] {
        add(name, text.as_bytes());
    }
    for skipped in 0..3 {
        let inner = &secret[skipped..];
        add(name, BASE64.encode(&inner[..inner.len() / 3 * 3]).as_bytes());
    }
}
