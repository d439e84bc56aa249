//! What a terminal shows after many frames is what the last one says: no string leaves remains.

use std::{
    io::{self, Write},
    num::NonZero,
    sync::{Arc, Mutex},
};

use keydesk::tui::view::{Look, view};
use ratatui::{
    Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    buffer::Buffer,
    layout::{Position, Rect},
};
use unicode_width::UnicodeWidthStr;

use crate::{desk::Desk, payloads, tour::SCREENS};

const AREA: Rect = Rect { x: 0, y: 0, width: 132, height: 40 };

/// What was sent to the terminal and not yet read there.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<u8>>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Line by line, without the cells that lie behind wide characters.
fn lines(symbol: impl Fn(Position) -> String) -> Vec<String> {
    let line = |y| {
        let (mut line, mut x) = (String::new(), 0);
        while x < AREA.width {
            let cell = symbol(Position { x, y });
            let cell = if cell.is_empty() { " ".to_owned() } else { cell };
            x += u16::try_from(cell.width().max(1)).unwrap();
            line += &cell;
        }
        line.trim_end().to_owned()
    };
    (0..AREA.height).map(line).collect()
}

fn shown(parser: &vt100::Parser) -> Vec<String> {
    lines(|at| parser.screen().cell(at.y, at.x).map(|cell| cell.contents().to_owned()).unwrap_or_default())
}

fn meant(buffer: &Buffer) -> Vec<String> {
    lines(|at| buffer[at].symbol().to_owned())
}

#[test]
fn no_string_leaves_remains_on_the_screen() {
    let payloads = payloads::all();
    let every = if crate::is_long() { 10 } else { 211 };
    let size = |n| NonZero::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(AREA.height), size(AREA.width), 0);
    let (sent, mut frames) = (Sent::default(), 0);
    // One terminal for all, as in the console: each frame sends only what changed.
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(sent.clone()),
        TerminalOptions { viewport: Viewport::Fixed(AREA) },
    )
    .unwrap();
    // This terminal leaves out U+FFFD, which others show.
    for payload in payloads.iter().filter(|payload| !payload.text.contains('\u{fffd}')).step_by(every) {
        for (name, go) in SCREENS {
            let mut desk = Desk::new(&payload.text, AREA.width, AREA.height);
            go(&mut desk, &payload.text);
            let buffer = terminal.draw(|frame| view(&desk.model, Look::default(), frame)).unwrap().buffer.clone();
            parser.process(&std::mem::take(&mut *sent.0.lock().unwrap()));
            frames += 1;
            for (y, (shown, meant)) in shown(&parser).iter().zip(meant(&buffer)).enumerate() {
                assert_eq!(*shown, meant, "line {y} of {name} with {} {:?}", payload.kind, payload.text);
            }
        }
    }
    println!("{frames} frames on one terminal");
}
