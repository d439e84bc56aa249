//! SQL that only SQLite understands: rows handed in as JSON, and the search.
//!
//! All statements are constants; what a person typed is only ever bound. `LIMIT +$n` instead of
//! `LIMIT $n`: SQLite plans by the value of a bare limit, and so prepares the statement anew for
//! every one.

// Rows come as one JSON array of arrays, `$1` (see `batch.rs`); `$2` is the id of the first.

pub(super) const ADD_EMAILS: &str = "INSERT INTO customer_emails (email_key, website_id, customer_id) \
     SELECT value ->> 0, value ->> 1, $2 + key FROM jsonb_each($1)";
pub(super) const ADD_SURNAME_KEYS: &str =
    "INSERT INTO search_keys (key, customer_id) SELECT 's' || (value ->> 0), $2 + key FROM jsonb_each($1)";
pub(super) const ADD_GIVEN_KEYS: &str =
    "INSERT INTO search_keys (key, customer_id) SELECT 'n' || (value ->> 1), $2 + key FROM jsonb_each($1)";
pub(super) const ADD_TEXTS: &str = "INSERT INTO search_texts (customer_id, names, email, phone) \
     SELECT $2 + key, value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each($1)";
pub(super) const ADD_GRAMS: &str =
    "INSERT INTO customer_grams (rowid, grams) SELECT $2 + key, value ->> 0 FROM jsonb_each($1)";
pub(super) const ADD_COUNTS: &str = "INSERT INTO gram_counts (gram, customers) SELECT value ->> 0, value ->> 1 FROM jsonb_each($1) WHERE TRUE \
     ON CONFLICT (gram) DO UPDATE SET customers = customers + excluded.customers";
pub(super) const ADD_CUSTOMERS: &str = "INSERT INTO customers (id, website_id, group_id, email, first_name, middle_name, \
     last_name, phone, password_hash, active, confirmed, failed_sign_ins, locked_until, created_at, last_sign_in_at, \
     attributes) SELECT $2 + key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, \
     value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, \
     value ->> 14 FROM jsonb_each($1)";
pub(super) const ADD_TOKENS: &str = "INSERT INTO access_tokens (customer_id, integration_id, digest, scopes, created_at, \
     last_used_at, expires_at) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
     value ->> 6 FROM jsonb_each($1)";

pub(super) const STAGE_EMAILS: &str =
    "INSERT INTO staged_emails SELECT value ->> 0, value ->> 1, $2 + key FROM jsonb_each($1)";
pub(super) const STAGE_KEYS: &str =
    "INSERT INTO staged_keys SELECT value ->> 0, value ->> 1, $2 + key FROM jsonb_each($1)";
/// After a power cut the last batches of a load are loaded again.
pub(super) const TUNE_FOR_BULK: &[&str] =
    &["PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -16384", "PRAGMA wal_autocheckpoint = 8192"];
pub(super) const TUNE_FOR_USE: &[&str] = &[
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -4096",
    "PRAGMA wal_autocheckpoint = 1000",
];
pub(super) const BEGIN_BULK: &[&str] = &[
    "CREATE TABLE staged_emails (email_key TEXT, website_id INTEGER, customer_id INTEGER)",
    "CREATE TABLE staged_keys (surname_key TEXT, given_key TEXT, customer_id INTEGER)",
    "INSERT INTO customer_grams (customer_grams, rank) VALUES ('hashsize', 16777216)",
];
pub(super) const FINISH_BULK: &[&str] = &[
    "INSERT INTO customer_emails SELECT email_key, website_id, customer_id FROM staged_emails ORDER BY 1, 2",
    "INSERT INTO search_keys SELECT 'n' || given_key, customer_id FROM staged_keys ORDER BY 1, 2",
    "INSERT INTO search_keys SELECT 's' || surname_key, customer_id FROM staged_keys ORDER BY 1, 2",
    "DROP TABLE staged_emails",
    "DROP TABLE staged_keys",
    "INSERT INTO customer_grams (customer_grams) VALUES ('optimize')",
    "INSERT INTO customer_grams (customer_grams, rank) VALUES ('hashsize', 1048576)",
];

/// Who is looked for, over `t` (folded text) and `c` (customer): `$1` to `$18` are six words, each
/// as it must occur in names, e-mail or phone ('' fits everybody); `$19` and `$20` leave out who
/// was shown as "begins with"; the rest are filters, each off when NULL.
macro_rules! wanted {
    () => {
        "(instr(t.names, $1) > 0 OR instr(t.email, $2) > 0 OR instr(t.phone, $3) > 0) \
         AND (instr(t.names, $4) > 0 OR instr(t.email, $5) > 0 OR instr(t.phone, $6) > 0) \
         AND (instr(t.names, $7) > 0 OR instr(t.email, $8) > 0 OR instr(t.phone, $9) > 0) \
         AND (instr(t.names, $10) > 0 OR instr(t.email, $11) > 0 OR instr(t.phone, $12) > 0) \
         AND (instr(t.names, $13) > 0 OR instr(t.email, $14) > 0 OR instr(t.phone, $15) > 0) \
         AND (instr(t.names, $16) > 0 OR instr(t.email, $17) > 0 OR instr(t.phone, $18) > 0) \
         AND instr(t.names, $19) = 0 AND instr(t.email, $20) <> 1 \
         AND ($21 IS NULL OR c.website_id = $21) \
         AND ($22 IS NULL OR c.group_id = $22) \
         AND ($23 IS NULL OR c.confirmed = $23) \
         AND ($24 IS NULL OR c.active = $24) \
         AND ($25 IS NULL OR c.locked_until > $25) \
         AND ($26 IS NULL OR c.locked_until IS NULL OR c.locked_until <= $26) \
         AND ($27 IS NULL OR EXISTS (SELECT 1 FROM access_tokens a WHERE a.customer_id = c.id \
              AND a.revoked_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > $27))) \
         AND ($28 IS NULL OR c.created_at >= $28) \
         AND ($29 IS NULL OR c.created_at < $29) \
         AND c.id <> $30 "
    };
}

/// Where candidates come from. The order of CROSS JOINs is the order in which SQLite reads: text
/// is looked at before the customer's row is fetched.
macro_rules! from {
    (walk) => {
        "FROM search_texts t CROSS JOIN customers c ON c.id = t.customer_id WHERE "
    };
    (grams) => {
        "FROM customer_grams CROSS JOIN search_texts t ON t.customer_id = customer_grams.rowid \
         CROSS JOIN customers c ON c.id = t.customer_id WHERE customer_grams MATCH $36 AND "
    };
    (locked) => {
        "FROM customers c INDEXED BY customers_locked CROSS JOIN search_texts t ON t.customer_id = c.id \
         WHERE c.locked_until IS NOT NULL AND "
    };
    (tokens) => {
        "FROM (SELECT DISTINCT customer_id FROM access_tokens INDEXED BY access_tokens_alive WHERE revoked_at IS NULL) h \
         CROSS JOIN search_texts t ON t.customer_id = h.customer_id CROSS JOIN customers c ON c.id = t.customer_id WHERE "
    };
}

// What is found comes as one row of JSON: handing fifty rows over one by one, from the thread
// that runs SQLite to the one that waits, takes longer than finding them.

/// Ids in the order of ids, within a window of ids.
macro_rules! by_id {
    ($source:ident, $id:literal, $direction:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, key)) FROM (SELECT ",
            $id,
            " AS id, NULL AS key ",
            from!($source),
            $id,
            " < $31 AND ",
            $id,
            " >= $32 AND ",
            wanted!(),
            "ORDER BY ",
            $id,
            " ",
            $direction,
            " LIMIT +$35)"
        )
    };
}

/// Ids that the gram index names, so many of them (`$37`), and who of these is wanted. Says also
/// how many there were and which was the last, to go on from there: FTS5 looks for the next
/// customer that has several grams without stopping at the end of a window of ids.
macro_rules! by_grams {
    ($last:literal, $direction:literal) => {
        concat!(
            "WITH s AS MATERIALIZED (SELECT rowid AS id FROM customer_grams WHERE customer_grams MATCH $36 \
             AND rowid < $31 AND rowid >= $32 ORDER BY rowid ",
            $direction,
            " LIMIT +$37) SELECT json_array((SELECT count(*) FROM s), (SELECT ",
            $last,
            "(id) FROM s), json((SELECT json_group_array(json_array(id, NULL)) FROM (SELECT s.id AS id FROM s \
             CROSS JOIN search_texts t ON t.customer_id = s.id CROSS JOIN customers c ON c.id = s.id WHERE ",
            wanted!(),
            "ORDER BY s.id ",
            $direction,
            " LIMIT +$35))))"
        )
    };
}

/// The same from the gram index, in portions.
pub(super) const PORTION: BothWays =
    BothWays { ascending: by_grams!("max", "ASC"), descending: by_grams!("min", "DESC") };

/// The few that an index names, sorted by something else.
macro_rules! gathered {
    ($source:ident, $key:literal, $compare:literal, $direction:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, key)) FROM (SELECT c.id AS id, ",
            $key,
            " AS key ",
            from!($source),
            "(",
            $key,
            ", c.id) ",
            $compare,
            " ($33, $34) AND ",
            wanted!(),
            "ORDER BY 2 ",
            $direction,
            ", 1 ",
            $direction,
            " LIMIT +$35)"
        )
    };
}

/// The next customers in the order of an index, so many of them (`$37`), and who of these is
/// wanted. Says also how many there were and which was the last, to go on from there.
macro_rules! along {
    (name, $compare:literal, $direction:literal, $reverse:literal) => {
        along!(@ "SELECT k.customer_id AS id, substr(k.key, 2) AS key FROM search_keys k WHERE k.key >= 's' AND k.key < 't' \
             AND (k.key, k.customer_id) ", $compare, " ('s' || $33, $34) ORDER BY k.key ", ", k.customer_id ", $direction, $reverse)
    };
    (email, $compare:literal, $direction:literal, $reverse:literal) => {
        along!(@ "SELECT e.customer_id AS id, e.email_key AS key FROM customer_emails e \
             WHERE (e.email_key, e.customer_id) ", $compare, " ($33, $34) AND e.email_key >= $38 AND e.email_key <= $39 \
             ORDER BY e.email_key ", ", e.customer_id ", $direction, $reverse)
    };
    (created, $compare:literal, $direction:literal, $reverse:literal) => {
        along!(@ "SELECT id, created_at AS key FROM customers INDEXED BY customers_created WHERE (created_at, id) ",
            $compare, " ($33, $34) ORDER BY created_at ", ", id ", $direction, $reverse)
    };
    (last_sign_in, $compare:literal, $direction:literal, $reverse:literal) => {
        along!(@ "SELECT id, COALESCE(last_sign_in_at, 0) AS key FROM customers INDEXED BY customers_last_sign_in \
             WHERE (COALESCE(last_sign_in_at, 0), id) ", $compare, " ($33, $34) ORDER BY COALESCE(last_sign_in_at, 0) ",
            ", id ", $direction, $reverse)
    };
    (@ $select:literal, $compare:literal, $order:literal, $then:literal, $direction:literal, $reverse:literal) => {
        concat!(
            "WITH s AS MATERIALIZED (", $select, $compare, $order, $direction, $then, $direction, " LIMIT +$37) \
             SELECT json_array((SELECT count(*) FROM s), \
             json((SELECT json_array(id, key) FROM s ORDER BY key ", $reverse, ", id ", $reverse, " LIMIT 1)), \
             json((SELECT json_group_array(json_array(id, key)) FROM (SELECT s.id AS id, s.key AS key FROM s \
             CROSS JOIN search_texts t ON t.customer_id = s.id CROSS JOIN customers c ON c.id = s.id WHERE ", wanted!(),
            "ORDER BY s.key ", $direction, ", s.id ", $direction, " LIMIT +$35))))"
        )
    };
}

/// Who begins with what was typed: `$1` to `$2` the range of keys, `$3`, `$4` where the last page
/// ended, `$5` who was shown before (by e-mail), `$6` (by family name), `$7` by id.
macro_rules! beginning {
    (email, $compare:literal, $direction:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, key)) FROM (SELECT e.customer_id AS id, e.email_key AS key FROM customer_emails e WHERE e.email_key >= $1 \
             AND e.email_key < $2 AND (e.email_key, e.customer_id) ", $compare, " ($3, $4) AND e.customer_id <> $7 \
             ORDER BY e.email_key ", $direction, ", e.customer_id ", $direction, " LIMIT +$8)"
        )
    };
    (name, $compare:literal, $direction:literal) => {
        concat!(
            "SELECT json_group_array(json_array(id, key)) FROM (SELECT k.customer_id AS id, k.key AS key FROM search_keys k CROSS JOIN search_texts t ON t.customer_id = k.customer_id \
             WHERE k.key >= $1 AND k.key < $2 AND (k.key, k.customer_id) ", $compare, " ($3, $4) \
             AND instr(t.email, $5) <> 1 AND instr(t.names, $6) <> 1 AND k.customer_id <> $7 \
             ORDER BY k.key ", $direction, ", k.customer_id ", $direction, " LIMIT +$8)"
        )
    };
}

/// A statement in both directions.
pub(super) struct BothWays {
    /// Smallest first.
    pub ascending: &'static str,
    /// Largest first.
    pub descending: &'static str,
}

pub(super) const BEGINNING_EMAIL: BothWays =
    BothWays { ascending: beginning!(email, ">", "ASC"), descending: beginning!(email, "<", "DESC") };
pub(super) const BEGINNING_NAME: BothWays =
    BothWays { ascending: beginning!(name, ">", "ASC"), descending: beginning!(name, "<", "DESC") };

/// By id, from each source.
pub(super) const IDS_WALK: BothWays =
    BothWays { ascending: by_id!(walk, "t.customer_id", "ASC"), descending: by_id!(walk, "t.customer_id", "DESC") };
pub(super) const IDS_LOCKED: BothWays =
    BothWays { ascending: by_id!(locked, "c.id", "ASC"), descending: by_id!(locked, "c.id", "DESC") };

/// The four other sort keys: along their index, or gathered from a source.
pub(super) struct Sorted {
    pub along: BothWays,
    pub grams: BothWays,
    pub locked: BothWays,
    pub tokens: BothWays,
}

macro_rules! sorted {
    ($key:literal, $along:ident) => {
        Sorted {
            along: BothWays {
                ascending: along!($along, ">", "ASC", "DESC"),
                descending: along!($along, "<", "DESC", "ASC"),
            },
            grams: BothWays {
                ascending: gathered!(grams, $key, ">", "ASC"),
                descending: gathered!(grams, $key, "<", "DESC"),
            },
            locked: BothWays {
                ascending: gathered!(locked, $key, ">", "ASC"),
                descending: gathered!(locked, $key, "<", "DESC"),
            },
            tokens: BothWays {
                ascending: gathered!(tokens, $key, ">", "ASC"),
                descending: gathered!(tokens, $key, "<", "DESC"),
            },
        }
    };
}

// The family name first is what stands between the first two marks of the names.
pub(super) const SORTED_NAME: Sorted = sorted!("substr(t.names, 3, instr(substr(t.names, 3), char(30)) - 1)", name);
pub(super) const SORTED_EMAIL: Sorted = sorted!("substr(t.email, 2)", email);
pub(super) const SORTED_CREATED: Sorted = sorted!("c.created_at", created);
pub(super) const SORTED_LAST_SIGN_IN: Sorted = sorted!("COALESCE(c.last_sign_in_at, 0)", last_sign_in);

/// How many customers have each of the grams in the JSON array `$1`, and the last id, under a
/// name that no gram has.
pub(super) const COUNTS: &str = "SELECT gram, customers FROM gram_counts WHERE gram IN (SELECT value FROM json_each($1)) \
     UNION ALL SELECT 'last id', (SELECT COALESCE(max(customer_id), 0) FROM search_texts)";
pub(super) const LAST_ID: &str = "last id";
/// The customers of a page, in the order of the ids in the JSON array `$1`; `$2` is the time.
pub(super) const ROWS: &str = "SELECT json_group_array(json_array(c.id, c.first_name, c.middle_name, c.last_name, c.email, \
     c.active, c.confirmed, c.locked_until, c.created_at, c.last_sign_in_at, w.code, g.name, \
     (SELECT count(*) FROM access_tokens a WHERE a.customer_id = c.id AND a.revoked_at IS NULL \
      AND (a.expires_at IS NULL OR a.expires_at > $2))) ORDER BY j.key) \
     FROM json_each($1) j CROSS JOIN customers c ON c.id = j.value JOIN websites w ON w.id = c.website_id \
     JOIN customer_groups g ON g.id = c.group_id";
/// Folded text of the customers in the JSON array `$1`.
pub(super) const TEXTS: &str = "SELECT json_group_array(json_array(t.names, t.email, t.phone)) \
     FROM json_each($1) j CROSS JOIN search_texts t ON t.customer_id = j.value";
