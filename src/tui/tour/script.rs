//! Scripts: TOML, written by people who want to show something.

use std::{
    fmt,
    ops::{Range, RangeInclusive},
};

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;
use unicode_width::UnicodeWidthStr;

use crate::{
    domain::{operator::Operator, safe_text::SafeText},
    tui::{key::Key, tour::bar},
};

/// Columns, rows and customers that a script may ask for.
const WIDTHS: RangeInclusive<u16> = 60..=200;
const HEIGHTS: RangeInclusive<u16> = 16..=80;
const CUSTOMERS: RangeInclusive<u32> = 1..=100_000;
/// Longest pause, in seconds.
const LONGEST_PAUSE: f64 = 600.0;

/// What is played, and where.
#[derive(Clone, Debug)]
pub struct Script {
    /// What it shows.
    pub title: String,
    /// Columns.
    pub width: u16,
    /// Rows, with the one of captions and keys.
    pub height: u16,
    /// How many customers the shop has.
    pub customers: u32,
    /// Decides who they are.
    pub seed: u64,
    /// The time at which the tour begins.
    pub time: Timestamp,
    /// Who sits at the console.
    pub operator: Operator,
    /// The integration that calls the shop's web API.
    pub integration: Option<IntegrationTable>,
    /// What happens, one after the other.
    pub steps: Vec<Step>,
}

/// A program that holds an access token of a customer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationTable {
    /// What the shop calls it.
    pub name: String,
    /// What its tokens may do.
    pub scopes: String,
    /// Address of the customer, on the shop's first website.
    pub customer: String,
}

/// A step, and where it stands.
#[derive(Clone, Debug)]
pub struct Step {
    /// Line of the script, from 1.
    pub line: usize,
    /// What happens.
    pub what: What,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A sentence below the console.
    Caption(String),
    /// Time, for those who read.
    Pause(f64),
    /// Keys, pressed one after the other.
    Press(Vec<Key>),
    /// Text, typed as people do.
    Type(String),
    /// Time, until this text is on the screen.
    WaitFor(String),
    /// The integration calls the shop.
    Call(Call),
}

/// What an integration calls the shop for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// It obtains an access token.
    Token,
    /// It asks whom its token stands for.
    Me,
}

/// What is wrong with a script: where, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Line of the script, from 1.
    pub line: usize,
    /// A sentence.
    pub problem: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    width: Option<Spanned<u16>>,
    height: Option<Spanned<u16>>,
    customers: Spanned<u32>,
    seed: u64,
    time: Spanned<String>,
    operator: Spanned<String>,
    integration: Option<IntegrationTable>,
    steps: Vec<Spanned<WrittenStep>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenStep {
    Caption(String),
    Pause(f64),
    Press(String),
    Type(String),
    WaitFor(String),
    Call(Call),
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Where it is not what a script must be.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let reader = Reader { text };
        let written: Written = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
        let width = reader.within("width", written.width, &WIDTHS)?.unwrap_or(80);
        let height = reader.within("height", written.height, &HEIGHTS)?.unwrap_or(24);
        let customers = reader.within("customers", Some(written.customers), &CUSTOMERS)?.unwrap_or(1);
        let time = reader.check(written.time, |text| {
            text.parse().map_err(|_| format!("\"{text}\" is no time. A time is \"2026-11-20T14:03:00Z\"."))
        })?;
        let operator =
            reader.check(written.operator, |name| Operator::new(&name).ok_or("A name is needed.".to_owned()))?;
        let has_integration = written.integration.is_some();
        let read = |step: Spanned<WrittenStep>| {
            let line = reader.line(&step.span());
            let what = step_of(step.into_inner(), width, has_integration);
            what.map(|what| Step { line, what }).map_err(|problem| ScriptError { line, problem })
        };
        Ok(Self {
            title: written.title,
            width,
            height,
            customers,
            seed: written.seed,
            time,
            operator,
            integration: written.integration,
            steps: written.steps.into_iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}

fn step_of(written: WrittenStep, width: u16, has_integration: bool) -> Result<What, String> {
    let room = usize::from(width).saturating_sub(bar::KEYS_WIDTH + 3);
    Ok(match written {
        WrittenStep::Caption(text) if text.width() > room => {
            return Err(format!("This caption has {} columns, and there is room for {room}.", text.width()));
        }
        WrittenStep::Caption(text) => What::Caption(SafeText::new(&text).to_string()),
        WrittenStep::Pause(seconds) if (0.0..=LONGEST_PAUSE).contains(&seconds) => What::Pause(seconds),
        WrittenStep::Pause(_) => return Err(format!("A pause is 0 to {LONGEST_PAUSE} seconds.")),
        WrittenStep::Press(keys) => What::Press(keys.split_whitespace().map(key_of).collect::<Result<_, _>>()?),
        WrittenStep::Type(text) if text.is_empty() || text.contains(char::is_control) => {
            return Err("What is typed is one line of visible characters; press = \"Enter\" ends it.".to_owned());
        }
        WrittenStep::Type(text) => What::Type(text),
        WrittenStep::WaitFor(text) if text.trim().is_empty() => {
            return Err("It takes a text to wait for; pause = 1.5 waits without one.".to_owned());
        }
        WrittenStep::WaitFor(text) => What::WaitFor(text),
        WrittenStep::Call(_) if !has_integration => {
            return Err(
                "Nobody is there to call: the script has no [integration] with name, scopes and customer.".to_owned()
            );
        }
        WrittenStep::Call(call) => What::Call(call),
    })
}

/// Keys that have a name.
const NAMED: [Key; 14] = [
    Key::Enter,
    Key::Esc,
    Key::Tab,
    Key::BackTab,
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Backspace,
    Key::Delete,
];

fn key_of(text: &str) -> Result<Key, String> {
    let mut letters = text.chars();
    let single = letters.next().filter(|_| letters.next().is_none()).map(Key::Char);
    let with_ctrl = || {
        let letter = text.strip_prefix("Ctrl-")?;
        let mut letters = letter.chars();
        let letter = letters.next().filter(char::is_ascii_alphabetic).filter(|_| letters.next().is_none())?;
        Some(Key::Ctrl(letter.to_ascii_lowercase()))
    };
    let named = || NAMED.into_iter().find(|key| key.to_string() == text);
    single.or_else(named).or_else(with_ctrl).ok_or_else(|| {
        let all: Vec<String> = NAMED.iter().map(ToString::to_string).collect();
        format!("\"{text}\" is no key. Keys are single characters, Ctrl-P and the like, and {}.", all.join(", "))
    })
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.text.bytes().take(span.start).filter(|&byte| byte == b'\n').count()
    }

    fn syntax(&self, error: &toml::de::Error) -> ScriptError {
        let line = error.span().map_or(1, |span| self.line(&span));
        let problem = error.message().replace('\n', ", ");
        ScriptError { line, problem: format!("{problem}.") }
    }

    fn check<T, U>(&self, given: Spanned<T>, check: impl FnOnce(T) -> Result<U, String>) -> Result<U, ScriptError> {
        let line = self.line(&given.span());
        check(given.into_inner()).map_err(|problem| ScriptError { line, problem })
    }

    fn within<T: Copy + PartialOrd + fmt::Display>(
        &self,
        name: &str,
        given: Option<Spanned<T>>,
        allowed: &RangeInclusive<T>,
    ) -> Result<Option<T>, ScriptError> {
        let check = |number| {
            let problem =
                || format!("{name} = {number} is not possible: it is {} to {}.", allowed.start(), allowed.end());
            if allowed.contains(&number) { Ok(number) } else { Err(problem()) }
        };
        given.map(|given| self.check(given, check)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "title = \"A\"\ncustomers = 10\nseed = 1\ntime = \"2026-11-20T14:03:00Z\"\noperator = \"mina\"\n";

    fn steps(steps: &str) -> Result<Vec<What>, String> {
        let script = Script::parse(&format!("{HEAD}steps = [\n{steps}\n]\n")).map_err(|error| error.to_string())?;
        Ok(script.steps.into_iter().map(|step| step.what).collect())
    }

    #[test]
    fn steps_say_what_happens() {
        let read = steps(
            "{ caption = \"Find her.\" },\n{ press = \"/ Ctrl-P Enter ?\" },\n{ type = \"ver cos\" },\n\
             { wait_for = \"1 of 10\" },\n{ pause = 1.5 },",
        );
        let keys = vec![Key::Char('/'), Key::Ctrl('p'), Key::Enter, Key::Char('?')];
        let wanted = vec![
            What::Caption("Find her.".to_owned()),
            What::Press(keys),
            What::Type("ver cos".to_owned()),
            What::WaitFor("1 of 10".to_owned()),
            What::Pause(1.5),
        ];
        assert_eq!(read, Ok(wanted));
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_is_allowed() {
        for (wrong, says) in [
            ("{ prss = \"r\" },", "line 7: unknown variant `prss`, expected one of `caption`, `pause`, `press`"),
            ("{ pause = 1 },\n{ press = \"Entr\" },", "line 8: \"Entr\" is no key. Keys are single characters, Ctrl-P"),
            ("{ pause = -1 },", "line 7: A pause is 0 to 600 seconds."),
            ("{ wait_for = \" \" },", "line 7: It takes a text to wait for"),
            ("{ type = \"a\\n\" },", "line 7: What is typed is one line"),
            ("{ call = \"me\" },", "line 7: Nobody is there to call"),
            ("{ call = \"you\" },", "line 7: unknown variant `you`, expected `token` or `me`"),
            ("{ pause = 1, press = \"r\" },", "line 7: "),
            ("{ pause = \"1 s\" },", "line 7: invalid type: string \"1 s\", expected f64"),
        ] {
            let problem = steps(wrong).unwrap_err();
            assert!(problem.contains(says), "{wrong}: {problem}");
        }
        let long = steps(&format!("{{ caption = \"{}\" }},", "a".repeat(70))).unwrap_err();
        assert!(long.contains("has 70 columns, and there is room for"), "{long}");
    }

    #[test]
    fn what_stands_above_the_steps_is_checked_too() {
        for (old, new, says) in [
            ("seed", "sead", "line 3: unknown field `sead`, expected one of"),
            ("customers = 10", "customers = 0", "line 2: customers = 0 is not possible: it is 1 to 100000."),
            ("2026-11-20T14:03:00Z", "noon", "line 4: \"noon\" is no time. A time is \"2026-11-20T14:03:00Z\"."),
            ("\"mina\"", "\" \"", "line 5: A name is needed."),
            ("operator", "width = 20\noperator", "line 5: width = 20 is not possible"),
        ] {
            let text = format!("{}steps = []\n", HEAD.replace(old, new));
            let problem = Script::parse(&text).unwrap_err().to_string();
            assert!(problem.contains(says), "{new}: {problem}");
        }
    }

    #[test]
    fn every_named_key_is_known_by_its_name() {
        for key in NAMED {
            assert_eq!(key_of(&key.to_string()), Ok(key));
        }
    }
}
