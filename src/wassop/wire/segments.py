"""Cutting a stream into messages for dialects whose clients send one message a segment.

A message ends at a line end or, from clients that send none, where the bytes end and nothing follows for
a while; the caller tells that with `receive_pause`. What the client does is remembered as `terminator`,
because it is answered in the same way.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from wassop.core import commands
from wassop.core.events import Answer, Welcome
from wassop.core.hub import LOBBY
from wassop.core.names import UserName
from wassop.locale import translations
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import Overlong


class TextSegments:
    """Messages of text.

    Rule 1: a client that has ended a message with a line end once is a client of lines: a pause means nothing
    any more.
    Rule 2: messages glued without ends are cut before what `glue` matches.
    Rule 3: a message longer than `max_bytes` is reported once and dropped up to its end.
    """

    def __init__(self, max_bytes: int, glue: re.Pattern[bytes] | None = None) -> None:
        self._max: Final = max_bytes
        self._glue: Final = glue
        self._rest = bytearray()
        self._skipping = False
        self.terminator = b""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return not self.terminator and (bool(self._rest) or self._skipping)

    def receive_data(self, data: bytes) -> Iterator[bytes | Overlong]:
        """The messages whose line end is in `data`."""
        *complete, last = data.split(b"\n")
        for piece in complete:
            # What came before the first line end may have begun while pauses still counted.
            message = bytes(self._rest + piece)
            self._rest.clear()
            if self._skipping:
                self._skipping = False
                continue
            self.terminator = b"\r\n" if message.endswith(b"\r") else b"\n"
            yield from self._checked(message.removesuffix(b"\r"))
        if self._skipping:
            return
        self._rest += last
        if len(self._rest) > self._max + 1:
            self._rest.clear()
            self._skipping = True
            yield Overlong.LINE

    def receive_pause(self) -> Iterator[bytes | Overlong]:
        """The message that ends because nothing follows."""
        if not self.terminator:
            yield from self.receive_eof()

    def receive_eof(self) -> Iterator[bytes | Overlong]:
        """The message that ends because the connection does."""
        rest = bytes(self._rest)
        self._rest.clear()
        self._skipping = False
        if rest:
            pieces = [rest]
            if self._glue is not None:
                cuts = [0, *(match.start() for match in self._glue.finditer(rest)), len(rest)]
                pieces = [rest[start:end] for start, end in pairwise(cuts) if end > start]
            for piece in pieces:
                yield from self._checked(piece)

    def _checked(self, message: bytes) -> Iterator[bytes | Overlong]:
        yield message if len(message) <= self._max else Overlong.LINE


class JsonSegments:
    """Messages that are JSON objects, glued or split anywhere, with or without line ends.

    Rule 1: an object ends with its last brace; only behind the first one a line end, more bytes or a pause is
    waited for, because that tells how the client wants to be answered.
    Rule 2: what is no object ends at a line end or a pause.
    Rule 3: a message longer than `max_bytes` is reported once and dropped up to a line end or a pause.
    """

    _MARKS: Final = re.compile(rb'["\\{}]')

    def __init__(self, max_bytes: int) -> None:
        self._max: Final = max_bytes
        self._rest = bytearray()
        self._scanned = 0
        self._depth = 0
        self._in_string = False
        self._ended_by_line = False
        self._skipping = False
        self._is_first = True
        self.terminator = b""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return bool(self._rest.strip()) or self._skipping

    def receive_data(self, data: bytes) -> Iterator[bytes | Overlong]:
        """The objects that `data` completes, and what is none and ended by a line end."""
        # In pieces, so that a message is known to be too long at the same byte however it arrives.
        while data:
            room = self._max + 1 - len(self._rest)
            self._rest += data[:room]
            data = data[room:]
            yield from self._messages()

    def _messages(self) -> Iterator[bytes | Overlong]:
        while self._skip():
            message = self._next()
            if message is None:
                break
            if len(message) > self._max:
                self._skipping = not self._ended_by_line
                yield Overlong.LINE
            else:
                yield message
        if len(self._rest) > self._max:
            self._forget()
            self._skipping = True
            yield Overlong.LINE

    def receive_pause(self) -> Iterator[bytes | Overlong]:
        """What ends because nothing follows."""
        rest = bytes(self._rest.strip())
        self._is_first = False
        self._forget()
        self._skipping = False
        if rest:
            yield rest

    receive_eof = receive_pause

    def _skip(self) -> bool:
        """Drop what belongs to a message that was too long; False while its end has not come."""
        if self._skipping:
            dropped, end, _ = self._rest.partition(b"\n")
            del self._rest[: len(dropped) + len(end)]
            self._skipping = not end
        return not self._skipping

    def _next(self) -> bytes | None:
        if not self._depth:
            self._drop_blank()
            if not self._rest:
                return None
            if self._rest[:1] != b"{":
                line, end, _ = self._rest.partition(b"\n")
                brace = line.find(b"{")
                if brace > 0:  # an object is glued behind what is none
                    return self._take(brace)
                return self._take(len(line) + 1) if end else None
        return self._take_object()

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
                        behind = self._rest[self._scanned :]
                        if self._is_first and b"\n" not in behind and not behind.strip():
                            self._scanned = 0
                            return None
                        self._is_first = False
                        return self._take(self._scanned)

    def _take(self, length: int) -> bytes:
        message = bytes(self._rest[:length])
        self._ended_by_line = message.endswith(b"\n")
        message = message.strip()
        del self._rest[:length]
        self._scanned = self._depth = 0
        self._in_string = False
        self._drop_blank()
        return message

    def _drop_blank(self) -> None:
        blank = len(self._rest) - len(self._rest.lstrip())
        self._ended_by_line |= b"\n" in self._rest[:blank]
        if self._ended_by_line:
            self.terminator = b"\n"
        del self._rest[:blank]

    def _forget(self) -> None:
        self._rest.clear()
        self._scanned = self._depth = 0
        self._in_string = False


class SegmentCodec(ABC):
    """What the codecs of such dialects have in common: the client speaks first, and is never pinged."""

    def __init__(self, settings: WireSettings, segments: TextSegments | JsonSegments) -> None:
        self._settings: Final = settings
        self._tr: Final = translations(settings.lang)
        self._segments: Final = segments
        self._name: UserName | None = None
        self._unsaid: Request | None = None
        self._must_end = False
        """The document wants the connection to be closed after the answer that was just given."""

    @property
    def has_rest(self) -> bool:
        """Whether a pause now would end a message."""
        return self._segments.has_rest

    def greeting(self) -> bytes:
        """Nothing: the client speaks first."""
        return b""

    def ping(self) -> bytes:
        """Nothing: the documents know no such thing."""
        return b""

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """The requests that end in `data`."""
        yield from self._understood(self._segments.receive_data(data))

    def receive_pause(self) -> Iterator[Item]:
        """The request that ends because nothing follows."""
        yield from self._understood(self._segments.receive_pause())

    def receive_eof(self) -> Iterator[Item]:
        """The request that ends because the connection does."""
        yield from self._understood(self._segments.receive_eof())

    def _understood(self, messages: Iterator[bytes | Overlong]) -> Iterator[Item]:
        for message in messages:
            yield from self._understand(message)
            if self._must_end:
                yield Request(commands.Quit())

    def answer(self, item: Request | Malformed, answer: Answer) -> bytes:
        """One message, or nothing where the document has no answer."""
        if item is self._unsaid:
            return b""
        if isinstance(answer, Welcome):
            self._name = answer.name
        return self._answer(item, answer)

    def _unanswered(self, command: commands.Command) -> Request:
        """A request of the codec's own, whose answer the visitor does not read."""
        self._unsaid = Request(command)
        return self._unsaid

    def _enter(self, name: str, *, roster: bool = False) -> Iterator[Item]:
        """Take a name and enter the lobby, be it General or one of this door's own."""
        has_own_lobby = self._settings.lobby != LOBBY
        yield Request(commands.Identify(name, lobby=not has_own_lobby, roster=roster))
        if has_own_lobby and self._name is not None:
            yield self._unanswered(commands.Join(self._settings.lobby))

    def _to_everybody(self, text: str) -> commands.Command:
        """Say something to everyone connected, or to all in this door's own lobby."""
        if self._settings.lobby == LOBBY:
            return commands.Announce(text)
        return commands.Say(self._settings.lobby, text)

    @abstractmethod
    def _understand(self, raw: bytes | Overlong) -> Iterator[Item]:
        """The requests in one message."""

    @abstractmethod
    def _answer(self, item: Request | Malformed, answer: Answer) -> bytes:
        """One message, or nothing where the document has no answer."""
