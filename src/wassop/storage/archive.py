"""The record of what was said: appending to it and reading from it.

Rule 1: one process writes to a file at a time; a second one is refused when it opens it.
Rule 2: what `store` is given is stored whole, or not at all and an error is raised.
Rule 3: storing the same message again changes nothing.
"""

import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, Literal

from wassop.core.events import Kind, Said, Told, TopicSet
from wassop.core.names import RoomName
from wassop.core.records import AccountEntry, Changes, Entry, ReadMark
from wassop.storage import keeping_order
from wassop.storage.accounts import store_account
from wassop.storage.deleting import blank
from wassop.storage.reader import RecordReader
from wassop.storage.retention import Keeping, Sweep
from wassop.storage.schema import TooNew, migrate
from wassop.storage.searching import SearchFilter, search

Durability = Literal["process-kill", "power-loss"]
"""What a stored message survives; the second costs a wait for the disk with every commit."""

_SYNCHRONOUS: Final = {"process-kill": "NORMAL", "power-loss": "FULL"}
_QUICK_CHECK_BYTES: Final = 64 * 1024 * 1024
"""Smaller files are checked whole when they are opened; larger ones by `wassop db check`."""


class ArchiveError(Exception):
    """The file cannot be used. `problem` is one of "in-use", "too-new", "corrupt", "unreadable"."""

    def __init__(self, path: Path, problem: str, detail: str) -> None:
        super().__init__(f"{path}: {problem}: {detail}")
        self.path: Final = path
        self.problem: Final = problem
        self.detail: Final = detail


class Archive(RecordReader):
    """An open file. Each of its connections is used by one thread at a time: one to write (`store`, `index`,
    `retain`), one to `search`, which may take long, and one to read (all the rest)."""

    def __init__(
        self,
        path: Path,
        durability: Durability = "process-kill",
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open or make the file; ArchiveError when it cannot be used."""
        self.path: Final = path
        self.epoch = 0
        """This run's number: the time of its start (Unix seconds), and in any case higher than the last. A
        mere count would come again in a file that was restored, or lost its end with the power."""
        with ExitStack() as opened:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                _make_private(path)
                self._lock: Final = opened.enter_context(closing(_locked(path)))
                self._writer: Final = opened.enter_context(closing(_connected(path)))
                self._searcher: Final = opened.enter_context(closing(_connected(path)))
                super().__init__(opened.enter_context(closing(_connected(path))))
            except (OSError, sqlite3.OperationalError) as error:
                raise ArchiveError(path, "unreadable", str(error)) from error
            opened.pop_all()
        try:
            self._writer.execute("PRAGMA journal_mode = WAL")
            # What is deleted is written over in the file, not only given free.
            self._writer.execute("PRAGMA secure_delete = ON")
            self._writer.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
            if path.stat().st_size < _QUICK_CHECK_BYTES:
                _refuse_corrupt(self._writer)
            migrate(self._writer)
            self._room_ids: Final[dict[str, int]] = dict(
                self._writer.execute("SELECT key, id FROM rooms").fetchall()
            )
            (self.epoch,) = self._writer.execute(
                "INSERT INTO runs SELECT max(coalesce(max(epoch), 0) + 1, :now), :now FROM runs "
                "RETURNING epoch",
                {"now": int(clock())},
            ).fetchone()
            keeping_order.forget_ended(self._writer, clock())
        except TooNew as error:
            self.close()
            raise ArchiveError(path, "too-new", str(error)) from error
        except sqlite3.OperationalError as error:  # a full disk, no right to write: nothing is damaged
            self.close()
            raise ArchiveError(path, "unreadable", str(error)) from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise ArchiveError(path, "corrupt", str(error)) from error

    def has_room(self, key: str) -> bool:
        """Whether anything of a room was ever stored; known without a look into the file."""
        return key in self._room_ids

    def close(self) -> None:
        """Close the file and give up the lock."""
        for connection in (self._reader, self._searcher, self._writer, self._lock):
            connection.close()

    def search(
        self,
        words: Sequence[str],
        narrowed: SearchFilter,
        count: int,
        *,
        timeout_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> tuple[Said, ...]:
        """See `searching.search`."""
        return search(self._searcher, words, narrowed, count, timeout_s=timeout_s, clock=clock)

    # Writing

    def touch(self) -> None:
        """Write something that leaves no trace, to see whether that is possible; sqlite3.Error if not."""
        # To update a row to what it is would write nothing, and a small row takes no more pages.
        with _transaction(self._writer):
            self._writer.execute("INSERT INTO runs (epoch, started_at) VALUES (-1, zeroblob(8192))")
            self._writer.execute("DELETE FROM runs WHERE epoch = -1")

    def store(self, entries: Iterable[Entry]) -> None:
        """Store `entries` in one transaction; sqlite3.Error when that fails, and then nothing is stored."""
        writer, new_rooms = self._writer, dict[str, int]()
        with _transaction(writer):
            said: list[tuple[int, Said]] = []
            deletions: list[tuple[int, int]] = []
            for entry in entries:
                if type(entry) is Said:  # nearly all of them: found without trying the patterns in turn
                    room_id = self._room_ids.get(entry.room.key) or self._room_id(entry.room, new_rooms)
                    said.append((room_id, entry))
                    if entry.kind is Kind.DELETE and entry.about is not None:
                        deletions.append((room_id, entry.about))
                    continue
                match entry:
                    case Told():
                        self._store_told(entry)
                    case TopicSet(room, text, by, at):
                        writer.execute(
                            "UPDATE rooms SET topic = ?, topic_by = ?, topic_by_key = ?, topic_at = ? "
                            "WHERE id = ?",
                            (text, by.text, by.key, at, self._room_id(room, new_rooms)),
                        )
                    case Changes(changes):
                        keeping_order.store(writer, changes, partial(self._room_id, new_rooms=new_rooms))
                    case ReadMark(reader, room, seq):
                        writer.execute(
                            "INSERT INTO reads VALUES (?, ?, ?) "
                            "ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
                            (reader.key, self._room_id(room, new_rooms), seq),
                        )
                    case account:
                        assert isinstance(account, AccountEntry)
                        store_account(writer, account)
            if said:
                self._store_said(said)
            for room_id, seq in deletions:
                blank(writer, room_id, seq)
        self._room_ids.update(new_rooms)

    def index(self, max_messages: int) -> int:
        """Add up to so many messages to the search index; return how many were added."""
        with _transaction(self._writer):
            (start,) = self._writer.execute("SELECT indexed_id FROM search_state").fetchone()
            rows = self._writer.execute(
                "SELECT id, text FROM messages WHERE id > ? ORDER BY id LIMIT ?", (start, max_messages)
            ).fetchall()
            if rows:
                self._writer.executemany("INSERT INTO messages_text (rowid, text) VALUES (?, ?)", rows)
                self._writer.execute("UPDATE search_state SET indexed_id = ?", (rows[-1][0],))
        return len(rows)

    def retain(
        self, max_age_s: float | None, max_count: int | None, *, now: float, max_messages: int
    ) -> Iterator[int]:
        """Delete what is older than `max_age_s` or beyond the newest `max_count` of its room, in steps: each
        is a transaction that looks at about `max_messages`, and yields how many it deleted. The numbering
        goes on as if they were there."""
        if max_age_s is None and max_count is None:
            return
        oldest = None if max_age_s is None else now - max_age_s
        sweep = Sweep(self._writer, Keeping(now, oldest, max_count))
        while not sweep.is_over:
            with _transaction(self._writer):
                deleted = sweep.step(max_messages)
            yield deleted

    # Rows

    def _store_said(self, messages: list[tuple[int, Said]]) -> None:
        """Store messages, each with its room's id."""
        # One call for all of them: between two calls, the interpreter goes back and forth between threads.
        # And only int, float and str: for anything else, None and bool too, the library first asks whether it
        # can be adapted, which takes longer than all the rest of a row.
        stored = self._writer.executemany(
            "INSERT INTO messages "
            "(room_id, seq, at, author, author_key, text, nonce, to_all, epoch, kind, about) "
            "VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, nullif(?, 0), nullif(?, 0)) "
            "ON CONFLICT DO NOTHING",
            [
                (
                    room_id,
                    s.seq,
                    s.at,
                    s.author.text,
                    s.author.key,
                    s.text,
                    0 if s.nonce is None else s.nonce,
                    int(s.to_all),
                    self.epoch,
                    0 if s.kind is Kind.SAY else s.kind.value,
                    s.about or 0,
                )
                for room_id, s in messages
            ],
        )
        if stored.rowcount != len(messages):
            self._refuse_others(messages)

    def _refuse_others(self, messages: list[tuple[int, Said]]) -> None:
        """Raise IntegrityError when the number of one of `messages` is another message's: its sender must not
        be told that it is stored."""
        for room_id, said in messages:
            there = self._writer.execute(
                "SELECT author_key, text, at FROM messages WHERE room_id = ? AND seq = ?", (room_id, said.seq)
            ).fetchone()
            # Deleted since: it is the same message, and its text does not come back.
            if there not in ((said.author.key, said.text, said.at), (said.author.key, "", said.at)):
                raise sqlite3.IntegrityError(f"number {said.seq} of {said.room.text!r} is another message's")

    def _store_told(self, told: Told) -> None:
        self._writer.execute(
            "INSERT INTO private_messages "
            "(at, author, author_key, recipient, recipient_key, text, nonce, kept) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                told.at,
                told.author.text,
                told.author.key,
                told.to.text,
                told.to.key,
                told.text,
                told.nonce,
                told.kept,
            ),
        )

    def _room_id(self, room: RoomName, new_rooms: dict[str, int]) -> int:
        known = self._room_ids.get(room.key) or new_rooms.get(room.key)
        if known is None:
            (known,) = self._writer.execute(
                "INSERT INTO rooms (key, name) VALUES (?, ?) "
                "ON CONFLICT DO UPDATE SET key = key RETURNING id",
                (room.key, room.text),
            ).fetchone()
            new_rooms[room.key] = known
        return known


def _make_private(path: Path) -> None:
    """A new file holds private messages and what is kept of passwords: nobody else reads it. What SQLite puts
    beside it has the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _connected(path: Path) -> sqlite3.Connection:
    # Transactions are begun and ended in the open; threads take turns, as the class says.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _locked(path: Path) -> sqlite3.Connection:
    """Hold a lock beside the file for as long as the connection lives, however the process ends."""
    # Beside the file itself, however it is called here.
    lock = sqlite3.connect(f"{path.resolve()}-lock", isolation_level=None, check_same_thread=False, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise ArchiveError(path, "in-use", str(error)) from error
    return lock


def _refuse_corrupt(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(" ".join(verdict.split()))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself may have rolled back, as when the disk is full
            connection.execute("ROLLBACK")
        raise
