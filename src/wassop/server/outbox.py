"""Bytes on their way to one socket, bounded."""

from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Final

import trio
from attrs import frozen

from wassop.core.events import Farewell
from wassop.server.stream import Stream

_MAX_BUFFERS: Final = 64
_NOTHING: Final[deque[bytes | memoryview]] = deque(maxlen=0)
"""For all for whom nothing has ever waited: a queue of one's own takes 760 bytes."""


@frozen
class OutboxLimits:
    """Bounds of an outbox, in bytes and seconds."""

    max_bytes: int
    write_timeout_s: float

    @property
    def high_water_bytes(self) -> int:
        """With more than this waiting, the visitor's own requests are not read."""
        return self.max_bytes // 4


class Outbox:
    """What waits for one socket.

    Rule 1: as long as the kernel takes everything, nothing waits here and no task runs.
    Rule 2: what the kernel does not take waits, in order, and a writer task is started for it.
    Rule 3: whoever offers is serving somebody else: offering never blocks and never raises.
    """

    # Slots, and these two side by side: a fan-out looks at nothing else.
    __slots__ = (
        "_eased",
        "_give_up",
        "_in_flight",
        "_limits",
        "_open",
        "_queue",
        "_start_task",
        "_stream",
        "_writer_runs",
        "is_clear",
        "send_nowait",
        "waiting_bytes",
    )

    def __init__(
        self,
        stream: Stream,
        limits: OutboxLimits,
        start_task: Callable[[Callable[[], Awaitable[None]]], None],
        give_up: Callable[[Farewell], None],
    ) -> None:
        """`give_up` is called, at most once and not from a task of ours, when the session must end."""
        self._stream: Final = stream
        self._limits: Final = limits
        self._start_task: Final = start_task
        self._give_up: Final = give_up
        self._queue = _NOTHING
        self._open = True
        self.send_nowait: Final = stream.send_nowait
        self.is_clear = True
        """Open, and nothing waits. Whoever offers something may call `send_nowait` in place of `offer` then,
        if what was not sent is given to `offer_rest`, and all of it to `offer` when sending failed."""
        self._writer_runs = False
        self._in_flight = 0
        self._eased: trio.Event | None = None
        self.waiting_bytes = 0

    def offer(self, data: bytes) -> None:
        """Send `data`, or queue it.

        1. MUST NOT block: the caller is serving somebody else.
        2. MUST NOT reorder.
        3. When full, or when the connection is broken, ends this session; nobody else notices.

        Full is an outbox in which more than the bound waited already: a single large answer is not held
        against a visitor who reads.
        """
        if not self._open or not data:
            return
        sent = 0
        if self.is_clear:
            try:
                sent = self.send_nowait(data)
            except BlockingIOError:
                pass
            except OSError:
                self._fail(Farewell.LOST)
                return
        if sent != len(data):
            self.offer_rest(data, sent)

    def offer_rest(self, data: bytes, sent: int) -> None:
        """Queue `data` but for the first `sent` bytes; see `offer`."""
        is_full = self.waiting_bytes > self._limits.max_bytes
        self._enqueue(memoryview(data)[sent:] if sent else data)
        if is_full:
            self._fail(Farewell.SLOW_READER)

    def _enqueue(self, data: bytes | memoryview) -> None:
        if self._queue is _NOTHING:
            self._queue = deque()
        self._queue.append(data)
        self.is_clear = False
        self.waiting_bytes += len(data)
        if not self._writer_runs:
            self._writer_runs = True
            self._start_task(self._write)

    @property
    def is_strained(self) -> bool:
        """Whether more than the high-water mark waits."""
        return self.waiting_bytes > self._limits.high_water_bytes

    async def wait_eased(self) -> None:
        """Wait while more than the high-water mark waits; whoever asks for much must also read."""
        while self._open and self.waiting_bytes > self._limits.high_water_bytes:
            await self._next_easing()

    async def finish(self, last_words: bytes, timeout_s: float) -> None:
        """Refuse everything from now on, and wait until what waits and `last_words` are sent, or time is up.

        Of a slow reader's queue only that is kept which is half sent or being sent, so that the last words
        begin a new line.
        """
        if self._open:
            self.offer(last_words)
        elif self._queue:
            kept = max(self._in_flight, isinstance(self._queue[0], memoryview))
            self._queue = deque(islice(self._queue, kept))
            self.waiting_bytes = sum(map(len, self._queue))
            if last_words:
                self._enqueue(last_words)
        self._open = self.is_clear = False
        if self._queue:
            with trio.move_on_after(timeout_s):
                while self._queue and self._writer_runs:
                    await self._next_easing()

    def close(self) -> None:
        """Refuse everything from now on, and forget what waits."""
        self._open = self.is_clear = False
        self._forget()

    def _fail(self, reason: Farewell) -> None:
        self._open = self.is_clear = False
        if reason is Farewell.LOST:
            self._forget()
        self._give_up(reason)

    def _forget(self) -> None:
        self._queue.clear()
        self.waiting_bytes = 0
        self._ease()

    async def _next_easing(self) -> None:
        if self._eased is None:
            self._eased = trio.Event()
        await self._eased.wait()

    def _ease(self) -> None:
        if self._eased is not None:
            self._eased.set()
            self._eased = None

    async def _write(self) -> None:
        try:
            while self._queue:
                buffers = list(islice(self._queue, _MAX_BUFFERS))
                self._in_flight = len(buffers)
                with trio.move_on_after(self._limits.write_timeout_s) as patience:
                    sent = await self._stream.send_some(buffers)
                self._in_flight = 0
                if patience.cancelled_caught:
                    self._forget()
                    self._fail(Farewell.SLOW_READER)
                    return
                self._take_off(sent)
                if self.waiting_bytes <= self._limits.high_water_bytes:
                    self._ease()
        except OSError:
            self._fail(Farewell.LOST)
        finally:
            self._writer_runs = False
            self._ease()

    def _take_off(self, sent: int) -> None:
        self.waiting_bytes -= sent
        while sent:
            head = self._queue[0]
            if len(head) > sent:
                self._queue[0] = memoryview(head)[sent:]
                return
            sent -= len(self._queue.popleft())
        self.is_clear = self._open and not self._queue
