//! One column, one cell.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Gives each column of a character that is made of several narrow ones (Devanagari and Thai have
/// many) a cell of its own. The terminal is sent the same text; but ratatui clears only the first
/// cell of what it takes for one wide character, as is right for Hangul, and the rest of these
/// would stay on the screen for ever.
pub fn split(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell(Position { x, y }) else { continue };
            let Some(pieces) = pieces(cell.symbol()) else { continue };
            let style = cell.style();
            for (x, piece) in (x..area.right()).zip(pieces) {
                if let Some(cell) = buffer.cell_mut(Position { x, y }) {
                    cell.set_symbol(&piece).set_style(style);
                }
            }
        }
    }
}

/// Takes away the wide characters that the left edge of a popup cuts in half: the terminal would show
/// all of them, over its frame.
pub fn make_room(buffer: &mut Buffer, popup: Rect) {
    let Some(x) = popup.x.checked_sub(1) else { return };
    for y in popup.top()..popup.bottom() {
        if let Some(cell) = buffer.cell_mut(Position { x, y }).filter(|cell| cell.symbol().width() > 1) {
            cell.set_symbol(" ");
        }
    }
}

/// The narrow characters that a symbol is made of, each with the marks that follow it; none
/// where it is only one, or a wide one.
fn pieces(symbol: &str) -> Option<Vec<String>> {
    // Nearly all cells end here.
    if symbol.len() < 4 {
        return None;
    }
    let mut pieces: Vec<String> = Vec::new();
    for c in symbol.chars() {
        match (c.width().unwrap_or(0), pieces.last_mut()) {
            (0, Some(piece)) => piece.push(c),
            (1, _) => pieces.push(c.to_string()),
            _ => return None,
        }
    }
    (pieces.len() > 1 && pieces.len() == symbol.width()).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_made_of_narrow_characters_is_split() {
        assert_eq!(pieces("ष्का"), Some(["ष्", "क", "ा"].map(str::to_owned).to_vec()));
        for whole in ["a", "홍", "é", "Z\u{336}\u{336}", "👍🏽", "👨"] {
            assert_eq!(pieces(whole), None, "{whole}");
        }
    }
}
