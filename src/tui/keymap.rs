//! Which key means which command, outside popups and fields.

use std::iter::successors;

use crate::tui::{
    command::{Action, COMMANDS},
    key::Key,
};

/// Keys that can be given to no other command: the way back, the way in and the way out are where
/// they always are.
const FIXED: [(Key, Action); 3] =
    [(Key::Esc, Action::Back), (Key::Enter, Action::Open), (Key::Ctrl('c'), Action::QuitNow)];

/// What is said of a key that is none.
const KEYS: &str = "Use one character, Ctrl-A to Ctrl-Z (without H, I, J and M), F1 to F12, Space, Enter, Esc, Tab, \
     Shift-Tab, Up, Down, Left, Right, Home, End, PgUp, PgDn, Backspace or Del.";

/// The keys of every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    keys: Vec<(Action, Vec<Key>)>,
}

/// The keys that somebody wants for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The command's name.
    pub command: String,
    /// The keys, as they are shown.
    pub keys: Vec<String>,
}

/// A binding that is not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// Its place among the bindings.
    pub index: usize,
    /// Why, as a sentence.
    pub problem: String,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { keys: COMMANDS.iter().map(|command| (command.action, command.keys.to_vec())).collect() }
    }
}

impl Keymap {
    /// The keys of the table, but for the commands that somebody wants others for.
    ///
    /// # Errors
    /// The first binding that names no command or no key, or a key that means something else.
    pub fn with(bindings: &[Binding]) -> Result<Self, Impossible> {
        let mut map = Self::default();
        let mut given = Vec::new();
        for (index, binding) in bindings.iter().enumerate() {
            let wrong = |problem| Impossible { index, problem };
            let action = named(&binding.command).map_err(wrong)?;
            let mut keys = Vec::new();
            for text in &binding.keys {
                keys.push(key_for(action, text).map_err(wrong)?);
            }
            let fixed = FIXED.iter().find(|(_, owner)| *owner == action).map(|(key, _)| *key);
            keys.extend(fixed.filter(|key| !keys.contains(key)));
            map.keys.retain(|(other, _)| *other != action);
            map.keys.push((action, keys));
            given.push(action);
        }
        // Once all are known: two commands may have changed places.
        for (index, action) in given.into_iter().enumerate() {
            if let Some((key, other)) = map.conflict(action) {
                let (ours, theirs) = (action.name(), other.name());
                let problem = format!("\"{key}\" would mean both {ours} and {theirs}. Give one of them another key.");
                return Err(Impossible { index, problem });
            }
        }
        Ok(map)
    }

    /// Another command that one of this one's keys means.
    fn conflict(&self, action: Action) -> Option<(Key, Action)> {
        let others = self.keys.iter().filter(|(other, _)| *other != action);
        let mut pairs = others.flat_map(|(other, keys)| keys.iter().map(|key| (*key, *other)));
        pairs.find(|(key, _)| self.keys_of(action).contains(key))
    }

    /// The command of a key.
    #[must_use]
    pub fn action_of(&self, key: Key) -> Option<Action> {
        self.keys.iter().find(|(_, keys)| keys.contains(&key)).map(|(action, _)| *action)
    }

    /// The commands that work wherever the keys go, also in fields and popups.
    #[must_use]
    pub fn everywhere(&self, key: Key) -> Option<Action> {
        self.action_of(key).filter(|action| is_everywhere(*action))
    }

    /// All keys of a command; the first one is shown where there is room for one.
    #[must_use]
    pub fn keys_of(&self, action: Action) -> &[Key] {
        self.keys.iter().find(|(other, _)| *other == action).map_or(&[], |(_, keys)| keys)
    }

    /// The key that is shown for a command where there is room for one.
    #[must_use]
    pub fn first(&self, action: Action) -> Option<Key> {
        self.keys_of(action).first().copied()
    }

    /// The letters, or else the keys, that move down and up.
    #[must_use]
    pub fn travelling(&self) -> [String; 2] {
        [Action::Down, Action::Up].map(|action| self.keys_of(action).last().map_or_else(String::new, Key::to_string))
    }

    /// All keys of a command, such as `Down j`.
    #[must_use]
    pub fn text(&self, action: Action) -> String {
        self.keys_of(action).iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }
}

const fn is_everywhere(action: Action) -> bool {
    matches!(action, Action::QuitNow | Action::Repaint | Action::Suspend)
}

fn named(name: &str) -> Result<Action, String> {
    let found = COMMANDS.iter().find(|command| command.action.name() == name);
    found.map(|command| command.action).ok_or_else(|| {
        let names: Vec<&str> = COMMANDS.iter().map(|command| command.action.name()).collect();
        format!("there is no such command. Commands are {}.", names.join(", "))
    })
}

fn key_for(action: Action, text: &str) -> Result<Key, String> {
    let key = text.parse::<Key>().map_err(|_| format!("\"{text}\" is no key. {KEYS}"))?;
    if matches!(key, Key::Char('0'..='9')) {
        return Err(format!("\"{key}\" cannot be a key: digits count rows, as in 5j."));
    }
    if let Some((_, owner)) = FIXED.iter().find(|(fixed, owner)| *fixed == key && *owner != action) {
        return Err(format!("\"{key}\" cannot mean {}: it always means {}.", action.name(), owner.name()));
    }
    let edits = matches!(key, Key::Ctrl('a' | 'e' | 'k' | 'u' | 'w'));
    if is_everywhere(action) && (edits || !matches!(key, Key::Ctrl(_) | Key::F(_))) {
        let name = action.name();
        return Err(format!("\"{key}\" would be missed in fields, where {name} works, too. Use F1 to F12, or Ctrl."));
    }
    Ok(key)
}

/// The number of a count with one more digit.
#[must_use]
pub fn counted(count: u32, key: Key) -> Option<u32> {
    let Key::Char(c) = key else { return None };
    let digit = c.to_digit(10).filter(|digit| count > 0 || *digit > 0)?;
    successors(Some(count.saturating_mul(10).saturating_add(digit)), |n| Some(n / 10)).find(|n| *n <= MOST)
}

/// The largest count.
const MOST: u32 = 9_999;

#[cfg(test)]
mod tests {
    use super::*;

    fn map(bindings: &[(&str, &[&str])]) -> Result<Keymap, Impossible> {
        let binding = |(command, keys): &(&str, &[&str])| Binding {
            command: (*command).to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        };
        Keymap::with(&bindings.iter().map(binding).collect::<Vec<_>>())
    }

    fn problem(bindings: &[(&str, &[&str])]) -> (usize, String) {
        let Impossible { index, problem } = map(bindings).unwrap_err();
        (index, problem)
    }

    #[test]
    fn given_keys_take_the_place_of_those_of_the_table() {
        let map = map(&[("reset", &["F5", "Ctrl-R"]), ("copy", &[])]).unwrap();
        assert_eq!(map.action_of(Key::F(5)), Some(Action::Reset));
        assert_eq!((map.action_of(Key::Char('r')), map.action_of(Key::Char('y'))), (None, None));
        assert_eq!((map.text(Action::Reset), map.first(Action::Copy)), ("F5 Ctrl-R".to_owned(), None));
        assert_eq!(map.action_of(Key::Char('f')), Some(Action::ForceSignIn));
    }

    #[test]
    fn two_commands_can_change_places() {
        let map = map(&[("reset", &["f"]), ("force-sign-in", &["r"])]).unwrap();
        assert_eq!(map.action_of(Key::Char('f')), Some(Action::Reset));
        assert_eq!(map.action_of(Key::Char('r')), Some(Action::ForceSignIn));
    }

    #[test]
    fn a_conflict_names_both_commands_and_the_key() {
        let both = "\"f\" would mean both reset and force-sign-in. Give one of them another key.";
        assert_eq!(problem(&[("copy", &["F2"]), ("reset", &["r", "f"])]), (1, both.to_owned()));
        let both = "\"F5\" would mean both reset and copy. Give one of them another key.";
        assert_eq!(problem(&[("reset", &["F5"]), ("copy", &["F5"])]), (0, both.to_owned()));
    }

    #[test]
    fn the_ways_back_in_and_out_stay_where_they_are() {
        let map = map(&[("back", &["Backspace"]), ("quit-now", &["Ctrl-Q"]), ("open", &[])]).unwrap();
        assert_eq!(map.text(Action::Back), "Backspace Esc");
        assert_eq!(
            (map.everywhere(Key::Ctrl('c')), map.first(Action::Open)),
            (Some(Action::QuitNow), Some(Key::Enter))
        );
        for (key, owner) in [("Esc", "back"), ("Enter", "open"), ("Ctrl-C", "quit-now")] {
            let said = format!("\"{key}\" cannot mean reset: it always means {owner}.");
            assert_eq!(problem(&[("reset", &[key])]), (0, said));
        }
    }

    #[test]
    fn what_is_no_command_or_no_key_is_said() {
        let (_, said) = problem(&[("rest", &["r"])]);
        assert!(said.starts_with("there is no such command. Commands are open, search, reset,"), "{said}");
        assert!(problem(&[("reset", &["Alt-R"])]).1.starts_with("\"Alt-R\" is no key. Use one character"));
        assert!(problem(&[("reset", &["5"])]).1.contains("digits count rows"));
        for key in ["l", "Backspace", "Ctrl-W"] {
            assert!(problem(&[("repaint", &[key])]).1.contains("missed in fields"), "{key}");
        }
    }

    #[test]
    fn counts_have_a_first_digit_and_an_end() {
        let typed = |text: &str| text.chars().try_fold(0, |count, c| counted(count, Key::Char(c)));
        assert_eq!((typed("120"), typed("0"), typed("1j")), (Some(120), None, None));
        assert_eq!(typed("123456"), Some(1234));
    }
}
