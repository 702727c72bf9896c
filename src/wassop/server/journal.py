"""Accepted messages on their way to the database, in batches; and looks into the record."""

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar

import trio
from attrs import frozen

from wassop.core.events import Said
from wassop.core.records import Entry
from wassop.server.batch import Batch
from wassop.server.logs import Log
from wassop.server.receipts import Receipt, Sender
from wassop.server.storing import Faults, Outcomes, store_each
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
    """How long a batch that could be stored may wait for others to share its commit."""
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
    likely to, or for `interval_s` from when it could be stored. So senders who wait for each answer are kept
    together, and whoever is alone does not wait.

    A batch is given to the writer's thread while it gathers, at the end of the turn in which something was
    said, and it is that thread which waits for the rest. A commit wakes no task of Trio's but the one that
    calls back.
    """

    def __init__(self, archive: Archive, pace: JournalPace, log: Log, clock: Callable[[], float]) -> None:
        self._archive: Final = archive
        self.pace = pace
        """May change, but for how entries are gathered."""
        self.outcomes: Final = Outcomes(log, archive.path)
        self.at_end_of_turn: Callable[[Callable[[], None]], bool] = _no_turn
        """Has something called soon, when more may have come to store at once; False where nobody will."""
        self._is_turn_awaited = False
        self._clock: Final = clock
        self._batches: Final[deque[Batch]] = deque()
        """Those which are not settled. The first one is being stored, or gathers if it is alone."""
        self._expected: set[Sender] = set()
        self._committed: Final = trio.lowlevel.ParkingLot()
        self.is_full = False
        """Whether so much waits that senders should wait too; then until half of it is on record, so that
        each of them, once woken, says more than one message."""
        self._eased: Final = trio.lowlevel.ParkingLot()
        self._recorded = 0
        self._settled = 0
        self._is_closed = False
        self._is_over: Final = trio.Event()
        self._fault: Exception | None = None
        self._is_trying = False
        # SQLite's connections are used by one thread at a time: one to write, one to read, one to search.
        self._writer: Final = Worker("wassop-writer")
        self._reading: Final = trio.CapacityLimiter(1)
        self._searching: Final = trio.CapacityLimiter(1)

    def record(self, entries: Sequence[Entry], receipt: Receipt | None) -> None:
        """Queue entries, which stay together; never blocks."""
        max_batch = self.pace.max_batch
        batch = self._batches[-1] if self._batches else None
        if batch is None or len(batch.entries) >= max_batch or not batch.add(entries, receipt):
            batch = self._open_batch(entries, receipt)
        self._recorded += len(entries)
        if receipt is not None:
            self._expected.discard(receipt.sender)
        if len(batch.entries) >= max_batch:
            batch.complete()
            self._begin(batch)  # the thread need not hear first what became of the one before
        if not self._is_turn_awaited:
            self._is_turn_awaited = self.at_end_of_turn(self._end_turn)
            if not self._is_turn_awaited:
                self._end_turn()
        if self.waiting >= self.pace.max_waiting:
            self.is_full = True

    def _open_batch(self, entries: Sequence[Entry], receipt: Receipt | None) -> Batch:
        batch = Batch(self.pace.interval_s)
        batch.add(entries, receipt)
        self._batches.append(batch)
        return batch

    def _end_turn(self) -> None:
        """All who spoke at the same time have been heard; before, the thread would only be in the way."""
        self._is_turn_awaited = False
        self._begin_first()
        self._complete_if_nobody_is_expected()

    def _begin_first(self) -> None:
        if self._batches:
            self._begin(self._batches[0])

    def _begin(self, batch: Batch) -> None:
        if not batch.is_begun:
            batch.is_begun = True
            self._writer.put(partial(self._commit, batch))

    def _complete_if_nobody_is_expected(self) -> None:
        # While another one is stored, it is not known yet whom to wait for.
        if not self._expected and len(self._batches) == 1:
            self._batches[0].complete()

    def forget(self, sender: Sender) -> None:
        """`sender` has gone: no batch waits for what it might still say."""
        self._expected.discard(sender)
        self._complete_if_nobody_is_expected()

    @property
    def places(self) -> int:
        """How many entries there is room for before it is full."""
        return self.pace.max_waiting - self.waiting

    @property
    def waiting(self) -> int:
        """How many entries are not in the database yet."""
        return self._recorded - self._settled

    @property
    def lag_s(self) -> float:
        """For how long the oldest of them has waited."""
        return time.monotonic() - self._batches[0].since if self._batches else 0.0

    @property
    def is_failing(self) -> bool:
        """Whether the last that was to be stored could not be, by the database's fault."""
        return self.outcomes.is_failing

    async def try_again(self) -> bool:
        """Whether the database takes something; only while `run` runs, and one at a time."""
        if self._is_trying:
            return False
        self._is_trying = True
        try:
            await self._writer.do(self._archive.touch)
        except sqlite3.Error:
            return False
        finally:
            self._is_trying = False
        self.outcomes.worked()
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
            self._hurry()
            await self._committed.park()

    async def run(self) -> None:
        """Commit until closed."""
        self._token = trio.lowlevel.current_trio_token()
        with self._writer:
            try:
                await self._is_over.wait()
            finally:
                self.close()  # the thread is waited for, and must not wait itself
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """Commit what waits, and end."""
        self._is_closed = True
        self._hurry()
        if not self._batches:
            self._is_over.set()

    def _hurry(self) -> None:
        for batch in self._batches:
            batch.complete()
            self._begin(batch)

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
        while await self._writer.do(partial(self._archive.index, _INDEX_MESSAGES)):
            pass

    async def keep_house(self) -> None:
        """Delete what is not to be kept, in small steps."""
        pace = self.pace
        steps = self._archive.retain(
            pace.retain_age_s, pace.retain_count, now=self._clock(), max_messages=_RETAIN_MESSAGES
        )
        try:
            while await self._writer.do(partial(next, steps, None)) is not None:
                pass
        except sqlite3.Error as error:
            self.outcomes.failed(error)

    def _commit(self, batch: Batch) -> None:
        """The writer's thread only."""
        faults = store_each(self._archive, batch.take())
        self._token.run_sync_soon(self._finish, batch, faults)

    def _finish(self, batch: Batch, faults: Faults) -> None:
        try:
            self._settle(batch, faults)
        except Exception as error:  # what is raised here would end Trio; `run` raises it
            self._fault = error
            self._is_over.set()

    def _settle(self, batch: Batch, faults: Faults) -> None:
        self._batches.popleft()
        self._settled += len(batch.entries)
        if self.is_full and self.waiting <= self.pace.max_waiting // 2:
            self.is_full = False
            self._eased.unpark_all()
        self.outcomes.note(batch.entries, faults)
        by_sender: dict[Sender, list[tuple[Receipt, list[bool]]]] = {}
        for receipt, first in batch.receipts:
            number = len(receipt.answers)
            stored = (
                [place not in faults for place in range(first, first + number)] if faults else [True] * number
            )
            by_sender.setdefault(receipt.sender, []).append((receipt, stored))
        self._expected = self._likely_to_speak(by_sender.keys())
        self._begin_first()
        self._complete_if_nobody_is_expected()
        for sender, settled in by_sender.items():
            sender.settle(settled)
        self._committed.unpark_all()
        if self._is_closed:
            self.close()

    def _likely_to_speak(self, answered: Iterable[Sender]) -> set[Sender]:
        """Whom the next batch waits for, when these have been answered."""
        if not self._batches:
            return set(answered)
        gathering = self._batches[0]
        if len(gathering.entries) >= self.pace.max_batch:
            return set()  # it is complete as it is
        return set(answered) - gathering.senders


def _no_turn(_: Callable[[], None]) -> bool:
    return False
