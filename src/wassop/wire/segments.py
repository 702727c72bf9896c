"""Cutting a stream into messages for dialects whose clients send one message a segment.

A message ends at a line end or, from clients that send none, where the bytes end and nothing follows for
a while; the caller tells that with `receive_pause`. What the client does is remembered as `terminator`,
because it is answered in the same way.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from wassop.wire.framing import Overlong


class TextSegments:
    """Messages of text.

    Rule 1: a client whose first message ends with a line end is a client of lines: a pause means nothing any
    more. One whose first message ends at a pause is not made such a client by a line end that it happens to
    send (a text from a field for several lines ends with one), but by one that comes alone: it was late.
    Rule 2: messages glued without ends are cut before what `glue` matches: at a pause, or when they are
    together longer than one may be.
    Rule 3: a message longer than `max_bytes` is reported once and dropped up to a line end or a pause.
    Rule 4: what the messages are does not depend on how the bytes were cut up on the way.
    """

    def __init__(self, max_bytes: int, glue: re.Pattern[bytes] | None = None) -> None:
        self.max_bytes: Final = max_bytes
        self._glue: Final = glue
        self._rest = bytearray()
        self._skipping = False
        self._sends_segments = False
        self.terminator = b""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return not self.terminator and (bool(self._rest) or self._skipping)

    def receive_data(self, data: bytes) -> Iterator[bytes | Overlong]:
        """The messages whose end is in `data`."""
        *complete, last = data.split(b"\n")
        for piece in complete:
            yield from self._add(piece)
            # What came before the first line end may have begun while pauses still counted.
            message, was_skipped = bytes(self._rest), self._skipping
            self._forget()
            if not self._sends_segments or (message in (b"", b"\r") and not was_skipped):
                self.terminator = b"\r\n" if message.endswith(b"\r") else b"\n"
            if not was_skipped:
                yield self._checked(message.removesuffix(b"\r"))
        yield from self._add(last)

    def receive_pause(self) -> Iterator[bytes | Overlong]:
        """The message that ends because nothing follows."""
        if not self.terminator:
            self._sends_segments |= self.has_rest
            yield from self.receive_eof()

    def receive_eof(self) -> Iterator[bytes | Overlong]:
        """The message that ends because the connection does."""
        rest, was_skipped = bytes(self._rest), self._skipping
        self._forget()
        if not was_skipped:
            for piece in self._apart(rest):
                yield self._checked(piece)

    def _add(self, data: bytes) -> Iterator[bytes | Overlong]:
        at = 0
        while at < len(data) and not self._skipping:
            # In pieces, so that a message is known to be too long at the same byte however it arrives. One
            # more byte than allowed may still turn out to be the `\r`.
            room = self.max_bytes + 2 - len(self._rest)
            self._rest += data[at : at + room]
            at += room
            if len(self._rest) > self.max_bytes + 1:
                yield from self._relieve()
        if self._skipping and data:
            self._rest[:] = data[-1:]  # which tells how the line ends

    def _relieve(self) -> Iterator[bytes | Overlong]:
        """Too much has come for one message: take the first of several, or drop it."""
        *messages, last = (
            [bytes(self._rest)] if self.terminator else self._apart(bytes(self._rest), open=True)
        )
        yield from messages
        self._rest[:] = last
        if len(last) > self.max_bytes + 1:
            self._skipping = True
            yield Overlong.LINE

    def _apart(self, glued: bytes, *, open: bool = False) -> list[bytes]:
        """The messages in `glued`; when more may come (`open`), nothing at its end ends a message yet."""
        found = self._glue.finditer(glued) if self._glue is not None else ()
        starts = (match.start() for match in found if not open or match.end() < len(glued))
        cuts = [0, *starts, len(glued)]
        return [glued[start:end] for start, end in pairwise(cuts) if end > start]

    def _checked(self, message: bytes) -> bytes | Overlong:
        return message if len(message) <= self.max_bytes else Overlong.LINE

    def _forget(self) -> None:
        self._rest.clear()
        self._skipping = False


class JsonSegments:
    """Messages that are JSON objects, glued or split anywhere, with or without line ends.

    Rule 1: an object ends with its last brace; only behind the first one a line end, more bytes or a pause is
    waited for, because that tells how the client wants to be answered.
    Rule 2: what is no object ends at a line end, a brace that opens, or a pause.
    Rule 3: a message longer than `max_bytes` is reported once and dropped up to a line end or a pause.
    Rule 4: no byte is looked at or copied more often than a fixed number of times, however many messages
    there are in a segment or segments in a message.
    """

    _MARKS: Final = re.compile(rb'["\\{}]')
    _ENDS: Final = re.compile(rb"[{\n]")
    _BLACK: Final = re.compile(rb"\S")

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes: Final = max_bytes
        self._rest = bytearray()
        self._scanned = 0
        self._depth = 0
        self._in_string = False
        self._ended_by_line = False
        self._skipping = False
        self._is_first = True
        self._first_ends_at = 0
        """Where the first object ends, while what comes behind it is waited for."""
        self.terminator = b""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return self._skipping or self._BLACK.search(self._rest) is not None

    def receive_data(self, data: bytes) -> Iterator[bytes | Overlong]:
        """The objects that `data` completes, and what is none and ended by a line end."""
        at = 0
        while at < len(data):
            # In pieces, so that a message is known to be too long at the same byte however it arrives.
            room = self.max_bytes + 1 - len(self._rest)
            self._rest += data[at : at + room]
            at += room
            yield from self._messages()

    def receive_pause(self) -> Iterator[bytes | Overlong]:
        """What ends because nothing follows."""
        rest = bytes(self._rest.strip())
        self._is_first = False
        self._forget()
        self._skipping = False
        if rest:
            yield rest

    receive_eof = receive_pause

    def _messages(self) -> Iterator[bytes | Overlong]:
        while self._skip():
            message = self._next()
            if message is None:
                break
            if len(message) > self.max_bytes:
                self._skipping = not self._ended_by_line
                yield Overlong.LINE
            else:
                yield message
        if len(self._rest) > self.max_bytes:
            self._forget()
            self._skipping = True
            yield Overlong.LINE

    def _skip(self) -> bool:
        """Drop what belongs to a message that was too long; False while its end has not come."""
        if self._skipping:
            end = self._rest.find(b"\n")
            self._skipping = end < 0
            del self._rest[: len(self._rest) if self._skipping else end + 1]
        return not self._skipping

    def _next(self) -> bytes | None:
        if self._first_ends_at:
            return self._take_first()
        if not self._depth:
            self._drop_blank()
            if not self._rest:
                return None
            if self._rest[0] != ord("{"):
                return self._take_other()
        return self._take_object()

    def _take_other(self) -> bytes | None:
        """What is no object, if its end has come."""
        end = self._ENDS.search(self._rest, self._scanned)
        if end is None:
            self._scanned = len(self._rest)
            return None
        return self._take(end.start() if end[0] == b"{" else end.end())

    def _take_object(self) -> bytes | None:
        while True:
            mark = self._MARKS.search(self._rest, self._scanned)
            if mark is None:
                self._scanned = len(self._rest)
                return None
            self._scanned = mark.end()
            match mark[0]:
                case b"\\" if self._in_string:
                    if self._scanned == len(self._rest):  # what it escapes has not come yet
                        self._scanned -= 1
                        return None
                    self._scanned += 1
                case b'"':
                    self._in_string = not self._in_string
                case b"{" if not self._in_string:
                    self._depth += 1
                case b"}" if not self._in_string:
                    self._depth -= 1
                    if not self._depth:
                        if not self._is_first:
                            return self._take(self._scanned)
                        self._first_ends_at = self._scanned
                        return self._take_first()

    def _take_first(self) -> bytes | None:
        """The first object, if what comes behind it tells how it ends."""
        behind = self._BLACK.search(self._rest, self._scanned)
        has_line_end = self._rest.find(b"\n", self._scanned) >= 0
        if behind is None and not has_line_end:
            self._scanned = len(self._rest)
            return None
        self._is_first = False
        return self._take(self._first_ends_at)

    def _take(self, length: int) -> bytes:
        message = bytes(self._rest[:length])
        self._ended_by_line = message.endswith(b"\n")
        del self._rest[:length]
        self._begin()
        self._drop_blank()
        return message.strip()

    def _drop_blank(self) -> None:
        if self._rest and self._rest[0] <= ord(" "):  # else there is none, as behind most objects
            black = self._BLACK.search(self._rest)
            blank = len(self._rest) if black is None else black.start()
            self._ended_by_line |= self._rest.find(b"\n", 0, blank) >= 0
            del self._rest[:blank]  # which moves nothing: a bytearray may begin behind its memory's beginning
        if self._ended_by_line:
            self.terminator = b"\n"

    def _forget(self) -> None:
        self._rest.clear()
        self._begin()

    def _begin(self) -> None:
        self._scanned = self._depth = self._first_ends_at = 0
        self._in_string = False
