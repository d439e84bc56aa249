//! What a search looks at: names, e-mail and phone folded into plain text, and the grams that
//! an index over that text is made of.
//!
//! The folded text *defines* the search: a customer is found by a word exactly when
//! [`SearchText::matches`] says so. Index and database only get there faster.

mod grams;

pub use grams::{GramHolders, GramTally, Grams};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::domain::{name::PersonName, phone};

/// Stands before the start of a whole name in [`SearchText::names`], so that "begins with" is a
/// plain substring test. Folded text never contains it.
pub const NAME_START: char = '\u{1e}';
/// Stands before the other spellings in [`SearchText::names`].
const OTHER_SPELLINGS: char = '\u{1f}';

/// Folds text so that spelling variants compare equal: compatibility forms, accents and case
/// are dropped, `ß` is `ss`, decomposed Hangul is composed, invisible characters vanish, white
/// space is one plain space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        out.extend(
            text.chars().filter(|c| !c.is_ascii_control() || c.is_ascii_whitespace()).map(|c| c.to_ascii_lowercase()),
        );
    } else {
        // What vanishes does so before composing, so that it cannot keep two halves of a letter apart.
        let stripped = text.nfkd().filter(|&c| !is_combining_mark(c) && !is_invisible(c)).nfc();
        for c in stripped {
            match c {
                'ß' | 'ẞ' => out.push_str("ss"),
                'ø' | 'Ø' => out.push('o'),
                'ł' | 'Ł' => out.push('l'),
                'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
                'þ' | 'Þ' => out.push_str("th"),
                'æ' | 'Æ' => out.push_str("ae"),
                'œ' | 'Œ' => out.push_str("oe"),
                'ı' => out.push('i'),
                c if c.is_whitespace() => out.push(' '),
                c => out.extend(c.to_lowercase().filter(|&c| !is_combining_mark(c))),
            }
        }
    }
    let mut words = out.split_whitespace();
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        joined.push(' ');
        joined.push_str(word);
    }
    joined
}

fn is_invisible(c: char) -> bool {
    use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
    let is_control = c.is_control() && !c.is_whitespace();
    is_control
        || matches!(
            c.general_category(),
            Category::Format | Category::PrivateUse | Category::Unassigned | Category::Surrogate
        )
}

/// The searchable text of one customer. Every word stands behind a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText {
    /// Whole names, family name first and given name first, each behind [`NAME_START`]; then other
    /// spellings of their words.
    pub names: String,
    /// The address, lower case.
    pub email: String,
    /// The digits of the phone number; of an international one also as dialled inside the country.
    pub phone: String,
}

/// Which part of a customer a word is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Names, e-mail and phone.
    Any,
    /// `name:`
    Name,
    /// `email:`
    Email,
    /// `phone:`
    Phone,
}

/// One word of a search, folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// Where it must occur.
    pub field: Field,
    /// The folded word; for [`Field::Phone`] digits only. Never empty.
    pub text: String,
}

impl Term {
    /// What must be contained in the text of a field: the word itself, or, for a word too short
    /// to have grams ("ve", "555"), the word at the start of a word.
    #[must_use]
    pub fn needle(&self) -> String {
        if self.is_short() { format!(" {}", self.text) } else { self.text.clone() }
    }

    /// Whether the word is only looked for at the start of words.
    #[must_use]
    pub fn is_short(&self) -> bool {
        grams::is_short(&self.text.chars().collect::<Vec<_>>())
    }

    /// Grams that every customer found by this word has. Never empty.
    #[must_use]
    pub fn grams(&self) -> Grams {
        Grams::of_term(&self.text)
    }
}

impl SearchText {
    /// Folds what is known of a customer.
    #[must_use]
    pub fn new(name: &PersonName, email: &str, phone: &str) -> Self {
        SearchEntry::new(name, email, phone).text
    }

    /// Whether the customer is found by `term`: the definition that the index must agree with.
    #[must_use]
    pub fn matches(&self, term: &Term) -> bool {
        let needle = term.needle();
        let (names, email, phone) =
            (self.names.contains(&needle), self.email.contains(&needle), self.phone.contains(&needle));
        match term.field {
            Field::Any => names || email || phone,
            Field::Name => names,
            Field::Email => email,
            Field::Phone => phone,
        }
    }

    /// Whether the e-mail or a whole name (in either order) begins with `prefix`, folded.
    #[must_use]
    pub fn begins_with(&self, prefix: &str) -> bool {
        self.names.contains(&format!("{NAME_START} {prefix}")) || self.email.starts_with(&format!(" {prefix}"))
    }

    /// The whole name with the family name first, as lists of names are sorted by it.
    #[must_use]
    pub fn surname_key(&self) -> &str {
        let mut names = self.names.split(NAME_START).map(|name| name.strip_prefix(' ').unwrap_or(name));
        names.nth(1).unwrap_or_default()
    }

    /// The address, as lists of addresses are sorted by it.
    #[must_use]
    pub fn email_key(&self) -> &str {
        self.email.strip_prefix(' ').unwrap_or(&self.email)
    }

    /// Everything the gram index holds of this customer.
    #[must_use]
    pub fn grams(&self) -> Grams {
        let words = [&self.names, &self.email, &self.phone].into_iter().flat_map(|text| text.split(is_separator));
        Grams::of_words(words.filter(|word| !word.is_empty()))
    }
}

/// Everything by which one customer is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchEntry {
    /// The folded text.
    pub text: SearchText,
    /// `costello veronica`, `홍길동`: what a list of names is sorted by.
    pub surname_key: String,
    /// `veronica costello`: how the name is found by typing it from the front.
    pub given_key: String,
    /// Pieces of the text.
    pub grams: Grams,
}

impl SearchEntry {
    /// Folds what is known of a customer and takes it to pieces.
    #[must_use]
    pub fn new(name: &PersonName, email: &str, phone: &str) -> Self {
        let (given_key, surname_key) = (given_key(name), surname_key(name));
        let text = SearchText {
            names: names_text(name, &given_key, &surname_key),
            email: format!(" {}", email.to_ascii_lowercase()),
            phone: phone_text(phone),
        };
        let grams = text.grams();
        Self { text, surname_key, given_key, grams }
    }
}

fn given_key(name: &PersonName) -> String {
    fold(&format!("{} {}", name.first, name.last))
}

fn surname_key(name: &PersonName) -> String {
    if name.is_cjk() { fold(&name.full()) } else { fold(&format!("{} {}", name.last, name.first)) }
}

fn is_separator(c: char) -> bool {
    c == ' ' || c == NAME_START || c == OTHER_SPELLINGS
}

fn names_text(name: &PersonName, given: &str, surname: &str) -> String {
    let mut text = format!("{NAME_START} {surname}{NAME_START} {given}");
    let mut others = Vec::new();
    for part in [&name.first, &name.middle, &name.last] {
        let plain = fold(part);
        if part == &name.middle && !plain.is_empty() {
            others.push(plain.clone());
        }
        for other in other_spellings(part, &plain).into_iter().flatten() {
            if other != plain && !other.is_empty() && !others.contains(&other) {
                others.push(other);
            }
        }
    }
    if !others.is_empty() {
        text.push(OTHER_SPELLINGS);
        for other in others {
            text.push(' ');
            text.push_str(&other);
        }
    }
    text
}

/// How else a part of a name may be typed. Most names have no other spelling, and very many are
/// looked at, so that nothing is made for those.
fn other_spellings(part: &str, plain: &str) -> [Option<String>; 3] {
    [
        (!part.is_ascii()).then(|| fold(&written_out(part))),
        ["ae", "oe", "ue"].iter().any(|pair| plain.contains(pair)).then(|| contracted(plain)),
        plain.chars().any(|c| !c.is_alphanumeric() && c != ' ').then(|| letters_only(plain)),
    ]
}

/// `Müller` as `Mueller`, the way it is typed on a keyboard without umlauts.
fn written_out(text: &str) -> String {
    text.nfc()
        .flat_map(|c| {
            match c {
                'ä' | 'Ä' => ['a', 'e'].as_slice(),
                'ö' | 'Ö' | 'ø' | 'Ø' => ['o', 'e'].as_slice(),
                'ü' | 'Ü' => ['u', 'e'].as_slice(),
                'å' | 'Å' => ['a', 'a'].as_slice(),
                _ => [].as_slice(),
            }
            .iter()
            .copied()
            .chain((!"äÄöÖøØüÜåÅ".contains(c)).then_some(c))
        })
        .collect()
}

/// `mueller` as `muller`, so that a search for Müller finds who wrote it out.
fn contracted(folded: &str) -> String {
    folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// `o'brien` as `obrien`, `jean-pierre` as `jeanpierre`.
fn letters_only(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect()
}

fn phone_text(phone: &str) -> String {
    let digits = phone::digits(phone);
    if digits.is_empty() {
        return String::new();
    }
    let dialled = format!("0{}", phone::national(phone));
    let international = phone.trim_start().starts_with('+') || digits.starts_with("00");
    if international { format!(" {digits} {dialled}") } else { format!(" {digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn term(text: &str) -> Term {
        Term { field: Field::Any, text: fold(text) }
    }

    fn text(first: &str, last: &str, email: &str, phone: &str) -> SearchText {
        SearchText::new(&PersonName::new(first, last), email, phone)
    }

    #[test]
    fn folds_spelling_variants_together() {
        assert_eq!(fold("  Schröder\u{a0}WEISS "), "schroder weiss");
        assert_eq!(fold("Scho\u{308}n"), fold("Schön"));
        assert_eq!(fold("Weiß"), "weiss");
        assert_eq!(fold("\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}"), "민수");
        assert_eq!(fold("ver\u{200b}on\u{202e}ica"), "veronica");
    }

    #[test]
    fn a_short_word_is_the_start_of_a_word() {
        let row = text("Veronica", "Costello", "roni_cost@example.com", "(555) 229-3326");
        for hit in ["ve", "v", "co", "ron", "ver", "ello", "i_c", "555", "2293", "roni_cost@example.com"] {
            assert!(row.matches(&term(hit)), "{hit}");
        }
        for miss in ["er", "st", "229", "rox", "vero_"] {
            assert!(!row.matches(&term(miss)), "{miss}");
        }
    }

    #[test]
    fn finds_umlauts_however_they_are_written() {
        let with = text("Jürgen", "Müller", "a@b.co", "");
        let without = text("Juergen", "Mueller", "a@b.co", "");
        for word in ["Müller", "Mueller", "Muller", "jürgen", "Juergen"] {
            assert!(with.matches(&term(word)) && without.matches(&term(word)), "{word}");
        }
    }

    #[test]
    fn finds_korean_by_any_two_syllables() {
        let row = text("길동", "홍", "hong@example.kr", "+82 10-1234-5678");
        for hit in ["길동", "홍길", "홍길동", "홍", "01012345678", "821012", "1234"] {
            assert!(row.matches(&term(hit)), "{hit}");
        }
        assert!(row.begins_with("홍길"));
    }

    #[test]
    fn names_are_found_without_their_punctuation() {
        assert!(text("Pat", "O'Brien", "p@b.co", "").matches(&term("obrien")));
        assert!(text("Jean-Pierre", "Roux", "p@b.co", "").matches(&term("jeanpierre")));
    }

    #[test]
    fn what_vanishes_keeps_no_letter_apart() {
        for between in ["", "\u{1c}", "\u{200b}", "\u{202e}"] {
            assert_eq!(fold(&format!("\u{1112}{between}\u{1169}\u{11bc}")), "홍", "{between:?}");
        }
    }

    proptest! {
        /// The index can only be right when a match implies that all grams of the word are there.
        #[test]
        fn whoever_matches_has_the_grams(
            first in "[a-cäü김민1-2'-]{0,6}", last in "[a-cöß홍길12]{0,6}",
            email in "[a-c1-3._]{1,8}@[a-c]{1,3}\\.co", phone in "[+0-9 -]{0,12}", word in "[a-c김민길1-3._@äüß]{1,5}",
        ) {
            let row = text(&first, &last, &email, &phone);
            let term = term(&word);
            prop_assume!(!term.text.is_empty());
            if row.matches(&term) {
                let have = row.grams();
                prop_assert!(have.contain(&term.grams()), "{:?} lacks grams of {:?}", row, term);
            }
        }

        #[test]
        fn folding_twice_changes_nothing(raw in any::<String>()) {
            let once = fold(&raw);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
