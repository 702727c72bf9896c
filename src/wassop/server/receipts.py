"""Whom to answer when entries are on record."""

from collections.abc import Sequence
from typing import Protocol

from attrs import define

from wassop.core.events import Answer
from wassop.wire.codec import Request


class Sender(Protocol):
    """Whoever waits to hear whether entries were stored."""

    def settle(self, settled: "list[tuple[Receipt, list[bool]]]") -> None:
        """What one commit stored, or did not, of this sender's, in order; never blocks, never raises."""
        ...


@define(eq=False)
class Receipt:
    """What is to be answered, and to whom, when entries are on record: to each an answer."""

    sender: Sender
    requests: Sequence[Request]
    answers: Sequence[Answer]
