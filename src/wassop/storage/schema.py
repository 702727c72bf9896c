"""The database's tables, version by version.

`PRAGMA user_version` holds how many of `MIGRATIONS` a file has had. A migration that was released is never
changed; what comes later is added behind it.
"""

import sqlite3
from typing import Final

MIGRATIONS: Final = (
    """
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
    """,
    """
    -- Who set `topic`, and when; an empty topic was removed.
    ALTER TABLE rooms ADD COLUMN topic_by TEXT;
    ALTER TABLE rooms ADD COLUMN topic_by_key TEXT;
    ALTER TABLE rooms ADD COLUMN topic_at REAL;
    """,
    """
    -- `hash` is what argon2id made of the password, in its usual text form with its parameters.
    CREATE TABLE accounts (
        key TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        hash TEXT NOT NULL,
        created_at REAL NOT NULL,
        last_login_at REAL
    ) WITHOUT ROWID;

    -- 1 while it waits for the recipient, who was not here when it was said.
    ALTER TABLE private_messages ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX kept_messages ON private_messages (recipient_key, id) WHERE kept;
    """,
    """
    -- What is no ordinary message (`kind`; NULL: it is one), and which number of the room it is about.
    ALTER TABLE messages ADD COLUMN kind TEXT;
    ALTER TABLE messages ADD COLUMN about INTEGER;
    CREATE INDEX messages_about ON messages (room_id, about) WHERE about IS NOT NULL;
    """,
    """
    -- How a room is set; `closed` says that not everybody may find what was said there.
    ALTER TABLE rooms ADD COLUMN invite_only INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN permanent INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN moderated INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN slow_s REAL NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN password TEXT;
    ALTER TABLE rooms ADD COLUMN closed INTEGER NOT NULL GENERATED ALWAYS AS
        (invite_only OR hidden OR password IS NOT NULL) VIRTUAL;

    -- What accounts are in rooms, by the key of their name.
    CREATE TABLE room_roles (
        room_id INTEGER NOT NULL REFERENCES rooms (id),
        account_key TEXT NOT NULL,
        account TEXT NOT NULL,
        role TEXT NOT NULL,
        PRIMARY KEY (room_id, account_key)
    ) WITHOUT ROWID;

    -- Bans and mutes, in a room or (room_id 0) on the server; `rank` and `server_rank` say where the author
    -- stood.
    CREATE TABLE restrictions (
        id INTEGER PRIMARY KEY,
        room_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        target_by TEXT NOT NULL,
        target TEXT NOT NULL,
        target_key TEXT NOT NULL,
        author TEXT NOT NULL,
        author_key TEXT NOT NULL,
        rank TEXT NOT NULL,
        server_rank TEXT NOT NULL,
        at REAL NOT NULL,
        until REAL,
        reason TEXT NOT NULL,
        UNIQUE (room_id, kind, target_by, target_key)
    );

    -- Who did what to whom; nothing in it is ever changed.
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        room TEXT,
        room_key TEXT,
        target TEXT NOT NULL,
        detail TEXT NOT NULL,
        address TEXT NOT NULL
    );
    CREATE INDEX audit_rooms ON audit (room_key, id);
    """,
    """
    -- Browsers that stay logged in; `mark` is the SHA-256 of what they show.
    CREATE TABLE web_sessions (
        mark TEXT PRIMARY KEY,
        account_key TEXT NOT NULL REFERENCES accounts (key) ON DELETE CASCADE,
        created_at REAL NOT NULL,
        expires_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX web_sessions_of ON web_sessions (account_key);
    """,
    """
    -- From here on `last_seq` is written only when messages are deleted, for it took a tenth of the time that
    -- a message takes to store. A program that does not know that would give numbers twice.
    """,
)

LAST_SEQ: Final = "max(last_seq, coalesce((SELECT max(seq) FROM messages WHERE room_id = rooms.id), 0))"
"""The highest number that a message of a row of `rooms` ever had."""


class TooNew(Exception):
    """The file was written by a later version of the program."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring a file up to date, each step in a transaction of its own; return the version it had before."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise TooNew(f"schema version {version}, known up to {len(MIGRATIONS)}")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    return int(version)
