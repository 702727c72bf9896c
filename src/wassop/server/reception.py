"""Reading from many sockets in one task."""

import select
import socket
import sys
from collections.abc import Callable
from typing import Final

import trio

_MAX_READY: Final = 32
"""After so many visitors who sent something, other tasks get their turn."""


class Reception:
    """Watches sockets in an epoll of its own, which Trio watches in turn.

    To wait for a socket as Trio does costs a system call each time, and to wake its task twice as much again;
    for a message to a small room that is as much as telling it to everybody. Here a message is received,
    decided and handed over without either, and its visitor's task wakes only for what takes time.

    Whoever has something to read at the same time is served in one turn; what is best done once for all of
    them is done at its end.
    """

    def __init__(self) -> None:
        """Only where there is epoll: on Linux."""
        self._epoll: Final = select.epoll()
        self._ready: Final[dict[int, Callable[[], None]]] = {}
        self._is_turn = False
        self._at_end: list[Callable[[], None]] = []

    async def run(self) -> None:
        """Call whoever has something to read, until cancelled."""
        try:
            while True:
                await trio.lowlevel.wait_readable(self._epoll.fileno())
                # In a busy server somebody else has spoken meanwhile, and one more look costs a
                # twentieth of a step of Trio's.
                more = _MAX_READY
                while more > 0 and (served := self._take_turn(more)):
                    more -= served
        finally:
            self._epoll.close()

    def _take_turn(self, at_most: int) -> int:
        ready = self._epoll.poll(0, at_most)
        self._is_turn = True
        for number, _ in ready:
            # Whoever was called before may have ended the watch of this one. And nobody is given a name here,
            # which would keep the last one and all that is theirs until somebody else speaks.
            self._ready.get(number, _nobody)()
        self._is_turn = False
        if self._at_end:
            acts, self._at_end = self._at_end, []
            for act in acts:
                act()
        return len(ready)

    def at_end_of_turn(self, act: Callable[[], None]) -> bool:
        """Call `act`, which never blocks nor raises, when all who have something to read now are served;
        False when this is not said in a turn, and `act` is not called."""
        if self._is_turn:
            self._at_end.append(act)
        return self._is_turn

    def watch(self, sock: socket.socket, ready: Callable[[], None]) -> None:
        """Call `ready`, which never blocks nor raises, while there is something to read, until `unwatch`."""
        number = sock.fileno()
        self._epoll.register(number, select.EPOLLIN)
        self._ready[number] = ready

    def unwatch(self, sock: socket.socket) -> None:
        """End the watch of a socket, which is still open."""
        number = sock.fileno()
        del self._ready[number]
        if not self._epoll.closed:
            self._epoll.unregister(number)


def _nobody() -> None:
    pass


def open_reception() -> Reception | None:
    """A reception, where the system has what it takes."""
    return Reception() if sys.platform == "linux" else None
