-- All times are microseconds since 1970, UTC. Ids are never used twice (AUTOINCREMENT): an
-- action that was confirmed for a deleted customer must not reach another one.

CREATE TABLE websites (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    code         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    base_url     TEXT,
    sender_name  TEXT NOT NULL,
    sender_email TEXT,
    language     TEXT NOT NULL
) STRICT;

CREATE TABLE customer_groups (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE customers (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    website_id          INTEGER NOT NULL REFERENCES websites (id),
    group_id            INTEGER NOT NULL REFERENCES customer_groups (id),
    email               TEXT    NOT NULL,
    first_name          TEXT    NOT NULL,
    middle_name         TEXT    NOT NULL,
    last_name           TEXT    NOT NULL,
    phone               TEXT    NOT NULL,
    password_hash       TEXT,
    active              INTEGER NOT NULL,
    confirmed           INTEGER NOT NULL,
    failed_sign_ins     INTEGER NOT NULL,
    locked_until        INTEGER,
    created_at          INTEGER NOT NULL,
    last_sign_in_at     INTEGER,
    sessions_valid_from INTEGER NOT NULL DEFAULT 0,
    version             INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX customers_created ON customers (created_at, id);
CREATE INDEX customers_last_sign_in ON customers (COALESCE(last_sign_in_at, 0), id);
CREATE INDEX customers_locked ON customers (id) WHERE locked_until IS NOT NULL;

-- Who has which address: unique on each website, found and sorted by the address alone. A table
-- of its own so that a cluster can keep it apart from the customers. No foreign key: deleting a
-- customer would search it from end to end.
CREATE TABLE customer_emails (
    email_key   TEXT    NOT NULL,
    website_id  INTEGER NOT NULL,
    customer_id INTEGER NOT NULL,
    PRIMARY KEY (email_key, website_id)
) WITHOUT ROWID, STRICT;

-- OAuth consumers and the access tokens that they obtained for customers.
CREATE TABLE integrations (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_tokens (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id    INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    integration_id INTEGER NOT NULL REFERENCES integrations (id),
    digest         TEXT    NOT NULL,
    scopes         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    last_used_at   INTEGER,
    expires_at     INTEGER,
    revoked_at     INTEGER,
    revoked_by     TEXT,
    UNIQUE (customer_id, digest)
) STRICT;
CREATE INDEX access_tokens_alive ON access_tokens (customer_id) WHERE revoked_at IS NULL;

CREATE TABLE web_sessions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    digest      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    UNIQUE (customer_id, digest)
) STRICT;

CREATE TABLE password_resets (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id   INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    nonce         BLOB    NOT NULL,
    token_digest  TEXT,
    requested_at  INTEGER NOT NULL,
    requested_by  TEXT    NOT NULL,
    from_console  INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    ip            TEXT,
    expires_at    INTEGER,
    used_at       INTEGER,
    cancelled_at  INTEGER,
    superseded_at INTEGER,
    superseded_by INTEGER
) STRICT;
CREATE INDEX password_resets_customer ON password_resets (customer_id, id);
CREATE UNIQUE INDEX password_resets_one_live ON password_resets (customer_id)
    WHERE used_at IS NULL AND cancelled_at IS NULL AND superseded_at IS NULL;

-- The ledger that the hourly limit and the interval are counted from. Requests for addresses
-- that nobody has are written down by a keyed digest of the address.
CREATE TABLE reset_requests (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id    INTEGER REFERENCES customers (id) ON DELETE CASCADE,
    address_digest TEXT,
    ip             TEXT,
    reset_id       INTEGER,
    requested_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX reset_requests_customer ON reset_requests (customer_id, requested_at);
CREATE INDEX reset_requests_ip ON reset_requests (ip, requested_at) WHERE ip IS NOT NULL;

CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id  INTEGER NOT NULL,
    reset_id     INTEGER NOT NULL,
    message_id   TEXT    NOT NULL,
    template     TEXT    NOT NULL,
    recipient    TEXT    NOT NULL,
    from_console INTEGER NOT NULL,
    website_id   INTEGER NOT NULL REFERENCES websites (id),
    created_at   INTEGER NOT NULL,
    not_before   INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_at      INTEGER NOT NULL,
    lease_owner  TEXT,
    lease_until  INTEGER,
    done_at      INTEGER,
    relay        TEXT    NOT NULL DEFAULT '',
    UNIQUE (customer_id, message_id)
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued';
CREATE INDEX outbox_dead ON outbox (id) WHERE state IN ('refused', 'expired');
CREATE INDEX outbox_reset ON outbox (reset_id);

-- One row: the whole queue.
CREATE TABLE mail_queue (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    stopped_until INTEGER,
    stopped_why   TEXT
) STRICT;
INSERT INTO mail_queue (id) VALUES (1);

-- Append-only: who did what to whom and why, each row sealed to the one before it.
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY CHECK (seq > 0),
    at          INTEGER NOT NULL,
    operator    TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    customer_id INTEGER,
    detail      TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    previous    TEXT    NOT NULL,
    hash        TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_customer ON audit (customer_id, seq) WHERE customer_id IS NOT NULL;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- What an operation key did, so that asking again gives the first answer.
CREATE TABLE operations (
    customer_id INTEGER NOT NULL,
    op_key      TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    answer      TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (customer_id, op_key)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX operations_key ON operations (op_key);
