//! The signs that the console draws with.

use ratatui::symbols::border;

use crate::domain::{customer::Status, mail_state::MailState};

/// Which signs the terminal shows one column wide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// Line drawing and geometric signs.
    #[default]
    Unicode,
    /// ASCII alone, for terminals (many Korean ones) that draw ambiguous signs two columns wide.
    Ascii,
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Symbols {
    const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    /// The frame of a popup.
    #[must_use]
    pub const fn border(self) -> border::Set<'static> {
        match self {
            Self::Unicode => border::ROUNDED,
            Self::Ascii => ASCII_BORDER,
        }
    }

    /// A piece of a horizontal line.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        self.pick("─", "-")
    }

    /// A piece of a vertical line.
    #[must_use]
    pub const fn divider(self) -> &'static str {
        self.pick("│", "|")
    }

    /// Where a text was cut.
    #[must_use]
    pub const fn cut(self) -> &'static str {
        self.pick("…", "..")
    }

    /// Stands before the selected row.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        self.pick("▸", ">")
    }

    /// A chosen and another choice.
    #[must_use]
    pub const fn choice(self, chosen: bool) -> &'static str {
        if chosen { self.pick("(●)", "(*)") } else { "( )" }
    }

    /// The direction of a sorted column.
    #[must_use]
    pub const fn sorted(self, descending: bool) -> &'static str {
        if descending { self.pick("▼", "v") } else { self.pick("▲", "^") }
    }

    /// Stands beside the word of a state.
    #[must_use]
    pub const fn status(self, status: Status) -> &'static str {
        match status {
            Status::Active => self.pick("●", "*"),
            Status::Unconfirmed => self.pick("○", "o"),
            Status::Locked { .. } => "!",
            Status::Disabled => self.pick("×", "x"),
        }
    }

    /// Stands beside the word of a mail's state.
    #[must_use]
    pub const fn mail(self, state: MailState) -> &'static str {
        match state {
            MailState::Queued => self.pick("○", "o"),
            MailState::Accepted => self.pick("●", "*"),
            MailState::Refused | MailState::Expired => "!",
            MailState::Cancelled | MailState::Superseded => self.pick("×", "x"),
        }
    }

    /// Stands beside what holds.
    #[must_use]
    pub const fn good(self) -> &'static str {
        self.pick("●", "*")
    }

    /// One picture of the turning sign, `turn` quarter seconds after it began.
    #[must_use]
    pub fn spinner(self, turn: i64) -> char {
        let frames = self.pick("◐◓◑◒", "|/-\\");
        let turn = usize::try_from(turn.rem_euclid(4)).unwrap_or_default();
        frames.chars().nth(turn).unwrap_or(' ')
    }
}
