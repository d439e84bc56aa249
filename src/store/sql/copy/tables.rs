//! What is copied: every table that says something of the shop, with all of its columns. What
//! searches look at is made anew from the customers.

use super::super::{postgres, sqlite};
use crate::store::{
    StoreResult,
    sql::{connection::Row, postgres::Rows},
};

/// A table, and the constant statements that read and write it a page at a time.
///
/// A page is read behind a key `$1`, in the order of the key, of `$2` rows at most.
#[derive(Clone, Copy, Debug)]
pub(in crate::store::sql) struct Table {
    pub name: &'static str,
    /// In the order of the statements. The first is the key, or the first half of it.
    columns: &'static [(&'static str, Kind)],
    /// Reads a page of the file.
    pub source: &'static str,
    /// Reads a page of the server.
    pub target: &'static str,
    /// What more than key and number of rows these statements are told.
    pub told: Told,
    /// Writes rows; none where there is one row, which is there from the beginning.
    pub copy: Option<&'static str>,
    /// The greatest key.
    pub newest: &'static str,
    /// How many rows.
    pub count: &'static str,
}

/// What a page's statements are told besides as `$3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store::sql) enum Told {
    Nothing,
    /// In the file: when the copy was begun, for what ends with it.
    When,
    /// The second half of the key.
    Half,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    MaybeInt,
    Text,
    MaybeText,
    Flag,
    Bytes,
}

/// A table by its name, its key and its columns.
macro_rules! table {
    ($name:literal by $key:literal: $first:literal $first_kind:ident $(, $column:literal $kind:ident)*) => {{
        const PAGE: &str = concat!(
            "SELECT ", $first $(, ", ", $column)*, " FROM ", $name, " WHERE ", $key, " > $1 ORDER BY ", $key, " LIMIT +$2"
        );
        Table {
            name: $name,
            columns: &[($first, Kind::$first_kind) $(, ($column, Kind::$kind))*],
            source: PAGE,
            target: PAGE,
            told: Told::Nothing,
            copy: Some(concat!("COPY ", $name, " (", $first $(, ", ", $column)*, ") FROM STDIN (FORMAT binary)")),
            newest: concat!("SELECT max(", $key, ") AS newest FROM ", $name),
            count: concat!("SELECT count(*) AS number FROM ", $name),
        }
    }};
}

/// The same with an id.
macro_rules! numbered {
    ($name:literal: $($columns:tt)*) => {
        table!($name by "id": "id" Int, $($columns)*)
    };
}

pub(in crate::store::sql) const CUSTOMERS: Table = numbered!("customers": "website_id" Int, "group_id" Int,
    "email" Text, "first_name" Text, "middle_name" Text, "last_name" Text, "phone" Text, "password_hash" MaybeText,
    "active" Flag, "confirmed" Flag, "failed_sign_ins" Int, "locked_until" MaybeInt, "created_at" Int,
    "last_sign_in_at" MaybeInt, "attributes" MaybeText, "sessions_valid_from" Int, "version" Int);

/// All of them, each behind those that it refers to.
pub(in crate::store::sql) const TABLES: [Table; 13] = [
    numbered!("websites": "code" Text, "name" Text, "base_url" MaybeText, "sender_name" Text, "sender_email" MaybeText,
        "language" Text),
    numbered!("customer_groups": "name" Text),
    numbered!("integrations": "name" Text, "created_at" Int, "key" MaybeText, "secret_digest" MaybeText, "scopes" Text,
        "removed_at" MaybeInt),
    CUSTOMERS,
    numbered!("access_tokens": "customer_id" Int, "integration_id" Int, "digest" Text, "scopes" Text, "created_at" Int,
        "last_used_at" MaybeInt, "expires_at" MaybeInt, "revoked_at" MaybeInt, "revoked_by" MaybeText),
    numbered!("web_sessions": "customer_id" Int, "digest" Text, "created_at" Int, "expires_at" Int,
        "ended_at" MaybeInt),
    Table {
        source: sqlite::PAGE_OF_RESETS,
        told: Told::When,
        ..numbered!("password_resets": "customer_id" Int, "nonce" Bytes, "token_digest" MaybeText, "requested_at" Int,
            "requested_by" Text, "from_console" Flag, "reason" Text, "ip" MaybeText, "expires_at" MaybeInt,
            "used_at" MaybeInt, "cancelled_at" MaybeInt, "superseded_at" MaybeInt, "superseded_by" MaybeInt)
    },
    numbered!("reset_requests": "customer_id" MaybeInt, "address_digest" MaybeText, "ip" MaybeText,
        "reset_id" MaybeInt, "requested_at" Int, "website_id" MaybeInt, "address" MaybeText),
    Table {
        source: sqlite::PAGE_OF_MAILS,
        told: Told::When,
        ..numbered!("outbox": "customer_id" Int, "reset_id" Int, "message_id" Text, "template" Text, "recipient" Text,
            "from_console" Flag, "website_id" Int, "created_at" Int, "not_before" Int, "state" Text, "attempts" Int,
            "next_at" Int, "lease_owner" MaybeText, "lease_until" MaybeInt, "done_at" MaybeInt, "relay" Text)
    },
    Table {
        copy: None,
        ..table!("mail_queue" by "id": "id" Int, "stopped_until" MaybeInt, "stopped_why" MaybeText,
            "token_key" MaybeText)
    },
    Table { copy: None, ..table!("unknown_sign_ins" by "id": "id" Int, "attempts" Int, "last_at" Int) },
    table!("audit" by "seq": "seq" Int, "at" Int, "operator" Text, "action" Text, "customer_id" MaybeInt,
        "detail" Text, "reason" Text, "previous" Text, "hash" Text),
    Table {
        source: sqlite::PAGE_OF_OPERATIONS,
        target: postgres::PAGE_OF_OPERATIONS,
        told: Told::Half,
        ..table!("operations" by "customer_id": "customer_id" Int, "op_key" Text, "action" Text, "answer" Text,
            "at" Int)
    },
];

/// Behind which row a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::sql) struct Key {
    pub id: i64,
    /// The second half, where it has one.
    pub half: String,
}

impl Key {
    /// Before all rows.
    pub(in crate::store::sql) const START: Self = Self { id: i64::MIN, half: String::new() };

    /// Behind all rows up to an id.
    pub(in crate::store::sql) const fn behind(id: i64) -> Self {
        Self { id, half: String::new() }
    }
}

impl Table {
    /// Writes a row as it is sent, and compared: the same bytes whichever database it was read from.
    pub(in crate::store::sql) fn write(&self, row: &Row, rows: &mut Rows) -> StoreResult<()> {
        rows.row(i16::try_from(self.columns.len()).unwrap_or(i16::MAX));
        self.write_from(0, row, rows)
    }

    /// The columns from number `first` on.
    pub(in crate::store::sql) fn write_from(&self, first: usize, row: &Row, rows: &mut Rows) -> StoreResult<()> {
        for (column, kind) in self.columns.iter().skip(first) {
            match kind {
                Kind::Int => rows.int(row.int(column)?),
                Kind::MaybeInt => rows.maybe_int(row.maybe_int(column)?),
                Kind::Text => rows.text(&row.text(column)?),
                Kind::MaybeText => rows.maybe_text(row.maybe_text(column)?.as_deref()),
                Kind::Flag => rows.flag(row.flag(column)?),
                Kind::Bytes => rows.maybe_bytes(row.maybe_bytes(column)?.as_deref()),
            };
        }
        Ok(())
    }

    /// The key of a row.
    pub(in crate::store::sql) fn key_of(&self, row: &Row) -> StoreResult<Key> {
        let id = self.columns.first().map_or(Ok(i64::MIN), |(column, _)| row.int(column))?;
        let half = match self.told {
            Told::Half => self.columns.get(1).map_or(Ok(String::new()), |(column, _)| row.text(column))?,
            Told::Nothing | Told::When => String::new(),
        };
        Ok(Key { id, half })
    }
}
