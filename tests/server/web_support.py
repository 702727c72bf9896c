"""Browsers of two kinds: one that keeps all rules, and bytes by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio
import trio_websocket
from attrs import define

from tests.server.support import PATIENCE_S, Running, Visitor

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The answer to that key (RFC 6455, 1.3)."""
MASK = b"\x37\xfa\x21\x3d"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def upgrade(host: str = "localhost", **headers: str | None) -> bytes:
    """A request for the WebSocket; headers in the manner `sec_websocket_key`, None leaves one out."""
    usual: dict[str, str | None] = {
        "host": host,
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec_websocket_key": KEY,
        "sec_websocket_version": "13",
    }
    lines = [f"{n.replace('_', '-')}: {v}" for n, v in (usual | headers).items() if v is not None]
    return "\r\n".join(["GET /ws HTTP/1.1", *lines, "", ""]).encode()


def masked(payload: bytes, key: bytes = MASK) -> bytes:
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


def frame(
    payload: bytes | str | dict[str, Any], opcode: int = TEXT, *, fin: bool = True, rsv: int = 0
) -> bytes:
    """A frame as a client sends it, its length in the shortest form."""
    if isinstance(payload, dict):
        payload = json.dumps(payload)
    data = payload.encode() if isinstance(payload, str) else payload
    size = len(data)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8)
    return bytes([fin << 7 | rsv << 4 | opcode]) + length + MASK + masked(data)


def frames_in(data: bytes) -> list[tuple[int, bytes]]:
    """The whole frames of a server, as opcodes and payloads; each is whole, final and unmasked."""
    found = []
    while data:
        assert data[0] & 0xF0 == 0x80, "final, and no reserved bit"
        assert data[1] < 0x80, "not masked"
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        assert len(data) >= start + size, "cut short"
        found.append((data[0] & 0x0F, data[start : start + size]))
        data = data[start + size :]
    return found


async def upgraded(running: Running, door: int = 0, **options: Any) -> Visitor:
    """A visitor with a WebSocket, by hand."""
    visitor = await running.visitor(door, **options)
    await visitor.send(upgrade())
    head = await visitor.until("\r\n\r\n")
    assert head.startswith("HTTP/1.1 101 ")
    assert f"sec-websocket-accept: {ACCEPT}" in head.lower().replace(ACCEPT.lower(), ACCEPT)
    return visitor


@define(eq=False)
class Browser:
    """A page's end of a WebSocket; the library keeps the rules."""

    socket: Any

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send_message(json.dumps(message))

    async def message(self) -> dict[str, Any]:
        with trio.fail_after(PATIENCE_S):
            message: dict[str, Any] = json.loads(await self.socket.get_message())
        return message

    async def next(self, t: str) -> dict[str, Any]:
        while (message := await self.message())["t"] != t:
            pass
        return message

    async def ask(self, request: dict[str, Any], t: str) -> dict[str, Any]:
        await self.send(request)
        return await self.next(t)

    async def closed(self) -> int:
        """Wait for the end; with which code it came."""
        try:
            while True:
                await self.message()
        except trio_websocket.ConnectionClosed as closed:
            return int(closed.reason.code)


@asynccontextmanager
async def browser(
    running: Running, name: str = "", *rooms: str, door: int = 0, **options: Any
) -> AsyncIterator[Browser]:
    """Somebody with a browser, who has a name and is in rooms."""
    scheme = "wss" if options.get("ssl_context") else "ws"
    port = running.server.addresses[door].rpartition(":")[2]
    url = f"{scheme}://localhost:{port}/ws"
    async with trio_websocket.open_websocket_url(url, **options) as socket:
        visitor = Browser(socket)
        if name:
            await visitor.ask({"t": "hello", "name": name, "lobby": False}, "welcome")
        for room in rooms:
            await visitor.ask({"t": "join", "room": room}, "joined")
        yield visitor
    # The library leaves the socket to the kernel's patience where the other side has said goodbye first.
    await trio.aclose_forcefully(socket._stream)
