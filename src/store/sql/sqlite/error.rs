//! SQLite's error codes in words.

use sqlx::Error;

use crate::store::StoreError;

/// The log cannot be made beside the file.
const READONLY_DIRECTORY: i32 = 1544;

fn not_opened() -> StoreError {
    let why = "The database cannot be opened. Its file and its folder must be there and writable, even to look at it: \
               its log stands beside the file.";
    StoreError::Unreachable(why.to_owned())
}

/// What a failed statement means for the person who waits for it. The database's own text is
/// kept only where it says something about the file.
pub(in crate::store::sql) fn error(e: &Error) -> StoreError {
    let Error::Database(cause) = e else {
        return match e {
            Error::PoolTimedOut => StoreError::Busy,
            Error::Io(e) => StoreError::Unreachable(format!("The database cannot be opened: {e}.")),
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) => {
                StoreError::Damaged("a stored value is not what it should be".to_owned())
            }
            other => StoreError::Other(other.to_string()),
        };
    };
    let extended: i32 = cause.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    // https://www.sqlite.org/rescode.html: the low byte is the primary code.
    match extended & 0xff {
        _ if extended == READONLY_DIRECTORY => not_opened(),
        5 | 6 => StoreError::Busy,
        8 => StoreError::NotWritten("the file or its folder is read-only".to_owned()),
        9 => StoreError::Cancelled,
        10 => StoreError::NotWritten(format!("input/output error {extended}")),
        11 => StoreError::Damaged(cause.message().to_owned()),
        13 => StoreError::NotWritten("the disk is full".to_owned()),
        14 => not_opened(),
        19 if cause.message().contains("customer_emails") => StoreError::DuplicateEmail,
        26 => StoreError::Unusable("The file is not a database, or it is damaged.".to_owned()),
        _ => StoreError::Other(cause.message().to_owned()),
    }
}
