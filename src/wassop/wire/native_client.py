"""The client's end of the native dialect: bytes from a server to messages, messages to bytes."""

from collections.abc import Iterator
from typing import Final

import msgspec

from wassop.wire.framing import LineSplitter, Overlong
from wassop.wire.native_messages import ClientMessage, ServerMessage

MAX_LINE_BYTES: Final = 64 * 1024 * 1024
"""A server's line can be long (a room's members and history), but not without bound."""

_decoder: Final = msgspec.json.Decoder(ServerMessage)
_encode: Final = msgspec.json.Encoder().encode


class NativeClientCodec:
    """Reads what a server says. A line that is no message of this version is skipped and counted."""

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._lines: Final = LineSplitter(max_line_bytes)
        self.skipped = 0

    def receive_data(self, data: bytes) -> Iterator[ServerMessage]:
        """The messages in the lines that `data` completes. Never raises."""
        for line in self._lines.receive_data(data):
            if isinstance(line, Overlong):
                self.skipped += 1
                continue
            try:
                message = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self.skipped += 1
            else:
                yield message

    def encode(self, message: ClientMessage) -> bytes:
        """One line."""
        return _encode(message) + b"\n"
