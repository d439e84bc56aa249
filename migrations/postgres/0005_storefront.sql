-- Integrations sign in with a key and a secret. A removed one keeps its row: its tokens name it.
ALTER TABLE integrations ADD COLUMN key TEXT;
ALTER TABLE integrations ADD COLUMN secret_digest TEXT;
ALTER TABLE integrations ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE integrations ADD COLUMN removed_at BIGINT;
CREATE UNIQUE INDEX integrations_key ON integrations (key) WHERE key IS NOT NULL;

-- What was asked for on the sign-in page, before anybody looks whose address it is. The address
-- itself is only kept until then; its keyed digest is what the limits count.
ALTER TABLE reset_requests ADD COLUMN website_id BIGINT;
ALTER TABLE reset_requests ADD COLUMN address TEXT;
CREATE INDEX reset_requests_address ON reset_requests (address_digest, requested_at) WHERE address_digest IS NOT NULL;
CREATE INDEX reset_requests_waiting ON reset_requests (id) WHERE address IS NOT NULL;
CREATE INDEX reset_requests_age ON reset_requests (requested_at);
CREATE INDEX web_sessions_end ON web_sessions (expires_at);

-- One row. A sign-in with an address that nobody has is counted here, so that it writes as much,
-- and takes as long, as one that is counted on a customer.
CREATE TABLE unknown_sign_ins (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    attempts BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);
INSERT INTO unknown_sign_ins (id, attempts, last_at) VALUES (1, 0, 0);
