//! Colours and emphasis, by what they mean. First the terminal's own 16 colours, by name, so that the
//! person's own theme decides how they look; ours only where the terminal is known to show them on a
//! background that is known. Nothing is told by colour alone.

use ratatui::style::{Color, Modifier, Style};

/// How the console is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's 16 colours, on a background that is dark or not known.
    #[default]
    Colour,
    /// The terminal's 16 colours that can be read on a light background.
    Light,
    /// Colours of our own, on a dark background.
    DarkRgb,
    /// Colours of our own, on a light background.
    LightRgb,
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
    /// How text of this role looks. What stands out by its colour stands out without one, too.
    #[must_use]
    pub const fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let emphasis = match role {
            Role::Text | Role::Good => Modifier::empty(),
            Role::Dim => Modifier::DIM,
            Role::Title | Role::Marked => Modifier::BOLD,
            Role::Selected => Modifier::REVERSED,
            Role::Field => Modifier::UNDERLINED,
            Role::Key | Role::Warn | Role::Bad if !self.is_mono() => Modifier::empty(),
            Role::Key => Modifier::BOLD.union(Modifier::UNDERLINED),
            Role::Warn => Modifier::DIM.union(Modifier::REVERSED),
            Role::Bad => Modifier::BOLD.union(Modifier::REVERSED),
        };
        match self.colour(role) {
            Some(colour) => plain.fg(colour).add_modifier(emphasis),
            None => plain.add_modifier(emphasis),
        }
    }

    const fn is_mono(self) -> bool {
        matches!(self, Self::Mono)
    }

    /// The colour of a role, by theme: of 16 on dark, of 16 on light, our own on dark, our own on light.
    const fn colour(self, role: Role) -> Option<Color> {
        let [dark, light, dark_rgb, light_rgb] = match role {
            Role::Key => [Color::Cyan, Color::Blue, rgb(0x7d_cf_ff), rgb(0x00_5f_af)],
            Role::Good => [Color::Green, Color::Green, rgb(0x9e_ce_6a), rgb(0x2b_6a_1a)],
            Role::Warn => [Color::Yellow, Color::Magenta, rgb(0xe0_af_68), rgb(0x8a_4b_00)],
            Role::Bad => [Color::Red, Color::Red, rgb(0xff_8a_8a), rgb(0xb0_00_20)],
            _ => return None,
        };
        Some(match self {
            Self::Colour => dark,
            Self::Light => light,
            Self::DarkRgb => dark_rgb,
            Self::LightRgb => light_rgb,
            Self::Mono => return None,
        })
    }
}

const fn rgb(hex: u32) -> Color {
    Color::from_u32(hex)
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

    /// Good news is said in words and needs no emphasis; a marked row has its sign in front, and no
    /// title stands in a row.
    const ALIKE: [(Role, Role); 2] = [(Role::Text, Role::Good), (Role::Title, Role::Marked)];

    #[test]
    fn every_role_is_told_from_the_others_without_colour() {
        for (n, role) in Role::ALL.into_iter().enumerate() {
            for other in Role::ALL.into_iter().skip(n + 1).filter(|other| !ALIKE.contains(&(role, *other))) {
                assert_ne!(Theme::Mono.style(role), Theme::Mono.style(other), "{role:?} and {other:?}");
            }
        }
    }

    #[test]
    fn every_theme_has_the_same_roles_in_colour() {
        for theme in [Theme::Colour, Theme::Light, Theme::DarkRgb, Theme::LightRgb] {
            for (n, role) in Role::ALL.into_iter().enumerate() {
                let style = theme.style(role);
                assert_eq!(style.fg.is_some(), Theme::Colour.style(role).fg.is_some(), "{theme:?} {role:?}");
                assert_eq!(style.bg, None, "the background is the terminal's");
                let others = Role::ALL.into_iter().skip(n + 1).filter(|other| (role, *other) != ALIKE[1]);
                for other in others {
                    assert_ne!(style, theme.style(other), "{theme:?}: {role:?} and {other:?}");
                }
            }
        }
    }

    /// How much lighter one colour is than another, by the rules for readable pages (WCAG 2).
    fn contrast(one: Color, other: Color) -> f64 {
        let luminance = |colour| {
            let Color::Rgb(r, g, b) = colour else { panic!("{colour:?} is the terminal's own") };
            let linear = |part: u8| {
                let part = f64::from(part) / 255.0;
                if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn colours_of_our_own_can_be_read() {
        let backgrounds = [(Theme::DarkRgb, [0x00_00_00, 0x2e_2e_34]), (Theme::LightRgb, [0xff_ff_ff, 0xee_e8_d5])];
        for (theme, backgrounds) in backgrounds {
            for colour in Role::ALL.into_iter().filter_map(|role| theme.colour(role)) {
                for background in backgrounds.map(rgb) {
                    let seen = contrast(colour, background);
                    assert!(seen >= 4.5, "{theme:?}: {colour:?} on {background:?} {seen:.1}");
                }
            }
        }
    }
}
