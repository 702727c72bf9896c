"""What systemd wants to hear from a service (sd_notify(3), sd_watchdog_enabled(3))."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import trio

from wassop.locale import N_, translations
from wassop.server.chat import Chat

_STATUS: Final = N_("people: {people}, rooms: {rooms}")


class Watched(Protocol):
    """What is looked after."""

    @property
    def chat(self) -> Chat:
        """What it serves."""
        ...

    @property
    def accepting(self) -> trio.Event:
        """Set when visitors are let in."""
        ...

    @property
    def stopping(self) -> trio.Event:
        """Set when none are let in any more."""
        ...


class Supervisor:
    """Whoever started us and asked to be told, if anybody did. Telling never blocks and never raises."""

    def __init__(self, environ: Mapping[str, str] = os.environ, process_id: int | None = None) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address: Final = "\0" + address[1:] if address.startswith("@") else address
        wanted, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        is_ours = not whose or whose == str(process_id or os.getpid())
        self.watchdog_s: Final = int(wanted) / 1e6 if is_ours and wanted.isdecimal() and int(wanted) else None
        """Within so many seconds a sign of life is expected."""

    def tell(self, *assignments: str) -> None:
        """Send `NAME=VALUE` lines."""
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),  # it is gone, or busy: its affair
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
        ):
            sock.setblocking(False)
            sock.sendto("\n".join(assignments).encode(), self._address)

    @contextlib.contextmanager
    def reloading(self) -> Iterator[None]:
        """Tell that settings are read anew, and when that is done."""
        self.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1_000}")
        yield
        self.tell("READY=1")

    async def watch(self, server: Watched) -> None:
        """Tell when `server` is ready and when it stops, and until cancelled that its loop turns."""
        if not self._address:
            return
        async with trio.open_nursery() as nursery:
            if self.watchdog_s is not None:
                nursery.start_soon(self._show_life, server, self.watchdog_s / 2)
            await server.accepting.wait()
            self.tell("READY=1", _status(server))
            await server.stopping.wait()
            self.tell("STOPPING=1", _status(server))

    async def _show_life(self, server: Watched, interval_s: float) -> None:
        while True:
            self.tell("WATCHDOG=1", _status(server))
            await trio.sleep(interval_s)


def has_terminal() -> bool:
    """Whether there is a terminal that can hang up on us. When it does, whoever started us is gone; a service
    has none, and knows the same signal as "read your settings again"."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _status(server: Watched) -> str:
    hub = server.chat.hub
    text = translations(server.chat.config.lang).gettext(_STATUS)
    people = sum(session.name is not None for session in hub.sessions)
    return "STATUS=" + text.format(people=people, rooms=sum(1 for _ in hub.rooms))
