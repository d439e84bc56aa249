//! What the screen shows at one moment.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use unicode_width::UnicodeWidthStr;

/// Everything on the screen, and the place of the cursor.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The cells.
    pub buffer: Buffer,
    /// The cursor, where it is seen.
    pub cursor: Option<Position>,
}

impl Picture {
    /// Its lines, without the spaces at their ends.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Rect { x: left, y: top, width, height } = self.buffer.area;
        let line = |y| {
            let (mut line, mut x) = (String::new(), left);
            // The cell behind a wide character holds nothing of its own.
            while let Some(cell) = self.buffer.cell(Position { x, y }).filter(|_| x < left + width) {
                line.push_str(cell.symbol());
                x += u16::try_from(cell.symbol().width().max(1)).unwrap_or(1);
            }
            line.trim_end().to_owned()
        };
        (top..top + height).map(line).collect()
    }

    /// Whether a text is on one of its lines.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.lines().iter().any(|line| line.contains(text))
    }

    /// Copies it to `to`, `by` columns and rows to the right and down; what has no room there is left out.
    pub fn copy_to(&self, to: &mut Buffer, by: Position) {
        for place in self.buffer.area.positions() {
            let there = Position { x: place.x + by.x, y: place.y + by.y };
            if let (Some(from), Some(to)) = (self.buffer.cell(place), to.cell_mut(there)) {
                to.clone_from(from);
            }
        }
    }
}
