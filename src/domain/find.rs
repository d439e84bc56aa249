//! A search as a request for one page, and its answer.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{
    customer::{CustomerId, CustomerRow},
    query::Query,
};

/// What the rows of a page are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Whoever begins with what was typed first, then the newest.
    #[default]
    Best,
    /// Customer id.
    Id,
    /// Family name, given name.
    Name,
    /// E-mail address.
    Email,
    /// When the account was made.
    Created,
    /// Last sign-in; those who never signed in count as earliest.
    LastSignIn,
}

/// Order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what. [`SortKey::Best`] knows only one direction and ignores `descending`.
    pub key: SortKey,
    /// Largest, latest, last letter first.
    pub descending: bool,
}

/// A place between two rows of a sorted result: the row that was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Part of the result: 0 the exact id, 1 to 3 "begins with", 4 the rest by id, 5 the rest in
    /// any other order.
    pub tier: u8,
    /// Value of the sort key.
    pub key: CursorKey,
    /// Id of the row.
    pub id: CustomerId,
}

/// Value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CursorKey {
    /// The id alone decides.
    Id,
    /// A text.
    Text(String),
    /// A time, in microseconds since 1970.
    Number(i64),
}

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageFrom {
    /// At the first row.
    #[default]
    Start,
    /// Behind this row.
    After(Cursor),
    /// In front of this row: the page ends there.
    Before(Cursor),
    /// At the last row, backwards: the last page.
    End,
}

/// A request for one page.
#[derive(Clone, Debug)]
pub struct FindPage {
    /// Whom.
    pub query: Query,
    /// In which order.
    pub sort: Sort,
    /// Where to begin.
    pub from: PageFrom,
    /// Most rows.
    pub limit: u32,
    /// How long to look; what is not found by then is left to the next request.
    pub budget: Duration,
    /// For states that depend on the time.
    pub now: Timestamp,
}

/// A page of customers, always in the sort's order, also when it was looked for backwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The customers.
    pub rows: Vec<CustomerRow>,
    /// Where each row stands, for paging from it.
    pub cursors: Vec<Cursor>,
    /// Where the next page in the same direction begins; none when the result ends here. With
    /// `partial` it may lie behind a row that is not on this page.
    pub next: Option<Cursor>,
    /// The time ran out before the page was full: ask again from `next`.
    pub partial: bool,
}

/// How many customers a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exact(u64),
    /// At least so many; counting on would take too long.
    AtLeast(u64),
    /// About so many, from a sample.
    About(u64),
}
