//! Colours and emphasis, by what they mean. Only the terminal's own 16 colours, by name, so that
//! the person's own theme decides how they look; nothing is told by colour alone.

use ratatui::style::{Color, Modifier, Style};

/// How the console is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's colours.
    #[default]
    Colour,
    /// Bold, dim, underlined and reversed only (`NO_COLOR`).
    Mono,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What is read.
    Text,
    /// What is only looked up: labels, hints, what cannot be done now.
    Dim,
    /// What names a part of the screen.
    Title,
    /// A key.
    Key,
    /// The row or button that the keys go to.
    Selected,
    /// The selected row while the keys go elsewhere.
    Marked,
    /// Done, well.
    Good,
    /// Look at this.
    Warn,
    /// Failed, refused.
    Bad,
    /// A field that the keys go to.
    Field,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Dim,
        Self::Title,
        Self::Key,
        Self::Selected,
        Self::Marked,
        Self::Good,
        Self::Warn,
        Self::Bad,
        Self::Field,
    ];
}

impl Theme {
    /// How text of this role looks.
    #[must_use]
    pub const fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let is_mono = matches!(self, Self::Mono);
        match role {
            Role::Text => plain,
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Title | Role::Marked => plain.add_modifier(Modifier::BOLD),
            Role::Selected => plain.add_modifier(Modifier::REVERSED),
            Role::Field => plain.add_modifier(Modifier::UNDERLINED),
            Role::Key | Role::Warn if is_mono => plain.add_modifier(Modifier::BOLD),
            Role::Key => plain.fg(Color::Cyan),
            Role::Good if is_mono => plain,
            Role::Good => plain.fg(Color::Green),
            Role::Warn => plain.fg(Color::Yellow),
            Role::Bad if is_mono => plain.add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            Role::Bad => plain.fg(Color::Red),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_has_no_colour() {
        for role in Role::ALL {
            let style = Theme::Mono.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }
}
