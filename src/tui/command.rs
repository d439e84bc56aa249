//! The commands: the one table that the keys, the footer, the help, the palette and the README's
//! list of keys are made from.

use std::fmt::Write as _;

use crate::tui::key::Key;

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
    pub label: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// It changes something for a customer, so it asks first.
    pub danger: bool,
}

const fn command(action: Action, keys: &'static [Key], label: &'static str, help: &'static str) -> Command {
    Command { action, keys, label, help, danger: false }
}

const fn danger(action: Action, keys: &'static [Key], label: &'static str, help: &'static str) -> Command {
    Command { action, keys, label, help, danger: true }
}

/// All commands, the most used ones first.
pub const COMMANDS: &[Command] = &[
    command(Action::Open, &[Key::Enter], "open", "Open the selected customer, mail or entry."),
    command(Action::Search, &[Key::Char('/')], "search", "Search as you type; filter the audit log."),
    danger(Action::Reset, &[Key::Char('r')], "reset password", "Mail a link to choose a new password. Asks first."),
    danger(
        Action::ForceSignIn,
        &[Key::Char('f')],
        "force sign in",
        "Revoke OAuth access tokens or end sessions. Asks first.",
    ),
    danger(
        Action::CancelLink,
        &[Key::Char('c')],
        "cancel link",
        "Make the live link useless, its mail too. Asks first.",
    ),
    command(Action::Preview, &[Key::Char('p')], "preview", "Show the mail that a reset would send."),
    danger(Action::Unlock, &[Key::Char('U')], "unlock", "Let a locked customer sign in again. Asks first."),
    command(Action::Undo, &[Key::Char('u')], "undo", "Take back a reset mail that has not left yet."),
    command(Action::Copy, &[Key::Char('y')], "copy e-mail", "Send the e-mail address to your terminal's clipboard."),
    command(Action::Sort, &[Key::Char('s')], "sort", "Choose the order of the table."),
    command(Action::Searches, &[Key::Char('S')], "saved searches", "Choose one of the searches that the shop saved."),
    command(Action::Columns, &[Key::Char('C')], "columns", "Choose the columns of the table."),
    command(Action::Mails, &[Key::Char('m')], "mails", "Show the queue of mails and what the relay said."),
    danger(Action::RetryMail, &[Key::Char('t')], "try again", "Among mails: try this one again now. Asks first."),
    command(Action::Audit, &[Key::Char('a')], "audit log", "Show who did what, when and why."),
    command(Action::Verify, &[Key::Char('v')], "verify", "In the audit log: check that it is untouched."),
    command(Action::OpenCustomer, &[Key::Char('o')], "customer", "From a mail or an entry to the customer's record."),
    command(
        Action::Palette,
        &[Key::Char(':'), Key::Ctrl('p')],
        "commands",
        "Search all commands that are possible now.",
    ),
    command(Action::Help, &[Key::Char('?')], "help", "Show the keys and the search language."),
    command(Action::Back, &[Key::Esc], "back", "One step back."),
    command(Action::Down, &[Key::Down, Key::Char('j')], "down", "One row down."),
    command(Action::Up, &[Key::Up, Key::Char('k')], "up", "One row up."),
    command(Action::PageDown, &[Key::PageDown], "page down", "One screen down."),
    command(Action::PageUp, &[Key::PageUp], "page up", "One screen up."),
    command(Action::HalfDown, &[Key::Ctrl('d')], "half down", "Half a screen down."),
    command(Action::HalfUp, &[Key::Ctrl('u')], "half up", "Half a screen up."),
    command(Action::First, &[Key::Char('g'), Key::Home], "first", "To the first row."),
    command(Action::Last, &[Key::Char('G'), Key::End], "last", "To the last row."),
    command(
        Action::NextPane,
        &[Key::Tab, Key::Char('l'), Key::Right],
        "next pane",
        "To the record beside the table, or the next tab.",
    ),
    command(
        Action::PreviousPane,
        &[Key::BackTab, Key::Char('h'), Key::Left],
        "previous pane",
        "Back to the table, or the tab before.",
    ),
    command(Action::Mouse, &[Key::Char('M')], "mouse", "Take the mouse, or leave it to the terminal."),
    command(Action::Repaint, &[Key::Ctrl('l')], "repaint", "Paint the screen anew."),
    command(Action::Suspend, &[Key::Ctrl('z')], "suspend", "Go to the background; `fg` comes back."),
    command(Action::Quit, &[Key::Char('q')], "quit", "Leave, from the table."),
    command(Action::QuitNow, &[Key::Ctrl('c')], "leave at once", "Leave from anywhere; running actions are finished."),
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

/// The README's table of keys.
#[must_use]
pub fn markdown() -> String {
    let mut table = "| key | what it does | name in `[keys]` |\n|---|---|---|\n".to_owned();
    for command in COMMANDS {
        let keys: Vec<String> = command.keys.iter().map(|key| format!("`{key}`")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {} | {} | `{}` |", keys.join(" "), command.help, command.action.name());
    }
    table
}

#[cfg(test)]
mod tests {
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
        for command in COMMANDS {
            let keys = Keymap::default().text(command.action);
            assert!(command.help.len() <= 55 && keys.len() <= 16, "{}", command.help);
        }
    }

    #[test]
    fn what_changes_access_says_that_it_asks() {
        for command in COMMANDS {
            assert_eq!(command.danger, command.help.ends_with("Asks first."), "{}", command.label);
        }
        assert!(markdown().contains("| `:` `Ctrl-P` | Search all commands"));
    }
}
