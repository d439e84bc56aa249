//! Grams: the pieces of words that the search index is made of.

use std::collections::HashMap;

use crate::domain::name::is_cjk;

/// One to four characters, filled up with NUL, which folded text never contains.
type Gram = [char; 4];

/// Stands before the first characters of a word.
const START: char = '^';

/// How many times each gram was counted.
#[derive(Clone, Debug, Default)]
pub struct GramTally(HashMap<Gram, i64>);

impl GramTally {
    /// Counts these once more.
    pub fn add(&mut self, grams: &Grams) {
        for gram in &grams.0 {
            *self.0.entry(*gram).or_default() += 1;
        }
    }

    /// The grams as text, in order, and their counts.
    pub fn into_sorted(self) -> impl Iterator<Item = (String, i64)> {
        let mut counts: Vec<_> = self.0.into_iter().collect();
        counts.sort_unstable();
        counts.into_iter().map(|(gram, count)| (chars_of(&gram).collect(), count))
    }
}

/// Who of many has each gram, by the number under which each was added.
#[derive(Clone, Debug, Default)]
pub struct GramHolders(HashMap<Gram, Vec<u32>>);

impl GramHolders {
    /// Adds one who has these. Numbers go up.
    pub fn add(&mut self, number: u32, grams: &Grams) {
        for gram in &grams.0 {
            self.0.entry(*gram).or_default().push(number);
        }
    }

    /// The grams as text, in no order, and who has each, in the order in which they were added.
    pub fn into_all(self) -> impl Iterator<Item = (String, Vec<u32>)> {
        self.0.into_iter().map(|(gram, holders)| (chars_of(&gram).collect(), holders))
    }
}

/// Different grams, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grams(Vec<Gram>);

impl Grams {
    /// All grams of these words.
    pub(super) fn of_words<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let (mut grams, mut chars) = (Vec::with_capacity(128), Vec::with_capacity(64));
        for word in words {
            chars.clear();
            chars.extend(word.chars());
            start_grams(&chars, |gram| grams.push(gram));
            inner_grams(&chars, |gram| grams.push(padded(gram.iter().copied())));
        }
        Self::sorted(grams)
    }

    /// The grams that every customer has who is found by this word.
    pub(super) fn of_term(word: &str) -> Self {
        let chars: Vec<char> = word.chars().collect();
        if is_short(&chars) {
            return Self(vec![padded([START].into_iter().chain(chars))]);
        }
        let mut grams = Vec::new();
        inner_grams(&chars, |gram| grams.push(padded(gram.iter().copied())));
        Self::sorted(grams)
    }

    fn sorted(mut grams: Vec<Gram>) -> Self {
        grams.sort_unstable();
        grams.dedup();
        Self(grams)
    }

    /// The grams as text, one by one.
    pub fn iter(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|gram| chars_of(gram).collect())
    }

    /// Appends the grams with a space behind each, as the index takes them.
    pub fn write_to(&self, text: &mut String) {
        text.reserve(self.0.len() * 5);
        for gram in &self.0 {
            text.extend(chars_of(gram));
            text.push(' ');
        }
    }

    /// Whether all of `others` are among these.
    #[must_use]
    pub fn contain(&self, others: &Self) -> bool {
        others.0.iter().all(|gram| self.0.binary_search(gram).is_ok())
    }
}

fn padded(chars: impl Iterator<Item = char>) -> Gram {
    let mut gram = Gram::default();
    gram.iter_mut().zip(chars).for_each(|(to, from)| *to = from);
    gram
}

fn chars_of(gram: &Gram) -> impl Iterator<Item = char> {
    gram.iter().copied().take_while(|&c| c != '\0')
}

/// Whether a word has no grams but that of its start.
pub(super) fn is_short(word: &[char]) -> bool {
    let mut any = false;
    inner_grams(word, |_| any = true);
    !any
}

/// Grams that mark the start of a word: its first one and two characters, three when digits.
fn start_grams(word: &[char], mut emit: impl FnMut(Gram)) {
    for start in (1..=3).map_while(|n| word.get(..n)) {
        if start.len() < 3 || start.iter().all(char::is_ascii_digit) {
            emit(padded([START].into_iter().chain(start.iter().copied())));
        }
    }
}

/// Grams from anywhere in a word: three characters, except that digits go in fours (three
/// digits occur in every other phone number) and CJK characters alone and in pairs.
fn inner_grams(word: &[char], mut emit: impl FnMut(&[char])) {
    let starts = (0..word.len()).filter_map(|at| word.get(at..));
    for rest in starts {
        if rest.first().copied().is_some_and(is_cjk) {
            let pair = rest.get(..2).filter(|pair| pair.iter().copied().all(is_cjk));
            [rest.get(..1), pair].into_iter().flatten().for_each(&mut emit);
            continue;
        }
        let three = rest.get(..3).filter(|three| !three.iter().copied().any(is_cjk));
        let three = three.filter(|three| !three.iter().all(char::is_ascii_digit));
        let four = rest.get(..4).filter(|four| four.iter().all(char::is_ascii_digit));
        [three, four].into_iter().flatten().for_each(&mut emit);
    }
}
