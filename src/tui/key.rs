//! Keys, as the console knows them: no terminal library's type leaves the edge.

use std::{fmt, str::FromStr};

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter, digit or sign, as the keyboard layout gives it.
    Char(char),
    /// A lower-case letter with Ctrl.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Esc.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Up arrow.
    Up,
    /// Down arrow.
    Down,
    /// Left arrow.
    Left,
    /// Right arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// F1 to F12.
    F(u8),
}

/// Keys that are called by a word.
const NAMED: [(&str, Key); 15] = [
    ("Space", Key::Char(' ')),
    ("Enter", Key::Enter),
    ("Esc", Key::Esc),
    ("Tab", Key::Tab),
    ("Shift-Tab", Key::BackTab),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PgUp", Key::PageUp),
    ("PgDn", Key::PageDown),
    ("Backspace", Key::Backspace),
    ("Del", Key::Delete),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((word, _)) = NAMED.iter().find(|(_, key)| key == self) {
            return f.write_str(word);
        }
        match self {
            Self::Char(c) => write!(f, "{c}"),
            Self::Ctrl(c) => write!(f, "Ctrl-{}", c.to_ascii_uppercase()),
            Self::F(number) => write!(f, "F{number}"),
            // All others have a word.
            _ => Ok(()),
        }
    }
}

/// This text names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key")]
pub struct NoKey;

impl FromStr for Key {
    type Err = NoKey;

    /// Reads a key as it is shown; the words in any case.
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return if c.is_control() || c.is_whitespace() { Err(NoKey) } else { Ok(Self::Char(c)) };
        }
        if let Some((_, key)) = NAMED.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
            return Ok(*key);
        }
        let text = text.to_ascii_lowercase();
        if let Some(letter) = text.strip_prefix("ctrl-") {
            let letter = letter.parse().ok().filter(char::is_ascii_lowercase);
            // Terminals send these as Tab, Enter and Backspace.
            return letter.filter(|letter| !"imhj".contains(*letter)).map(Self::Ctrl).ok_or(NoKey);
        }
        (1..=12).find(|number| text == format!("f{number}")).map(Self::F).ok_or(NoKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_shown() {
        let named = NAMED.map(|(_, key)| key);
        for key in named.into_iter().chain([Key::Char('r'), Key::Char('?'), Key::Ctrl('p'), Key::F(5)]) {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!("ctrl-P".parse(), Ok(Key::Ctrl('p')));
        for none in ["", " ", "jj", "j k", "Ctrl-", "Ctrl-1", "Ctrl-m", "F0", "F13", "F+1", "Alt-x", "\u{1b}"] {
            assert_eq!(none.parse::<Key>(), Err(NoKey), "{none}");
        }
    }
}
