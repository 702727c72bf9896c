"""Messages on their way to a client that takes one `recv` for one message."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import evolve, frozen

from wassop.core.session import Membership

_MAX_EVENTS: Final = 100
_MAX_ANSWERS: Final = 64


@frozen
class Pace:
    """Seconds between two messages, and how many bytes a visitor may have waiting altogether."""

    gap_s: float
    max_bytes: int

    @property
    def high_water_bytes(self) -> int:
        """So much waits here of each kind; the rest is the outbox's."""
        return self.max_bytes // 4


@frozen
class _Waiting:
    data: bytes
    membership: Membership | None
    newest_only: bool

    @property
    def is_void(self) -> bool:
        """Whether its reader has left what it came from."""
        return self.membership is not None and not self.membership.present

    @property
    def can_be_spared(self) -> bool:
        """Whether it is one of many: neither a private message nor the only user list."""
        return self.membership is not None and not self.newest_only


class Pacer:
    """Sends messages one by one, with a gap in between, so that each fills a segment of its own.

    Rule 1: answers come before events: a client reads the answer to what it asked next.
    Rule 2: while a request is being received (`hold`), no event is sent, for the same reason.
    Rule 3: of messages that replace each other only the newest waits.
    Rule 4: a message for which nothing waits and after which enough time has passed goes out at once.
    Rule 5: what was meant for a membership that ended is skipped: nothing follows the answer to a leave.
    Rule 6: whoever reads as fast as the gap allows is never ended for it. When more comes than the gap lets
    through, the oldest events are left out, and answers are waited for by whoever asks (`wait_eased`).
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        pace: Pace,
        start_task: Callable[[Callable[[], Awaitable[None]]], None],
    ) -> None:
        """`send` must neither block nor raise."""
        self._send: Final = send
        self._pace: Final = pace
        self._start_task: Final = start_task
        self._answers: deque[bytes] = deque()
        self._answer_bytes = 0
        self._events: deque[_Waiting] = deque()
        self._event_bytes = 0
        self._free_at = -float("inf")
        self._is_held = False
        self._task_runs = False
        self._moved: Final = trio.lowlevel.ParkingLot()
        self.dropped = 0
        """How many events were left out because too many waited."""

    @property
    def is_waiting(self) -> bool:
        """Whether something waits here, which nothing may overtake on another way."""
        return bool(self._answers or self._events)

    @property
    def waiting_bytes(self) -> int:
        """How much waits here."""
        return self._answer_bytes + self._event_bytes

    def answer(self, data: bytes) -> None:
        """Send an answer, before all events that wait."""
        if data:
            self._answers.append(data)
            self._answer_bytes += len(data)
            self._go_on()

    def event(self, data: bytes, membership: Membership | None = None, *, newest_only: bool = False) -> None:
        """Send an event, unless `membership` ends before; with `newest_only`, instead of an older such one
        that waits."""
        if not data:
            return
        if newest_only:
            self._keep([waiting for waiting in self._events if not waiting.newest_only])
        self._events.append(_Waiting(data, membership, newest_only))
        self._event_bytes += len(data)
        self._go_on()
        self._drop_surplus()

    def hold(self) -> None:
        """Send no events until `release`; answers are sent."""
        self._is_held = True

    def release(self) -> None:
        """Send events again."""
        if self._is_held:
            self._is_held = False
            self._go_on()

    async def wait_eased(self) -> None:
        """Wait while many answers wait; whoever asks for much must also let it arrive."""
        while len(self._answers) > _MAX_ANSWERS or self._answer_bytes > self._pace.high_water_bytes:
            await self._moved.park()

    def settle(self) -> None:
        """Send what waits whatever becomes of its memberships from now on: it is the connection that ends."""
        self._keep([evolve(waiting, membership=None) for waiting in self._events if not waiting.is_void])

    async def finish(self) -> None:
        """Send all that waits, and let the gap after it pass."""
        self._is_held = False
        while self._has_next():
            self._go_on()
            if self._has_next():
                await self._moved.park()
        await trio.sleep_until(self._free_at)

    def forget(self) -> None:
        """Send nothing of what waits."""
        self._answers.clear()
        self._answer_bytes = 0
        self._keep([])
        self._moved.unpark_all()

    def _has_next(self) -> bool:
        """Whether something can be sent; drops what stands in the way and has lost its reader."""
        while self._events and self._events[0].is_void:
            self._take(0)
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
            self._moved.unpark_all()

    def _send_next(self) -> None:
        if self._answers:
            data = self._answers.popleft()
            self._answer_bytes -= len(data)
        else:
            data = self._take(0).data
        self._free_at = trio.current_time() + self._pace.gap_s
        self._send(data)
        self._moved.unpark_all()

    def _drop_surplus(self) -> None:
        """Keep the newest, so that a reader of a busy room stays nearly live."""
        while len(self._events) > _MAX_EVENTS or (
            self._event_bytes > self._pace.high_water_bytes and len(self._events) > 1
        ):
            spared = (number for number, waiting in enumerate(self._events) if waiting.can_be_spared)
            waiting = self._take(next(spared, 0))
            self.dropped += not waiting.is_void

    def _take(self, number: int) -> _Waiting:
        waiting = self._events[number]
        del self._events[number]
        self._event_bytes -= len(waiting.data)
        return waiting

    def _keep(self, events: list[_Waiting]) -> None:
        self._events = deque(events)
        self._event_bytes = sum(len(waiting.data) for waiting in events)
