//! What `keydesk doctor` answers.

use serde_json::{Value, json};

use crate::{
    cli::answer::{Answer, Outcome},
    domain::{
        check::{Check, Verdict},
        safe_text::SafeText,
    },
};

/// What this process was started in.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// `TERM`, as it came: over SSH anybody may have chosen it.
    pub term: Option<String>,
    /// Columns and rows, where there is a terminal.
    pub size: Option<(u16, u16)>,
    /// `LC_ALL`, `LC_CTYPE` or `LANG`, the first that is set.
    pub locale: Option<String>,
    /// Whether colours are wanted.
    pub colours: bool,
    /// Largest core file that a crash would leave, in bytes.
    pub core_limit: Option<u64>,
}

impl Session {
    /// Whether the locale's characters are UTF-8.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        let locale = self.locale.as_deref().unwrap_or_default().to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    }

    /// The terminal, the locale and the core file limit.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        vec![self.terminal(), self.characters(), self.core_files()]
    }

    fn terminal(&self) -> Check {
        let name = "terminal";
        let term = SafeText::new(&self.term.clone().unwrap_or_else(|| "not set".to_owned()));
        let colours = if self.colours { "colours" } else { "no colours" };
        match self.size {
            None => Check::fine(name, "none here; commands need none"),
            Some(_) if self.term.as_deref() == Some("dumb") => {
                Check::warning(name, "TERM is dumb: the console cannot be shown", "Set TERM to what the terminal is.")
            }
            Some((columns, rows)) if columns < 60 || rows < 15 => {
                let text = format!("{columns}x{rows}, TERM {term}");
                Check::warning(name, text, "The console needs 60x15; make the window larger.")
            }
            Some((columns, rows)) => Check::fine(name, format!("{columns}x{rows}, TERM {term}, {colours}")),
        }
    }

    fn characters(&self) -> Check {
        let locale = SafeText::new(&self.locale.clone().unwrap_or_else(|| "not set".to_owned()));
        if self.is_utf8() {
            Check::fine("locale", format!("{locale}"))
        } else {
            let advice = "Set LANG to one that is, such as C.UTF-8, or console.symbols to \"ascii\".";
            Check::warning("locale", format!("{locale}, which is not UTF-8"), advice)
        }
    }

    fn core_files(&self) -> Check {
        match self.core_limit {
            Some(0) => Check::fine("core files", "a crash leaves none"),
            _ => Check::wrong("core files", "a crash would leave keys and addresses in one", "Run: ulimit -c 0"),
        }
    }
}

/// The findings: failed when one of them is wrong.
#[must_use]
pub fn report(checks: &[Check], utf8: bool) -> Answer {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let (wrong, warnings) = (count(Verdict::Wrong), count(Verdict::Warning));
    let (outcome, message) = match (wrong, warnings) {
        (0, 0) => (Outcome::Done, format!("All {} checks are fine.", checks.len())),
        (0, n) => (Outcome::Done, format!("It works; {n} of {} checks want a look.", checks.len())),
        (n, _) => (Outcome::Failed, format!("{n} of {} checks found something wrong.", checks.len())),
    };
    let mut lines: Vec<String> = checks.iter().flat_map(|check| lines(check, utf8)).collect();
    lines.push(message.clone());
    let facts: Vec<Value> = checks.iter().map(facts).collect();
    let answer = Answer::lines(outcome, lines, json!({"checks": facts, "wrong": wrong, "warnings": warnings}));
    let answer = answer.with("message", message);
    if wrong > 0 { answer.with("reason", "wrong") } else { answer }
}

fn lines(check: &Check, utf8: bool) -> Vec<String> {
    let mark = match (check.verdict, utf8) {
        (Verdict::Fine, true) => "✓",
        (Verdict::Fine, false) => "ok  ",
        (Verdict::Warning, true) => "!",
        (Verdict::Warning, false) => "!   ",
        (Verdict::Wrong, true) => "✗",
        (Verdict::Wrong, false) => "FAIL",
    };
    let first = format!("{mark} {:<13} {}", check.name, SafeText::new(&check.text));
    let indent = mark.chars().count() + 15;
    let advice = check.advice.iter().map(|advice| format!("{:indent$}{}", "", SafeText::new(advice)));
    std::iter::once(first).chain(advice).collect()
}

fn facts(check: &Check) -> Value {
    json!({"name": check.name, "verdict": check.verdict.word(), "text": check.text, "advice": check.advice})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_wrong_fails_one_that_is_doubtful_does_not() {
        let (fine, doubtful) = (Check::fine("a", "x"), Check::warning("b", "y", "do z"));
        let answer = report(&[fine.clone(), doubtful.clone()], true);
        assert_eq!(answer.outcome.exit_code(), 0);
        assert_eq!(answer.lines[..3], ["✓ a             x", "! b             y", "                do z"]);
        let answer = report(&[fine, doubtful, Check::wrong("c", "w", "do v")], false);
        assert_eq!((answer.outcome.exit_code(), &answer.json()["reason"]), (1, &"wrong".into()));
        assert_eq!(answer.lines[3], "FAIL c             w");
        assert!(answer.lines.iter().all(|line| line.is_ascii()), "{:?}", answer.lines);
    }

    #[test]
    fn what_a_terminal_calls_itself_does_nothing_to_the_terminal() {
        let session = Session { term: Some("x\u{1b}]0;owned\u{7}".into()), size: Some((80, 24)), ..Session::default() };
        let lines = report(&session.checks(), true).lines;
        assert!(lines[0].contains("x<U+001B>]0;owned<U+0007>"), "{lines:?}");
        assert!(!lines.concat().contains(char::is_control));
    }

    #[test]
    fn small_dumb_and_foreign_terminals_are_told() {
        let verdict = |session: &Session| session.terminal().verdict;
        let size = |columns, rows| Session { size: Some((columns, rows)), ..Session::default() };
        assert_eq!(verdict(&size(60, 15)), Verdict::Fine);
        assert_eq!(verdict(&size(59, 15)), Verdict::Warning);
        assert_eq!(verdict(&Session { term: Some("dumb".into()), ..size(80, 24) }), Verdict::Warning);
        assert_eq!(verdict(&Session::default()), Verdict::Fine);
        let locale = |locale: &str| Session { locale: Some(locale.into()), ..Session::default() }.is_utf8();
        assert!(locale("ko_KR.UTF-8") && locale("C.utf8") && !locale("C") && !locale("ko_KR.eucKR"));
    }
}
