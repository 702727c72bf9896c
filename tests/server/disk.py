"""The disk under a running server, as tests need it: looked at from outside, slow, and full."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field

from tests.server.support import PATIENCE_S, Running
from wassop.storage.archive import Archive


def archive_of(running: Running) -> Archive:
    archive = running.server._archive
    assert archive is not None
    return archive


@contextmanager
def second_reader(path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection, which sees what is committed and nothing else."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def stored(path: Path, room: str = "sala1") -> list[tuple[int, str]]:
    """Number and text of a room's messages on disk."""
    with second_reader(path) as reader:
        return reader.execute(
            "SELECT seq, text FROM messages JOIN rooms ON rooms.id = room_id WHERE key = ? ORDER BY seq",
            (room,),
        ).fetchall()


@define
class SlowDisk:
    """Transactions begin only when they may; they are counted."""

    may_go_on: threading.Event = field(factory=threading.Event)
    begun: int = 0
    commits: int = 0

    def trace(self, statement: str) -> None:
        if statement.startswith("BEGIN"):
            self.begun += 1
            assert self.may_go_on.wait(PATIENCE_S)
        elif statement == "COMMIT":
            self.commits += 1


@contextmanager
def slow_disk(running: Running) -> Iterator[SlowDisk]:
    """Nothing is stored until `may_go_on` is set, or the block is left."""
    disk = SlowDisk()
    archive_of(running)._writer.set_trace_callback(disk.trace)
    try:
        yield disk
    finally:
        disk.may_go_on.set()
