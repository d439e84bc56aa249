//! What the terminal sends, in the console's words. Everything unknown is dropped here.

use crossterm::event::{
    Event as TermEvent, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;

use crate::tui::{
    key::Key,
    msg::{Event, Mouse},
};

/// The console's event for a terminal's, if it has a meaning.
#[must_use]
pub fn event_of(event: TermEvent) -> Option<Event> {
    match event {
        // Some terminals also report that a key was let go, which would double every key.
        TermEvent::Key(key) if key.kind != KeyEventKind::Release => key_of(key).map(Event::Key),
        TermEvent::Mouse(event) => mouse_of(event),
        TermEvent::Paste(text) => Some(Event::Paste(text)),
        TermEvent::Resize(width, height) => Some(Event::Resize { width, height }),
        _ => None,
    }
}

/// Chords with the mouse are the terminal's own.
fn mouse_of(event: MouseEvent) -> Option<Event> {
    let what = match event.kind {
        _ if !event.modifiers.is_empty() => return None,
        MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
        MouseEventKind::Up(MouseButton::Left) => Mouse::Release,
        MouseEventKind::ScrollUp => Mouse::WheelUp,
        MouseEventKind::ScrollDown => Mouse::WheelDown,
        _ => return None,
    };
    Some(Event::Mouse { at: Position { x: event.column, y: event.row }, what })
}

fn key_of(key: KeyEvent) -> Option<Key> {
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    // Alt-Gr arrives as Ctrl and Alt with the character that it makes.
    let ctrl = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT) == KeyModifiers::CONTROL;
    let alt = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT) == KeyModifiers::ALT;
    if alt || key.modifiers.intersects(KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META) {
        return None;
    }
    Some(match key.code {
        // Terminals that send ^H for Backspace.
        KeyCode::Char('h') if ctrl => Key::Backspace,
        KeyCode::Char(c) if ctrl => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if shift => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::F(number @ 1..=12) => Key::F(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        key_of(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_key_that_is_let_go_is_no_key() {
        let mut event = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
        assert_eq!(event_of(TermEvent::Key(event)), Some(Event::Key(Key::Char('y'))));
        event.kind = KeyEventKind::Release;
        assert_eq!(event_of(TermEvent::Key(event)), None);
    }

    #[test]
    fn alt_chords_mean_nothing_but_alt_gr_types() {
        assert_eq!(key(KeyCode::Char('y'), KeyModifiers::ALT), None);
        assert_eq!(key(KeyCode::Char('@'), KeyModifiers::ALT | KeyModifiers::CONTROL), Some(Key::Char('@')));
        assert_eq!(key(KeyCode::Char('C'), KeyModifiers::CONTROL), Some(Key::Ctrl('c')));
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Key::Char('G')));
        assert_eq!(key(KeyCode::F(12), KeyModifiers::NONE), Some(Key::F(12)));
        assert_eq!(key(KeyCode::F(13), KeyModifiers::NONE), None);
    }
}
