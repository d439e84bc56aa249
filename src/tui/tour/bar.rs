//! The line below the console: what is shown, and the keys that were just pressed.

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::tui::{key::Key, update::after};

/// Columns that keys may take.
pub const KEYS_WIDTH: usize = 16;
/// How long keys are seen after the last one.
const SEEN: SignedDuration = SignedDuration::from_millis(1800);
/// Stands for a space that is typed.
const SPACE: &str = "␣";

/// The line below the console.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What is shown, in the script's words.
    pub caption: String,
    keys: String,
    pressed: Option<Timestamp>,
    typing: bool,
}

impl Bar {
    /// Takes in a key that is pressed, or a letter that is typed.
    pub fn press(&mut self, key: Key, typing: bool, now: Timestamp) {
        let goes_on = typing && self.typing;
        if !goes_on && !self.keys.is_empty() {
            self.keys.push(' ');
        }
        self.keys.push_str(&if key == Key::Char(' ') { SPACE.to_owned() } else { key.to_string() });
        self.pressed = Some(now);
        self.typing = typing;
    }

    /// The newest keys.
    #[must_use]
    pub fn keys(&self) -> String {
        let mut from = self.keys.width();
        let fits = |(at, _): &(usize, &str)| self.keys.get(*at..).is_some_and(|rest| rest.width() <= KEYS_WIDTH);
        if let Some((at, _)) = self.keys.grapheme_indices(true).find(fits) {
            from = at;
        }
        let (gone, kept) = self.keys.split_at_checked(from).unwrap_or_default();
        // Half a key is none.
        let whole = if gone.is_empty() || gone.ends_with(' ') {
            kept
        } else {
            kept.split_once(' ').map_or(kept, |(_, rest)| rest)
        };
        whole.trim_start().to_owned()
    }

    /// When the keys are gone.
    #[must_use]
    pub fn next_change(&self) -> Option<Timestamp> {
        self.pressed.map(|pressed| after(pressed, SEEN))
    }

    /// Forgets keys that were seen long enough; whether there were any.
    pub fn pass(&mut self, now: Timestamp) -> bool {
        let is_over = self.next_change().is_some_and(|end| end <= now);
        if is_over {
            self.keys.clear();
            self.pressed = None;
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn what_is_typed_is_one_word_and_what_is_pressed_stands_apart() {
        let mut bar = Bar::default();
        bar.press(Key::Char('/'), false, at(0));
        for letter in "a b".chars() {
            bar.press(Key::Char(letter), true, at(100));
        }
        bar.press(Key::Enter, false, at(200));
        assert_eq!(bar.keys(), "/ a␣b Enter");
        for _ in 0..40 {
            bar.press(Key::Down, false, at(300));
        }
        assert_eq!(bar.keys(), "Down Down Down");
        assert!(!bar.pass(at(2_000)) && bar.pass(at(2_100)) && bar.keys().is_empty());
        assert_eq!(bar.next_change(), None);
    }
}
