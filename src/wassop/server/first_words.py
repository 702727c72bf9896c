"""Finding out from what a visitor says first, or does not say, which dialect it speaks."""

import math
from collections.abc import Awaitable, Callable
from typing import Protocol

import trio

from wassop.wire.sniff import Dialect, sniff

Receive = Callable[[], Awaitable[bytes]]


class Greet(Protocol):
    """Greets a visitor who is silent."""

    def __call__(self) -> None:
        """Offer a greeting; never blocks."""
        ...


async def receive_within(patience_s: float, receive: Receive) -> bytes | None:
    """What comes within that time; None when nothing does."""
    with trio.move_on_after(patience_s):
        return await receive()
    return None


async def first_bytes(
    receive: Receive, silence_s: float, patience_s: Callable[[], float], *, is_silent: bool
) -> bytes | None:
    """What a visitor says first; None for one who is silent for so long (`is_silent`: has been already), and
    for as long as `patience_s` tells then, once: else somebody else could keep it from being greeted."""
    data = None if is_silent else await receive_within(silence_s, receive)
    if data is None and (more_s := patience_s()) > 0:
        data = await receive_within(more_s, receive)
    return data


async def tell_dialect(
    receive: Receive, silence_s: float, greet: Greet, data: bytes | None
) -> tuple[Dialect, bytes]:
    """The dialect of a visitor who began with `data`, and what it said so far; one who is silent (None) is
    greeted as a person."""
    if data is None:
        # A person waits for a prompt, and then takes as long as it takes. Should a program after all turn up
        # that was slow to speak, it has read a banner, but is understood.
        greet()
        data = await receive()
    while (dialect := sniff(data)) is None:
        more = await receive_within(silence_s, receive)
        if more:
            data += more
            continue
        dialect = sniff(data, final=True)
        if dialect is not None:
            break
        if more is not None:  # the end, in the middle of an object or of a word
            return Dialect.NATIVE if data.lstrip().startswith(b"{") else Dialect.PLAIN, data
        silence_s = math.inf  # a program has begun, and will tell
    return dialect, data
