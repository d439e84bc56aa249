//! A recording: asciicast v2, <https://docs.asciinema.org/manual/asciicast/v2/>.

use std::{
    fmt::Write as _,
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ratatui::{
    Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    layout::{Position, Rect},
};
use serde_json::json;

use crate::tui::{
    TuiError, terminal,
    tour::{Audience, Flow, Picture, Script},
};

/// What the terminal of whoever looks at it must understand.
const TERM: &str = "xterm-256color";
/// What begins it: an empty screen.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Writes down what a terminal would be told, and when.
pub struct Recording {
    terminal: Terminal<CrosstermBackend<Tape>>,
    tape: Tape,
    text: String,
    ends: Duration,
}

impl Recording {
    /// Begins one.
    ///
    /// # Errors
    /// Never in fact: it is written to memory.
    pub fn begin(script: &Script) -> Result<Self, TuiError> {
        terminal::use_colours();
        let tape = Tape::default();
        let area = Rect { x: 0, y: 0, width: script.width, height: script.height };
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let terminal = Terminal::with_options(CrosstermBackend::new(tape.clone()), options)?;
        let header = json!({
            "version": 2,
            "width": script.width,
            "height": script.height,
            "title": script.title,
            "env": {"TERM": TERM},
        });
        let mut recording = Self { terminal, tape, text: format!("{header}\n"), ends: Duration::ZERO };
        recording.event(Duration::ZERO, CLEAR);
        Ok(recording)
    }

    /// The whole recording, which lasts so long.
    #[must_use]
    pub fn end(mut self, age: Duration) -> String {
        if age > self.ends {
            self.event(age, "");
        }
        self.text
    }

    fn event(&mut self, age: Duration, output: &str) {
        let (seconds, millis) = (age.as_secs(), age.subsec_millis());
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "[{seconds}.{millis:03}, \"o\", {}]", json!(output));
        self.ends = age;
    }
}

impl Audience for Recording {
    async fn wait(&mut self, _: Duration) -> Result<Flow, TuiError> {
        Ok(Flow::On)
    }

    fn show(&mut self, age: Duration, picture: &Picture) -> Result<(), TuiError> {
        self.terminal.draw(|frame| {
            picture.copy_to(frame.buffer_mut(), Position::ORIGIN);
            if let Some(cursor) = picture.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        let told = self.tape.take();
        if !told.is_empty() {
            self.event(age, &told);
        }
        Ok(())
    }
}

/// What a terminal was told since it was last looked at. Clones share it.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Tape {
    fn take(&self) -> String {
        let told = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&told).into_owned()
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
