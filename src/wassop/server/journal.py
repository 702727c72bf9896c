"""Accepted messages on their way to the database, in batches; and looks into the record."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

import trio
from attrs import frozen

from wassop.core.events import Said
from wassop.core.records import Entry
from wassop.server.logs import Log
from wassop.server.receipts import Batch, Receipt, Sender
from wassop.server.worker import Worker
from wassop.storage.archive import Archive
from wassop.storage.searching import SearchFilter

_T = TypeVar("_T")

_INDEX_MESSAGES: Final = 2_000
_RETAIN_MESSAGES: Final = 500


@frozen
class JournalPace:
    """How entries are gathered, and how many messages are kept (None: all)."""

    interval_s: float
    """How long an entry may wait for others that share its commit."""
    max_batch: int
    max_waiting: int
    retain_age_s: float | None = None
    retain_count: int | None = None
    search_timeout_s: float = 5.0


class Journal:
    """Puts entries on record in the order in which they come.

    Rule 1: one commit for whatever waits; while it runs, the next batch gathers.
    Rule 2: an entry is settled exactly once, after its commit; at the latest when the journal is closed.
    Rule 3: when the database fails, the senders are told and the chat goes on; the log says so once, and once
    more when it works again. Every batch tries anew.
    Rule 4: an entry that cannot be stored by its own fault takes no other along, nor does it end the journal.
    Rule 5: a batch gathers until all whom the last commit answered have said something again, for they are
    likely to, or until its oldest entry has waited for `interval_s`. So senders who wait for each answer
    are kept together, and whoever is alone does not wait.
    """

    def __init__(self, archive: Archive, pace: JournalPace, log: Log, clock: Callable[[], float]) -> None:
        self._archive: Final = archive
        self.pace = pace
        """May change, but for how entries are gathered."""
        self.take_back: Callable[[Entry], None] = _forget_it
        """Is told of each entry that could not be stored, of several the last first, before its sender is."""
        self._log: Final = log
        self._clock: Final = clock
        self._batches: Final[deque[Batch]] = deque()
        self._committing: Batch | None = None
        self._patience = trio.CancelScope()
        """Ends when what waits has waited long enough for others."""
        self._expected: set[Sender] = set()
        self._is_complete = trio.Event()
        self._committed: Final = trio.lowlevel.ParkingLot()
        self.is_full = False
        """Whether so much waits that senders should wait too; then until half of it is on record, so that
        each of them, once woken, says more than one message."""
        self._eased: Final = trio.lowlevel.ParkingLot()
        self._queued = 0
        self._recorded = 0
        self._settled = 0
        self._is_closed = False
        self._failing = False
        self._is_trying = False
        self.not_stored: Final[dict[str, int]] = {}
        """By a room's key the highest number that was given to a message and could not be stored."""
        # SQLite's connections are used by one thread at a time: one to write, one to read, one to search.
        self._writer: Final = Worker("wassop-writer")
        self._reading: Final = trio.CapacityLimiter(1)
        self._searching: Final = trio.CapacityLimiter(1)

    def record(self, entries: Sequence[Entry], receipt: Receipt | None) -> None:
        """Queue entries, which stay together; never blocks."""
        if not self._batches:
            self._patience.deadline = self._open_batch() + self.pace.interval_s
        elif len(self._batches[-1].entries) >= self.pace.max_batch:
            self._open_batch()
        batch = self._batches[-1]
        if receipt is not None:
            batch.receipts.append((receipt, len(batch.entries)))
            self._expected.discard(receipt.sender)
        batch.entries += entries
        self._recorded += len(entries)
        self._queued += len(entries)
        if not self._expected or self._queued >= self.pace.max_batch:
            self._is_complete.set()
        if self._queued >= self.pace.max_waiting:
            self.is_full = True

    def _open_batch(self) -> float:
        now = trio.current_time()
        self._batches.append(Batch(now))
        return now

    def forget(self, sender: Sender) -> None:
        """`sender` has gone: no batch waits for what it might still say."""
        self._expected.discard(sender)
        if self._batches and not self._expected:
            self._is_complete.set()

    @property
    def places(self) -> int:
        """How many entries there is room for before it is full."""
        return self.pace.max_waiting - self._queued

    @property
    def waiting(self) -> int:
        """How many entries are not in the database yet."""
        return self._recorded - self._settled

    @property
    def lag_s(self) -> float:
        """For how long the oldest of them has waited."""
        oldest = self._committing or (self._batches[0] if self._batches else None)
        return trio.current_time() - oldest.since if oldest is not None else 0.0

    @property
    def is_failing(self) -> bool:
        """Whether the last that was to be stored could not be, by the database's fault."""
        return self._failing

    async def try_again(self) -> bool:
        """Whether the database takes something; only while `run` runs, and one at a time."""
        if self._is_trying:
            return False
        self._is_trying = True
        try:
            await self._write(self._archive.touch)
        except sqlite3.Error:
            return False
        finally:
            self._is_trying = False
        self._recover()
        return True

    @property
    def is_flushed(self) -> bool:
        """Whether all that was recorded so far is committed or has failed."""
        return self._settled == self._recorded

    async def wait_eased(self) -> None:
        """Wait while it is full."""
        while self.is_full:
            await self._eased.park()

    async def wait_committed(self) -> None:
        """Wait until something has been committed or has failed."""
        await self._committed.park()

    async def wait_flushed(self) -> None:
        """Wait until all that was recorded so far is committed or has failed, which begins at once."""
        wanted = self._recorded
        while self._settled < wanted:
            self._is_complete.set()
            await self._committed.park()

    async def run(self) -> None:
        """Commit until closed."""
        with self._writer:
            while self._batches or not self._is_closed:
                if not self._is_complete.is_set():
                    # Whoever puts the first entry of a batch wakes nobody, but sets the time.
                    with self._patience:
                        await self._is_complete.wait()
                if self._batches:
                    await self._commit()

    def close(self) -> None:
        """Commit what waits, and end."""
        self._is_closed = True
        self._is_complete.set()

    async def look_up(self, read: Callable[[], _T]) -> _T:
        """Read from the record in a thread; sqlite3.Error when that fails."""
        return await trio.to_thread.run_sync(read, limiter=self._reading)

    async def search(self, words: Sequence[str], narrowed: SearchFilter, count: int) -> tuple[Said, ...]:
        """Search the record in a thread, one search at a time; SearchTooSlow or sqlite3.Error."""
        await self.index()
        search = partial(self._archive.search, words, narrowed, count, timeout_s=self.pace.search_timeout_s)
        return await trio.to_thread.run_sync(search, limiter=self._searching)

    async def index(self) -> None:
        """Bring the search index up to date, in small steps between which messages are stored."""
        await self.wait_flushed()
        while await self._write(partial(self._archive.index, _INDEX_MESSAGES)):
            pass

    async def keep_house(self) -> None:
        """Delete what is not to be kept, in small steps."""
        pace = self.pace
        steps = self._archive.retain(
            pace.retain_age_s, pace.retain_count, now=self._clock(), max_messages=_RETAIN_MESSAGES
        )
        try:
            while await self._write(partial(next, steps, None)) is not None:
                pass
        except sqlite3.Error as error:
            self._fail(error)

    async def _write(self, write: Callable[[], _T]) -> _T:
        return await self._writer.do(write)

    async def _commit(self) -> None:
        batch = self._committing = self._batches.popleft()
        self._queued -= len(batch.entries)
        if self.is_full and self._queued <= self.pace.max_waiting // 2:
            self.is_full = False
            self._eased.unpark_all()
        stored = [False] * len(batch.entries)
        try:
            stored = await self._store(batch.entries)
        finally:
            self._committing = None
            self._settle(batch, stored)

    def _settle(self, batch: Batch, stored: list[bool]) -> None:
        self._settled += len(batch.entries)
        if not all(stored):
            self._give_up(
                entry for entry, is_stored in zip(batch.entries, stored, strict=True) if not is_stored
            )
        by_sender: dict[Sender, list[tuple[Receipt, list[bool]]]] = {}
        for receipt, first in batch.receipts:
            of_receipt = stored[first : first + len(receipt.answers)]
            by_sender.setdefault(receipt.sender, []).append((receipt, of_receipt))
        self._expected = set()
        if self._queued < self.pace.max_batch:  # else the next one is complete as it is
            self._expected |= by_sender.keys()
            for next_one in self._batches:
                self._expected -= next_one.senders
        if not self._is_closed:
            self._await_more()
        for sender, settled in by_sender.items():
            sender.settle(settled)
        self._committed.unpark_all()

    def _give_up(self, entries: Iterable[Entry]) -> None:
        for entry in reversed(list(entries)):
            self.take_back(entry)
            if isinstance(entry, Said):
                self.not_stored[entry.room.key] = max(entry.seq, self.not_stored.get(entry.room.key, 0))

    def _await_more(self) -> None:
        self._patience = trio.CancelScope()
        if self._batches:
            self._patience.deadline = trio.current_time() + self.pace.interval_s
        if not self._batches or (self._expected and self._queued < self.pace.max_batch):
            self._is_complete = trio.Event()

    async def _store(self, entries: list[Entry]) -> list[bool]:
        """Store all in one transaction, or each that can be when one of them cannot; tell which were."""
        try:
            await self._write(partial(self._archive.store, entries))
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                self._fail(error)  # the database's fault, not an entry's
                return [False] * len(entries)
            if len(entries) == 1:
                # Not with the exception's own words, which may hold the text.
                self._log.error(
                    "entry-not-stored", kind=type(entries[0]).__name__, error=type(error).__name__
                )
                return [False]
            return [stored for entry in entries for stored in await self._store([entry])]
        self._recover()
        return [True] * len(entries)

    def _recover(self) -> None:
        if self._failing:
            self._failing = False
            self._log.info("storing-again")

    def _fail(self, error: sqlite3.Error) -> None:
        if not self._failing:
            self._failing = True
            self._log.error("cannot-store", path=str(self._archive.path), reason=str(error))


def _forget_it(_: Entry) -> None:
    """Nobody wants to know."""
