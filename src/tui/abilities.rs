//! What the terminal can do, by what the session's variables say. It is never asked: an answer that
//! does not come would be waited for, and one that comes late would be taken for keys.

use crate::tui::theme::Theme;

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// It tells of the mouse in numbers of any size (SGR, 1006).
    pub mouse: bool,
    /// It shows any colour, not only its 16.
    pub rgb: bool,
    /// Its background is light, or dark; none where nobody says.
    pub is_light: Option<bool>,
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
        Self {
            mouse: is_in_tmux || MOUSE.iter().any(|name| term.starts_with(name)),
            rgb: variable("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit"),
            is_light: variable("COLORFGBG").and_then(|value| is_light(&value)),
        }
    }

    /// The theme for a background, in colours of our own where they are known to be shown.
    #[must_use]
    pub const fn theme(self, is_light: Option<bool>) -> Theme {
        match (is_light, self.rgb) {
            (Some(true), true) => Theme::LightRgb,
            (Some(true), false) => Theme::Light,
            (Some(false), true) => Theme::DarkRgb,
            (Some(false), false) | (None, _) => Theme::Colour,
        }
    }
}

/// `15;0`: the foreground's and the background's numbers of the 16 colours, at times with something
/// between them.
fn is_light(colours: &str) -> Option<bool> {
    let (_, background) = colours.rsplit_once(';')?;
    match background.parse::<u8>().ok()? {
        7 | 9..=15 => Some(true),
        0..=6 | 8 => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Abilities {
        Abilities::of(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn colours_of_our_own_are_used_where_they_are_known_to_be_shown() {
        let theme = |variables: &[(&str, &str)]| {
            let abilities = with(variables);
            abilities.theme(abilities.is_light)
        };
        for (colours, rgb, wanted) in [
            ("15;0", "truecolor", Theme::DarkRgb),
            ("15;0", "", Theme::Colour),
            ("0;15", "24bit", Theme::LightRgb),
            ("0;default;15", "yes", Theme::Light),
            ("0;7", "", Theme::Light),
            ("12;8", "", Theme::Colour),
            ("", "truecolor", Theme::Colour),
            ("default;default", "truecolor", Theme::Colour),
            ("0;300", "truecolor", Theme::Colour),
        ] {
            assert_eq!(theme(&[("COLORFGBG", colours), ("COLORTERM", rgb)]), wanted, "{colours} {rgb}");
        }
        assert_eq!(with(&[("COLORTERM", "truecolor")]).theme(Some(true)), Theme::LightRgb);
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
