"""Entries that gather until a thread takes them to be stored in one transaction."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from wassop.core.records import Entry
from wassop.server.receipts import Receipt, Sender


class Batch:
    """Filled by one thread, and taken by another when it is complete, or patience ends.

    Rule: what was added is taken; what comes too late is told so.
    """

    def __init__(self, patience_s: float) -> None:
        """Whoever takes it waits for `patience_s` at most."""
        self.since: Final = time.monotonic()
        self._patience_s: Final = patience_s
        self.entries: Final[list[Entry]] = []
        self.receipts: Final[list[tuple[Receipt, int]]] = []
        """Each with the place of the first of its entries."""
        self.is_begun = False
        """Whether it was given to the other thread; only for the one that fills it."""
        self._turn: Final = threading.Lock()
        self._is_taken = self._is_complete = False
        # Waiting for a lock with a time limit is the cheapest timer there is: one of Trio's ends in an
        # exception, and takes a step of its own in the loop that serves everybody.
        self._incomplete: Final = threading.Lock()
        self._incomplete.acquire()

    @property
    def senders(self) -> set[Sender]:
        """Who is to be answered."""
        return {receipt.sender for receipt, _ in self.receipts}

    def add(self, entries: Sequence[Entry], receipt: Receipt | None) -> bool:
        """Add entries, which stay together; False when it is too late for that."""
        with self._turn:
            if self._is_taken:
                return False
            if receipt is not None:
                self.receipts.append((receipt, len(self.entries)))
            self.entries.extend(entries)
        return True

    def complete(self) -> None:
        """Nothing more is waited for; only for the thread that fills it."""
        if not self._is_complete:
            self._is_complete = True
            self._incomplete.release()

    def take(self) -> list[Entry]:
        """Wait until it is complete, or patience ends; from then on nothing is added. For the other thread,
        once."""
        self._incomplete.acquire(timeout=self._patience_s)
        with self._turn:
            self._is_taken = True
        return self.entries
