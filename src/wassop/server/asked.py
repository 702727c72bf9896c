"""What a visitor asks for, and of that what is said in one breath."""

from collections.abc import Iterator
from itertools import islice
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

    def without(self, number: int) -> "Breath":
        """But for the first so many, of which there are more."""
        return Breath(self.requests[number:], self.sayings[number:])


def next_asked(items: Iterator[Item]) -> list[Item | Breath]:
    """The next of `items`, if there is one. Plain messages to one room that follow each other are one breath;
    what ended it stands behind it, and nothing further is understood yet."""
    breath: Breath | None = None
    for item in islice(items, MAX_BREATH):
        if type(item) is not Request or type(item.command) is not Say or not item.command.is_plain:
            return [item] if breath is None else [breath, item]
        if breath is None:
            breath = Breath([item], [item.command])
        elif item.command.room == breath.sayings[0].room:
            breath.requests.append(item)
            breath.sayings.append(item.command)
        else:
            return [breath, Breath([item], [item.command])]
    return [] if breath is None else [breath]
