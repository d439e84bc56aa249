//! What a terminal would do with the bytes that it is sent, as a parser that keydesk does not use
//! reads them. Everything is forbidden that is not named here.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

/// Who writes the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The console's frames.
    Frame,
    /// The console from its first to its last byte: also the title, the other screen, the clipboard.
    Console,
    /// A command: lines of text and nothing else.
    Lines,
}

/// Final byte and parameters of every control sequence that is part of a frame.
fn is_frames(action: char, private: bool, params: &[u16]) -> bool {
    match (action, private) {
        // To a place.
        ('H', false) => params.len() == 2,
        // Bold, dim, underlined, reversed and none of it; the colours of the theme and none.
        ('m', false) => {
            matches!(params, [0 | 1 | 2 | 4 | 7 | 22 | 24 | 27 | 39 | 49 | 59] | [38, 5, 1..=6, 49] | [39, 49])
                || is_ours(params)
        }
        // The cursor is shown or hidden.
        ('h' | 'l', true) => params == [25],
        _ => false,
    }
}

/// The colours that the themes choose themselves.
fn is_ours(params: &[u16]) -> bool {
    matches!(
        params,
        [38, 2, 0x7d, 0xcf, 0xff, 49]
            | [38, 2, 0x9e, 0xce, 0x6a, 49]
            | [38, 2, 0xe0, 0xaf, 0x68, 49]
            | [38, 2, 0xff, 0x8a, 0x8a, 49]
            | [38, 2, 0x00, 0x5f, 0xaf, 49]
            | [38, 2, 0x2b, 0x6a, 0x1a, 49]
            | [38, 2, 0x8a, 0x4b, 0x00, 49]
            | [38, 2, 0xb0, 0x00, 0x20, 49]
    )
}

/// What the console sends besides its frames.
fn is_consoles(action: char, private: bool, params: &[u16]) -> bool {
    match (action, private) {
        // A clear screen before the first frame, after Ctrl-L and in a window of another size.
        ('J', false) => params == [2],
        // The other screen, pastes in brackets, frames that are shown at once; the mouse's buttons and
        // wheel, in numbers of any size.
        ('h' | 'l', true) => matches!(params, [1049 | 2004 | 2026 | 1000 | 1006]),
        // The title is put aside and taken back.
        ('t', false) => matches!(params, [22 | 23, 2]),
        _ => false,
    }
}

/// What a terminal was sent.
#[derive(Debug)]
pub struct Seen {
    writer: Writer,
    /// What must not have been sent.
    pub problems: Vec<String>,
    /// All text, in the order in which it was sent.
    pub text: String,
    /// What was put into the clipboard.
    pub clipboard: Vec<String>,
    /// The titles that the window was given.
    pub titles: Vec<String>,
    /// How often each control sequence came.
    pub sequences: BTreeMap<String, usize>,
    /// Characters without a width that came one after the other.
    marks: usize,
}

/// Reads what a terminal was sent.
pub fn read(writer: Writer, bytes: &[u8]) -> Seen {
    let mut seen = Seen {
        writer,
        problems: Vec::new(),
        text: String::new(),
        clipboard: Vec::new(),
        titles: Vec::new(),
        sequences: BTreeMap::new(),
        marks: 0,
    };
    if let Err(error) = std::str::from_utf8(bytes) {
        seen.problems.push(format!("not UTF-8: {error}"));
    }
    // The parser passes over SOS, PM and APC without a word.
    for pair in bytes.windows(2).filter(|pair| pair[0] == 0x1b && !b"[]\\".contains(&pair[1])) {
        seen.problems.push(format!("ESC {:?}", char::from(pair[1])));
    }
    if bytes.last() == Some(&0x1b) {
        seen.problems.push("ESC at the end".to_owned());
    }
    Parser::new().advance(&mut seen, bytes);
    // Nor does it speak of an OSC without an end, in which a terminal would wait for ever.
    let begun = bytes.windows(2).filter(|pair| pair == b"\x1b]").count();
    let ended: usize = seen.sequences.iter().filter(|(name, _)| name.starts_with("OSC")).map(|(_, times)| times).sum();
    if begun != ended {
        seen.problems.push("an OSC without an end".to_owned());
    }
    seen
}

impl Perform for Seen {
    fn print(&mut self, c: char) {
        if is_forbidden(c) {
            self.problems.push(format!("U+{:04X}", u32::from(c)));
        }
        self.marks = if c.width() == Some(0) { self.marks + 1 } else { 0 };
        if self.marks == 3 {
            self.problems.push("more than two marks on one character".to_owned());
        }
        self.text.push(c);
    }

    fn execute(&mut self, byte: u8) {
        let is_line_end = byte == b'\n' || (byte == b'\r' && self.writer == Writer::Console);
        if is_line_end && self.writer != Writer::Frame {
            self.text.push(char::from(byte));
        } else {
            self.problems.push(format!("control {byte:#04x}"));
        }
    }

    fn csi_dispatch(&mut self, params: &Params, between: &[u8], ignored: bool, action: char) {
        let params: Vec<u16> = params.iter().flatten().copied().collect();
        let private = between == b"?";
        let known = (private || between.is_empty())
            && match self.writer {
                Writer::Frame => is_frames(action, private, &params),
                Writer::Console => is_frames(action, private, &params) || is_consoles(action, private, &params),
                Writer::Lines => false,
            };
        *self.sequences.entry(format!("CSI {}{action}", String::from_utf8_lossy(between))).or_default() += 1;
        // A place on the screen ends what came before.
        if action == 'H' {
            self.marks = 0;
            self.text.push('\u{1}');
        }
        if !known || ignored {
            self.problems.push(format!("CSI {} {params:?} {action}", String::from_utf8_lossy(between)));
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let name = String::from_utf8_lossy(params.first().copied().unwrap_or_default()).into_owned();
        match (self.writer, params) {
            // The window's title; a semicolon in it parts it for this parser, not for terminals.
            (Writer::Console, [b"2", title @ ..]) => match String::from_utf8(title.join(&b';')) {
                Ok(title) if !title.contains(is_forbidden) => self.titles.push(title),
                _ => self.problems.push("a title with something else than text".to_owned()),
            },
            (Writer::Console, [b"52", b"c", data]) => match data_encoding::BASE64.decode(data).map(String::from_utf8) {
                Ok(Ok(text)) => self.clipboard.push(text),
                _ => self.problems.push("OSC 52 with something else than text".to_owned()),
            },
            _ => self.problems.push(format!("OSC {name}")),
        }
        *self.sequences.entry(format!("OSC {name}")).or_default() += 1;
    }

    fn esc_dispatch(&mut self, between: &[u8], _: bool, byte: u8) {
        // The end of an OSC.
        if byte != b'\\' || !between.is_empty() || self.writer == Writer::Lines {
            self.problems.push(format!("ESC {}{}", String::from_utf8_lossy(between), char::from(byte)));
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.problems.push(format!("DCS {action}"));
    }
}

/// What no terminal may be sent: written out here once more, so that the program's own table is
/// not what judges it. Numbers from the Unicode Character Database 17.
pub fn is_forbidden(c: char) -> bool {
    matches!(u32::from(c),
        // Controls.
        0..=0x1f | 0x7f..=0x9f
        // Direction.
        | 0x61c | 0x200e..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069
        // Nothing to see: soft hyphen, joiners, fillers, separators, invisible signs.
        | 0xad | 0x34f | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200d | 0x2028..=0x2029
        | 0x2060..=0x2065 | 0x206a..=0x206f | 0x2800 | 0x3164 | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x1_bca0..=0x1_bca3
        | 0x1_d173..=0x1_d17a
        // Tags and variations.
        | 0xfe00..=0xfe0f | 0xe_0000..=0xe_0fff
        // Private use.
        | 0xe000..=0xf8ff | 0xf_0000..=0x10_ffff
        // Noncharacters.
        | 0xfdd0..=0xfdef)
        || u32::from(c) & 0xfffe == 0xfffe
}
