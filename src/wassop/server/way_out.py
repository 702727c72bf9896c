"""What goes to one visitor: through its outbox, one message at a time where it takes one `recv` for one."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from wassop.config import Config
from wassop.core.events import Farewell
from wassop.core.session import Membership
from wassop.server.outbox import Outbox, OutboxLimits
from wassop.server.pacing import Pace, Pacer
from wassop.server.stream import Stream, hang_up


class WayOut:
    """An outbox, and before it a pacer for a visitor who needs one.

    Rule 1: nothing overtakes what waits with the pacer.
    """

    def __init__(
        self,
        stream: Stream,
        config: Config,
        start_task: Callable[[Callable[[], Awaitable[None]]], None],
        give_up: Callable[[Farewell], None],
    ) -> None:
        """`give_up` is called when the session must end; see `Outbox`."""
        limits = OutboxLimits(config.max_outbox_bytes, config.write_timeout_s)
        self.outbox: Final = Outbox(stream, limits, start_task, give_up)
        self._stream: Final = stream
        self._config: Final = config
        self._start_task: Final = start_task
        self._pacer: Pacer | None = None

    @property
    def waiting_bytes(self) -> int:
        """How much waits for the visitor to read it."""
        return self.outbox.waiting_bytes + (self._pacer.waiting_bytes if self._pacer is not None else 0)

    def offer(self, data: bytes, membership: Membership | None = None) -> None:
        """Queue bytes that the visitor reads on account of `membership`; never blocks, never raises."""
        if self._pacer is not None and self._pacer.is_waiting:
            self._pacer.event(data, membership)
        else:
            self.outbox.offer(data)

    def offer_message(self, data: bytes, membership: Membership | None, *, newest_only: bool = False) -> None:
        """Queue one message for a visitor who takes one `recv` for one message."""
        self._paced().event(data, membership, newest_only=newest_only)

    def answer(self, data: bytes, *, paced: bool) -> None:
        """Queue an answer; `paced` if it must be a message of its own."""
        if paced or (self._pacer is not None and self._pacer.is_waiting):
            self._paced().answer(data)
        else:
            self.outbox.offer(data)

    def hold(self) -> None:
        """A request is being received: the next message is its answer. For paced visitors."""
        self._paced().hold()

    def release(self) -> None:
        """What others say may go out again."""
        if self._pacer is not None:
            self._pacer.release()

    async def wait_eased(self) -> None:
        """Wait while too much waits; whoever asks for much must also read."""
        if self._pacer is not None:
            await self._pacer.wait_eased()
        await self.outbox.wait_eased()

    def settle(self) -> int:
        """No more events come; return how many were left out because too many waited."""
        if self._pacer is None:
            return 0
        self._pacer.settle()
        return self._pacer.dropped

    async def part(
        self,
        reason: Farewell,
        farewell: Callable[[Farewell], bytes],
        patience_s: float,
        *,
        ended_for: Farewell | None,
    ) -> None:
        """Send what waits and, unless the visitor knows it, the reason, as `farewell` says it, and hang up;
        for `patience_s` at most. `ended_for` is why the session was ended, if it was."""
        deadline = trio.current_time() + patience_s
        last_words = b"" if reason in (Farewell.QUIT, Farewell.LOST) else farewell(reason)
        if self._pacer is not None:
            if ended_for in (Farewell.SLOW_READER, Farewell.LOST):  # its outbox takes nothing more
                self._pacer.forget()
            with trio.move_on_at(deadline):
                await self._pacer.finish()
        await self.outbox.finish(last_words, max(0.0, deadline - trio.current_time()))
        if reason is not Farewell.LOST:
            await hang_up(self._stream, deadline)

    def _paced(self) -> Pacer:
        if self._pacer is None:
            pace = Pace(self._config.message_gap_s, self._config.max_outbox_bytes)
            self._pacer = Pacer(self.outbox.offer, pace, self._start_task)
        return self._pacer
