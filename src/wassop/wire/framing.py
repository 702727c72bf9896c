"""Cutting a stream of bytes into lines, however the bytes arrive."""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from wassop.core.refusals import Code, Refused


class Overlong(Enum):
    """Stands for a line that was longer than allowed and was dropped."""

    LINE = "line"


class LineSplitter:
    """Splits at `\\n` (a `\\r` before it is dropped).

    Rule 1: a line longer than `max_line_bytes` is reported once, as `Overlong.LINE`, as soon as it is known
    to be too long; the rest of it is skipped and the next line is read as if nothing had happened.
    Rule 2: what the lines are does not depend on how the bytes were cut up on the way.
    Rule 3: never more than `max_line_bytes` and one chunk are held.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max: Final = max_line_bytes
        self._rest = bytearray()
        self._skipping = False

    def receive_data(self, data: bytes) -> list[bytes | Overlong]:
        """The lines that `data` completes."""
        *complete, last = data.split(b"\n")
        lines: list[bytes | Overlong] = []
        for piece in complete:
            if self._skipping:
                self._skipping = False
                continue
            if self._rest:
                self._rest += piece
                piece = bytes(self._rest)
                self._rest.clear()
            line = piece.removesuffix(b"\r")
            lines.append(line if len(line) <= self._max else Overlong.LINE)
        if last and not self._skipping:
            self._rest += last
            # One more byte is allowed for, which may turn out to be the `\r`.
            if len(self._rest) > self._max + 1:
                self._rest.clear()
                self._skipping = True
                lines.append(Overlong.LINE)
        return lines

    def receive_eof(self) -> Iterator[bytes | Overlong]:
        """The last line, if it was not terminated."""
        line = bytes(self._rest).removesuffix(b"\r")
        if self._rest:
            self._rest.clear()
            yield line if len(line) <= self._max else Overlong.LINE


def decoded(message: bytes | Overlong, max_bytes: int) -> str | Refused:
    """The text that `message` is, or why it is none."""
    if isinstance(message, Overlong):
        return Refused(Code.LINE_TOO_LONG, {"limit": max_bytes})
    try:
        return message.decode()
    except UnicodeDecodeError:
        return Refused(Code.BAD_ENCODING)
