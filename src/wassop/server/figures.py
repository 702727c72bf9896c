"""What the server counts while it works: plain numbers, read when they are asked for."""

from bisect import bisect_left
from collections import Counter
from typing import Final

from attrs import Factory, define, field

BOUNDS_S: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
"""Upper bounds of the histogram's buckets; what is above the last has a bucket of its own."""


@define
class Latency:
    """A histogram of seconds."""

    counts: list[int] = field(factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one; a value equal to a bound is in its bucket."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds


@define
class Figures:
    """Since the start. Room messages are counted by the batch, all else where it is rare."""

    started_at: float = 0.0
    """Unix time in seconds."""
    messages: int = 0
    """Said in rooms and to all."""
    deliveries: int = 0
    """How often one of them was handed to somebody else than its author."""
    private_messages: int = 0
    """Told to one person."""
    omitted: int = 0
    """Messages left out for clients that take them one by one and too slowly; counted when they have gone."""
    refused: Counter[str] = Factory(Counter)
    """Requests, by `Code`."""
    ended: Counter[str] = Factory(Counter)
    """Connections, by `Farewell`."""
    latency: Latency | None = None
    """From a batch's oldest message being put into its room's channel to the batch having been handed over.
    None: nobody wants to know, and nobody looks at the clock for it."""
