"""The doors as a whole: closing them lets nobody in any more, and whoever is here stays."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from wassop.config import Config
from wassop.server.listen import Door, close_doors, prepare, reopened

Admit = Callable[[Door], Awaitable[None]]


class Doors:
    """Rule 1: closed doors are closed sockets, so that whoever knocks is refused at once by the kernel and
    does not wait before a server that never answers.
    Rule 2: what was bound is bound again, the same addresses and ports; all of them or none.
    """

    def __init__(self, doors: list[Door], config: Config) -> None:
        """`doors` are open, and this list always holds those that are, or were last."""
        self._doors: Final = doors
        self._config: Final = config
        self._nursery: trio.Nursery | None = None
        self._admit: Admit | None = None
        self._attending = trio.CancelScope()
        self.are_open = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they are, open or not."""
        return tuple(door.address for door in self._doors)

    async def attend(self, admit: Admit, until: trio.Event) -> None:
        """Keep `admit` running for each door that is open, until then; close them all at the end."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery, self._admit = nursery, admit
                self._start()
                await until.wait()
                nursery.cancel_scope.cancel()
        finally:
            self._nursery = None
            self.close()

    def close(self) -> None:
        """Let nobody in any more; nothing if that is so already."""
        if self.are_open:
            self.are_open = False
            self._attending.cancel()
            close_doors(self._doors)

    def open(self) -> None:
        """Let visitors in again; OSError, with the address as its `filename`, when a place is somebody else's
        by now, and then all stay closed."""
        if self.are_open or self._nursery is None:
            return
        config = self._config
        opened = reopened(self._doors, config.listen_backlog)
        for door in opened:
            prepare(door.socket, silence_s=config.ping_interval_s, dead_after_s=config.pong_timeout_s)
        self._doors[:] = opened
        self.are_open = True
        self._start()

    def _start(self) -> None:
        assert self._nursery is not None
        self._attending = trio.CancelScope()
        self._nursery.start_soon(self._attend, self._attending)

    async def _attend(self, attending: trio.CancelScope) -> None:
        assert self._admit is not None
        with attending:
            async with trio.open_nursery() as nursery:
                for door in self._doors:
                    nursery.start_soon(self._admit, door)
