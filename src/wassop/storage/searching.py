"""Finding words in the record."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

from wassop.core.events import Said
from wassop.storage.reader import MESSAGE_COLUMNS, MESSAGE_JOINS, said_in

_LOOK_AT_CLOCK_EVERY: Final = 10_000
"""Of SQLite's instructions, which are about 1 ms; the thread needs Python's lock to look."""
_NO_REACTION: Final = "(messages.kind IS NULL OR messages.kind NOT IN ('react', 'unreact'))"
"""Some of them hold digits: 1️⃣."""


class SearchTooSlow(Exception):
    """A search was given up."""


@frozen
class SearchFilter:
    """What a search is narrowed to; times in Unix seconds."""

    room_key: str | None = None
    author_key: str | None = None
    since: float | None = None
    until: float | None = None
    mine: Sequence[str] = ()
    """Keys of the closed rooms that are searched, too."""


def search(
    connection: sqlite3.Connection,
    words: Sequence[str],
    narrowed: SearchFilter,
    count: int,
    *,
    timeout_s: float,
    clock: Callable[[], float],
) -> tuple[Said, ...]:
    """At most `count` messages that hold all `words` (without case and diacritics), newest first.

    SearchTooSlow when that takes longer than `timeout_s`: as it may where a filter leaves next to nothing of
    what very many messages hold, because all of these are gone through.
    """
    conditions, values = ["messages_text MATCH ?", _NO_REACTION], list[object]()
    values.append(" ".join('"' + word.replace('"', '""').replace("\0", " ") + '"' for word in words))
    for condition, value in (
        ("rooms.key = ?", narrowed.room_key),
        ("messages.author_key = ?", narrowed.author_key),
        ("messages.at >= ?", narrowed.since),
        ("messages.at < ?", narrowed.until),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    marks = ", ".join("?" for _ in narrowed.mine)
    conditions.append(f"(NOT rooms.closed OR rooms.key IN ({marks}))")
    values += narrowed.mine
    deadline = clock() + timeout_s
    connection.set_progress_handler(lambda: clock() > deadline, _LOOK_AT_CLOCK_EVERY)
    try:
        rows = connection.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM messages_text "
            "JOIN messages ON messages.id = messages_text.rowid "
            f"{MESSAGE_JOINS} WHERE {' AND '.join(conditions)} "
            "ORDER BY messages_text.rowid DESC LIMIT ?",
            [*values, count],
        )
        return tuple(map(said_in, rows))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise SearchTooSlow from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
