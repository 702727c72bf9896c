"""What the journal gathers: entries, and whom to answer when they are on record."""

from collections.abc import Sequence
from typing import Protocol

from attrs import Factory, define

from wassop.core.events import Answer
from wassop.core.records import Entry
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


@define(eq=False)
class Batch:
    """What is stored in one transaction."""

    since: float
    """When its first entry came."""
    entries: list[Entry] = Factory(list)
    receipts: list[tuple[Receipt, int]] = Factory(list)
    """Each with the place of the first of its entries."""

    @property
    def senders(self) -> set[Sender]:
        """Who is to be answered."""
        return {receipt.sender for receipt, _ in self.receipts}
