//! Databases that are spoken to in SQL.
//!
//! What is one SQL text for every database stands in `sql/{customers,resets,tokens,outbox,audit}`;
//! what differs (opening, beginning a write, searching) in a file per database.

mod audit;
mod customers;
mod integrations;
mod locks;
mod operations;
mod outbox;
mod records;
mod resets;
pub mod sqlite;
mod storefront;
mod tokens;

use jiff::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

pub use sqlite::{Examined, OpenMode, SqlStore, examine, plan_restore, restore};

use crate::{domain::safe_text::SafeText, store::StoreError};

/// Column access with our errors: a missing or mistyped column is a damaged or foreign database.
trait Columns {
    fn int(&self, column: &str) -> Result<i64, StoreError>;
    fn maybe_int(&self, column: &str) -> Result<Option<i64>, StoreError>;
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;

    fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    fn count(&self, column: &str) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.int(column)?.max(0)).unwrap_or(u32::MAX))
    }

    fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Ok(from_micros(self.int(column)?))
    }

    fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.maybe_int(column)?.map(from_micros))
    }

    fn safe(&self, column: &str) -> Result<SafeText, StoreError> {
        Ok(SafeText::new(&self.text(column)?))
    }
}

impl Columns for SqliteRow {
    fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.try_get(column).map_err(|e| sqlite::error(&e))
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        self.try_get(column).map_err(|e| sqlite::error(&e))
    }

    fn text(&self, column: &str) -> Result<String, StoreError> {
        self.try_get(column).map_err(|e| sqlite::error(&e))
    }

    fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.try_get(column).map_err(|e| sqlite::error(&e))
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.try_get(column).map_err(|e| sqlite::error(&e))
    }
}

/// A stored time. What lies outside of jiff's years (a damaged row) becomes the nearest that fits.
fn from_micros(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
