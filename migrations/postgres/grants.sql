-- Who may do what: four groups without a login of their own. Whoever works on a shop gets a role
-- with a login, in one of them or in several; tables, customers' data and integrations are the
-- owner's. Nobody but the owner ever changes or empties the audit log, and a trigger keeps the owner
-- from it. Run again after each update of the tables: it begins by taking everything back.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['keydesk_console', 'keydesk_worker', 'keydesk_web', 'keydesk_readonly'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON websites, customer_groups, customers, customer_emails, integrations, access_tokens, web_sessions,
    password_resets, reset_requests, outbox, mail_queue, audit, operations, unknown_sign_ins, search_texts, search_keys,
    gram_blocks, gram_counts, _sqlx_migrations
    FROM PUBLIC, keydesk_console, keydesk_worker, keydesk_web, keydesk_readonly;
REVOKE ALL ON SEQUENCE websites_id_seq, customer_groups_id_seq, customers_id_seq, integrations_id_seq,
    access_tokens_id_seq, web_sessions_id_seq, password_resets_id_seq, reset_requests_id_seq, outbox_id_seq,
    search_texts_apart_seq
    FROM PUBLIC, keydesk_console, keydesk_worker, keydesk_web, keydesk_readonly;

-- What everybody reads.
GRANT SELECT ON _sqlx_migrations, websites, audit
    TO keydesk_console, keydesk_worker, keydesk_web, keydesk_readonly;

-- Staff who look: customers without their hashes, tokens and links without what opens an account.
GRANT SELECT ON customer_groups, customer_emails, mail_queue, search_texts, search_keys, gram_blocks, gram_counts
    TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, website_id, group_id, email, first_name, middle_name, last_name, phone, active, confirmed,
    failed_sign_ins, locked_until, created_at, last_sign_in_at, sessions_valid_from, version, attributes, has_password)
    ON customers TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, name, created_at, key, scopes, removed_at) ON integrations TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, customer_id, integration_id, scopes, created_at, last_used_at, expires_at, revoked_at, revoked_by)
    ON access_tokens TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, customer_id, created_at, expires_at, ended_at) ON web_sessions TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, customer_id, requested_at, requested_by, from_console, reason, expires_at, used_at, cancelled_at,
    superseded_at, superseded_by) ON password_resets TO keydesk_console, keydesk_readonly;
GRANT SELECT (customer_id, reset_id, requested_at) ON reset_requests TO keydesk_console, keydesk_readonly;
GRANT SELECT (id, customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, not_before,
    state, attempts, next_at, lease_until, done_at, relay) ON outbox TO keydesk_console, keydesk_readonly;

-- Staff who act: resets, tokens and sessions, locks, mails that are tried again.
GRANT INSERT ON audit TO keydesk_console;
GRANT SELECT, INSERT, UPDATE (answer) ON operations TO keydesk_console;
GRANT UPDATE (failed_sign_ins, locked_until, sessions_valid_from, version) ON customers TO keydesk_console;
GRANT UPDATE (revoked_at, revoked_by) ON access_tokens TO keydesk_console;
GRANT UPDATE (ended_at) ON web_sessions TO keydesk_console;
GRANT INSERT (customer_id, nonce, requested_at, requested_by, from_console, reason, ip),
    UPDATE (cancelled_at, superseded_at, superseded_by) ON password_resets TO keydesk_console;
GRANT INSERT (customer_id, reset_id, requested_at), DELETE ON reset_requests TO keydesk_console;
GRANT INSERT (customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, not_before,
    next_at, state), UPDATE (state, next_at, done_at) ON outbox TO keydesk_console;
GRANT UPDATE (stopped_until, stopped_why) ON mail_queue TO keydesk_console;
GRANT USAGE ON SEQUENCE password_resets_id_seq, reset_requests_id_seq, outbox_id_seq TO keydesk_console;

-- Who delivers mails: makes the links, writes what became of them, and takes customers into the
-- search index meanwhile.
GRANT INSERT ON audit TO keydesk_worker;
GRANT SELECT (id, email, website_id, group_id, active, confirmed) ON customers TO keydesk_worker;
GRANT SELECT (id, customer_id, nonce, token_digest, expires_at, used_at, cancelled_at, superseded_at),
    UPDATE (token_digest, expires_at) ON password_resets TO keydesk_worker;
GRANT SELECT, UPDATE (state, attempts, next_at, lease_owner, lease_until, done_at, relay) ON outbox TO keydesk_worker;
GRANT SELECT, UPDATE (stopped_until, stopped_why, token_key) ON mail_queue TO keydesk_worker;
GRANT SELECT, UPDATE (apart) ON search_texts TO keydesk_worker;
GRANT SELECT, INSERT, UPDATE (customers, ids) ON gram_blocks TO keydesk_worker;
GRANT SELECT, INSERT, UPDATE (customers) ON gram_counts TO keydesk_worker;

-- The storefront: what customers prove themselves with, their sessions and tokens.
GRANT INSERT ON audit TO keydesk_web;
GRANT SELECT, INSERT, UPDATE (answer) ON operations TO keydesk_web;
GRANT SELECT ON customer_emails, integrations TO keydesk_web;
GRANT SELECT (id, website_id, group_id, email, first_name, middle_name, last_name, phone, password_hash, active,
    confirmed, failed_sign_ins, locked_until, created_at, sessions_valid_from, version),
    UPDATE (password_hash, confirmed, failed_sign_ins, locked_until, last_sign_in_at, sessions_valid_from, version)
    ON customers TO keydesk_web;
GRANT SELECT, INSERT (customer_id, integration_id, digest, scopes, created_at, expires_at),
    UPDATE (last_used_at, revoked_at, revoked_by) ON access_tokens TO keydesk_web;
GRANT SELECT, INSERT (customer_id, digest, created_at, expires_at), UPDATE (ended_at), DELETE ON web_sessions TO keydesk_web;
GRANT SELECT (id, customer_id, token_digest, from_console, expires_at, used_at, cancelled_at, superseded_at),
    INSERT (customer_id, nonce, requested_at, requested_by, from_console, reason, ip),
    UPDATE (used_at, superseded_at, superseded_by) ON password_resets TO keydesk_web;
GRANT SELECT, INSERT (address_digest, ip, website_id, address, requested_at),
    UPDATE (customer_id, reset_id, address), DELETE ON reset_requests TO keydesk_web;
GRANT SELECT (id, customer_id, reset_id, template, state),
    INSERT (customer_id, reset_id, message_id, template, recipient, from_console, website_id, created_at, not_before,
    next_at, state), UPDATE (state, done_at) ON outbox TO keydesk_web;
GRANT SELECT, UPDATE (attempts, last_at) ON unknown_sign_ins TO keydesk_web;
GRANT SELECT (customer_id), UPDATE (apart) ON search_texts TO keydesk_web;
GRANT USAGE ON SEQUENCE access_tokens_id_seq, web_sessions_id_seq, password_resets_id_seq, reset_requests_id_seq,
    outbox_id_seq, search_texts_apart_seq TO keydesk_web;
