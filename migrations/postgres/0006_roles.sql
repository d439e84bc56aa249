-- Whether a customer has a password, for those who may not read its hash.
ALTER TABLE customers ADD COLUMN has_password BOOLEAN GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED;
