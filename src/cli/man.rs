//! The manual: one page with every command, so that it refers to no page that is not there.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::cli::args::{Cli, EXIT_CODES};

const ENVIRONMENT: [(&str, &str); 9] = [
    ("KEYDESK_CONFIG", "The configuration file, as --config."),
    ("KEYDESK_DATABASE", "The database, as --database."),
    ("KEYDESK_MAIL", "Where mails are handed over, as --mail; this one may hold a password."),
    ("KEYDESK_BASE_URL", "Scheme and host of every link, in place of the websites' own."),
    ("KEYDESK_LISTEN", "Where the storefront listens, as --listen of keydesk serve."),
    ("KEYDESK_LANG", "The language of the console and of the commands, as --lang."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME", "Where files lie when nobody says where; see FILES."),
    ("SSH_USER_AUTH, SUDO_USER", "Whom actions are written down for, where --operator does not say it."),
    ("NO_COLOR", "When it is set, the console uses no colours."),
];

const FILES: [(&str, &str); 5] = [
    ("~/.config/keydesk/keydesk.toml", "Your configuration, below $XDG_CONFIG_HOME where that is set."),
    ("/etc/keydesk/keydesk.toml", "The machine's configuration, read where you have none."),
    ("~/.local/share/keydesk/keydesk.db", "The database that is used when none is named, below $XDG_DATA_HOME if set."),
    ("~/.local/share/keydesk/demo", "The demo shop."),
    ("token.key", "The key that links are made with, beside the configuration file, else beside the database."),
];

/// What gives straight apostrophes; every part comes with it, and once is enough.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The page.
///
/// # Errors
/// Never in fact: it is written to memory.
pub fn page() -> io::Result<String> {
    let program = Cli::command();
    let man = Man::new(program.clone());
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let front = String::from_utf8_lossy(&text);
    let mut page = Roff::new().control("SH", ["COMMANDS"]).render();
    for command in program.get_subcommands() {
        page.push_str(&sections("keydesk", command)?);
    }
    let codes: Vec<_> = EXIT_CODES.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  ")).collect();
    page.push_str(&list("EXIT STATUS", &codes));
    page.push_str(&list("ENVIRONMENT", &ENVIRONMENT));
    page.push_str(&list("FILES", &FILES));
    Ok(format!("{PREAMBLE}{}", without(&[".ie ", ".el "], &(front.into_owned() + &page))))
}

/// What a command, or each command below it, is called, does and takes. What goes with every
/// command stands at the front of the page.
fn sections(above: &str, command: &Command) -> io::Result<String> {
    let name = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        return command.get_subcommands().map(|below| sections(&name, below)).collect();
    }
    let man = Man::new(command.clone().bin_name(&name).disable_help_flag(true));
    let mut text = Vec::new();
    man.render_synopsis_section(&mut text)?;
    text.extend(b".PP\n");
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let body = without(&[".SH "], &String::from_utf8_lossy(&text));
    Ok(Roff::new().control("SS", [name.as_str()]).render() + &body)
}

/// Leaves lines out that begin so.
fn without(starts: &[&str], text: &str) -> String {
    let lines = text.lines().filter(|line| !starts.iter().any(|start| line.starts_with(start)));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn list(heading: &str, entries: &[(&str, &str)]) -> String {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    for (name, meaning) in entries {
        roff.control("TP", []).text([bold(*name)]).text([roman(*meaning)]);
    }
    roff.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_it_with_its_options_and_no_other_page_is() {
        let page = page().unwrap().replace("\\-", "-").replace("\\*(Aq", "'");
        for wanted in [
            ".SS \"keydesk reset-password\"",
            ".SS \"keydesk mail deliver\"",
            ".SS \"keydesk audit verify\"",
            ".SS \"keydesk integrations remove\"",
            "KEYDESK_LISTEN",
            ".SS \"keydesk doctor\"",
            ".SS \"keydesk restore\"",
            "--op-key",
            "--watch",
            ".SH \"EXIT STATUS\"",
            "refused by the shop's rules",
            ".SH ENVIRONMENT",
            "KEYDESK_BASE_URL",
            ".SH FILES",
            "/etc/keydesk/keydesk.toml",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("(1)"), "{page}");
        assert_eq!(page.matches("--database\\fR \\fI").count(), 1, "what goes with every command is told once: {page}");
        for heading in [".SH OPTIONS", ".SH DESCRIPTION", ".TH "] {
            assert_eq!(page.matches(heading).count(), 1, "{heading}");
        }
    }

    #[test]
    fn every_exit_code_is_told() {
        let page = page().unwrap();
        let status = page.split("EXIT STATUS").nth(1).unwrap().split(".SH").next().unwrap();
        assert_eq!(status.matches(".TP").count(), 9, "{status}");
    }
}
