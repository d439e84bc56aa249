-- All times are microseconds since 1970, UTC. Ids come from sequences and are never used twice; a
-- cluster gives identity columns no place beside reference tables, so that they are bigserial.
--
-- Everything that belongs to one customer begins its primary key with the customer, so that a
-- cluster can keep it on one node. Tables without a customer are looked up as wholes.

CREATE TABLE websites (
    id           BIGSERIAL PRIMARY KEY,
    code         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    base_url     TEXT,
    sender_name  TEXT NOT NULL,
    sender_email TEXT,
    language     TEXT NOT NULL
);

CREATE TABLE customer_groups (
    id   BIGSERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE customers (
    id                  BIGSERIAL PRIMARY KEY,
    website_id          BIGINT  NOT NULL REFERENCES websites (id),
    group_id            BIGINT  NOT NULL REFERENCES customer_groups (id),
    email               TEXT    NOT NULL,
    first_name          TEXT    NOT NULL,
    middle_name         TEXT    NOT NULL,
    last_name           TEXT    NOT NULL,
    phone               TEXT    NOT NULL,
    password_hash       TEXT,
    active              BOOLEAN NOT NULL,
    confirmed           BOOLEAN NOT NULL,
    failed_sign_ins     BIGINT  NOT NULL,
    locked_until        BIGINT,
    created_at          BIGINT  NOT NULL,
    last_sign_in_at     BIGINT,
    sessions_valid_from BIGINT  NOT NULL DEFAULT 0,
    version             BIGINT  NOT NULL DEFAULT 1
);
CREATE INDEX customers_created ON customers (created_at, id);
CREATE INDEX customers_last_sign_in ON customers (COALESCE(last_sign_in_at, 0), id);
CREATE INDEX customers_locked ON customers (id) WHERE locked_until IS NOT NULL;

-- Who has which address: unique on each website, found and sorted by the address alone. A table
-- of its own, which a cluster spreads by the address.
CREATE TABLE customer_emails (
    email_key   TEXT   COLLATE "C" NOT NULL,
    website_id  BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (email_key, website_id)
);

-- OAuth consumers and the access tokens that they obtained for customers.
CREATE TABLE integrations (
    id         BIGSERIAL PRIMARY KEY,
    name       TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE access_tokens (
    id             BIGSERIAL,
    customer_id    BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    integration_id BIGINT NOT NULL REFERENCES integrations (id),
    digest         TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT,
    expires_at     BIGINT,
    revoked_at     BIGINT,
    revoked_by     TEXT,
    PRIMARY KEY (customer_id, id),
    UNIQUE (customer_id, digest)
);
CREATE INDEX access_tokens_id ON access_tokens (id);
CREATE INDEX access_tokens_alive ON access_tokens (customer_id) WHERE revoked_at IS NULL;

CREATE TABLE web_sessions (
    id          BIGSERIAL,
    customer_id BIGINT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    digest      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    PRIMARY KEY (customer_id, id),
    UNIQUE (customer_id, digest)
);

CREATE TABLE password_resets (
    id            BIGSERIAL,
    customer_id   BIGINT  NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    nonce         BYTEA   NOT NULL,
    token_digest  TEXT,
    requested_at  BIGINT  NOT NULL,
    requested_by  TEXT    NOT NULL,
    from_console  BOOLEAN NOT NULL,
    reason        TEXT    NOT NULL,
    ip            TEXT,
    expires_at    BIGINT,
    used_at       BIGINT,
    cancelled_at  BIGINT,
    superseded_at BIGINT,
    superseded_by BIGINT,
    PRIMARY KEY (customer_id, id)
);
CREATE UNIQUE INDEX password_resets_one_live ON password_resets (customer_id)
    WHERE used_at IS NULL AND cancelled_at IS NULL AND superseded_at IS NULL;

-- The ledger that the hourly limit and the interval are counted from. Requests for addresses
-- that nobody has are written down by a keyed digest of the address. No foreign key: a cluster
-- keeps this table apart from the customers.
CREATE TABLE reset_requests (
    id             BIGSERIAL PRIMARY KEY,
    customer_id    BIGINT,
    address_digest TEXT,
    ip             TEXT,
    reset_id       BIGINT,
    requested_at   BIGINT NOT NULL
);
CREATE INDEX reset_requests_customer ON reset_requests (customer_id, requested_at);
CREATE INDEX reset_requests_ip ON reset_requests (ip, requested_at) WHERE ip IS NOT NULL;

CREATE TABLE outbox (
    id           BIGSERIAL,
    customer_id  BIGINT  NOT NULL,
    reset_id     BIGINT  NOT NULL,
    message_id   TEXT    NOT NULL,
    template     TEXT    NOT NULL,
    recipient    TEXT    NOT NULL,
    from_console BOOLEAN NOT NULL,
    website_id   BIGINT  NOT NULL REFERENCES websites (id),
    created_at   BIGINT  NOT NULL,
    not_before   BIGINT  NOT NULL,
    state        TEXT    NOT NULL,
    attempts     BIGINT  NOT NULL DEFAULT 0,
    next_at      BIGINT  NOT NULL,
    lease_owner  TEXT,
    lease_until  BIGINT,
    done_at      BIGINT,
    relay        TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (customer_id, id),
    UNIQUE (customer_id, message_id)
);
CREATE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state = 'queued';
CREATE INDEX outbox_dead ON outbox (id) WHERE state IN ('refused', 'expired');
CREATE INDEX outbox_reset ON outbox (customer_id, reset_id);

-- One row: the whole queue.
CREATE TABLE mail_queue (
    id            BIGINT PRIMARY KEY CHECK (id = 1),
    stopped_until BIGINT,
    stopped_why   TEXT
);
INSERT INTO mail_queue (id) VALUES (1);

-- Append-only: who did what to whom and why, each row sealed to the one before it.
CREATE TABLE audit (
    seq         BIGINT PRIMARY KEY CHECK (seq > 0),
    at          BIGINT NOT NULL,
    operator    TEXT   COLLATE "C" NOT NULL,
    action      TEXT   COLLATE "C" NOT NULL,
    customer_id BIGINT,
    detail      TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    previous    TEXT   NOT NULL,
    hash        TEXT   NOT NULL
);
CREATE INDEX audit_customer ON audit (customer_id, seq) WHERE customer_id IS NOT NULL;
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- What an operation key did, so that asking again gives the first answer.
CREATE TABLE operations (
    customer_id BIGINT NOT NULL,
    op_key      TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    answer      TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (customer_id, op_key)
);
CREATE UNIQUE INDEX operations_key ON operations (op_key);
