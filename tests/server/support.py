"""A real server on a free port, and visitors with real sockets."""

import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import trio
import trio.testing
from attrs import define, evolve, field

from wassop.config import Config
from wassop.server.app import Server, open_server
from wassop.server.logs import Log, open_log

PATIENCE_S = 20.0
"""Nothing takes so long unless it never comes; no test depends on how long something takes."""


class LogLines:
    """A log writer that keeps the lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def open_test_log(lines: LogLines, *, verbose: bool = False) -> Log:
    return open_log(lines, log_format="json", lang="en", verbose=verbose, colors=False)


@define
class Running:
    """A running server and what it logged."""

    server: Server
    log: LogLines
    _visitors: list["Visitor"] = field(factory=list)
    _guests: list["Guest"] = field(factory=list)

    def guest(self, door: int = 0, **options: int) -> "Guest":
        """Somebody connects whose end no task serves; `receive_buffer_bytes` as for a visitor."""
        host, _, port = self.server.addresses[door].rpartition(":")
        sock = socket.socket()
        if "receive_buffer_bytes" in options:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["receive_buffer_bytes"])
        sock.connect((host, int(port)))  # the kernel's doing: the server accepts it when its tasks run
        sock.setblocking(False)
        guest = Guest(sock)
        self._guests.append(guest)
        return guest

    async def visitor(
        self, door: int = 0, source: str = "", *, tls: ssl.SSLContext | None = None, **options: int
    ) -> "Visitor":
        """Somebody connects, from `source`, over TLS if there is a context for it; `receive_buffer_bytes`
        makes the kernel hold little for it."""
        host, _, port = self.server.addresses[door].rpartition(":")
        sock = trio.socket.socket()
        if "receive_buffer_bytes" in options:
            sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, options["receive_buffer_bytes"])
        if source:
            await sock.bind((source, 0))
        await sock.connect((host, int(port)))
        stream: trio.abc.Stream = trio.SocketStream(sock)
        if tls is not None:
            stream = trio.SSLStream(stream, tls, server_hostname="localhost", https_compatible=True)
        visitor = Visitor(stream)
        self._visitors.append(visitor)
        return visitor

    async def native(
        self, name: str, *rooms: str, lobby: bool = False, tls: ssl.SSLContext | None = None
    ) -> "Visitor":
        """Somebody connects, speaks native, and is in `rooms`."""
        visitor = await self.visitor(tls=tls)
        await visitor.ask({"t": "hello", "name": name, "lobby": lobby}, "welcome")
        for room in rooms:
            await visitor.ask({"t": "join", "room": room}, "joined")
        return visitor


@define(eq=False)
class Visitor:
    """One end of a connection, read by lines or by messages."""

    stream: Any
    _buffer: bytes = b""

    async def send(self, data: bytes | str | dict[str, Any]) -> None:
        """Bytes as they are, text as a line, an object as a JSON line."""
        if isinstance(data, dict):
            data = json.dumps(data)
        await self.stream.send_all(data if isinstance(data, bytes) else f"{data}\n".encode())

    async def more(self) -> bool:
        """Wait for more bytes; False at the end."""
        with trio.fail_after(PATIENCE_S):
            try:
                data = await self.stream.receive_some()
            except trio.BrokenResourceError:
                data = b""
        self._buffer += data
        return bool(data)

    async def until(self, ending: str | bytes) -> str:
        """Read up to and including `ending`."""
        wanted = ending if isinstance(ending, bytes) else ending.encode()
        while wanted not in self._buffer:
            assert await self.more(), f"ended without {ending!r}: {self._buffer!r}"
        end = self._buffer.index(wanted) + len(wanted)
        read, self._buffer = self._buffer[:end], self._buffer[end:]
        return read.decode()

    async def message(self) -> dict[str, Any]:
        """The next native message."""
        message: dict[str, Any] = json.loads(await self.until(b"\n"))
        return message

    async def next(self, t: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next native message of type `t`; others are passed over."""
        while True:
            message = await self.message()
            if message["t"] == t and where(message):
                return message

    async def ask(self, request: dict[str, Any], t: str) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        await self.send(request)
        return await self.next(t)

    async def to_the_end(self) -> bytes:
        """All that still comes until the connection ends."""
        while await self.more():
            pass
        read, self._buffer = self._buffer, b""
        return read

    async def close(self) -> None:
        await self.stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@define(eq=False)
class Guest:
    """A visitor with a bare socket: all tasks that run, but for the test's own, are the server's."""

    sock: socket.socket
    _buffer: bytes = b""

    def send(self, *requests: bytes | dict[str, Any]) -> None:
        """Bytes as they are, objects as JSON lines, all in one segment."""
        self.sock.sendall(
            b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in requests)
        )

    async def until(self, wanted: bytes) -> bytes:
        """All that came up to and including `wanted`; the server's tasks run until it comes."""
        deadline = time.monotonic() + PATIENCE_S  # the clock of Trio may stand still
        while wanted not in self._buffer:
            if not self._receive():
                await trio.testing.wait_all_tasks_blocked(0.001)
            assert time.monotonic() < deadline, f"waited in vain for {wanted!r}: {self._buffer[-200:]!r}"
        end = self._buffer.index(wanted) + len(wanted)
        read, self._buffer = self._buffer[:end], self._buffer[end:]
        return read

    def drain(self) -> bytes:
        """All that has come, and was not read yet."""
        while self._receive():
            pass
        read, self._buffer = self._buffer, b""
        return read

    def _receive(self) -> bool:
        data = b""
        with suppress(BlockingIOError):
            data = self.sock.recv(1 << 20)
        self._buffer += data
        return bool(data)

    def close(self) -> None:
        self.sock.close()


@asynccontextmanager
async def running_server(*, verbose: bool = False, **settings: Any) -> AsyncIterator[Running]:
    """A server on a free port of this machine; it is stopped gracefully afterwards, its visitors closed.

    With `db=PATH` it keeps what is said, otherwise nothing. Nobody is greeted who is slow to speak on a busy
    machine, unless a test sets `sniff_silence_s`.
    """
    log = LogLines()
    settings.setdefault("sniff_silence_s", PATIENCE_S)
    keeping = {"db": str(settings.pop("db"))} if "db" in settings else {"memory": True}
    config = evolve(Config(port=0, lang="en", drain_timeout_s=PATIENCE_S), **keeping, **settings)
    async with trio.open_nursery() as nursery:
        server = await open_server(config, open_test_log(log, verbose=verbose))
        nursery.start_soon(server.run)
        running = Running(server, log)
        try:
            yield running
        finally:
            with trio.CancelScope(shield=True):
                for visitor in running._visitors:
                    await visitor.close()
                for guest in running._guests:
                    guest.close()
            server.stop()
