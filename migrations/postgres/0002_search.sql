-- What a search looks at: folded text, and a gram index over it. All of it can be made again
-- from the customers.

-- Rows that were written since the gram index last took customers in stand apart; searches look at
-- those one by one. Each has a number of its own, so that whoever takes it in notices that it was
-- written anew meanwhile.
CREATE SEQUENCE search_texts_apart_seq;
CREATE TABLE search_texts (
    customer_id BIGINT PRIMARY KEY,
    names       TEXT   COLLATE "C" NOT NULL,
    email       TEXT   COLLATE "C" NOT NULL,
    phone       TEXT   COLLATE "C" NOT NULL,
    apart       BIGINT DEFAULT nextval('search_texts_apart_seq')
);
CREATE INDEX search_texts_apart ON search_texts (customer_id) WHERE apart IS NOT NULL;

-- Whole names: 's' and the family name first, 'n' and the given name first.
CREATE TABLE search_keys (
    key         TEXT   COLLATE "C" NOT NULL,
    customer_id BIGINT NOT NULL,
    PRIMARY KEY (key, customer_id)
);

-- Who has a gram: of a block of ids that follow each other, those that have it, or had it when
-- they were merged. What a search finds here it looks at in search_texts.
CREATE TABLE gram_blocks (
    gram      TEXT   COLLATE "C" NOT NULL,
    block     BIGINT NOT NULL,
    customers BIGINT NOT NULL,
    ids       BYTEA  NOT NULL,
    PRIMARY KEY (gram, block)
);
-- Bits hardly get smaller by being compressed, and a value in the row itself costs no second look.
ALTER TABLE gram_blocks ALTER COLUMN ids SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);

-- In about how many customers a gram occurs; '' counts the customers.
CREATE TABLE gram_counts (
    gram      TEXT   COLLATE "C" PRIMARY KEY,
    customers BIGINT NOT NULL
);
