"""What a browser sends, by hand and spoilt at will, and what it must be able to read. Pure."""

import json
import random
from typing import Final

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_MASK: Final = b"\x37\xfa\x21\x3d"
_SHORT: Final = 126
ENDLESS_FRAME: Final = b"\x81\xff" + (2**40).to_bytes(8) + _MASK
"""The head of a message that never ends."""
PING_FRAME: Final = bytes((0x80 | _PING, 0x80)) + _MASK


def request(target: str, method: str = "GET", *headers: str) -> bytes:
    """A request for a page."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


UPGRADE: Final = request(
    "/ws",
    "GET",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)


def frame(payload: bytes, first: int = 0x80 | _TEXT) -> bytes:
    """A masked frame; `first` is its first byte: whether it is the last of a message, and of which kind."""
    size = len(payload)
    if size < _SHORT:
        length = bytes((0x80 | size,))
    elif size < 1 << 16:
        length = bytes((0x80 | _SHORT,)) + size.to_bytes(2)
    else:
        length = bytes((0x80 | (_SHORT + 1),)) + size.to_bytes(8)
    return bytes((first,)) + length + _MASK + masked(payload)


def masked(payload: bytes) -> bytes:
    """As it stands in a frame."""
    mask = int.from_bytes((_MASK * (len(payload) // 4 + 1))[: len(payload)])
    return (int.from_bytes(payload) ^ mask).to_bytes(len(payload))


def odd_frame(rng: random.Random, payload: bytes) -> bytes:
    """A frame that mostly breaks a rule: its kind, its length, its mask, or where its message ends."""
    match rng.randrange(6):
        case 0:
            return frame(payload, rng.randrange(256))
        case 1:
            whole = frame(payload)
            return whole[:1] + bytes((rng.randrange(256),)) + whole[2:]
        case 2:
            return bytes((0x80 | _TEXT, min(len(payload), 125))) + payload  # not masked
        case 3:
            cut = rng.randint(0, len(payload))
            parts = frame(payload[:cut], _TEXT) + PING_FRAME * rng.randrange(3)
            return parts + frame(payload[cut:], 0x80)
        case 4:
            return frame(payload[: rng.randint(0, 200)], 0x80 | rng.choice((_CLOSE, _PING, _PONG)))
        case _:
            return frame(b"", 0) * rng.randrange(30) + frame(payload)


PAGES: Final = (
    request("/"),
    request("/static/app.js", "HEAD"),
    request("/config.json?x=1", "GET", "If-None-Match: *", "Accept-Language: es, en;q=0.5"),
    request("http://localhost/nada"),
    request("/../etc/passwd"),
    request("/ws"),
    request("/ws", "GET", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 8"),
    request("/", "POST", "Content-Length: 4") + b"a=b&",
)
"""Requests for pages that are there, and for others."""
CONTROLS: Final = (
    UPGRADE,
    b'{"t":"hello","name":"ana"}',
    frame(b"x" * 125, 0x80 | _PING),
    frame(b'{"t":"say","room":"General",', _TEXT),
    PING_FRAME,
    frame('"text":"¿qué"}'.encode(), 0x80),
    frame(b"", 0x80 | _PONG),
    frame((1000).to_bytes(2) + b"adi\xc3\xb3s", 0x80 | _CLOSE),
)
"""A session in WebSocket's own terms."""


def sent(messages: list[bytes], rng: random.Random | None = None) -> bytes:
    """The bytes of a visit: objects go out in frames, now and then odd ones if there is `rng`."""
    return b"".join(
        message
        if not message.startswith(b"{")
        else odd_frame(rng, message)
        if rng is not None and rng.random() < 0.2
        else frame(message)
        for message in messages
    )


def check_readable(data: bytes) -> None:
    """Raise ValueError unless `data` is what a browser can read: answers with heads, or whole frames of whole
    messages."""
    while data.startswith(b"HTTP/1.1 "):
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found:
            raise ValueError(f"a head without an end: {data[:200]!r}")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = int(fields.get(b"content-length", b"0"))
        # What answers HEAD tells the size of a body that is not there.
        data = rest if len(rest) < size or rest.startswith(b"HTTP/1.1 ") else rest[size:]
    while data:
        size, start = data[1] if len(data) > 1 else -1, 2
        if data[0] >> 4 != 8 or size > _SHORT + 1:
            raise ValueError(f"not a frame of a server: {data[:20]!r}")
        if size >= _SHORT:
            start = 4 if size == _SHORT else 10
            size = int.from_bytes(data[2:start])
        if size < 0 or len(data) < start + size:
            raise ValueError(f"a frame is cut short: {data[:20]!r}")
        kind, payload, data = data[0] & 15, data[start : start + size], data[start + size :]
        if kind == _TEXT:
            for line in payload.removesuffix(b"\n").split(b"\n"):
                json.loads(line.decode())
        elif kind == _CLOSE:
            payload[2:].decode()
        elif kind != _PONG:
            raise ValueError(f"a frame of kind {kind}")
