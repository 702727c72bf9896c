"""Reading the record, while a server writes to it or not."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve

from wassop.core.accounts import Account
from wassop.core.amendments import excerpt_of
from wassop.core.deeds import AuditLine
from wassop.core.events import Kind, Quote, Said, Told, TopicSet
from wassop.core.names import RoomName, UserName
from wassop.core.records import RoomRecord, Stored
from wassop.core.restrictions import Restriction
from wassop.core.web_sessions import WebSession
from wassop.storage import keeping_order
from wassop.storage.accounts import accounts, kept_counts, kept_messages, password_hash, web_sessions
from wassop.storage.schema import LAST_SEQ

_QUOTED_TEXT: Final = (
    "CASE WHEN messages.kind IN ('reply', 'react') THEN coalesce("
    "(SELECT edit.text FROM messages AS edit WHERE edit.room_id = messages.room_id "
    "AND edit.about = messages.about AND edit.kind = 'edit' ORDER BY edit.seq DESC LIMIT 1), "
    "subject.text) END"
)
"""Of what a reply or a reaction is about, the text that counts now."""
MESSAGE_COLUMNS: Final = (
    "rooms.name, rooms.key, messages.seq, messages.author, messages.author_key, messages.text, "
    "messages.at, messages.to_all, messages.nonce, messages.kind, messages.about, "
    f"subject.author, subject.author_key, {_QUOTED_TEXT}"
)
MESSAGE_JOINS: Final = (
    "JOIN rooms ON rooms.id = messages.room_id LEFT JOIN messages AS subject "
    "ON subject.room_id = messages.room_id AND subject.seq = messages.about"
)
MessageRow = tuple[
    str,
    str,
    int,
    str,
    str,
    str,
    float,
    int,
    str | None,
    str | None,
    int | None,
    str | None,
    str | None,
    str | None,
]


class RecordReader:
    """What can be asked of a record. Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._reader: Final = connection

    def load_room(self, key: str, max_recent: int) -> RoomRecord | None:
        """A room as it was left, with its newest messages; None when nothing was ever said in it."""
        found = self._reader.execute(
            f"SELECT name, {LAST_SEQ}, topic, topic_by, topic_by_key, topic_at FROM rooms WHERE key = ?",
            (key,),
        ).fetchone()
        if found is None:
            return None
        name, seq, text, by, by_key, at = found
        room = RoomName(name, key)
        topic = None if at is None else TopicSet(room, text, UserName(by, by_key, ""), at)
        modes = keeping_order.load_modes(self._reader, key)
        roles = keeping_order.load_roles(self._reader, key)
        restrictions = keeping_order.load_restrictions(self._reader, key)
        recent = self.before(key, seq + 1, max_recent)
        return RoomRecord(room, seq, recent, topic, modes, roles, restrictions)

    def server_bans(self) -> tuple[Restriction, ...]:
        """Those that hold in no room in particular, the oldest first."""
        return keeping_order.load_restrictions(self._reader, None)

    def permanent_rooms(self) -> tuple[str, ...]:
        """Keys of the rooms that were made permanent, the oldest first."""
        return keeping_order.permanent_rooms(self._reader)

    def audit_page(self, room_key: str | None, before: int | None, count: int) -> tuple[AuditLine, ...]:
        """See `keeping_order.audit_page`."""
        return keeping_order.audit_page(self._reader, room_key, before, count)

    def audit(self, room_key: str | None, since: float, limit: int | None) -> Iterator[AuditLine]:
        """See `keeping_order.audit`."""
        return keeping_order.audit(self._reader, room_key, since, limit)

    def before(self, key: str, seq: int, count: int) -> tuple[Said, ...]:
        """At most `count` of the messages before number `seq`, the newest of them, oldest first."""
        rows = self._reader.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages {MESSAGE_JOINS} "
            "WHERE messages.room_id = (SELECT id FROM rooms WHERE key = ?) AND messages.seq < ? "
            "ORDER BY messages.seq DESC LIMIT ?",
            (key, seq, count),
        ).fetchall()
        return tuple(map(said_in, reversed(rows)))

    def after(self, key: str, seq: int, count: int) -> tuple[Said, ...]:
        """At most `count` of the messages after number `seq`, the oldest of them first."""
        rows = self._reader.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages {MESSAGE_JOINS} "
            "WHERE messages.room_id = (SELECT id FROM rooms WHERE key = ?) AND messages.seq > ? "
            "ORDER BY messages.seq LIMIT ?",
            (key, seq, count),
        )
        return tuple(map(said_in, rows))

    def as_it_reads(self, key: str, seq: int) -> Said | None:
        """Message number `seq` with the text that counts now; None when there is none."""
        row = self._reader.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages {MESSAGE_JOINS} "
            "WHERE messages.room_id = (SELECT id FROM rooms WHERE key = ?) AND messages.seq = ?",
            (key, seq),
        ).fetchone()
        if row is None:
            return None
        said = said_in(row)
        edit = self._reader.execute(
            "SELECT text FROM messages WHERE room_id = (SELECT id FROM rooms WHERE key = ?) "
            "AND about = ? AND kind = 'edit' ORDER BY seq DESC LIMIT 1",
            (key, seq),
        ).fetchone()
        return said if edit is None else evolve(said, text=edit[0])

    def known_up_to(self, key: str, epoch: int, seq: int) -> int:
        """The last message that a reader has surely seen who saw number `seq` in the run `epoch`.

        A message that was told and lost by a crash gave its number free for another one.
        """
        (found,) = self._reader.execute(
            "SELECT max(seq) FROM messages WHERE room_id = (SELECT id FROM rooms WHERE key = ?) "
            "AND seq <= ? AND epoch <= ?",
            (key, seq, epoch),
        ).fetchone()
        return int(found or 0)

    def own(self, key: str, author_key: str, after: int, up_to: int, count: int) -> tuple[Stored, ...]:
        """Where the messages are that an author had a name for, behind number `after` and up to `up_to`: at
        most `count`, newest first. Looks at all rows in between."""
        rows = self._reader.execute(
            "SELECT nonce, seq, at, to_all FROM messages "
            "WHERE room_id = (SELECT id FROM rooms WHERE key = ?) "
            "AND seq > ? AND seq <= ? AND author_key = ? AND nonce IS NOT NULL ORDER BY seq DESC LIMIT ?",
            (key, after, up_to, author_key, count),
        )
        return tuple(Stored(key, nonce, seq, at, bool(to_all)) for nonce, seq, at, to_all in rows)

    def read_mark(self, reader_key: str, room_key: str) -> int:
        """How far somebody has read a room."""
        found = self._reader.execute(
            "SELECT seq FROM reads WHERE reader_key = ? AND room_id = (SELECT id FROM rooms WHERE key = ?)",
            (reader_key, room_key),
        ).fetchone()
        return int(found[0]) if found else 0

    def private_nonces(self, count: int) -> tuple[tuple[str, str], ...]:
        """Author's key and nonce of the newest private messages that had one."""
        rows = self._reader.execute(
            "SELECT author_key, nonce FROM private_messages WHERE nonce IS NOT NULL ORDER BY id DESC LIMIT ?",
            (count,),
        )
        return tuple((key, nonce) for key, nonce in rows)

    def accounts(self) -> tuple[Account, ...]:
        """All accounts."""
        return accounts(self._reader)

    def web_sessions(self) -> tuple[WebSession, ...]:
        """See `accounts.web_sessions`."""
        return web_sessions(self._reader)

    def password_hash(self, key: str) -> str | None:
        """See `accounts.password_hash`."""
        return password_hash(self._reader, key)

    def kept_messages(self, key: str) -> tuple[Told, ...]:
        """See `accounts.kept_messages`."""
        return kept_messages(self._reader, key)

    def kept_counts(self) -> Mapping[str, int]:
        """See `accounts.kept_counts`."""
        return kept_counts(self._reader)

    def everything(self, key: str, since: float = 0) -> Iterator[Said]:
        """All messages of a room from that time (Unix seconds) on, oldest first."""
        rows = self._reader.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages {MESSAGE_JOINS} "
            "WHERE messages.room_id = (SELECT id FROM rooms WHERE key = ?) AND messages.at >= ? "
            "ORDER BY messages.seq",
            (key, since),
        )
        return map(said_in, rows)

    def has_room(self, key: str) -> bool:
        """Whether anything was ever said in the room."""
        return self._reader.execute("SELECT 1 FROM rooms WHERE key = ?", (key,)).fetchone() is not None

    def problems(self) -> list[str]:
        """What is wrong with the file, as SQLite says it; nothing when it is sound. Reads all of it."""
        found = [text for (text,) in self._reader.execute("PRAGMA integrity_check") if text != "ok"]
        found += [f"foreign key: {row}" for row in self._reader.execute("PRAGMA foreign_key_check")]
        return found

    def counts(self) -> tuple[int, int]:
        """How many rooms and how many messages there are."""
        (rooms,) = self._reader.execute("SELECT count(*) FROM rooms").fetchone()
        (messages,) = self._reader.execute("SELECT count(*) FROM messages").fetchone()
        return rooms, messages

    def back_up(self, target: Path) -> None:
        """Copy the record, as it is at one moment, into a new file; FileExistsError if there is one."""
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy = sqlite3.connect(target)
        try:
            self._reader.backup(copy)
        except BaseException:
            copy.close()
            target.unlink()
            raise
        copy.close()

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()


def open_reader(path: Path) -> RecordReader:
    """Open an existing record for reading only; sqlite3.Error when that cannot be done."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        if not _knows_kinds(connection):
            # A file that no server has brought up to date yet; this stands before the table of that name.
            connection.execute(
                "CREATE TEMP VIEW messages AS SELECT *, NULL AS kind, NULL AS about FROM main.messages"
            )
    except BaseException:
        connection.close()
        raise
    return RecordReader(connection)


def _knows_kinds(connection: sqlite3.Connection) -> bool:
    columns = connection.execute("SELECT name FROM pragma_table_info('messages')").fetchall()
    return ("kind",) in columns or not columns


def said_in(row: MessageRow) -> Said:
    """The message in a row of `MESSAGE_COLUMNS`."""
    name, key, seq, author, author_key, text, at, to_all, nonce, kind, about, *subject = row
    said = Said(RoomName(name, key), seq, UserName(author, author_key, ""), text, at, bool(to_all), nonce)
    if kind is None:
        return said
    quoted_author, quoted_key, quoted_text = subject
    quote = None
    if quoted_author is not None and quoted_key is not None and quoted_text is not None:
        quote = Quote(UserName(quoted_author, quoted_key, ""), excerpt_of(quoted_text))
    return evolve(said, kind=Kind(kind), about=about, quoted=quote)
