//! Reading the command line, and saying what is wrong with it.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::cli::{answer::Answer, args::Cli, out::Out};

/// Reads the arguments; else prints help, or what is wrong, and gives the exit code.
///
/// # Errors
/// The exit code, when there is nothing to run.
pub fn parse(args: &[OsString]) -> Result<Cli, u8> {
    Cli::try_parse_from(args).map_err(|error| {
        // The arguments could not be read, so the flag is looked for by hand.
        let json = args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
        let text = error.render().to_string();
        let mut out = Out::new(json);
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => out.raw(text.as_bytes()),
            _ => out.answer(&answer(&text, json)),
        }
    })
}

fn answer(text: &str, json: bool) -> Answer {
    if json { Answer::usage("arguments", sentence(text)) } else { lines(text) }
}

fn lines(text: &str) -> Answer {
    let mut answer = Answer::usage("arguments", sentence(text));
    answer.lines = text.trim_end().lines().map(str::to_owned).collect();
    answer
}

/// The first paragraph of clap's message, without its label and line ends.
fn sentence(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    first.join(" ")
}

/// The completions of a shell.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keydesk", &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(line: &str, json: bool) -> Answer {
        let error = Cli::try_parse_from(line.split(' ')).err().unwrap();
        answer(&error.render().to_string(), json)
    }

    #[test]
    fn wrong_usage_is_an_answer_too() {
        let answer = wrong("keydesk show --json", true);
        assert_eq!(answer.outcome.exit_code(), 2);
        let json = answer.json();
        assert_eq!((&json["outcome"], &json["reason"]), (&"usage".into(), &"arguments".into()));
        let message = json["message"].as_str().unwrap();
        assert!(message.contains("<WHO>") && !message.contains('\n'), "{message}");
    }

    #[test]
    fn people_get_the_hints_as_well() {
        let answer = wrong("keydesk cutomers", false);
        assert!(answer.lines.iter().any(|line| line.contains("customers")), "{:?}", answer.lines);
        assert!(answer.lines.iter().any(|line| line.contains("--help")));
    }

    #[test]
    fn shells_know_the_commands() {
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish] {
            assert!(String::from_utf8(completions(shell)).unwrap().contains("reset-password"));
        }
    }
}
