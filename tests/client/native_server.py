"""A small native server whose every word a test decides, on a real socket."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import trio
from attrs import define, field

PATIENCE_S = 20.0
"""Nothing takes so long unless it never comes."""
LIMITS = {
    "line_bytes": 16_384,
    "text_bytes": 4_096,
    "name_chars": 32,
    "room_chars": 64,
    "rooms": 100,
    "history": 200,
    "ping_s": 120.0,
}


@define(eq=False)
class Visit:
    """One connection that a client made."""

    stream: trio.SocketStream
    _buffer: bytes = b""

    async def hear(self) -> dict[str, Any] | None:
        """The next line; None at the end."""
        with trio.fail_after(PATIENCE_S):
            while b"\n" not in self._buffer:
                try:
                    data = await self.stream.receive_some()
                except trio.BrokenResourceError:
                    return None
                if not data:
                    return None
                self._buffer += bytes(data)
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    async def expect(self, kind: str) -> dict[str, Any]:
        """The next message of that kind; others are passed over."""
        while True:
            message = await self.hear()
            assert message is not None, f"the client left before {kind}"
            if message["t"] == kind:
                return message

    async def say(self, kind: str, **keys: Any) -> None:
        await self.stream.send_all(json.dumps({"t": kind, **keys}).encode() + b"\n")

    async def welcome(self, *resumed: dict[str, Any]) -> dict[str, Any]:
        """Take a hello and let the client in."""
        hello = await self.expect("hello")
        await self.say(
            "welcome",
            v=1,
            re=hello["id"],
            name=hello["name"],
            server="small",
            lang="en",
            lobby="General",
            limits=LIMITS,
            epoch=7,
            resumed=list(resumed),
        )
        return hello

    async def let_in(self, room: str | None = None) -> dict[str, Any]:
        """Take a join and grant it, the lobby's as well as `room`'s."""
        while True:
            join = await self.expect("join")
            await self.say("joined", re=join["id"], room=join["room"], seq=0, members=["ana"], history=[])
            if join["room"] == room or room is None:
                return join

    async def close(self) -> None:
        await self.stream.aclose()


@define(eq=False)
class SmallServer:
    """Accepts connections while it is open; opens again on the same port."""

    port: int = 0
    _listener: trio.SocketListener | None = None
    _visits: list[Visit] = field(factory=list)

    async def open(self) -> Self:
        (self._listener,) = await trio.open_tcp_listeners(self.port, host="127.0.0.1")
        self.port = self._listener.socket.getsockname()[1]
        return self

    async def visit(self) -> Visit:
        """The next connection."""
        assert self._listener is not None
        with trio.fail_after(PATIENCE_S):
            visit = Visit(await self._listener.accept())
        self._visits.append(visit)
        return visit

    async def close(self) -> None:
        """Stop listening and cut all connections."""
        if self._listener is not None:
            await self._listener.aclose()
            self._listener = None
        while self._visits:
            await self._visits.pop().close()


@asynccontextmanager
async def small_server() -> AsyncIterator[SmallServer]:
    """A server on a free port."""
    server = await SmallServer().open()
    try:
        yield server
    finally:
        with trio.CancelScope(shield=True):
            await server.close()
