//! Keys and pastes of any kind, at any time, in any order.

use crossterm::event::{Event as TermEvent, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, ModifierKeyCode};
use keydesk::tui::{input, key::Key, msg::Event, view::Look};

use crate::{
    desk::{Answers, Desk},
    engine::Target,
    tty::{self, Writer},
};

/// Three bytes are a key; what follows a paste up to the next zero is pasted.
fn events(input: &[u8]) -> Vec<TermEvent> {
    const CODES: [KeyCode; 26] = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Insert,
        KeyCode::F(1),
        KeyCode::F(255),
        KeyCode::Null,
        KeyCode::CapsLock,
        KeyCode::Menu,
        KeyCode::KeypadBegin,
        KeyCode::Pause,
        KeyCode::ScrollLock,
        KeyCode::PrintScreen,
        KeyCode::NumLock,
        KeyCode::Modifier(ModifierKeyCode::LeftAlt),
    ];
    let mut events = Vec::new();
    let mut rest = input;
    while let [code, modifiers, kind, more @ ..] = rest {
        rest = more;
        let code = usize::from(*code);
        if code == 0xff {
            let (pasted, behind) = rest.iter().position(|b| *b == 0).map_or((rest, &[][..]), |end| rest.split_at(end));
            events.push(TermEvent::Paste(String::from_utf8_lossy(pasted).into_owned()));
            rest = behind.get(1..).unwrap_or_default();
            continue;
        }
        if code == 0xfe {
            events.push(TermEvent::Resize(u16::from(*modifiers), u16::from(*kind)));
            continue;
        }
        let code = CODES
            .get(code.wrapping_sub(0xc0))
            .copied()
            .unwrap_or(KeyCode::Char(char::from(u8::try_from(code).unwrap())));
        // Mostly plain keys that are pressed.
        let modifiers =
            if *modifiers < 0x80 { KeyModifiers::NONE } else { KeyModifiers::from_bits_truncate(*modifiers & 0x3f) };
        let kind = [KeyEventKind::Press, KeyEventKind::Press, KeyEventKind::Repeat, KeyEventKind::Release]
            [usize::from(*kind % 4)];
        events.push(TermEvent::Key(KeyEvent::new_with_kind(code, modifiers, kind)));
    }
    events
}

fn keys(text: &str) -> String {
    text.chars().flat_map(|c| [c, '\0', '\0']).collect()
}

#[test]
fn terminal_events() {
    let seeds = [keys("jjrnmq"), keys("/ver cos"), keys("?s:f")];
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    Target { name: "terminal events", seeds: &seeds, words: &["\u{80}", "\u{c0}\u{c1}", "G\0\0"], cost: 1 }.run(
        |input| {
            let mut good = !input.is_empty();
            for event in events(input) {
                let is_release = matches!(&event, TermEvent::Key(key) if key.kind == KeyEventKind::Release);
                let meant = input::event_of(event.clone());
                assert!(!is_release || meant.is_none());
                match (event, meant) {
                    (TermEvent::Key(key), Some(Event::Key(Key::Ctrl(c)))) => {
                        assert!(key.modifiers.contains(KeyModifiers::CONTROL) && !c.is_ascii_uppercase());
                    }
                    (TermEvent::Key(key), Some(Event::Key(Key::Char(c)))) => assert_eq!(key.code, KeyCode::Char(c)),
                    (TermEvent::Paste(text), Some(event)) => assert_eq!(event, Event::Paste(text)),
                    (TermEvent::Key(_) | TermEvent::Resize(..), Some(_)) => {}
                    (_, None) => good = false,
                    (_, Some(_)) => panic!("an event of another kind"),
                }
            }
            good
        },
    );
}

#[test]
fn the_console_takes_any_keys() {
    let seeds = [
        keys("\u{c0}jjr\u{c2}T-47\u{c2}y"),
        keys("jfy"),
        keys("/ver cos\u{c0}"),
        keys("?jjjq"),
        keys("s\u{c0}"),
        keys(":re\u{c0}"),
        keys("m\u{c0}jjq"),
        keys("\u{c0}rycyuy"),
        "\u{ff}\0\0pasted\u{1b}[31m\0".to_owned(),
    ];
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    let words = [
        "r\0\0", "y\0\0", "f\0\0", "c\0\0", "u\0\0", "m\0\0", ":\0\0", "?\0\0", "/\0\0", "s\0\0", "q\0\0", "G\0\0",
        "\t\0\0",
    ];
    Target { name: "console", seeds: &seeds, words: &words, cost: 50 }.run(|input| {
        let mut desk = Desk::new("Veronica 홍길동\u{202e}", 80, 24);
        let mut good = false;
        let many = events(input);
        for (n, event) in many.into_iter().take(40).enumerate() {
            desk.answers = [Answers::Good, Answers::Good, Answers::Refused, Answers::Failed][n % 4];
            let Some(event) = input::event_of(event) else { continue };
            desk.send(event);
            good |= !desk.model.overlays.is_empty();
            assert!(desk.model.overlays.len() <= 3, "{:?}", desk.model.overlays);
        }
        let seen = tty::read(Writer::Frame, &desk.draw(Look::default()));
        assert!(seen.problems.is_empty(), "{:?}", seen.problems);
        good
    });
}
