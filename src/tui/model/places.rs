//! What lies where on the screen that was drawn last: a click means what was seen there.

use ratatui::layout::{Position, Rect};

use crate::{
    domain::find::SortKey,
    tui::{command::Action, key::Key, model::confirm::Part},
};

/// Something that can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// It does what this key does.
    Key(Key),
    /// It does what this command does.
    Command(Action),
    /// A row, by the number of what it shows: other rows may have come meanwhile.
    Row(i64),
    /// The heading of a column that the table can be sorted by.
    Heading(SortKey),
    /// A tab, by its place.
    Tab(usize),
    /// A choice in a popup, by its place.
    Choice(usize),
    /// A part of the question.
    Part(Part),
    /// Anything else in a part of the screen.
    Pane(Pane),
}

/// A part of the screen that the wheel scrolls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The rows of the table or of a room.
    Rows,
    /// The open record.
    Record,
    /// The topmost popup.
    Popup,
}

/// The spots of a screen, those on top last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    spots: Vec<(Rect, Spot)>,
}

impl Places {
    /// Puts a spot on top of what is there.
    pub fn add(&mut self, area: Rect, spot: Spot) {
        self.spots.push((area, spot));
    }

    /// Adds a spot that is one line high and so many columns wide.
    pub fn add_line(&mut self, x: u16, y: u16, width: usize, spot: Spot) {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        self.add(Rect { x, y, width, height: 1 }, spot);
    }

    /// Adds a spot at the right end of a line.
    pub fn add_right(&mut self, line: Rect, width: usize, spot: Spot) {
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(line.width);
        self.add(Rect { x: line.right() - width, y: line.y, width, height: 1 }, spot);
    }

    /// Those of a popup.
    #[must_use]
    pub fn of_popup(area: Rect) -> Self {
        Self { spots: vec![(area, Spot::Pane(Pane::Popup))] }
    }

    /// Adds the spots of another part of the screen.
    pub fn extend(&mut self, others: &Self) {
        self.spots.extend_from_slice(&others.spots);
    }

    /// These above those of another part, and nothing else.
    #[must_use]
    pub fn over(self, others: &Self) -> Self {
        Self { spots: [others.spots.clone(), self.spots].concat() }
    }

    /// What lies there.
    #[must_use]
    pub fn at(&self, at: Position) -> Option<Spot> {
        self.found(at).next()
    }

    /// What the wheel scrolls there.
    #[must_use]
    pub fn pane_at(&self, at: Position) -> Option<Pane> {
        self.found(at).find_map(|spot| match spot {
            Spot::Pane(pane) => Some(pane),
            _ => None,
        })
    }

    fn found(&self, at: Position) -> impl Iterator<Item = Spot> {
        self.spots.iter().rev().filter(move |(area, _)| area.contains(at)).map(|(_, spot)| *spot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_popup_covers_all_but_the_hints_beside_it() {
        let key = |c| Spot::Key(Key::Char(c));
        let (mut places, mut hints) = (Places::default(), Places::default());
        places.add(Rect::new(0, 0, 40, 10), Spot::Pane(Pane::Rows));
        places.add_line(0, 1, 40, Spot::Row(7));
        hints.add_line(1, 9, 5, key('r'));
        hints.add_line(10, 9, 5, key('q'));
        places.extend(&hints);
        let at = |places: &Places, x, y| places.at(Position { x, y });
        assert_eq!((at(&places, 3, 1), at(&places, 2, 9)), (Some(Spot::Row(7)), Some(key('r'))));
        assert_eq!(places.pane_at(Position { x: 3, y: 1 }), Some(Pane::Rows));
        let places = Places::of_popup(Rect::new(8, 2, 20, 8)).over(&hints);
        assert_eq!((at(&places, 3, 1), at(&places, 2, 9)), (None, Some(key('r'))));
        assert_eq!(at(&places, 11, 9), Some(Spot::Pane(Pane::Popup)), "a hint beneath a popup is not there");
    }
}
