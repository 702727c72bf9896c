"""What a visitor asks for, and of that what is said in one breath."""

from collections.abc import Iterable
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


def in_breaths(items: Iterable[Item]) -> list[Item | Breath]:
    """`items`, but plain messages to one room that follow each other as breaths."""
    asked: list[Item | Breath] = []
    breath: Breath | None = None
    for item in items:
        if type(item) is not Request or type(item.command) is not Say or not item.command.is_plain:
            breath = None
            asked.append(item)
            continue
        command = item.command
        if breath is None or breath.sayings[0].room != command.room or len(breath.sayings) == MAX_BREATH:
            breath = Breath([item], [command])
            asked.append(breath)
        else:
            breath.requests.append(item)
            breath.sayings.append(command)
    return asked
