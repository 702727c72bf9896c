"""The generator's event loop: epoll, level-triggered, and schedules. Times are of `time.perf_counter`."""

import select
import time
from collections.abc import Callable
from typing import Final

READ: Final = select.EPOLLIN
WRITE: Final = select.EPOLLOUT

_MOST_EVENTS: Final = 1_024
_MOST_AT_ONCE: Final = 64


class Schedule:
    """Does something `rate` times a second, at absolute times from `start` on: being late loses nothing."""

    def __init__(
        self, rate: float, act: Callable[[], None], start: float, times: float = float("inf")
    ) -> None:
        self.lag_s = 0.0
        """The longest that anything was done too late."""
        self._rate: Final = rate
        self._act: Final = act
        self._start: Final = start
        self._times: Final = times
        self._done = 0

    @property
    def next(self) -> float:
        """When there is something to do again."""
        return self._start + self._done / self._rate if self._done < self._times else float("inf")

    def keep(self) -> None:
        """Do what is due, but not so much at once that nothing is read meanwhile."""
        for _ in range(_MOST_AT_ONCE):
            if (late := time.perf_counter() - self.next) < 0:
                return
            self.lag_s = max(self.lag_s, late)
            self._done += 1
            self._act()


class Loop:
    """Which socket belongs to whom, and the waiting."""

    def __init__(self, files: int) -> None:
        """Descriptors below `files` can be watched."""
        self.files: Final = files
        self.events = 0
        self.turn: Callable[[float], None] = self._turn
        """Wait until that time at most, and handle what happened; may be replaced by something quicker."""
        self._epoll: Final = select.epoll()
        self._ready: Final[list[Callable[[int], None] | None]] = [None] * files

    def fileno(self) -> int:
        """The descriptor of epoll."""
        return self._epoll.fileno()

    def happened(self, fd: int, mask: int) -> None:
        """Call whoever watches a descriptor; nobody does if it was closed in the same round."""
        self.events += 1
        if (ready := self._ready[fd]) is not None:
            ready(mask)

    def watch(self, fd: int, ready: Callable[[int], None], mask: int) -> None:
        """Call `ready` with what has happened on a descriptor."""
        self._ready[fd] = ready
        self._epoll.register(fd, mask)

    def change(self, fd: int, mask: int) -> None:
        """Wait for something else there."""
        self._epoll.modify(fd, mask)

    def hand_to(self, fd: int, ready: Callable[[int], None]) -> None:
        """Call somebody else from now on."""
        self._ready[fd] = ready

    def forget(self, fd: int) -> None:
        """Watch it no longer."""
        self._ready[fd] = None
        self._epoll.unregister(fd)

    def run(
        self, until: float, schedules: tuple[Schedule, ...] = (), done: Callable[[], bool] | None = None
    ) -> None:
        """Handle what happens until that time, or until `done` says so, which is asked after every round."""
        while (now := time.perf_counter()) < until and not (done and done()):
            for schedule in schedules:
                if schedule.next <= now:
                    schedule.keep()
            self.turn(min([until, *(schedule.next for schedule in schedules)]))

    def _turn(self, until: float) -> None:
        events = self._epoll.poll(0, _MOST_EVENTS)
        if not events:
            # epoll waits for whole milliseconds, which is too coarse for a pace; select for microseconds.
            if (wait := until - time.perf_counter()) > 0:
                select.select([self._epoll], [], [], min(wait, 0.1))
            return
        self.events += len(events)
        ready = self._ready
        for fd, mask in events:
            if (handler := ready[fd]) is not None:  # else closed by something in the same round
                handler(mask)
