"""Storing a batch, of which one entry may be impossible."""

import sqlite3

from wassop.core.records import Entry
from wassop.storage.archive import Archive

Faults = dict[int, Exception]
"""What kept entries of a batch from being stored, by their places in it."""


def store_each(archive: Archive, entries: list[Entry]) -> Faults:
    """Store all in one transaction, or each that can be when one of them cannot."""
    try:
        archive.store(entries)
    except Exception as fault:
        if len(entries) == 1 or is_the_databases(fault):
            return dict.fromkeys(range(len(entries)), fault)
        faults: Faults = {}
        for place, entry in enumerate(entries):
            of_entry = store_each(archive, [entry])
            if of_entry:
                faults[place] = of_entry[0]
        return faults
    return {}


def is_the_databases(fault: Exception) -> bool:
    """And not that of an entry."""
    return isinstance(fault, sqlite3.Error) and not isinstance(fault, sqlite3.IntegrityError)
