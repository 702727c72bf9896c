-- A file as the first version of wassop made it.
BEGIN;
-- One row for each start of a server that wrote here; a message remembers in which run it was said.
CREATE TABLE runs (epoch INTEGER PRIMARY KEY, started_at REAL NOT NULL);

-- `last_seq` outlives the messages themselves, which retention may delete.
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    topic TEXT,
    last_seq INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    author TEXT NOT NULL,
    author_key TEXT NOT NULL,
    text TEXT NOT NULL,
    nonce TEXT,
    to_all INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL,
    UNIQUE (room_id, seq)
);

CREATE TABLE private_messages (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    author TEXT NOT NULL,
    author_key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    text TEXT NOT NULL,
    nonce TEXT
);

CREATE UNIQUE INDEX private_nonces ON private_messages (author_key, nonce) WHERE nonce IS NOT NULL;

CREATE TABLE reads (
    reader_key TEXT NOT NULL,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    seq INTEGER NOT NULL,
    PRIMARY KEY (reader_key, room_id)
) WITHOUT ROWID;

-- Filled in idle moments and before a search, not with each message: `indexed_id` says how far.
CREATE VIRTUAL TABLE messages_text USING fts5 (
    text, content = 'messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE search_state (indexed_id INTEGER NOT NULL);
INSERT INTO search_state VALUES (0);

-- Two runs; the third message of Sala1 was said in the second one and is not indexed yet.
INSERT INTO runs VALUES (1, 1790000000.0), (2, 1790000100.0);
INSERT INTO rooms (id, key, name, topic, last_seq) VALUES (1, 'general', 'General', NULL, 0), (2, 'sala1', 'Sala1', NULL, 3);
INSERT INTO messages (id, room_id, seq, at, author, author_key, text, nonce, to_all, epoch) VALUES
    (1, 2, 1, 1790000001.0, 'ana', 'ana', 'uno', 'n1', 0, 1),
    (2, 2, 2, 1790000002.5, 'Bob', 'bob', 'otra canción', NULL, 0, 1),
    (3, 2, 3, 1790000103.0, 'ana', 'ana', 'tres', NULL, 0, 2);
INSERT INTO messages_text (rowid, text) VALUES (1, 'uno'), (2, 'otra canción');
UPDATE search_state SET indexed_id = 2;
INSERT INTO private_messages VALUES (1, 1790000003.0, 'ana', 'ana', 'Bob', 'bob', 'psst', 'k');
INSERT INTO reads VALUES ('bob', 2, 2);
PRAGMA user_version = 1;
COMMIT;
