"""Which of a room's messages were seen, so that none is shown twice and none is forgotten."""

from attrs import evolve, frozen


@frozen
class Ledger:
    """Everything up to `mark` was seen, and the messages `ahead` of it.

    What is asked for after a reconnect begins at `mark`, not at the highest number seen: the answer to a
    message of one's own may come before the smaller numbers of others.
    """

    mark: int = 0
    ahead: frozenset[int] = frozenset()

    def has(self, seq: int) -> bool:
        """Whether message number `seq` was seen."""
        return seq <= self.mark or seq in self.ahead

    def noting(self, seq: int) -> "Ledger":
        """Message `seq` was seen, too."""
        return self if self.has(seq) else evolve(self, ahead=self.ahead | {seq})._closed()

    def caught_up(self, seq: int) -> "Ledger":
        """Nothing up to `seq` is missing any more, or ever will come."""
        if seq <= self.mark:
            return self
        return Ledger(seq, frozenset(number for number in self.ahead if number > seq))._closed()

    def rolled_back(self, seq: int) -> "Ledger":
        """What was seen after number `seq` may be called otherwise now."""
        return Ledger(min(self.mark, seq))

    def _closed(self) -> "Ledger":
        mark = self.mark
        while mark + 1 in self.ahead:
            mark += 1
        return Ledger(mark, frozenset(number for number in self.ahead if number > mark))
