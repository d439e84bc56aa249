-- What a search looks at: folded text, and a gram index over it. All of it can be made again
-- from the customers.

CREATE TABLE search_texts (
    customer_id INTEGER PRIMARY KEY,
    names       TEXT NOT NULL,
    email       TEXT NOT NULL,
    phone       TEXT NOT NULL
) STRICT;

-- Whole names: 's' and the family name first, 'n' and the given name first.
CREATE TABLE search_keys (
    key         TEXT    NOT NULL,
    customer_id INTEGER NOT NULL,
    PRIMARY KEY (key, customer_id)
) WITHOUT ROWID, STRICT;

-- Grams of a customer's words, and marks (U+E000 ...) for website, group and state. The text
-- itself is not stored twice; merging is done in small steps, because an automatic merge makes
-- one unlucky commit wait for seconds.
CREATE VIRTUAL TABLE customer_grams USING fts5 (
    grams,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = "ascii tokenchars '!#$%&''*+-/=?^_`{|}~.@,;:()<>[]\""\'"
);
INSERT INTO customer_grams (customer_grams, rank) VALUES ('automerge', 0);
INSERT INTO customer_grams (customer_grams, rank) VALUES ('crisismerge', 1000);

-- In how many customers a gram occurs; '' counts the customers.
CREATE TABLE gram_counts (
    gram      TEXT    PRIMARY KEY,
    customers INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
