//! Text that cannot do anything to a terminal, a mail or a log but be read.

use std::fmt::{self, Write as _};

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// Longest text that is shown, in characters after cleaning. A name or a relay's answer that is
/// longer ends in `...`.
pub const MAX_CHARS: usize = 256;

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
        let mut out = String::with_capacity(raw.len().min(4 * MAX_CHARS));
        let mut kept = 0;
        let mut marks = None;
        for c in raw.nfc() {
            if kept == MAX_CHARS {
                out.push_str("...");
                break;
            }
            match class(c) {
                Class::Plain => {
                    out.push(c);
                    marks = Some(0);
                }
                Class::Space => {
                    out.push(' ');
                    marks = Some(0);
                }
                Class::Mark => match marks {
                    Some(n) if n < MAX_MARKS => {
                        out.push(c);
                        marks = Some(n + 1);
                    }
                    Some(_) => continue,
                    None => push_placeholder(&mut out, c),
                },
                Class::Harmful => {
                    push_placeholder(&mut out, c);
                    marks = None;
                }
            }
            kept += 1;
        }
        Self(out)
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
        _ if c.width().unwrap_or(0) == 0 || is_blank(c) => Class::Harmful,
        _ => Class::Plain,
    }
}

/// Marks that show nothing: variation selectors, the grapheme joiner and their like.
const fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{034F}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Letters and symbols that look like nothing: the Hangul fillers and the empty Braille cell.
const fn is_blank(c: char) -> bool {
    matches!(c, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}')
}

fn push_placeholder(out: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "<U+{:04X}>", u32::from(c));
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
        assert_eq!(long.len(), MAX_CHARS + 3);
        assert!(long.ends_with("..."));
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
        fn cleaning_twice_changes_nothing(raw in "\\PC{0,40}") {
            let once = safe(&raw);
            prop_assert_eq!(safe(&once), once);
        }
    }
}
