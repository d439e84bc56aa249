-- Mails by what became of them and by customer, newest first. Accepted mails are nearly all.
CREATE INDEX outbox_queued ON outbox (id) WHERE state = 'queued';
CREATE INDEX outbox_taken_back ON outbox (id) WHERE state IN ('cancelled', 'superseded');

-- The audit log by time.
CREATE INDEX audit_at ON audit (at, seq);

-- Tells the key that links are made with from any other, and nothing of the key.
ALTER TABLE mail_queue ADD COLUMN token_key TEXT;
