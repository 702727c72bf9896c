"""WebSocket's frames (RFC 6455), as a server reads and writes them.

Rule 1: the frames are wsproto's to understand: what it refuses ends the connection with the code that it
names (1002, and 1007 for what is no UTF-8). Nothing is compressed.
Rule 2: a message is bounded whatever its fragments are; no more of it is held than that.
"""

import binascii
from collections.abc import Iterator
from typing import Final

from attrs import frozen
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode, ParseFailed
from wsproto.utilities import generate_accept_token

from wassop.wire.http import Ask

VERSION: Final = "13"
_KEY_BYTES: Final = 16
_TEXT: Final = 0x81
"""The only frame of a message of text."""
_CLOSE: Final = 0x88
_SHORT: Final = 126
"""From so many bytes on their number needs two bytes more, and from 64 KiB on eight (RFC 6455, 5.2)."""
_MAX_REASON_BYTES: Final = 123


def text_frame(text: bytes) -> bytes:
    """A message from the server, which masks nothing: the same bytes for everybody who reads it."""
    size = len(text)
    if size < _SHORT:
        return bytes((_TEXT, size)) + text
    if size < 1 << 16:
        return bytes((_TEXT, _SHORT)) + size.to_bytes(2) + text
    return bytes((_TEXT, _SHORT + 1)) + size.to_bytes(8) + text


def close_frame(code: int, reason: str = "") -> bytes:
    """The last frame; a reason that is too long is cut."""
    text = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore").encode()
    return bytes((_CLOSE, 2 + len(text))) + code.to_bytes(2) + text


def is_upgrade(ask: Ask) -> bool:
    """Whether it is a WebSocket that is asked for, of whatever version."""
    return (
        (ask.method, ask.version) == ("GET", "1.1")
        and "websocket" in _tokens(ask.headers.get("upgrade", ""))
        and "upgrade" in _tokens(ask.headers.get("connection", ""))
    )


def accepted(ask: Ask) -> list[tuple[str, str]] | None:
    """The headers that accept a WebSocket; None when the request has no proper key."""
    key = ask.headers.get("sec-websocket-key", "").strip()
    try:
        is_proper = len(binascii.a2b_base64(key, strict_mode=True)) == _KEY_BYTES
    except ValueError:
        is_proper = False
    if not is_proper:
        return None
    token = generate_accept_token(key.encode("latin-1")).decode("latin-1")
    return [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", token)]


def _tokens(header: str) -> set[str]:
    return {token.strip().lower() for token in header.split(",")}


@frozen
class Closed:
    """The visitor said goodbye, with this code."""

    code: int


@frozen
class Broken:
    """What came cannot be read on from: the code to close with, and why."""

    code: int
    reason: str


@frozen
class Pinged:
    """The visitor asked for a sign of life; `pong` answers."""

    pong: bytes


class Frames:
    """What one visitor sends."""

    def __init__(self, max_message_bytes: int) -> None:
        self._max: Final = max_message_bytes
        self._frames: Final = FrameProtocol(client=False, extensions=[])
        self._message = bytearray()
        self._is_over = False

    def receive_data(self, data: bytes) -> Iterator[bytes | Pinged | Closed | Broken]:
        """The messages, in UTF-8, that `data` completes; never raises. After `Closed` and `Broken` comes
        nothing."""
        if self._is_over:
            return
        self._frames.receive_bytes(data)
        try:
            for frame in self._frames.received_frames():
                match frame.opcode, frame.payload:
                    case Opcode.TEXT, str(text):
                        self._message += text.encode()
                        if len(self._message) > self._max:
                            yield self._broken(CloseReason.MESSAGE_TOO_BIG, f"{self._max} bytes at most")
                            return
                        if frame.message_finished:
                            message = bytes(self._message)
                            self._message.clear()
                            yield message
                    case Opcode.BINARY, _:
                        yield self._broken(CloseReason.UNSUPPORTED_DATA, "text only")
                        return
                    case Opcode.PING, bytes(payload):
                        yield Pinged(bytes(self._frames.pong(payload)))
                    case Opcode.CLOSE, (code, _):
                        self._is_over = True
                        yield Closed(int(code))
                        return
                    case _:  # an answer to a ping that nobody sent
                        pass
        except ParseFailed as failure:
            yield self._broken(failure.code, str(failure))

    def _broken(self, code: int, reason: str) -> Broken:
        self._is_over = True
        self._message.clear()
        return Broken(int(code), reason)
