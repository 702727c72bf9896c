"""Messages on their way to a client that takes one `recv` for one message."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import frozen

from wassop.core.events import Farewell
from wassop.server.outbox import Outbox


@frozen
class Pace:
    """Seconds between two messages, and how many bytes may wait."""

    gap_s: float
    max_bytes: int


class Pacer:
    """Sends messages one by one, with a gap in between, so that each fills a segment of its own.

    Rule 1: answers come before events: a client reads the answer to what it asked next.
    Rule 2: while a request is being received (`hold`), no event is sent, for the same reason.
    Rule 3: of messages that replace each other only the newest waits.
    Rule 4: a message for which nothing waits and after which enough time has passed goes out at once.
    """

    def __init__(
        self,
        outbox: Outbox,
        pace: Pace,
        start_task: Callable[[Callable[[], Awaitable[None]]], None],
        give_up: Callable[[Farewell], None],
    ) -> None:
        self._outbox: Final = outbox
        self._pace: Final = pace
        self._start_task: Final = start_task
        self._give_up: Final = give_up
        self._answers: deque[bytes] = deque()
        self._events: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._free_at = -float("inf")
        self._is_held = False
        self._task_runs = False
        self._sent_all = trio.Event()

    def answer(self, data: bytes) -> None:
        """Send an answer, before all events that wait."""
        if data:
            self._answers.append(data)
            self._waiting_bytes += len(data)
            self._go_on()

    def event(self, data: bytes, *, newest_only: bool = False) -> None:
        """Send an event; with `newest_only`, instead of an older such one that waits."""
        if not data:
            return
        if newest_only:
            kept = deque(entry for entry in self._events if not entry[1])
            self._waiting_bytes -= sum(len(entry[0]) for entry in self._events if entry[1])
            self._events = kept
        self._events.append((data, newest_only))
        self._waiting_bytes += len(data)
        if self._waiting_bytes > self._pace.max_bytes:
            self._give_up(Farewell.SLOW_READER)
        else:
            self._go_on()

    def hold(self) -> None:
        """Send no events until `release`; answers are sent."""
        self._is_held = True

    def release(self) -> None:
        """Send events again."""
        if self._is_held:
            self._is_held = False
            self._go_on()

    async def finish(self) -> None:
        """Wait until everything that waits is sent."""
        self.release()
        while self._has_next():
            await self._sent_all.wait()

    def forget(self) -> None:
        """Send no event that waits."""
        self._waiting_bytes -= sum(len(data) for data, _ in self._events)
        self._events.clear()

    def _has_next(self) -> bool:
        return bool(self._answers or (self._events and not self._is_held))

    def _go_on(self) -> None:
        if self._task_runs or not self._has_next():
            return
        if trio.current_time() >= self._free_at:
            self._send_next()
        if self._has_next():
            self._task_runs = True
            self._start_task(self._send_paced)

    async def _send_paced(self) -> None:
        try:
            while self._has_next():
                await trio.sleep_until(self._free_at)
                if self._has_next():  # a hold may have come meanwhile
                    self._send_next()
        finally:
            self._task_runs = False
            self._sent_all.set()
            self._sent_all = trio.Event()

    def _send_next(self) -> None:
        data = self._answers.popleft() if self._answers else self._events.popleft()[0]
        self._waiting_bytes -= len(data)
        self._free_at = trio.current_time() + self._pace.gap_s
        self._outbox.offer(data)
