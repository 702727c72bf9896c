"""From where browsers have asked for pages lately.

A browser opens connections before it knows what it will ask for on them (preconnect), and would take a
greeting in plain text for a broken answer to whatever it asks then.
"""

from collections import OrderedDict
from typing import Final

PATIENCE_S: Final = 5.0
"""So long after a request of a browser a silent visitor from its address is not taken for a person: a page is
loaded by then."""
_MAX_ADDRESSES: Final = 1_024


class Browsers:
    """The addresses from which pages were asked for, the latest of them last."""

    def __init__(self) -> None:
        self._seen_at: Final[OrderedDict[str, float]] = OrderedDict()

    def note(self, address: str, now: float) -> None:
        """A browser asks for something; `now` in seconds, by any one clock."""
        self._seen_at[address] = now
        self._seen_at.move_to_end(address)
        if len(self._seen_at) > _MAX_ADDRESSES:
            self._seen_at.popitem(last=False)

    def patience_s(self, address: str, now: float) -> float:
        """How much longer a silent visitor may be a browser's connection; 0 if there is no browser."""
        seen_at = self._seen_at.get(address)
        return 0.0 if seen_at is None else max(0.0, seen_at + PATIENCE_S - now)
