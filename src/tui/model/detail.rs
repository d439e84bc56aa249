//! The open record.

use crate::{
    domain::{
        customer::{Customer, CustomerId},
        safe_text::SafeText,
    },
    tui::layout::{self, Screen},
};

/// Lines of the account and of the reset part, without their titles.
pub const BLOCK_LINES: u16 = 7;

/// A record that is open, or being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Whose.
    pub id: CustomerId,
    /// What was read last. While another customer's record is on its way this is still the
    /// former one, so that nothing flickers; see [`Detail::current`].
    pub shown: Option<Box<Customer>>,
    /// Why it cannot be shown.
    pub problem: Option<SafeText>,
    /// Lines scrolled out at the top.
    pub scroll: u16,
}

impl Detail {
    /// A record that is being opened.
    #[must_use]
    pub const fn new(id: CustomerId) -> Self {
        Self { id, shown: None, problem: None, scroll: 0 }
    }

    /// The record, but never that of another customer.
    #[must_use]
    pub fn current(&self) -> Option<&Customer> {
        self.shown.as_deref().filter(|record| record.id == self.id)
    }

    /// Turns to another customer.
    pub fn turn_to(&mut self, id: CustomerId) {
        if self.id != id {
            (self.id, self.scroll, self.problem) = (id, 0, None);
        }
    }

    fn most_scroll(&self, screen: Screen) -> u16 {
        let height = self.shown.as_deref().map_or(0, |record| height(record, screen.detail.width));
        height.saturating_sub(layout::detail_rows(screen))
    }

    /// Whether there is more than the screen shows.
    #[must_use]
    pub fn can_scroll(&self, screen: Screen) -> bool {
        self.most_scroll(screen) > 0
    }

    /// Scrolls by `lines`, as far as there is something to see.
    pub fn scroll_by(&mut self, lines: i32, screen: Screen) {
        let most = self.most_scroll(screen);
        let to = i32::from(self.scroll).saturating_add(lines).clamp(0, i32::from(most));
        self.scroll = u16::try_from(to).unwrap_or(most);
    }
}

/// How many lines a record has below its head; the view draws exactly so many.
#[must_use]
pub fn height(record: &Customer, width: u16) -> u16 {
    let blocks = if layout::has_two_columns(width) { 1 + BLOCK_LINES } else { 2 * (1 + BLOCK_LINES) + 1 };
    let lines = |n: usize| u16::try_from(n.max(1)).unwrap_or(u16::MAX / 4);
    blocks + 2 + lines(record.tokens.len()) + 2 + lines(record.history.len())
}
