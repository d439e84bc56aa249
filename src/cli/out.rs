//! The only place of the command line that prints.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
};

use crate::{
    cli::answer::{Answer, Outcome},
    domain::safe_text,
};

/// Where answers go: facts to standard output, sentences about what was not done to standard
/// error; with `--json` everything to standard output.
pub struct Out {
    json: bool,
    stdout: Box<dyn Write>,
    stderr: Box<dyn Write>,
    /// Whether somebody watches standard error, so that a line can be painted over.
    watched: bool,
}

impl Out {
    /// Prints for people, or for programs.
    #[must_use]
    pub fn new(json: bool) -> Self {
        let watched = io::stderr().is_terminal();
        Self { json, stdout: Box::new(io::stdout().lock()), stderr: Box::new(io::stderr().lock()), watched }
    }

    /// Prints an answer and returns the exit code. A reader that went away (`| head`) is a quiet
    /// end; anything else that keeps the answer from being written is a failure.
    pub fn answer(&mut self, answer: &Answer) -> u8 {
        let written = if self.json {
            let line = safe_text::escaped(&answer.json().to_string(), escape);
            writeln!(self.stdout, "{line}").and_then(|()| self.stdout.flush())
        } else {
            let failed = answer.outcome.exit_code() != 0;
            let to = if failed { &mut self.stderr } else { &mut self.stdout };
            answer.lines.iter().try_for_each(|line| writeln!(to, "{}", safe_text::line(line))).and_then(|()| to.flush())
        };
        self.exit_code(answer.outcome, written)
    }

    /// Tells people how far a long command is; programs only get the answer.
    pub fn progress(&mut self, line: &str) {
        if !self.json {
            // Progress that nobody can read is no reason to stop.
            let _ = writeln!(self.stderr, "{}", safe_text::line(line));
        }
    }

    /// Whether progress is painted over the progress before.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.watched && !self.json
    }

    /// Paints progress over the progress before; with an empty line it is gone.
    pub fn repaint(&mut self, line: &str) {
        if self.is_watched() {
            // Behind the text the rest of the older line is erased (ECMA-48, EL).
            let _ = write!(self.stderr, "\r{}\u{1b}[K", safe_text::line(line));
            let _ = self.stderr.flush();
        }
    }

    /// Whether programs get the answer.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Where the facts of a command go that are a file of their own.
    pub fn stdout(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    /// Prints text as it is, such as a manual page.
    pub fn raw(&mut self, text: &[u8]) -> u8 {
        let written = self.stdout.write_all(text).and_then(|()| self.stdout.flush());
        self.exit_code(Outcome::Done, written)
    }

    fn exit_code(&mut self, outcome: Outcome, written: io::Result<()>) -> u8 {
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                // Standard error may be gone as well; the exit code still tells.
                let _ = writeln!(
                    self.stderr,
                    "The answer could not be written: {error}. The command itself came to: {}.",
                    outcome.word()
                );
                Outcome::Failed.exit_code()
            }
            _ => outcome.exit_code(),
        }
    }
}

/// A character as JSON writes it in ASCII.
fn escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn print(json: bool, answer: &Answer) -> (u8, String, String) {
        let (stdout, stderr) = (Paper::default(), Paper::default());
        let mut out = Out { json, stdout: Box::new(stdout.clone()), stderr: Box::new(stderr.clone()), watched: false };
        (out.answer(answer), stdout.text(), stderr.text())
    }

    #[test]
    fn facts_go_to_stdout_failures_to_stderr_json_to_stdout() {
        let done = Answer::sentence(Outcome::Done, "Done.", json!({}));
        let failed = Answer::not_done(Outcome::NotFound, "no_such_customer", "Nobody.");
        assert_eq!(print(false, &done), (0, "Done.\n".into(), String::new()));
        assert_eq!(print(false, &failed), (4, String::new(), "Nobody.\n".into()));
        let (code, stdout, stderr) = print(true, &failed);
        let json: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, stderr.as_str()), (4, ""));
        assert_eq!(json, json!({"outcome": "not_found", "reason": "no_such_customer", "message": "Nobody."}));
    }

    #[test]
    fn no_control_character_is_printed() {
        let hostile = Answer::sentence(Outcome::Done, "a\u{1b}[31m\u{9b}b\nc", json!({}));
        let (_, stdout, _) = print(false, &hostile);
        assert_eq!(stdout, "a<U+001B>[31m<U+009B>b<U+000A>c\n");
        let (_, stdout, _) = print(true, &hostile);
        assert!(!stdout.trim_end().contains(char::is_control));
        assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["message"], "a\u{1b}[31m\u{9b}b\nc");
    }

    #[test]
    fn nothing_invisible_is_printed() {
        let unseen = "a\u{202e}\u{200b}\u{e0041}b";
        let hostile = Answer::sentence(Outcome::Done, unseen, json!({}));
        assert_eq!(print(false, &hostile).1, "a<U+202E><U+200B><U+E0041>b\n");
        let (_, stdout, _) = print(true, &hostile);
        assert!(stdout.is_ascii(), "{stdout}");
        assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["message"], unseen);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_a_full_disk_is() {
        let done = Answer::sentence(Outcome::Done, "Done.", json!({}));
        for (kind, code, says) in
            [(io::ErrorKind::BrokenPipe, 0, ""), (io::ErrorKind::StorageFull, 1, "The command itself came to: done.")]
        {
            let stderr = Paper::default();
            let mut out =
                Out { json: false, stdout: Box::new(Broken(kind)), stderr: Box::new(stderr.clone()), watched: false };
            assert_eq!(out.answer(&done), code);
            assert!(stderr.text().contains(says) && (stderr.text().is_empty() == says.is_empty()));
        }
    }
}
