"""How fast one visitor may ask. Whoever is faster is read more slowly: nothing is refused, nothing lost."""

from collections.abc import Callable
from typing import Final

import trio

from wassop.core.commands import Announce, Leave, Say, SetAway, SetTopic, Tell, Type
from wassop.core.limits import Rate, Rates, TokenBucket
from wassop.core.orders import Ban, GiveRole, Invite, Kick, Mute, SetModes, Unmute
from wassop.wire.codec import Item, Request

_NEWS_INTERVAL_S: Final = 60.0
_MESSAGES: Final = frozenset(
    {Say, Tell, Announce, Leave, SetTopic, SetAway, Type, GiveRole, Kick, Ban, Mute, Unmute, Invite, SetModes}
)
"""What others get to read (of coming and going the going: nobody comes in twice without it); everything
else, and what is not understood, is a request."""


class Throttle:
    """Rule 1: whoever is within the rates waits for nothing, and costs a look at the clock.
    Rule 2: whoever is not, waits in the task of the own connection, which is not read meanwhile: TCP slows
    the visitor down, and nobody else notices.
    Rule 3: what was received already is carried out, in order, and so is what the kernel still holds.
    """

    def __init__(self, rates: Rates, tell: Callable[[float, bool], None]) -> None:
        """Before each pause `tell` is called with its length in seconds, and whether the visitor should be
        told: at most once a minute."""
        now = trio.current_time()
        self._messages: Final = _bucket(rates.messages, now)
        self._requests: Final = _bucket(rates.requests, now)
        self._bytes: Final = _bucket(rates.received_bytes, now)
        self._tell: Final = tell
        self._told_at = -float("inf")

    def admits(self, item: Item) -> bool:
        """Whether `item` may be carried out now; it counts if so."""
        bucket = self._bucket_of(item)
        if bucket is None:
            return True
        now = trio.current_time()
        if bucket.wait_s(now):
            return False
        bucket.take(now)
        return True

    async def wait(self, item: Item) -> None:
        """Wait until `item` may be carried out; it counts."""
        bucket = self._bucket_of(item)
        if bucket is not None:
            await self._wait(bucket)
            bucket.take(trio.current_time())

    def receive(self, count: int) -> bool:
        """So many bytes were received; whether that was too much, and `wait_to_read` comes first now."""
        if self._bytes is None:
            return False
        now = trio.current_time()
        self._bytes.take(now, count)
        return self._bytes.wait_s(now) > 0

    async def wait_to_read(self) -> None:
        """Wait until more may be received."""
        if self._bytes is not None:
            await self._wait(self._bytes)

    def _bucket_of(self, item: Item) -> TokenBucket | None:
        is_message = isinstance(item, Request) and type(item.command) in _MESSAGES
        return self._messages if is_message else self._requests

    async def _wait(self, bucket: TokenBucket) -> None:
        while wait_s := bucket.wait_s(now := trio.current_time()):
            is_news = now - self._told_at >= _NEWS_INTERVAL_S
            if is_news:
                self._told_at = now
            self._tell(wait_s, is_news)
            await trio.sleep(wait_s)


def _bucket(rate: Rate | None, now: float) -> TokenBucket | None:
    return None if rate is None else TokenBucket(rate, now)
