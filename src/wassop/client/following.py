"""One room as a program follows it: what it was told of it, what it is still to be told. Pure."""

from collections import deque
from typing import Final

from attrs import frozen

from wassop.client.ledger import Ledger
from wassop.wire.native_messages import SaidEntry

_RECENT: Final = 1_000
"""So many messages are remembered, should the server be killed and give their numbers to others."""
_SAME_TIME_S: Final = 0.0015
"""Times on the wire have three decimals; the same message may come with the last one rounded otherwise."""


@frozen
class AskedPage:
    """A page of what was said in `room` after number `after`: to be told, or, with `own_up_to`, to look for
    messages of one's own up to that number."""

    room: str
    after: int
    own_up_to: int | None = None


@frozen
class Recent:
    """A message that was told, by what it can be known again under another number."""

    seq: int
    author: str
    nonce: str | None
    text: str
    at: float

    def is_same(self, said: SaidEntry) -> bool:
        """Whether `said` is this message."""
        if self.author.casefold() != said.author.casefold():
            return False
        if self.nonce is not None or said.nonce is not None:
            return self.nonce == said.nonce
        return self.text == said.text and abs(self.at - said.at) < _SAME_TIME_S


class Following:
    """Rule: a number is noted when its message is told; what is noted is not told again."""

    def __init__(self, name: str, seq: int) -> None:
        """Follow the room from behind message `seq` on."""
        self.name = name
        self.ledger = Ledger(seq)
        self.password: str | None = None
        """With which one came in, to come back with."""
        self.up_to = seq
        """The highest number that is known to have been given."""
        self.is_asking = False
        self._recent: Final[deque[Recent]] = deque(maxlen=_RECENT)
        self._adrift: list[Recent] = []
        """Told in an earlier run of the server, which lost them; they may come again."""

    @property
    def key(self) -> str:
        """By what it is known."""
        return self.name.casefold()

    @property
    def has_gap(self) -> bool:
        """Whether there is something that was not told, and must be before what comes now."""
        return self.up_to > self.ledger.mark

    def open_gap(self, up_to: int) -> None:
        """Messages up to that number exist."""
        self.up_to = max(self.up_to, up_to)

    def note(self, said: SaidEntry) -> None:
        """The message was told, or needs not be."""
        self.ledger = self.ledger.noting(said.seq)
        self._recent.append(Recent(said.seq, said.author, said.nonce, said.text, said.at))
        self._adrift = [each for each in self._adrift if not each.is_same(said)]

    def is_known(self, said: SaidEntry) -> bool:
        """Whether it was told in an earlier run of the server, under another number."""
        return any(each.is_same(said) for each in self._adrift)

    def roll_back(self, since: int) -> None:
        """What was told after number `since` belongs to an earlier run of the server."""
        self._adrift += [each for each in self._recent if each.seq > since]
        kept = [each for each in self._recent if each.seq <= since]
        self._recent.clear()
        self._recent.extend(kept)
        self.ledger = self.ledger.rolled_back(since)
        self.up_to = since
