//! A long list, newest first, of which a window is kept in memory: what is near the selection is
//! read before it is needed, and what is far from it is let go.

use crate::domain::{audit::EntryLine, outbox::MailLine, safe_text::SafeText};

/// Rows asked for at a time.
pub const PAGE: u32 = 100;
/// Most rows kept.
pub const WINDOW: usize = 500;

/// A row with a number that grows with every newer row and never changes.
pub trait Numbered {
    /// The number.
    fn number(&self) -> i64;
}

impl Numbered for EntryLine {
    fn number(&self) -> i64 {
        self.seq
    }
}

impl Numbered for MailLine {
    fn number(&self) -> i64 {
        self.id.0
    }
}

/// A page on its way: the newest rows that are older than `before`, or the newest of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The row above the page.
    pub before: Option<i64>,
    /// How its rows join those that are there.
    pub join: Join,
}

impl Load {
    /// The first page.
    pub const NEWEST: Self = Self { before: None, join: Join::Replace };
}

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

/// The rows, which of them is selected, and what is on its way.
///
/// Rows never get another place in such a list, so that a page that was let go is read again by
/// asking for it as it was asked for the first time.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed<T> {
    /// The rows in memory, newest first.
    pub rows: Vec<T>,
    /// Place of the selected row in `rows`.
    pub selected: usize,
    /// Place of the first row on the screen.
    pub top: usize,
    /// Where the pages begin that were let go at the top, the newest one first.
    above: Vec<Option<i64>>,
    /// How many rows each page in memory has, and where it begins.
    pages: Vec<(Option<i64>, usize)>,
    /// There are older rows than these.
    pub has_older: bool,
    /// The page on its way.
    pub loading: Option<Load>,
    /// The page to ask for when the one on its way has come back.
    pub queued: Option<Load>,
    /// Something was read at least once.
    pub ready: bool,
    /// Why nothing could be read.
    pub problem: Option<SafeText>,
}

impl<T> Default for Feed<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            selected: 0,
            top: 0,
            above: Vec::new(),
            pages: Vec::new(),
            has_older: false,
            loading: None,
            queued: None,
            ready: false,
            problem: None,
        }
    }
}

impl<T: Numbered + PartialEq> Feed<T> {
    /// The selected row.
    #[must_use]
    pub fn selected_row(&self) -> Option<&T> {
        self.rows.get(self.selected)
    }

    /// Whether the first row is the newest of all.
    #[must_use]
    pub const fn has_newest(&self) -> bool {
        self.above.is_empty()
    }

    /// Says that a page is on its way; false when it has to wait for another one.
    pub const fn begin(&mut self, load: Load) -> bool {
        if self.loading.is_some() {
            self.queued = Some(load);
            return false;
        }
        self.loading = Some(load);
        true
    }

    /// Nobody waits for what is on its way.
    pub const fn give_up(&mut self) {
        (self.loading, self.queued) = (None, None);
    }

    /// Something else is listed from now on; the rows stay until it is there.
    pub fn start_anew(&mut self) {
        (self.ready, self.selected, self.top) = (false, 0, 0);
        self.above.clear();
    }

    /// Whether the newest rows can be read again without moving the selection away from its row.
    #[must_use]
    pub fn can_be_renewed(&self) -> bool {
        let in_first_page = u32::try_from(self.selected).is_ok_and(|place| place < PAGE);
        self.loading.is_none() && self.has_newest() && in_first_page
    }

    /// The page on its way could not be read. True when that is news.
    pub fn fail(&mut self, why: SafeText) -> bool {
        self.loading = None;
        let is_news = self.problem.as_ref() != Some(&why);
        self.problem = Some(why);
        is_news
    }

    /// Selects the row `by` rows further down (negative: up) and keeps it on a screen of `height` rows.
    pub fn move_by(&mut self, by: isize, height: usize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
        let lowest_top = (self.selected + 1).saturating_sub(height.max(1));
        self.top = self.top.clamp(lowest_top, self.selected).min(self.rows.len().saturating_sub(height));
    }

    /// Scrolls by so many rows. The selection stays where it is as long as it can be seen.
    pub fn scroll_by(&mut self, rows: isize, height: usize) {
        let most = self.rows.len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(rows).min(most);
        self.selected = self.selected.clamp(self.top, self.top + height.saturating_sub(1));
        self.move_by(0, height);
    }

    /// Selects the row of this number, where it still is there.
    pub fn select(&mut self, number: i64, height: usize) {
        self.selected = self.rows.iter().position(|row| row.number() == number).unwrap_or(self.selected);
        self.move_by(0, height);
    }

    /// Takes in the page that was on its way. True when what is shown changed.
    pub fn take(&mut self, page: Vec<T>, height: usize) -> bool {
        let Some(load) = self.loading.take() else { return false };
        let changed = self.problem.take().is_some() || !self.ready;
        self.ready = true;
        let moved = match load.join {
            Join::Replace => self.renew(page),
            Join::Append => self.append(load.before, page),
            Join::Prepend => self.prepend(load.before, page, height),
        };
        self.move_by(0, height);
        changed || moved
    }

    /// The newest rows, perhaps once more. The selection stays on its row where that is still there.
    fn renew(&mut self, page: Vec<T>) -> bool {
        if self.has_newest() && self.rows == page {
            return false;
        }
        let number = self.selected_row().map(Numbered::number).filter(|_| self.selected > 0);
        self.has_older = is_full(&page);
        self.above.clear();
        // Named by its own first row, so that it is the same page whatever is newer by then.
        self.pages = vec![(page.first().map(|row| row.number().saturating_add(1)), page.len())];
        self.rows = page;
        let place = number.and_then(|number| self.rows.iter().position(|row| row.number() == number));
        self.selected = place.unwrap_or(0);
        true
    }

    fn append(&mut self, before: Option<i64>, page: Vec<T>) -> bool {
        self.has_older = is_full(&page);
        self.pages.push((before, page.len()));
        self.rows.extend(page);
        // Only whole pages are let go, and none that is on the screen.
        while let Some(&(before, len)) =
            self.pages.first().filter(|(_, len)| self.rows.len() > WINDOW && *len <= self.top)
        {
            self.pages.remove(0);
            self.rows.drain(..len);
            (self.selected, self.top) = (self.selected - len, self.top - len);
            self.above.push(before);
        }
        true
    }

    fn prepend(&mut self, before: Option<i64>, mut page: Vec<T>, height: usize) -> bool {
        let first = self.rows.first().map(Numbered::number);
        page.retain(|row| first.is_none_or(|first| row.number() > first));
        self.above.pop();
        self.pages.insert(0, (before, page.len()));
        (self.selected, self.top) = (self.selected + page.len(), self.top + page.len());
        self.rows.splice(0..0, page);
        let seen = (self.top + height).max(self.selected + 1);
        while let Some(&(_, len)) = self.pages.last() {
            let rest = self.rows.len().saturating_sub(len);
            if self.rows.len() <= WINDOW || rest < seen {
                break;
            }
            self.rows.truncate(rest);
            self.pages.pop();
            self.has_older = true;
        }
        true
    }

    /// The page to ask for because the selection comes near the edge of what is in memory.
    #[must_use]
    pub fn wanted(&self, height: usize) -> Option<Load> {
        if self.loading.is_some() || self.queued.is_some() || !self.ready {
            return None;
        }
        let near = 2 * height.max(1);
        if self.has_older && self.selected + near >= self.rows.len() {
            return self.rows.last().map(|row| Load { before: Some(row.number()), join: Join::Append });
        }
        let above = self.above.last().filter(|_| self.selected < near);
        above.map(|&before| Load { before, join: Join::Prepend })
    }
}

/// Whether there may be more behind a page.
fn is_full<T>(page: &[T]) -> bool {
    u32::try_from(page.len()).is_ok_and(|rows| rows >= PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Row(i64);

    impl Numbered for Row {
        fn number(&self) -> i64 {
            self.0
        }
    }

    /// The rows that a log of so many would give.
    fn page(log: i64, before: Option<i64>) -> Vec<Row> {
        let newest = before.map_or(log, |before| before - 1);
        (1..=newest).rev().take(PAGE as usize).map(Row).collect()
    }

    fn answer(feed: &mut Feed<Row>, load: Load, log: i64) -> bool {
        feed.loading = Some(load);
        feed.take(page(log, load.before), 10)
    }

    #[test]
    fn a_long_log_is_walked_down_and_up_through_a_window() {
        let mut feed = Feed::default();
        assert!(answer(&mut feed, Load::NEWEST, 2050));
        let walk = |feed: &mut Feed<Row>, by: isize| {
            for _ in 0..2100 {
                feed.move_by(by, 10);
                if let Some(load) = feed.wanted(10) {
                    answer(feed, load, 2050);
                }
                assert!(feed.rows.len() <= WINDOW + PAGE as usize);
                assert!(feed.rows.windows(2).all(|pair| pair[0].0 == pair[1].0 + 1), "no row is missing");
                assert!(feed.top <= feed.selected && feed.selected < feed.top + 10);
            }
        };
        walk(&mut feed, 1);
        assert_eq!(feed.selected_row(), Some(&Row(1)));
        assert!(!feed.has_newest());
        walk(&mut feed, -1);
        assert_eq!(feed.selected_row(), Some(&Row(2050)));
        assert!(feed.has_newest());
    }

    #[test]
    fn newer_rows_push_the_selected_one_down() {
        let mut feed = Feed::default();
        answer(&mut feed, Load::NEWEST, 30);
        feed.move_by(3, 10);
        assert!(answer(&mut feed, Load::NEWEST, 32));
        assert_eq!((feed.selected_row(), feed.selected), (Some(&Row(27)), 5));
        assert!(!answer(&mut feed, Load::NEWEST, 32), "the same again is no change");
        feed.move_by(isize::MIN, 10);
        answer(&mut feed, Load::NEWEST, 33);
        assert_eq!(feed.selected_row(), Some(&Row(33)), "whoever stands at the top sees what is new");
    }
}
