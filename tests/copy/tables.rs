//! All of a shop's tables, read without keydesk.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use crate::postgres::Database;

/// Tables with the order of their rows.
pub const TABLES: [(&str, &str); 15] = [
    ("websites", "id"),
    ("customer_groups", "id"),
    ("integrations", "id"),
    ("customers", "id"),
    ("customer_emails", "customer_id"),
    ("access_tokens", "id"),
    ("web_sessions", "id"),
    ("password_resets", "id"),
    ("reset_requests", "id"),
    ("outbox", "id"),
    ("mail_queue", "id"),
    ("unknown_sign_ins", "id"),
    ("audit", "seq"),
    ("operations", "customer_id, op_key"),
    ("search_keys", "customer_id, key"),
];

/// Column and value of each.
pub type Line = BTreeMap<String, Value>;

/// The rows of a file, each value as a server keeps it.
pub async fn of_file(file: &Path, table: &str, order: &str) -> Vec<Line> {
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let columns = sqlx::query("SELECT name FROM pragma_table_info($1)").bind(table);
    let columns: Vec<String> = columns.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| if column == "nonce" { "lower(hex(nonce))".to_owned() } else { column.clone() })
        .collect();
    let sql = format!("SELECT json_array({}) FROM {table} ORDER BY {order}", values.join(", "));
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
    let line = |text: String| {
        let values: Vec<Value> = serde_json::from_str(&text).unwrap();
        let kept = |value: Value| match value {
            Value::String(text) => Value::String(text.replace('\0', "\u{FFFD}")),
            other => other,
        };
        columns.iter().cloned().zip(values.into_iter().map(kept)).collect()
    };
    rows.iter().map(|row| line(row.get(0))).collect()
}

/// The rows of a server.
pub fn of_server(database: &Database<'_>, table: &str, order: &str) -> Vec<Line> {
    let order = order.replace("op_key", "op_key COLLATE \"C\"");
    let sql = format!("SELECT to_jsonb(t) FROM {table} t ORDER BY {order}");
    let number = |value: Value| match value {
        Value::Bool(flag) => Value::from(u8::from(flag)),
        Value::String(text) => Value::String(text.strip_prefix("\\x").unwrap_or(&text).to_owned()),
        other => other,
    };
    let line = |text: &str| {
        let line: Line = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        line.into_iter().filter(|(column, _)| column != "has_password").map(|(c, value)| (c, number(value))).collect()
    };
    database.psql(&sql).lines().map(line).collect()
}

/// Everything on a server that is not in the order of its writing, word for word.
pub fn all(database: &Database<'_>) -> String {
    let orders = TABLES.iter().copied().chain([
        ("search_texts", "customer_id"),
        ("gram_blocks", "gram, block"),
        ("gram_counts", "gram"),
    ]);
    let digests = orders.map(|(table, order)| {
        let sql = format!("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY {order})) FROM {table} t");
        format!("{table} {}\n", database.psql(&sql))
    });
    let sequences = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1";
    let left = "SELECT relname FROM pg_class WHERE relname LIKE 'staged%' OR relname = 'copying'";
    digests.collect::<String>() + &database.psql(sequences) + &database.psql(left)
}
