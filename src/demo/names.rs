//! Names of four languages, as frequent as in life: few people are many, many are few.

use std::sync::LazyLock;

use crate::{
    demo::dice::Dice,
    domain::{name::PersonName, search_text::fold},
};

mod hangul;

/// Whose names somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    French,
    Korean,
}

impl Language {
    /// The languages of customers: 45 % English, 20 % German, 15 % French, 20 % Korean.
    pub(super) fn of(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..45 => Self::English,
            45..65 => Self::German,
            65..80 => Self::French,
            _ => Self::Korean,
        }
    }

    fn lists(self) -> &'static (Names, Names) {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
            Self::French => &FRENCH,
            Self::Korean => &KOREAN,
        }
    }
}

// How flat: with 0 the second name is half as frequent as the first, as with Kim and Lee; with
// 20 the first twenty are nearly equal, as with Western surnames.
static ENGLISH: LazyLock<(Names, Names)> = LazyLock::new(|| {
    (Names::new(include_str!("names/en_first.txt"), 12), Names::new(include_str!("names/en_last.txt"), 20))
});
static GERMAN: LazyLock<(Names, Names)> = LazyLock::new(|| {
    (Names::new(include_str!("names/de_first.txt"), 12), Names::new(include_str!("names/de_last.txt"), 12))
});
static FRENCH: LazyLock<(Names, Names)> = LazyLock::new(|| {
    (Names::new(include_str!("names/fr_first.txt"), 12), Names::new(include_str!("names/fr_last.txt"), 20))
});
static KOREAN: LazyLock<(Names, Names)> = LazyLock::new(|| {
    (Names::new(include_str!("names/ko_first.txt"), 20), Names::new(include_str!("names/ko_last.txt"), 0))
});

/// A list of names, most frequent first, each picked about as often as its rank's inverse (Zipf).
struct Names {
    names: Vec<&'static str>,
    /// Sum of the shares up to and with each name. Whole numbers: the same on every machine.
    sums: Vec<u64>,
}

impl Names {
    fn new(text: &'static str, flatness: u64) -> Self {
        let names: Vec<&str> = text.lines().collect();
        let shares = (1..).map(|rank| 1_000_000 / (rank + flatness));
        let sums = shares.take(names.len()).scan(0, |sum, share| {
            *sum += share;
            Some(*sum)
        });
        Self { sums: sums.collect(), names }
    }

    fn pick(&self, dice: &mut Dice) -> &'static str {
        let roll = dice.below(self.sums.last().copied().unwrap_or(0));
        self.names.get(self.sums.partition_point(|&sum| sum <= roll)).copied().unwrap_or_default()
    }
}

/// A name with the letters that its owner's e-mail address is made of.
pub(super) struct Named {
    pub(super) name: PersonName,
    /// Given name, `a` to `z` only.
    pub(super) first_latin: String,
    /// Family name, `a` to `z` only.
    pub(super) last_latin: String,
}

/// Somebody's name.
pub(super) fn name(language: Language, dice: &mut Dice) -> Named {
    let (firsts, lasts) = language.lists();
    let (first, last) = (firsts.pick(dice), lasts.pick(dice));
    match language {
        // Korean family names are listed with the spelling that their owners use.
        Language::Korean => {
            let (last, latin) = last.split_once(' ').unwrap_or((last, last));
            Named {
                name: PersonName::new(first, last),
                first_latin: hangul::latin(first),
                last_latin: latin.to_owned(),
            }
        }
        Language::German => Named {
            name: PersonName::new(first, last),
            first_latin: letters(&german(first)),
            last_latin: letters(&german(last)),
        },
        Language::English | Language::French => {
            Named { name: PersonName::new(first, last), first_latin: letters(first), last_latin: letters(last) }
        }
    }
}

fn letters(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_lowercase).collect()
}

fn german(text: &str) -> String {
    text.to_lowercase().replace('ä', "ae").replace('ö', "oe").replace('ü', "ue")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 4] = [Language::English, Language::German, Language::French, Language::Korean];

    #[test]
    fn lists_have_no_empty_lines_and_no_duplicates() {
        for (firsts, lasts) in ALL.map(Language::lists) {
            for list in [firsts, lasts] {
                let mut seen = std::collections::BTreeSet::new();
                for name in &list.names {
                    assert!(!name.is_empty() && name.trim() == *name, "{name:?}");
                    assert!(seen.insert(name), "{name} twice");
                }
            }
        }
    }

    #[test]
    fn every_name_can_be_spelt_in_an_address() {
        let mut dice = Dice::new(1, 1, 1);
        for language in ALL {
            for _ in 0..5_000 {
                let named = name(language, &mut dice);
                for latin in [&named.first_latin, &named.last_latin] {
                    assert!((1..=24).contains(&latin.len()), "{:?}: {latin}", named.name);
                    assert!(latin.bytes().all(|b| b.is_ascii_lowercase()), "{:?}: {latin}", named.name);
                }
            }
        }
    }

    #[test]
    fn umlauts_and_accents_are_spelt_out() {
        assert_eq!(letters(&german("Müller-Lüdenscheidt")), "muellerluedenscheidt");
        assert_eq!(letters(&german("Weiß")), "weiss");
        assert_eq!(letters("Jean-François D'Almeida"), "jeanfrancoisdalmeida");
    }

    #[test]
    fn the_first_of_a_list_is_the_most_frequent() {
        let mut dice = Dice::new(1, 2, 3);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            *counts.entry(KOREAN.1.pick(&mut dice)).or_insert(0_u32) += 1;
        }
        assert!((3_800..4_800).contains(&counts["김 kim"]), "{counts:?}");
        assert!((1_800..2_500).contains(&counts["이 lee"]), "{counts:?}");
        assert!(counts.len() > 55, "{}", counts.len());
    }
}
