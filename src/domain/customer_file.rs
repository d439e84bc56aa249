//! The file that Magento and Adobe Commerce call "Customers Main File": one customer a line, as
//! comma-separated values, columns found by name.
//!
//! What keydesk does not use itself is kept word for word, so that an export gives it back. What
//! opens accounts is never written: no password, no hash, no token.

pub mod cell;
mod group;
mod header;
mod merge;
mod problem;
mod row;
mod sheet;

pub use group::GroupName;
pub use header::{Header, HeaderProblem};
pub use problem::{Problem, Wrong};
pub use row::FileRow;
pub use sheet::Sheet;

/// A column that keydesk uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Email,
    Website,
    WebsiteId,
    Confirmation,
    CreatedAt,
    First,
    GroupId,
    Last,
    Middle,
    PasswordHash,
    Password,
    Failures,
    LockExpires,
    Active,
    LastLogin,
    Phone,
    Group,
}

/// Columns and what they are to keydesk. The last five are not in Magento's file: it keeps them
/// elsewhere. `_address_telephone_` is the phone in its files of customers and addresses together.
const FIELDS: [(&str, Field); 18] = [
    ("email", Field::Email),
    ("_website", Field::Website),
    ("website_id", Field::WebsiteId),
    ("confirmation", Field::Confirmation),
    ("created_at", Field::CreatedAt),
    ("firstname", Field::First),
    ("group_id", Field::GroupId),
    ("lastname", Field::Last),
    ("middlename", Field::Middle),
    ("password_hash", Field::PasswordHash),
    ("password", Field::Password),
    ("failures_num", Field::Failures),
    ("lock_expires", Field::LockExpires),
    ("telephone", Field::Phone),
    ("_address_telephone_", Field::Phone),
    ("is_active", Field::Active),
    ("last_login_at", Field::LastLogin),
    ("_group", Field::Group),
];

/// Columns that are read over: tokens of the other shop, and what a file of rejected rows has
/// in front of each row.
const IGNORED: [&str; 2 + REJECT_COLUMNS.len()] =
    ["rp_token", "rp_token_created_at", REJECT_COLUMNS[0], REJECT_COLUMNS[1], REJECT_COLUMNS[2]];

/// What stands in front of a rejected row: its line, the column at fault, and why.
pub const REJECT_COLUMNS: [&str; 3] = ["_line", "_column", "_reason"];

impl Field {
    fn of(column: &str) -> Option<Self> {
        FIELDS.iter().find(|(name, _)| *name == column).map(|(_, field)| *field)
    }

    /// What the column is called.
    fn name(self) -> &'static str {
        FIELDS.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| *name)
    }
}

/// Whether a column holds what nobody but its owner should see: it is left empty where a row is
/// written again.
#[must_use]
pub fn is_secret(column: &str) -> bool {
    matches!(column, "password" | "password_hash" | "rp_token")
}
