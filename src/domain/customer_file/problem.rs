//! Why a row is not taken.

use crate::domain::email::EmailProblem;

/// What is wrong with a row, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {wrong}")]
pub struct Problem {
    /// The column at fault, as the file calls it; empty where it is the row as a whole. From the
    /// file, so not fit to be shown as it is.
    pub column: String,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Problem {
    /// Something wrong with a column.
    #[must_use]
    pub fn new(column: &str, wrong: Wrong) -> Self {
        Self { column: column.to_owned(), wrong }
    }
}

/// What can be wrong with a row. No text repeats what the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// More or fewer cells than the header.
    #[error("the row has {found} cells, the header has {wanted}")]
    Cells {
        /// In this row.
        found: usize,
        /// In the header.
        wanted: usize,
    },
    /// Another encoding.
    #[error("this is not UTF-8 text")]
    NotUtf8,
    /// A character that no text column takes.
    #[error("a NUL character is in it")]
    Nul,
    /// Longer than anybody's.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// No address to write to.
    #[error("{0}")]
    Email(#[from] EmailProblem),
    /// A second row for the same account.
    #[error("an earlier row of this file has the same address on the same website")]
    Twice,
    /// Neither code nor a number that says something.
    #[error("the row names no website; put its code into the column _website")]
    NoWebsite,
    /// A code that the shop does not have.
    #[error("there is no website with this code; --create-websites makes it")]
    UnknownWebsite,
    /// A code that no website can have.
    #[error("a website's code is 1 to 32 of a-z, 0-9, _ and -")]
    WebsiteCode,
    /// Not a group.
    #[error("this is not the number of a group, 0 to 65535")]
    GroupNumber,
    /// A name that cannot be shown.
    #[error("this is not the name of a group: 1 to 64 readable characters")]
    GroupName,
    /// More of them than a shop has.
    #[error("the file names more than {0} websites or groups that are not there yet")]
    TooManyNew(usize),
    /// Not a number.
    #[error("this is not a whole number")]
    Number,
    /// Neither yes nor no.
    #[error("this is neither 0 nor 1")]
    Flag,
    /// Not a time.
    #[error("this is not a time such as 2015-10-30 12:49:47")]
    Time,
    /// A hash that no password would ever fit.
    #[error("no password can be checked against this hash; leave it empty and the customer chooses a new password")]
    PasswordHash,
    /// A password that somebody has seen.
    #[error("passwords in clear text are not taken; leave it empty and send the customer a reset")]
    Password,
}
