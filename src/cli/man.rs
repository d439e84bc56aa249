//! The manual: one page with every command, so that it refers to no page that is not there; and a
//! page for each command, for whoever installs them all.

use std::{fs, io};

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};
use serde_json::json;

use crate::cli::{
    answer::{Answer, Outcome},
    args::{Cli, EXIT_CODES, ManArgs},
    out::Out,
};

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

const REST: &str = "What goes with every command, exit codes, environment and files are in keydesk(1).";

/// Prints the manual, or writes every page into a folder; gives the exit code.
///
/// # Errors
/// Never in fact: pages are written to memory, and what a folder refuses is an answer.
pub fn run(args: &ManArgs, out: &mut Out) -> io::Result<u8> {
    let Some(dir) = &args.dir else { return Ok(out.raw(page()?.as_bytes())) };
    let pages = pages()?;
    let write = |(name, text): &(String, String)| fs::write(dir.join(name), text);
    let answer = match fs::create_dir_all(dir).and_then(|()| pages.iter().try_for_each(write)) {
        Ok(()) => {
            let message = format!("Wrote {} pages into {}.", pages.len(), dir.display());
            Answer::sentence(Outcome::Done, message, json!({"folder": dir, "pages": pages.len()}))
        }
        Err(error) => {
            let message =
                format!("The manual could not be written into {}: {error}. Name another folder.", dir.display());
            Answer::not_done(Outcome::Failed, "not_written", message)
        }
    };
    Ok(out.answer(&answer))
}

/// Every page with the name of its file: the whole manual, then one for each command.
fn pages() -> io::Result<Vec<(String, String)>> {
    let program = Cli::command();
    let mut pages = vec![("keydesk.1".to_owned(), page()?)];
    for (words, command) in commands("keydesk", &program) {
        let name = words.replace(' ', "-");
        let source = format!("keydesk {}", program.get_version().unwrap_or_default());
        let man =
            Man::new(command.bin_name(words).display_name(&name).disable_help_flag(true)).title(&name).source(source);
        let mut text = Vec::new();
        man.render_title(&mut text)?;
        man.render_name_section(&mut text)?;
        man.render_synopsis_section(&mut text)?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
        Roff::new().control("SH", ["SEE ALSO"]).text([roman(REST)]).to_writer(&mut text)?;
        pages.push((format!("{name}.1"), complete(&String::from_utf8_lossy(&text))));
    }
    Ok(pages)
}

/// The page.
///
/// # Errors
/// Never in fact: it is written to memory.
fn page() -> io::Result<String> {
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
    for (words, command) in commands("keydesk", &program) {
        page.push_str(&section(&words, command)?);
    }
    let codes: Vec<_> = EXIT_CODES.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  ")).collect();
    page.push_str(&list("EXIT STATUS", &codes));
    page.push_str(&list("ENVIRONMENT", &ENVIRONMENT));
    page.push_str(&list("FILES", &FILES));
    Ok(complete(&(front.into_owned() + &page)))
}

/// Every command that does something, with the words that call it.
fn commands(above: &str, command: &Command) -> Vec<(String, Command)> {
    let below = command.get_subcommands().flat_map(|below| {
        let words = format!("{above} {}", below.get_name());
        let own = (!below.is_subcommand_required_set()).then(|| (words.clone(), below.clone()));
        own.into_iter().chain(commands(&words, below))
    });
    below.collect()
}

/// What a command is called, does and takes. What goes with every command stands at the front of
/// the page.
fn section(name: &str, command: Command) -> io::Result<String> {
    let man = Man::new(command.bin_name(name).disable_help_flag(true));
    let mut text = Vec::new();
    man.render_synopsis_section(&mut text)?;
    text.extend(b".PP\n");
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let body = without(&[".SH "], &String::from_utf8_lossy(&text));
    Ok(Roff::new().control("SS", [name]).render() + &body)
}

/// A page out of its parts.
fn complete(parts: &str) -> String {
    format!("{PREAMBLE}{}", without(&[".ie ", ".el "], parts))
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
            ".SS \"keydesk demo\"",
            ".SS \"keydesk demo record\"",
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
    fn each_command_has_a_page_that_refers_to_the_whole() {
        let pages = pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for wanted in ["keydesk.1", "keydesk-demo.1", "keydesk-reset-password.1", "keydesk-mail-deliver.1"] {
            assert!(names.contains(&wanted), "{wanted}: {names:?}");
        }
        for (name, text) in &pages[1..] {
            let command = name.strip_suffix(".1").unwrap().replace('-', "\\-");
            assert!(text.contains(&format!(".SH NAME\n{command} \\- ")), "{text}");
            assert_eq!(text.matches("keydesk(1)").count(), 1, "{text}");
            assert!(!text.contains("\\-\\-database"), "what goes with every command is told once: {text}");
        }
    }

    #[test]
    fn every_exit_code_is_told() {
        let page = page().unwrap();
        let status = page.split("EXIT STATUS").nth(1).unwrap().split(".SH").next().unwrap();
        assert_eq!(status.matches(".TP").count(), 9, "{status}");
    }
}
