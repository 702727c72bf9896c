"""Whether every receiver heard each message of the others once and in order: accounting without sockets.

The first listener who reads a line has it parsed and checked; what all others read is compared with that,
byte for byte (`_load_check`). That is exact, needs no work per message, and holds for every server here: each
sends the same bytes to all who only listen. A receiver whose bytes differ is checked line by line.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from _bench_dialects import Dialect
from _load_check import Checker, Faults, RoomStream


class RoomLog:
    """What was said in one room, and what its listeners must therefore read."""

    def __init__(self, dialect: Dialect, index: int, talkers: int) -> None:
        self.dialect: Final = dialect
        self.index: Final = index
        self.stream: Final = RoomStream()
        self.authors: Final[list[int]] = []
        """Whose message each line of the stream is."""
        self.sent: Final[list[list[int]]] = [[] for _ in range(talkers)]
        """When each talker sent each of its messages, in ticks."""

    def understand(self, line: bytes) -> tuple[int, int, int] | None:
        """`seq`, talker and number of a message that was really said here."""
        heard = self.dialect.heard(line)
        if heard is None:
            return None
        seq, room, talker, number = heard
        said_here = room == self.index and 0 <= talker < len(self.sent)
        return (seq, talker, number) if said_here and 0 <= number < len(self.sent[talker]) else None

    def append(self, line: bytes) -> bool:
        """Take in a line that nobody has read before; False if it tells of no message."""
        understood = self.understand(line)
        if understood is None:
            return False
        seq, talker, number = understood
        position = len(self.stream.ends)
        self.stream.append(line, seq or position + 1, talker, number, self.sent[talker][number])
        self.authors.append(talker)
        return True

    def lines(self, end: int) -> Iterator[tuple[int, bytes]]:
        """The lines of the stream up to that byte, and whose messages they are."""
        start = 0
        for author, until in zip(self.authors, self.stream.ends, strict=True):
            if until > end:
                return
            yield author, bytes(self.stream.data[start:until])
            start = until

    def said(self, but: int = -1) -> dict[int, int]:
        """How many messages each talker sent, but one of them."""
        return {talker: len(sent) for talker, sent in enumerate(self.sent) if talker != but}


class Follower:
    """One who only listens: how far it has read the room's stream."""

    def __init__(self, log: RoomLog) -> None:
        self.position = 0
        """How many messages were read."""
        self.foreign: Final[list[bytes]] = []
        """Lines read that tell of no message of the room; whoever takes them clears the list."""
        self._log: Final = log
        self._stream: Final = log.stream
        self._offset = 0
        self._rest = b""
        self._own: Checker | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all that was read so far is the room's stream."""
        return self._own is None

    def read(self, data: bytes | memoryview) -> int:
        """Take in what came from the socket; return how many messages that completed."""
        before, stream = self.position, self._stream
        if not self._rest and self._own is None and stream.data.startswith(data, self._offset):
            self._offset += len(data)
            self.position = bisect_right(stream.ends, self._offset, before)
        else:
            self._read_on(self._rest + bytes(data))
        return self.position - before

    def judge(self, faults: Faults) -> None:
        """Add what was wrong."""
        checker = self._own or self._stream.checker
        unread = 0 if self._own else len(self._stream.ends) - self.position
        _add(faults, checker, self._log.said(), unread)

    def _read_on(self, data: bytes) -> None:
        stream, self._rest = self._stream, b""
        if self._own is None:
            ahead = bytes(stream.data[self._offset : self._offset + len(data)])
            if data.startswith(ahead):
                self._offset += len(ahead)
                self.position = bisect_right(stream.ends, self._offset, self.position)
                if len(ahead) == len(data):
                    return
                data = data[len(ahead) :]  # from here on nobody has read it yet
            else:  # go back to where the line begins
                start = stream.ends[self.position - 1] if self.position else 0
                data = bytes(stream.data[start : self._offset]) + data
                self._offset = start
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            self._read_line(line + b"\n")

    def _read_line(self, line: bytes) -> None:
        stream, position = self._stream, self.position
        if self._own is None:
            if position == len(stream.ends):
                is_next = self._log.append(line)
            else:
                is_next = line == stream.data[self._offset : stream.ends[position]]
            if is_next:
                self.position += 1
                self._offset += len(line)
                return
        understood = self._log.understand(line)
        if understood is None:
            self.foreign.append(line)
            return
        if self._own is None:
            self._own = stream.checker_at(position)
        seq, talker, number = understood
        self.position += 1
        self._own.heard(seq or self.position, talker, number)


def judge_talker(log: RoomLog, talker: int, heard: list[bytes], faults: Faults) -> None:
    """Add what was wrong with what a talker heard of the others; `heard` are the lines of messages."""
    expected = [line for author, line in log.lines(len(log.stream.data)) if author != talker]
    if heard == expected and len(expected) == sum(log.said(talker).values()):
        return  # what is complete and was the same for a listener, whose checker tells of its order
    checker = Checker()
    for position, line in enumerate(heard, 1):
        understood = log.understand(line)
        if understood is None:
            faults.malformed += 1
        else:
            checker.heard(position, *understood[1:])  # numbers of the room have gaps where it spoke itself
    _add(faults, checker, log.said(talker), 0)


def _add(faults: Faults, checker: Checker, said: dict[int, int], unread: int) -> None:
    faults.lost += checker.lost(said) + unread
    faults.duplicated += checker.duplicated
    faults.out_of_order += checker.out_of_order
    faults.seq_gaps += checker.seq_gaps
