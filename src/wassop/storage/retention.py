"""Deleting what is not to be kept, a little at a time."""

import sqlite3
from typing import Final

from attrs import frozen

from wassop.storage.schema import LAST_SEQ


@frozen
class Keeping:
    """What is kept; times in Unix seconds."""

    now: float
    oldest: float | None
    """Messages from before that time go."""
    count: int | None
    """Of each room so many of the newest stay."""


class Sweep:
    """One walk through all rooms, through each from its oldest message to the first that stays.

    Numbers rise with time in a room, so none behind that one has to go yet. A message that is dated in the
    future, because the clock was wrong or an import brought it, says nothing about those behind it: it stays,
    and the walk goes on.
    """

    def __init__(self, writer: sqlite3.Connection, keeping: Keeping) -> None:
        self._writer: Final = writer
        self._keeping: Final = keeping
        self._room_id = 0
        self._up_to = 0
        """How far the walk is in its room; what is not behind that number has been looked at."""
        self._goes_up_to = 0
        """In its room, messages up to that number are beyond those that stay."""
        self._is_in_room = False
        self.is_over = False

    def step(self, max_rows: int) -> int:
        """Look at about so many rows, and delete those that go; return how many. In a transaction."""
        looked, doomed = 0, list[tuple[int, str]]()
        while looked < max_rows and not self.is_over:
            if not self._is_in_room:
                looked += 1
                self._enter_next_room()
            else:
                looked += self._look(max_rows - looked, doomed)
        self._delete(doomed)
        return len(doomed)

    def _enter_next_room(self) -> None:
        found = self._writer.execute(
            f"SELECT id, {LAST_SEQ} FROM rooms WHERE id > ? ORDER BY id LIMIT 1", (self._room_id,)
        ).fetchone()
        self._is_in_room, self.is_over = found is not None, found is None
        if found is not None:
            self._room_id, last_seq = found
            self._up_to = 0
            self._goes_up_to = last_seq - self._keeping.count if self._keeping.count is not None else 0

    def _look(self, max_rows: int, doomed: list[tuple[int, str]]) -> int:
        keeping, looked = self._keeping, 0
        oldest = keeping.oldest if keeping.oldest is not None else float("-inf")
        rows = self._writer.execute(
            "SELECT id, seq, at, text FROM messages WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (self._room_id, self._up_to, max_rows),
        )
        self._is_in_room, last_doomed = False, 0
        for message_id, seq, at, text in rows:
            looked += 1
            if seq <= self._goes_up_to or at < oldest:
                doomed.append((message_id, text))
                last_doomed = seq
            elif keeping.oldest is None or at <= keeping.now:
                break
            self._up_to = seq
        else:
            self._is_in_room = looked == max_rows  # there may be more
        rows.close()
        if last_doomed:  # nobody gets that number again
            self._writer.execute(
                "UPDATE rooms SET last_seq = ? WHERE id = ? AND last_seq < ?",
                (last_doomed, self._room_id, last_doomed),
            )
        return looked

    def _delete(self, doomed: list[tuple[int, str]]) -> None:
        if not doomed:
            return
        (indexed,) = self._writer.execute("SELECT indexed_id FROM search_state").fetchone()
        self._writer.executemany(
            "INSERT INTO messages_text (messages_text, rowid, text) VALUES ('delete', ?, ?)",
            [row for row in doomed if row[0] <= indexed],
        )
        self._writer.executemany("DELETE FROM messages WHERE id = ?", [(row[0],) for row in doomed])
        # When the newest rows go, their ids come again, for messages that are not indexed yet.
        self._writer.execute(
            "UPDATE search_state SET indexed_id = "
            "min(indexed_id, (SELECT coalesce(max(id), 0) FROM messages))"
        )
