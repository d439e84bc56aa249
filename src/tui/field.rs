//! A one-line text field.

use tui_input::{Input, InputRequest};
use unicode_normalization::UnicodeNormalization;

use crate::{domain::safe_text::SafeText, tui::key::Key};

/// Text, a cursor, and the usual editing keys.
#[derive(Clone, Debug)]
pub struct TextField {
    input: Input,
    max_chars: usize,
}

impl TextField {
    /// An empty field for at most `max_chars` characters.
    #[must_use]
    pub fn new(max_chars: usize) -> Self {
        Self { input: Input::default(), max_chars }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.input.reset();
    }

    /// Where the cursor stands, in columns from the start of the text, and how many columns are
    /// scrolled out on the left of a window of `width` columns.
    #[must_use]
    pub fn cursor(&self, width: u16) -> (usize, usize) {
        (self.input.visual_cursor(), self.input.visual_scroll(usize::from(width.saturating_sub(1))))
    }

    /// Edits the text as `key` says; true when the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        let request = match key {
            Key::Char(c) => return self.insert(c),
            Key::Backspace => InputRequest::DeletePrevChar,
            Key::Delete => InputRequest::DeleteNextChar,
            Key::Left => InputRequest::GoToPrevChar,
            Key::Right => InputRequest::GoToNextChar,
            Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
            Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
            Key::Ctrl('w') => InputRequest::DeletePrevWord,
            Key::Ctrl('u') => InputRequest::DeleteLine,
            Key::Ctrl('k') => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.input.handle(request).is_some_and(|changed| changed.value)
    }

    /// Inserts pasted text; line ends become spaces. True when the text changed.
    pub fn paste(&mut self, text: &str) -> bool {
        let mut changed = false;
        for c in text.trim().nfc() {
            changed |= self.insert(if c.is_whitespace() { ' ' } else { c });
        }
        changed
    }

    /// Characters that would not show themselves are left out: what the field shows is what it holds.
    fn insert(&mut self, c: char) -> bool {
        let mut bytes = [0; 4];
        let shown = SafeText::new(c.encode_utf8(&mut bytes));
        let room = self.input.value().chars().count() < self.max_chars;
        room && shown.as_str().chars().eq([c]) && self.input.handle(InputRequest::InsertChar(c)).is_some()
    }
}

/// Fields are equal when they show the same.
impl PartialEq for TextField {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.input.cursor() == other.input.cursor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_text_but_nothing_invisible() {
        let mut field = TextField::new(20);
        assert!(field.paste(" T-4711\r\n\u{1b}[31mx\u{202e}\u{200b} \u{1112}\u{1169}\u{11bc}"));
        assert_eq!(field.text(), "T-4711  [31mx 홍");
        assert_eq!(field.cursor(40).0, 16);
    }

    #[test]
    fn is_never_overfull() {
        let mut field = TextField::new(3);
        field.paste("abcdef");
        assert!(!field.key(Key::Char('x')) && field.key(Key::Backspace));
        assert_eq!(field.text(), "ab");
    }
}
