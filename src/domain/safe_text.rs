//! Text that cannot do anything to a terminal, a mail or a log but be read.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// Longest text that is shown, in characters after cleaning. A name or a relay's answer that is
/// longer ends in `...`.
pub const MAX_CHARS: usize = 256;

/// What a text that was too long ends in.
const CUT: &str = "...";

/// Combining marks kept on one base character; a stack of hundreds ("Zalgo") overwrites the
/// lines above it.
const MAX_MARKS: usize = 2;

/// Text from outside, made harmless: composed (NFC), every control, bidi, zero-width, private or
/// unassigned character replaced by a visible `<U+202E>`, odd spaces by plain ones, marks and
/// length limited.
///
/// The store returns nothing else for what people typed, so that no screen, toast or log line
/// has to remember to clean it. Terminal libraries let bidi and zero-width characters through.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(String);

impl SafeText {
    /// Cleans `raw`.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        if raw.len() <= MAX_CHARS && raw.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Self(raw.to_owned());
        }
        Self(clean(raw, MAX_CHARS))
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A line of keydesk's own words, made harmless like [`SafeText`] but of any length: what people
/// typed may be repeated in it.
#[must_use]
pub fn line(raw: &str) -> String {
    clean(raw, usize::MAX)
}

/// Text in which `escape` writes something else in place of every character that a terminal
/// must not be sent.
#[must_use]
pub fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let mut judge = Judge::default();
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match judge.fate(c) {
            Fate::Shown | Fate::Spaced => out.push(c),
            Fate::Dropped | Fate::Replaced => escape(&mut out, c),
        }
        out
    })
}

fn clean(raw: &str, most: usize) -> String {
    let mut out = String::with_capacity(raw.len().min(4 * MAX_CHARS));
    let (mut judge, mut room) = (Judge::default(), most);
    // Where the dots go if the rest does not fit.
    let mut cut = 0;
    for c in raw.nfc() {
        let shown = match judge.fate(c) {
            Fate::Shown => c.into(),
            Fate::Spaced => ' '.into(),
            Fate::Dropped => continue,
            Fate::Replaced => format!("<U+{:04X}>", u32::from(c)),
        };
        let Some(left) = room.checked_sub(shown.chars().count()) else {
            out.truncate(cut);
            out.push_str(CUT);
            break;
        };
        out.push_str(&shown);
        room = left;
        if room >= CUT.len() {
            cut = out.len();
        }
    }
    out
}

/// What becomes of a character.
enum Fate {
    Shown,
    Spaced,
    Dropped,
    Replaced,
}

/// Judges the characters of a text one after the other.
#[derive(Default)]
struct Judge {
    /// Marks on the last character; none where there is nothing that a mark could stand on.
    marks: Option<usize>,
}

impl Judge {
    fn fate(&mut self, c: char) -> Fate {
        let class = class(c);
        self.marks = match (&class, self.marks) {
            (Class::Plain | Class::Space, _) => Some(0),
            (Class::Mark, Some(marks)) if marks < MAX_MARKS => Some(marks + 1),
            (Class::Mark, Some(_)) => return Fate::Dropped,
            (Class::Mark, None) | (Class::Harmful, _) => {
                self.marks = None;
                return Fate::Replaced;
            }
        };
        if matches!(class, Class::Space) { Fate::Spaced } else { Fate::Shown }
    }
}

enum Class {
    Plain,
    Space,
    Mark,
    Harmful,
}

fn class(c: char) -> Class {
    if (' '..='~').contains(&c) {
        return Class::Plain;
    }
    match c.general_category() {
        Category::SpaceSeparator => Class::Space,
        Category::NonspacingMark | Category::EnclosingMark | Category::SpacingMark => {
            if is_invisible_mark(c) {
                Class::Harmful
            } else {
                Class::Mark
            }
        }
        Category::Control
        | Category::Format
        | Category::LineSeparator
        | Category::ParagraphSeparator
        | Category::Surrogate
        | Category::PrivateUse
        | Category::Unassigned => Class::Harmful,
        _ if c.width().unwrap_or(0) == 0 || is_blank(c) || is_skin_tone(c) => Class::Harmful,
        _ => Class::Plain,
    }
}

/// Marks that show nothing: variation selectors, the grapheme joiner and their like.
const fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{034F}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Colours of the emoji before them: some terminals draw both in two columns and some in four, and
/// whatever stands behind them would be in a wrong place.
const fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// Letters and symbols that look like nothing: the Hangul fillers and the empty Braille cell.
const fn is_blank(c: char) -> bool {
    matches!(c, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}')
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for SafeText {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn safe(raw: &str) -> String {
        SafeText::new(raw).to_string()
    }

    #[test]
    fn leaves_ordinary_names_alone() {
        for name in ["Veronica Costello", "Müller", "François", "홍길동", "O'Brien", "Łukasz"] {
            assert_eq!(safe(name), name);
        }
    }

    #[test]
    fn composes_decomposed_hangul_and_accents() {
        assert_eq!(safe("\u{1112}\u{1169}\u{11BC}"), "홍");
        assert_eq!(safe("Scho\u{308}n"), "Schön");
    }

    #[test]
    fn shows_escape_bidi_and_zero_width() {
        assert_eq!(safe("a\u{1b}[31m"), "a<U+001B>[31m");
        assert_eq!(safe("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(safe("a\u{200b}b\u{feff}"), "a<U+200B>b<U+FEFF>");
        assert_eq!(safe("\u{9b}31m"), "<U+009B>31m");
    }

    #[test]
    fn limits_marks_and_length() {
        assert_eq!(safe(&format!("x{}", "\u{331}".repeat(500))), "x\u{331}\u{331}");
        let long = safe(&"y".repeat(10_000));
        assert_eq!(long.len(), MAX_CHARS);
        assert!(long.ends_with("..."));
        let unseen = safe(&"\u{202e}".repeat(10_000));
        assert!(unseen.len() <= MAX_CHARS && unseen.ends_with("<U+202E>..."), "{unseen}");
        assert_eq!(line(&"y".repeat(10_000)).len(), 10_000);
    }

    #[test]
    fn a_cut_text_is_not_cut_again() {
        for plain in 230..=260 {
            let once = safe(&format!("{}\u{1b}{}", "y".repeat(plain), "z".repeat(20)));
            assert_eq!(safe(&once), once, "{plain}");
        }
    }

    #[test]
    fn programs_get_escapes() {
        let escape = |text: &str| escaped(text, |out, c| out.extend(c.escape_unicode()));
        assert_eq!(escape("a\u{202e}b\u{a0}홍"), "a\\u{202e}b\u{a0}홍");
        assert_eq!(escape("x\u{331}\u{331}\u{331}"), "x\u{331}\u{331}\\u{331}");
    }

    #[test]
    fn a_leading_mark_cannot_climb_onto_its_neighbour() {
        assert_eq!(safe("\u{301}x"), "<U+0301>x");
    }

    proptest! {
        #[test]
        fn nothing_harmful_ever_comes_out(raw in any::<String>()) {
            let out = safe(&raw);
            prop_assert!(out.chars().all(|c| !matches!(class(c), Class::Harmful)));
            prop_assert!(!out.chars().any(char::is_control));
        }

        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = safe(&raw);
            prop_assert_eq!(safe(&once), once);
        }
    }
}
