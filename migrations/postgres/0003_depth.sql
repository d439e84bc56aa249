-- Columns of an imported customer file that keydesk does not use itself, kept word for word as
-- one JSON object so that an export gives them back.
ALTER TABLE customers ADD COLUMN attributes TEXT;

-- The audit log by who and by what.
CREATE INDEX audit_operator ON audit (operator, seq);
CREATE INDEX audit_action ON audit (action, seq);
