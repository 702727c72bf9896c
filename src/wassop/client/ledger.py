"""Which of a room's messages were seen, so that none is shown twice and none is forgotten."""

from collections.abc import Mapping

from attrs import Factory, evolve, frozen

_SAME_TIME_S = 0.0015
"""Times on the wire have three decimals; the same message may come with the last one rounded otherwise."""


@frozen
class Ledger:
    """Everything up to `mark` was seen, and the messages `ahead` of it; numbers map to times.

    Rule 1: what is asked for after a reconnect begins at `mark`, not at the highest number seen: the answer
    to a message of one's own may come before the smaller numbers of others.
    Rule 2: the time of a message tells it from one of the same number in another life of the room (a server
    that began anew).
    """

    mark: int = 0
    mark_at: float | None = None
    ahead: Mapping[int, float | None] = Factory(dict)

    def has(self, seq: int) -> bool:
        """Whether message number `seq` was seen."""
        return seq <= self.mark or seq in self.ahead

    def noting(self, seq: int, at: float | None) -> "Ledger":
        """Message `seq` of time `at` (None: not known) was seen, too."""
        if self.has(seq):
            return self
        return evolve(self, ahead={**self.ahead, seq: at})._closed()

    def caught_up(self, seq: int) -> "Ledger":
        """Nothing up to `seq` is missing any more, or ever will come."""
        if seq <= self.mark:
            return self
        at = self.ahead.get(seq)
        ahead = {number: time for number, time in self.ahead.items() if number > seq}
        return Ledger(seq, at, ahead)._closed()

    @property
    def resume_from(self) -> int:
        """What to tell the server: one less than `mark`, so that its answer shows whether it still counts
        the way it did."""
        return self.mark - 1 if self.mark > 0 and self.mark_at is not None else self.mark

    def disagrees(self, seq: int, at: float) -> bool:
        """Whether the server now calls another message `seq` than the one seen under that number."""
        known = self.mark_at if seq == self.mark else self.ahead.get(seq)
        return known is not None and abs(known - at) > _SAME_TIME_S

    def _closed(self) -> "Ledger":
        mark, mark_at, ahead = self.mark, self.mark_at, dict(self.ahead)
        while mark + 1 in ahead:
            mark += 1
            mark_at = ahead.pop(mark)
        return Ledger(mark, mark_at, ahead)
