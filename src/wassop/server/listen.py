"""Opening the doors: listening sockets, and accepting what comes."""

import contextlib
import errno
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import trio

from wassop.config import Endpoint
from wassop.server.admission import address_of, networks_of
from wassop.server.logs import Log

_ACCEPTS_A_WAKE_UP: Final = 8
"""A fourth of what the reception serves in a step. A visit has up to four things to be read; were more let in
than can be read, those who are here would wait behind all who come (2.4 s in a flood of connections). Who
waits at the door does so in the kernel, and costs nothing."""
_PAUSE_S: Final = 0.1
# The machine has no more of something (accept(2)); the visitors who are here may give some back.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Visit = Callable[[socket.socket, tuple[Any, ...], "Door"], Awaitable[None]]
Screen = Callable[[socket.socket, tuple[Any, ...], "Door"], Visit | None]
"""Decides who comes in, and how the visit goes; None when somebody else has the socket now. Never blocks."""


class Door:
    """A listening socket and what holds behind it."""

    def __init__(self, sock: socket.socket, endpoint: Endpoint) -> None:
        self.socket: Final = sock
        self.endpoint: Final = endpoint
        self.address: Final = address_text(sock.getsockname())
        """`127.0.0.1:5555`, `[::1]:5555`; still known when the socket is closed."""
        self.bound_to: Final = (sock.family, sock.getsockname())
        self._networks: Final = networks_of(endpoint.allow)

    def lets_in(self, host: str) -> bool:
        """Whether visitors from this address may enter here."""
        if not self._networks:
            return True
        # A visitor over IPv6 that comes from an IPv4 address is meant by IPv4 networks.
        address = address_of(host)
        return any(address in network for network in self._networks)

    async def admit(self, nursery: trio.Nursery, screen: Screen, log: Log) -> None:
        """Accept visitors, each that `screen` lets in into a task of `nursery`, until cancelled."""
        is_short = False
        while True:
            await trio.lowlevel.wait_readable(self.socket)
            try:
                for _ in range(_ACCEPTS_A_WAKE_UP):
                    sock, peer = self.socket.accept()
                    visit = screen(sock, peer, self)
                    if visit is not None:
                        nursery.start_soon(visit, sock, peer, self)
            except BlockingIOError:
                is_short = False  # all who waited are in
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    if not is_short:  # one line for one shortage
                        log.warning("cannot-accept", reason=error.strerror)
                    is_short = True
                    await trio.sleep(_PAUSE_S)
                # Anything else is a visitor who was gone before it was let in (accept(2), "Error handling").


async def open_doors(endpoints: Sequence[Endpoint], backlog: int) -> list[Door]:
    """Bind every endpoint; OSError, with the endpoint as its `filename`, when one cannot be had."""
    doors: list[Door] = []
    try:
        for endpoint in endpoints:
            try:
                for sock in await _bind(endpoint, backlog):
                    doors.append(Door(sock, endpoint))
            except OSError as error:
                error.filename = str(endpoint)
                raise
            except UnicodeError as error:  # a host that IDNA cannot encode
                raise OSError(errno.EADDRNOTAVAIL, str(error), str(endpoint)) from error
    except BaseException:
        close_doors(doors)
        raise
    return doors


def close_doors(doors: Sequence[Door]) -> None:
    """Stop listening."""
    for door in doors:
        trio.lowlevel.notify_closing(door.socket)
        door.socket.close()


def reopened(doors: Sequence[Door], backlog: int) -> list[Door]:
    """Doors that were closed, where they were; OSError, with the address as its `filename`, when one cannot
    be had, and then none is open."""
    opened: list[Door] = []
    for door in doors:
        family, address = door.bound_to
        try:
            opened.append(Door(_listening(family, address, backlog), door.endpoint))
        except OSError as error:
            close_doors(opened)
            error.filename = door.address
            raise
    return opened


OPTIONS_ARE_INHERITED: Final = sys.platform == "linux"
"""Whether to `prepare` the listening socket is to prepare all that it accepts, but for `setblocking`; six
system calls less a visit."""


def prepare(sock: socket.socket, *, silence_s: float, dead_after_s: float) -> None:
    """Make an accepted socket ready: no delays in sending, and TCP's own probes, which notice a peer that is
    gone without a word after `silence_s` and another `dead_after_s` seconds."""
    sock.setblocking(False)
    with contextlib.suppress(OSError):  # gone already: reading tells
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        probes = 4
        for option, value in (
            ("TCP_KEEPIDLE", silence_s),
            ("TCP_KEEPINTVL", dead_after_s / probes),
            ("TCP_KEEPCNT", probes),
        ):
            if hasattr(socket, option):  # Linux; elsewhere the system's own, longer times hold
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), _in_range(value))
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # The same bound when something was sent and is not confirmed, in milliseconds.
            timeout_ms = int(min(silence_s + dead_after_s, 86_400) * 1_000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)


def address_text(address: tuple[object, ...]) -> str:
    """`HOST:PORT` of a socket's address."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def host_of(address: str) -> str:
    """The host in what `address_text` gave."""
    return address.rpartition(":")[0].strip("[]")


async def _bind(endpoint: Endpoint, backlog: int) -> list[socket.socket]:
    found = await trio.socket.getaddrinfo(
        endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            if endpoint.port == 0 and sockets:
                break  # "any free port" of a name with several addresses is one port
            sockets.append(_listening(family, address, backlog))
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _listening(family: int, address: Any, backlog: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR means something else
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind(address)
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def _in_range(seconds: float) -> int:
    return max(1, min(int(seconds), 32_767))
