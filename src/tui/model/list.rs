//! The table: a window of rows over a result that may have millions.

use std::time::Duration;

use crate::{
    domain::{
        customer::{CustomerId, CustomerRow},
        find::{Count, Cursor, CursorKey, Page, PageFrom, Sort, SortKey},
        query::{self, Query},
        safe_text::SafeText,
    },
    tui::field::TextField,
};

/// Rows asked for at a time.
pub const PAGE: u32 = 100;
/// Most rows kept; those far from the selection are let go and read again when needed.
pub const WINDOW: usize = 500;

/// The part of a result by id that holds whom nothing but the order was asked about.
const EVERYBODY: u8 = 4;

/// How the rows of a page join those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// They take the place of all rows.
    Replace,
    /// They go below.
    Append,
    /// They go above.
    Prepend,
}

/// What is selected once rows were replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// The first row.
    First,
    /// The last row.
    Last,
}

/// A page on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Where it begins.
    pub from: PageFrom,
    /// Whether it is looked for backwards.
    pub backward: bool,
    /// How its rows join.
    pub join: Join,
    /// What is selected then.
    pub select: Select,
    /// Rows still missing.
    pub missing: u32,
}

impl Load {
    /// The first page of a search.
    #[must_use]
    pub const fn first() -> Self {
        Self { from: PageFrom::Start, backward: false, join: Join::Replace, select: Select::First, missing: PAGE }
    }

    /// A page that begins behind this place, of rows that take the place of all others.
    #[must_use]
    pub fn behind(place: Cursor) -> Self {
        Self { from: PageFrom::After(place), ..Self::first() }
    }

    /// The last page of a search.
    #[must_use]
    pub const fn last() -> Self {
        Self { from: PageFrom::End, backward: true, join: Join::Replace, select: Select::Last, missing: PAGE }
    }
}

/// The table and its search.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The search field.
    pub field: TextField,
    /// What the field asks for, as far as it can be understood.
    pub query: Query,
    /// What the rows answer.
    pub shown: Query,
    /// What is wrong with the field's text, or went wrong with the search.
    pub problem: Option<SafeText>,
    /// The order.
    pub sort: Sort,
    /// The rows in memory, and where each stands in the result.
    pub rows: Vec<(CustomerRow, Cursor)>,
    /// Place of the selected row in `rows`.
    pub selected: usize,
    /// Place of the first row on the screen.
    pub top: usize,
    /// Where the rows above these begin; none = these are the first.
    pub above: Option<Cursor>,
    /// Where the rows below these begin; none = these are the last.
    pub below: Option<Cursor>,
    /// The page on its way.
    pub loading: Option<Load>,
    /// The page to ask for when the one on its way has come back.
    pub queued: Option<Load>,
    /// Something was found at least once.
    pub ready: bool,
    /// Enter was pressed before the rows came that it is meant for.
    pub is_to_open: bool,
    /// How many customers the search finds.
    pub count: Option<Count>,
    /// How many customers there are.
    pub total: Option<Count>,
    /// How long the last search took.
    pub took: Option<Duration>,
}

impl Default for List {
    fn default() -> Self {
        Self {
            field: TextField::new(query::MAX_CHARS),
            query: Query::default(),
            shown: Query::default(),
            problem: None,
            sort: Sort::default(),
            rows: Vec::new(),
            selected: 0,
            top: 0,
            above: None,
            below: None,
            loading: None,
            queued: None,
            ready: false,
            is_to_open: false,
            count: None,
            total: None,
            took: None,
        }
    }
}

impl List {
    /// The selected customer.
    #[must_use]
    pub fn selected_id(&self) -> Option<CustomerId> {
        self.selected_row().map(|row| row.id)
    }

    /// The selected row.
    #[must_use]
    pub fn selected_row(&self) -> Option<&CustomerRow> {
        self.rows.get(self.selected).map(|(row, _)| row)
    }

    /// Whether the rows answer an earlier search than the one that was typed.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.loading.is_some() && self.query != self.shown
    }

    /// The place just in front of the selected customer among everybody, in this order.
    #[must_use]
    pub fn place_among_everybody(&self) -> Option<Cursor> {
        let (row, cursor) = self.rows.get(self.selected)?;
        let by_id = matches!(self.sort.key, SortKey::Best | SortKey::Id);
        let downwards = self.sort.key == SortKey::Best || self.sort.descending;
        let id = CustomerId(row.id.0.saturating_add(if downwards { 1 } else { -1 }));
        match &cursor.key {
            _ if by_id => Some(Cursor { tier: EVERYBODY, key: CursorKey::Id, id }),
            CursorKey::Id => None,
            _ => Some(Cursor { id, ..cursor.clone() }),
        }
    }

    /// Whether the whole result is in memory.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.ready && self.loading.is_none() && self.above.is_none() && self.below.is_none()
    }

    /// Selects the row `by` rows further down (negative: up) and keeps it on a screen of `height`
    /// rows.
    pub fn move_by(&mut self, by: isize, height: usize) {
        self.select(self.selected.saturating_add_signed(by), height);
    }

    /// Selects a row and keeps it on a screen of `height` rows.
    pub fn select(&mut self, index: usize, height: usize) {
        self.selected = index.min(self.rows.len().saturating_sub(1));
        let lowest_top = (self.selected + 1).saturating_sub(height.max(1));
        self.top = self.top.clamp(lowest_top, self.selected);
        // A window that was filled from above may leave room at the bottom.
        self.top = self.top.min(self.rows.len().saturating_sub(height));
    }

    /// Scrolls by so many rows. The selection stays where it is as long as it can be seen.
    pub fn scroll_by(&mut self, rows: isize, height: usize) {
        let most = self.rows.len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(rows).min(most);
        self.select(self.selected.clamp(self.top, self.top + height.saturating_sub(1)), height);
    }

    /// Takes in a page. Gives the rest of it that is still to be looked for.
    pub fn take(&mut self, load: &Load, page: Page, height: usize) -> Option<Load> {
        let Page { rows, cursors, next, partial } = page;
        let found = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut rest = next.clone().filter(|_| partial && found < load.missing).map(|next| Load {
            from: if load.backward { PageFrom::Before(next) } else { PageFrom::After(next) },
            missing: load.missing - found,
            ..load.clone()
        });
        let rows: Vec<(CustomerRow, Cursor)> = rows.into_iter().zip(cursors).collect();
        match load.join {
            // Old rows stay until there is something to show in their place.
            Join::Replace if rows.is_empty() && rest.is_some() => return rest,
            Join::Replace => {
                self.shown = self.query.clone();
                self.rows = rows;
                (self.above, self.below) = match &load.from {
                    PageFrom::After(place) => {
                        let first = self.rows.first().map(|(_, cursor)| cursor);
                        (Some(first.unwrap_or(place).clone()), next)
                    }
                    _ if load.backward => (next, None),
                    _ => (None, next),
                };
                self.top = 0;
                let index = if load.select == Select::Last { self.rows.len() } else { 0 };
                self.select(index, height);
                if let Some(rest) = &mut rest {
                    rest.join = if load.backward { Join::Prepend } else { Join::Append };
                }
            }
            Join::Append => {
                self.rows.extend(rows);
                self.below = next;
                self.drop_above(height);
            }
            Join::Prepend => {
                let more = rows.len();
                self.rows.splice(0..0, rows);
                self.above = next;
                (self.selected, self.top) = (self.selected + more, self.top + more);
                self.drop_below(height);
            }
        }
        rest
    }

    /// Lets rows above go when there are too many, but none that is on the screen.
    fn drop_above(&mut self, height: usize) {
        let spare = self.rows.len().saturating_sub(WINDOW.max(2 * height)).min(self.top);
        if spare > 0 {
            self.rows.drain(..spare);
            (self.selected, self.top) = (self.selected - spare, self.top - spare);
            self.above = self.rows.first().map(|(_, cursor)| cursor.clone());
        }
    }

    fn drop_below(&mut self, height: usize) {
        let keep = WINDOW.max(self.top + height).max(self.selected + 1);
        if self.rows.len() > keep {
            self.rows.truncate(keep);
            self.below = self.rows.last().map(|(_, cursor)| cursor.clone());
        }
    }

    /// The page to ask for because the selection comes near the edge of what is in memory.
    #[must_use]
    pub fn wanted(&self, height: usize) -> Option<Load> {
        if self.loading.is_some() || self.queued.is_some() {
            return None;
        }
        let near = 2 * height.max(1);
        let load = |from, backward, join| Load { from, backward, join, select: Select::First, missing: PAGE };
        if let Some(below) = self.below.clone().filter(|_| self.selected + near >= self.rows.len()) {
            return Some(load(PageFrom::After(below), false, Join::Append));
        }
        let above = self.above.clone().filter(|_| self.selected < near)?;
        Some(load(PageFrom::Before(above), true, Join::Prepend))
    }

    /// Brings a row up to date with the record behind it.
    pub fn patch(&mut self, fresh: &CustomerRow) {
        if let Some((row, _)) = self.rows.iter_mut().find(|(row, _)| row.id == fresh.id) {
            row.clone_from(fresh);
        }
    }
}
