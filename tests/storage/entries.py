"""Things to store."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wassop.core.events import Said, Told, TopicSet
from wassop.core.names import RoomName, UserName, room_name, user_name
from wassop.storage.archive import Archive

AT = 1_790_000_000.0


def room(name: str = "Sala1") -> RoomName:
    checked = room_name(name)
    assert isinstance(checked, RoomName)
    return checked


def person(name: str = "ana") -> UserName:
    checked = user_name(name)
    assert isinstance(checked, UserName)
    return checked


def said(
    seq: int,
    text: str | None = None,
    *,
    where: str = "Sala1",
    author: str = "ana",
    at: float | None = None,
    nonce: str | None = None,
) -> Said:
    """Message number `seq` of a room, said `seq` seconds after the beginning."""
    return Said(
        room(where),
        seq,
        person(author),
        f"message {seq}" if text is None else text,
        AT + seq if at is None else at,
        nonce=nonce,
    )


def told(text: str = "psst", *, author: str = "ana", to: str = "bob", nonce: str | None = None) -> Told:
    return Told(person(author), person(to), text, AT, nonce)


def topic(text: str = "exámenes", *, where: str = "Sala1", by: str = "ana", at: float = AT) -> TopicSet:
    return TopicSet(room(where), text, person(by), at)


@contextmanager
def opened(path: Path, now: float = AT) -> Iterator[Archive]:
    archive = Archive(path, clock=lambda: now)
    try:
        yield archive
    finally:
        archive.close()


def limit_pages(archive: Archive, more: int | None) -> None:
    """Let the file grow by so many pages only, as on a disk that is nearly full; None: as before."""
    writer: sqlite3.Connection = archive._writer
    (used,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {1_073_741_823 if more is None else used + more}")


def steps(archive: Archive, work: Callable[[], object]) -> int:
    """How many tens of instructions SQLite needs for `work`: a measure that is the same on every machine."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    for connection in (archive._reader, archive._writer):
        connection.set_progress_handler(step, 10)
    try:
        work()
    finally:
        for connection in (archive._reader, archive._writer):
            connection.set_progress_handler(None, 0)
    return count


def integrity(path: Path) -> None:
    """The file is whole, and so is its search index."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (rows,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        (behind,) = connection.execute(
            "SELECT count(*) FROM messages, search_state WHERE id > indexed_id"
        ).fetchone()
        if not behind or not rows:  # the index then holds exactly what the table holds
            connection.execute(
                "INSERT INTO messages_text (messages_text, rank) VALUES ('integrity-check', 1)"
            )
    finally:
        connection.close()
