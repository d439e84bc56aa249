//! What the terminal can do, by what the session's variables say. It is never asked: an answer that
//! does not come would be waited for, and one that comes late would be taken for keys.

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// It tells of the mouse in numbers of any size (SGR, 1006).
    pub mouse: bool,
}

/// What `TERM` begins with where the mouse works so. The Linux console and what is unknown are not
/// among them, nor is GNU screen, which passes it on in the old way only.
const MOUSE: [&str; 15] = [
    "xterm",
    "tmux",
    "alacritty",
    "kitty",
    "foot",
    "wezterm",
    "rxvt-unicode",
    "st-",
    "vte",
    "konsole",
    "contour",
    "ghostty",
    "iterm",
    "mintty",
    "rio",
];

impl Abilities {
    /// Reads the variables of a session. They come from outside and are compared, never shown.
    #[must_use]
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        let is_in_tmux = variable("TMUX").is_some_and(|value| !value.is_empty());
        Self { mouse: is_in_tmux || MOUSE.iter().any(|name| term.starts_with(name)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Abilities {
        Abilities::of(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_mouse_is_taken_where_it_is_known_to_work() {
        for term in ["xterm-256color", "xterm-kitty", "tmux-256color", "foot", "alacritty", "st-256color"] {
            assert!(with(&[("TERM", term)]).mouse, "{term}");
        }
        for term in ["", "linux", "vt100", "screen.xterm-256color", "dumb", "\u{1b}[?1000h"] {
            assert!(!with(&[("TERM", term)]).mouse, "{term}");
        }
        assert!(with(&[("TERM", "screen"), ("TMUX", "/tmp/tmux-0/default,1,0")]).mouse);
        assert!(!with(&[("TERM", "screen"), ("TMUX", "")]).mouse);
    }
}
