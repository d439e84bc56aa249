//! The commands: the one table that the keys, the footer, the help, the palette and the README's
//! list of keys are made from.

use std::fmt::Write as _;

use crate::{
    texts::{Message, Texts},
    tui::key::Key,
};

/// What a key can ask for, outside popups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "COMMANDS says of each what it does")]
pub enum Action {
    Open,
    Back,
    Search,
    Reset,
    ForceSignIn,
    CancelLink,
    Preview,
    Unlock,
    Undo,
    Copy,
    Sort,
    Searches,
    Columns,
    Mails,
    Audit,
    OpenCustomer,
    RetryMail,
    Verify,
    Palette,
    Help,
    Down,
    Up,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    First,
    Last,
    NextPane,
    PreviousPane,
    Mouse,
    Repaint,
    Suspend,
    Quit,
    QuitNow,
}

/// A command and all that is said about it.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// What it does.
    pub action: Action,
    /// Its keys; the first one is shown where there is room for one.
    pub keys: &'static [Key],
    /// Its name, in a word or two.
    pub label: Message,
    /// What it does, in a sentence.
    pub help: Message,
    /// It changes something for a customer, so it asks first.
    pub danger: bool,
}

const fn command(action: Action, keys: &'static [Key], label: Message, help: Message) -> Command {
    Command { action, keys, label, help, danger: false }
}

const fn danger(action: Action, keys: &'static [Key], label: Message, help: Message) -> Command {
    Command { action, keys, label, help, danger: true }
}

/// All commands, the most used ones first.
pub const COMMANDS: &[Command] = &[
    command(Action::Open, &[Key::Enter], Texts::command_open, Texts::command_open_help),
    command(Action::Search, &[Key::Char('/')], Texts::command_search, Texts::command_search_help),
    danger(Action::Reset, &[Key::Char('r')], Texts::command_reset, Texts::command_reset_help),
    danger(Action::ForceSignIn, &[Key::Char('f')], Texts::command_force, Texts::command_force_help),
    danger(Action::CancelLink, &[Key::Char('c')], Texts::command_cancel, Texts::command_cancel_help),
    command(Action::Preview, &[Key::Char('p')], Texts::command_preview, Texts::command_preview_help),
    danger(Action::Unlock, &[Key::Char('U')], Texts::command_unlock, Texts::command_unlock_help),
    command(Action::Undo, &[Key::Char('u')], Texts::command_undo, Texts::command_undo_help),
    command(Action::Copy, &[Key::Char('y')], Texts::command_copy, Texts::command_copy_help),
    command(Action::Sort, &[Key::Char('s')], Texts::command_sort, Texts::command_sort_help),
    command(Action::Searches, &[Key::Char('S')], Texts::command_searches, Texts::command_searches_help),
    command(Action::Columns, &[Key::Char('C')], Texts::command_columns, Texts::command_columns_help),
    command(Action::Mails, &[Key::Char('m')], Texts::command_mails, Texts::command_mails_help),
    danger(Action::RetryMail, &[Key::Char('t')], Texts::command_retry, Texts::command_retry_help),
    command(Action::Audit, &[Key::Char('a')], Texts::command_audit, Texts::command_audit_help),
    command(Action::Verify, &[Key::Char('v')], Texts::command_verify, Texts::command_verify_help),
    command(Action::OpenCustomer, &[Key::Char('o')], Texts::command_customer, Texts::command_customer_help),
    command(Action::Palette, &[Key::Char(':'), Key::Ctrl('p')], Texts::command_palette, Texts::command_palette_help),
    command(Action::Help, &[Key::Char('?')], Texts::command_help, Texts::command_help_help),
    command(Action::Back, &[Key::Esc], Texts::command_back, Texts::command_back_help),
    command(Action::Down, &[Key::Down, Key::Char('j')], Texts::command_down, Texts::command_down_help),
    command(Action::Up, &[Key::Up, Key::Char('k')], Texts::command_up, Texts::command_up_help),
    command(Action::PageDown, &[Key::PageDown], Texts::command_page_down, Texts::command_page_down_help),
    command(Action::PageUp, &[Key::PageUp], Texts::command_page_up, Texts::command_page_up_help),
    command(Action::HalfDown, &[Key::Ctrl('d')], Texts::command_half_down, Texts::command_half_down_help),
    command(Action::HalfUp, &[Key::Ctrl('u')], Texts::command_half_up, Texts::command_half_up_help),
    command(Action::First, &[Key::Char('g'), Key::Home], Texts::command_first, Texts::command_first_help),
    command(Action::Last, &[Key::Char('G'), Key::End], Texts::command_last, Texts::command_last_help),
    command(
        Action::NextPane,
        &[Key::Tab, Key::Char('l'), Key::Right],
        Texts::command_next_pane,
        Texts::command_next_pane_help,
    ),
    command(
        Action::PreviousPane,
        &[Key::BackTab, Key::Char('h'), Key::Left],
        Texts::command_previous_pane,
        Texts::command_previous_pane_help,
    ),
    command(Action::Mouse, &[Key::Char('M')], Texts::command_mouse, Texts::command_mouse_help),
    command(Action::Repaint, &[Key::Ctrl('l')], Texts::command_repaint, Texts::command_repaint_help),
    command(Action::Suspend, &[Key::Ctrl('z')], Texts::command_suspend, Texts::command_suspend_help),
    command(Action::Quit, &[Key::Char('q')], Texts::command_quit, Texts::command_quit_help),
    command(Action::QuitNow, &[Key::Ctrl('c')], Texts::command_quit_now, Texts::command_quit_now_help),
];

impl Action {
    /// What it is called in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Back => "back",
            Self::Search => "search",
            Self::Reset => "reset",
            Self::ForceSignIn => "force-sign-in",
            Self::CancelLink => "cancel-link",
            Self::Preview => "preview",
            Self::Unlock => "unlock",
            Self::Undo => "undo",
            Self::Copy => "copy",
            Self::Sort => "sort",
            Self::Searches => "searches",
            Self::Columns => "columns",
            Self::Mails => "mails",
            Self::Audit => "audit",
            Self::OpenCustomer => "customer",
            Self::RetryMail => "try-again",
            Self::Verify => "verify",
            Self::Palette => "palette",
            Self::Help => "help",
            Self::Down => "down",
            Self::Up => "up",
            Self::PageDown => "page-down",
            Self::PageUp => "page-up",
            Self::HalfDown => "half-down",
            Self::HalfUp => "half-up",
            Self::First => "first",
            Self::Last => "last",
            Self::NextPane => "next-pane",
            Self::PreviousPane => "previous-pane",
            Self::Mouse => "mouse",
            Self::Repaint => "repaint",
            Self::Suspend => "suspend",
            Self::Quit => "quit",
            Self::QuitNow => "quit-now",
        }
    }
}

/// The command behind an action.
#[must_use]
pub fn of(action: Action) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.action == action)
}

/// The README's table of keys, which is English.
#[must_use]
pub fn markdown() -> String {
    let mut table = "| key | what it does | name in `[keys]` |\n|---|---|---|\n".to_owned();
    for command in COMMANDS {
        let keys: Vec<String> = command.keys.iter().map(|key| format!("`{key}`")).collect();
        // Writing to a String cannot fail.
        let help = (command.help)(Texts::default());
        let _ = writeln!(table, "| {} | {help} | `{}` |", keys.join(" "), command.action.name());
    }
    table
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::tui::keymap::Keymap;

    #[test]
    fn no_key_and_no_name_has_two_meanings() {
        let mut keys: Vec<Key> = COMMANDS.iter().flat_map(|command| command.keys).copied().collect();
        let all = keys.len();
        keys.dedup();
        keys.sort_by_key(ToString::to_string);
        keys.dedup();
        assert_eq!(keys.len(), all);
        let mut names: Vec<&str> = COMMANDS.iter().map(|command| command.action.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COMMANDS.len());
    }

    #[test]
    fn explanations_fit_into_the_help() {
        for texts in Texts::all() {
            for command in COMMANDS {
                let (help, keys) = ((command.help)(texts), Keymap::default().text(command.action));
                assert!(help.width() <= 55 && keys.len() <= 16, "{help}");
            }
        }
    }

    #[test]
    fn no_two_commands_have_one_name() {
        for texts in Texts::all() {
            let mut labels: Vec<String> = COMMANDS.iter().map(|command| (command.label)(texts)).collect();
            labels.sort();
            labels.dedup();
            assert_eq!(labels.len(), COMMANDS.len(), "{texts:?}");
        }
    }

    #[test]
    fn what_changes_access_says_that_it_asks() {
        for (code, asks) in [("en", "Asks first."), ("ko", "먼저 확인합니다.")] {
            for command in COMMANDS {
                let help = (command.help)(Texts::of(code));
                assert_eq!(command.danger, help.ends_with(asks), "{help}");
            }
        }
    }
}
