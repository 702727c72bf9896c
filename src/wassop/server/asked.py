"""What a visitor asks for, and of that what is said in one breath."""

from collections.abc import Iterator
from typing import Final

from attrs import define

from wassop.core.commands import Say
from wassop.wire.codec import Item, Request

MAX_BREATH: Final = 32
"""After so many requests of one visitor, others get their turn."""


@define(eq=False)
class Breath:
    """Plain messages to one room that came together, at least one and at most `MAX_BREATH`."""

    requests: list[Request]
    sayings: list[Say]
    """Their commands."""

    def after(self, number: int) -> "Breath | None":
        """What is left of it after so many."""
        if number >= len(self.requests):
            return None
        return Breath(self.requests[number:], self.sayings[number:])


def in_breaths(items: Iterator[Item]) -> Iterator[Item | Breath]:
    """`items`, but plain messages to one room that follow each other as breaths. The item behind a breath is
    taken before it."""
    breath: Breath | None = None
    for item in items:
        if type(item) is not Request or type(item.command) is not Say or not item.command.is_plain:
            if breath is not None:
                yield breath
                breath = None
            yield item
            continue
        saying = item.command
        if breath is None:
            breath = Breath([item], [saying])
        elif saying.room == breath.sayings[0].room and len(breath.sayings) < MAX_BREATH:
            breath.requests.append(item)
            breath.sayings.append(saying)
        else:
            yield breath
            breath = Breath([item], [saying])
    if breath is not None:
        yield breath


class Asked:
    """What came at once and has no answer yet."""

    __slots__ = ("_first", "_rest")

    def __init__(self, rest: Iterator[Item | Breath]) -> None:
        self._rest: Final = rest
        self._first: Item | Breath | None = None

    def take(self) -> Item | Breath | None:
        """The next."""
        first, self._first = self._first, None
        return next(self._rest, None) if first is None else first

    def take_one(self) -> Item:
        """The next request, of which there must be one; the rest of a breath stays."""
        item = self.take()
        assert item is not None
        if isinstance(item, Breath):
            self._first = item.after(1)
            return item.requests[0]
        return item

    def put_back(self, item: Item | Breath) -> None:
        """`item` is the next once more."""
        self._first = item
