"""Storing a batch, of which one entry may be impossible, and what is made known of that."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from wassop.core.events import Said
from wassop.core.records import Entry
from wassop.server.logs import Log
from wassop.storage.archive import Archive

Faults = dict[int, Exception]
"""What kept entries of a batch from being stored, by their places in it."""


def store_each(archive: Archive, entries: list[Entry]) -> Faults:
    """Store all in one transaction, or each that can be when one of them cannot."""
    try:
        archive.store(entries)
    except Exception as fault:
        if len(entries) == 1 or _is_the_databases(fault):
            return dict.fromkeys(range(len(entries)), fault)
        faults: Faults = {}
        for place, entry in enumerate(entries):
            of_entry = store_each(archive, [entry])
            if of_entry:
                faults[place] = of_entry[0]
        return faults
    return {}


class Outcomes:
    """What became of entries, as the journal tells it.

    Rule 1: when the database fails, the log says so once, and once more when it works again.
    """

    def __init__(self, log: Log, path: Path) -> None:
        """`path` is the database's, for the log."""
        self._log: Final = log
        self._path: Final = path
        self.take_back: Callable[[Entry], None] = _forget_it
        """Is told of each entry that could not be stored, of several the last first, before its sender is."""
        self.not_stored: Final[dict[str, int]] = {}
        """By a room's key the highest number that was given to a message and could not be stored."""
        self.is_failing = False
        """Whether the last that was to be stored could not be, by the database's fault."""

    def note(self, entries: Sequence[Entry], faults: Faults) -> None:
        """These were to be stored."""
        if not faults:
            self.worked()
            return
        for place, entry in enumerate(entries):
            fault = faults.get(place)
            if fault is None:
                self.worked()
            elif _is_the_databases(fault):
                self.failed(fault)
            else:
                # Not with the exception's own words, which may hold the text.
                kind, error = type(entry).__name__, type(fault).__name__
                self._log.error("entry-not-stored", kind=kind, error=error)
        for place in sorted(faults, reverse=True):
            entry = entries[place]
            self.take_back(entry)
            if isinstance(entry, Said):
                self.not_stored[entry.room.key] = max(entry.seq, self.not_stored.get(entry.room.key, 0))

    def worked(self) -> None:
        """The database took something."""
        if self.is_failing:
            self.is_failing = False
            self._log.info("storing-again")

    def failed(self, fault: Exception) -> None:
        """The database did not take something."""
        if not self.is_failing:
            self.is_failing = True
            self._log.error("cannot-store", path=str(self._path), reason=str(fault))


def _is_the_databases(fault: Exception) -> bool:
    """And not that of an entry."""
    return isinstance(fault, sqlite3.Error) and not isinstance(fault, sqlite3.IntegrityError)


def _forget_it(_: Entry) -> None:
    """Nobody wants to know."""
