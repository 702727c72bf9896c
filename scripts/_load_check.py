"""What the receivers of a load run heard: pure accounting, no sockets and no clock.

Rule 1: every receiver is held to the same: each message of the others once, in the order of each talker,
and the room's numbers rising by one over what it heard and what it was told of its own.
Rule 2: a server sends the same bytes to all who only listen. So a room's stream is parsed and checked once,
when its first listener reads it, and every other listener is checked by comparing bytes with it: exact, and
cheap enough for a million deliveries a second. A listener whose bytes differ is checked line by line from
there on.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, fields
from typing import Final

TICK_NS: Final = 10_000
"""The unit of all times in here: 10 microseconds."""


@dataclass
class Faults:
    """Everything here must be 0 at the end of a run."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    seq_gaps: int = 0
    """Numbers of a room that neither a message nor an answer had."""
    unanswered: int = 0
    refused: int = 0
    malformed: int = 0
    disconnected: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, field.name) for field in fields(self))


class Checker:
    """One receiver's view of one room. Numbers of messages begin at 0 per talker, the room's `seq` at 1."""

    def __init__(self) -> None:
        self.duplicated = 0
        self.out_of_order = 0
        self._seq = 0
        self._skipped: Final[set[int]] = set()
        self._own_ahead: Final[set[int]] = set()
        self._last: Final[dict[int, int]] = {}
        self._missing: Final[dict[int, set[int]]] = {}

    def heard(self, seq: int, talker: int, number: int) -> None:
        """A message of somebody else came in."""
        last = self._last.get(talker, -1)
        if number <= last:
            missing = self._missing.get(talker, set())
            if number not in missing:
                self.duplicated += 1
                return
            missing.remove(number)
            self._skipped.discard(seq)
            self.out_of_order += 1
            return
        if number > last + 1:
            self._missing.setdefault(talker, set()).update(range(last + 1, number))
        self._last[talker] = number
        if seq <= self._seq:
            self._skipped.discard(seq)
            self.out_of_order += 1
        elif seq == self._seq + 1 and not self._own_ahead:
            self._seq = seq
        else:
            between = set(range(self._seq + 1, seq))
            self._skipped.update(between - self._own_ahead)
            self._own_ahead.difference_update(between)
            self._reach(seq)

    def told_own(self, seq: int) -> None:
        """The server answered a message of this receiver's own; that may overtake messages of others."""
        if seq in self._skipped:
            self._skipped.remove(seq)
        elif seq == self._seq + 1:
            self._reach(seq)
        elif seq > self._seq and seq not in self._own_ahead:
            self._own_ahead.add(seq)
        else:
            self.out_of_order += 1

    def lost(self, said: dict[int, int]) -> int:
        """How many messages did not come in; `said` tells how many each of the others said."""
        never = sum(count - 1 - self._last.get(talker, -1) for talker, count in said.items())
        return never + sum(map(len, self._missing.values()))

    @property
    def seq_gaps(self) -> int:
        """How many numbers of the room are not accounted for."""
        last = max(self._own_ahead, default=self._seq)
        return len(self._skipped) + last - self._seq - len(self._own_ahead)

    def _reach(self, seq: int) -> None:
        while seq + 1 in self._own_ahead:
            seq += 1
            self._own_ahead.remove(seq)
        self._seq = seq


class RoomStream:
    """What those who only listen in a room must read, byte for byte, as far as any of them has read it."""

    def __init__(self) -> None:
        self.data: Final = bytearray()
        self.ends: Final[list[int]] = []
        """Where each line ends in `data`."""
        self.sent: Final[list[int]] = []
        """When the message of each line was sent, in ticks."""
        self.checker: Final = Checker()
        # Flat lists of numbers, which Python's garbage collector does not walk.
        self._seqs: Final[list[int]] = []
        self._talkers: Final[list[int]] = []
        self._numbers: Final[list[int]] = []

    def append(self, line: bytes, seq: int, talker: int, number: int, sent: int) -> None:
        """Somebody read a line that nobody had read before."""
        self.data.extend(line)
        self.ends.append(len(self.data))
        self.sent.append(sent)
        self._seqs.append(seq)
        self._talkers.append(talker)
        self._numbers.append(number)
        self.checker.heard(seq, talker, number)

    def checker_at(self, position: int) -> Checker:
        """A checker that has heard the first `position` lines."""
        checker = Checker()
        for heard in zip(
            self._seqs[:position], self._talkers[:position], self._numbers[:position], strict=True
        ):
            checker.heard(*heard)
        return checker

    def position_of(self, offset: int, at_least: int) -> int:
        """How many lines end at or before `offset`, of which `at_least` are known to."""
        return bisect_right(self.ends, offset, at_least)


class Latencies:
    """Times from a talker's send to a receiver's receipt, in ticks, each delivery counted."""

    def __init__(self) -> None:
        self._counts: Final[Counter[int]] = Counter()

    def add(self, now: int, sent: list[int]) -> None:
        """Messages sent at these times were received at `now`."""
        if len(sent) == 1:  # the usual case when paced, and worth the shortcut
            latency = now - sent[0]
            self._counts[latency] = self._counts.get(latency, 0) + 1
        else:
            self._counts.update(map(now.__sub__, sent))

    def quantile_ms(self, share: float) -> float | None:
        """The latency that `share` of all deliveries do not exceed, in milliseconds; 1.0 is the longest."""
        wanted = share * self._counts.total()
        passed = 0
        for latency in sorted(self._counts):
            passed += self._counts[latency]
            if passed >= wanted:
                return latency * TICK_NS / 1e6
        return None
