"""What every dialect offers the server: bytes in, requests out; answers and events in, bytes out."""

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from attrs import Factory, frozen

from wassop.core.commands import Command
from wassop.core.events import Answer, Event, Farewell
from wassop.core.hub import LOBBY
from wassop.core.limits import Limits, Rate
from wassop.core.refusals import Refused
from wassop.core.values import value
from wassop.wire.http import BareSite, Site

PLAIN_HISTORY: Final = 50
"""How many messages a visitor reads on joining whose dialect cannot ask for a number."""


def time_unknown() -> float:
    """The clock of those who have none: the beginning of Unix time."""
    return 0.0


@frozen
class WireSettings:
    """What codecs need to know of the server's configuration."""

    lang: str = "es"
    max_line_bytes: int = 16_384
    ping_interval_s: float = 120.0
    limits: Limits = Factory(Limits)
    lobby: str = LOBBY
    """Where those live whose dialect has no rooms."""
    clock: Callable[[], float] = time_unknown
    """Unix time in seconds, for dialects whose every message carries one."""
    messages: Rate | None = None
    """How fast the visitor may send messages; None: as fast as it likes."""
    site: Site = Factory(BareSite)
    """The pages for those who come with a browser."""


@value
class Request:
    """A command that a visitor sent; `id` is repeated in the answer where the dialect has such a thing."""

    command: Command
    id: int | str | None = None


@frozen
class Malformed:
    """Bytes that are no command in this dialect, and the answer they get."""

    refused: Refused
    id: int | str | None = None


@frozen
class Answered:
    """A line that concerned only the dialect itself, which answers with `data`."""

    data: bytes


@frozen
class Ended:
    """The visit is over by the dialect's own rules; nothing is read after it."""

    reason: Farewell


Item = Request | Malformed | Answered | Ended


class Encoder(Protocol):
    """Events to bytes. One object serves all sessions that read the same bytes, so that each event is
    encoded once for all of them; it is compared by identity."""

    @property
    def paced(self) -> bool:
        """Whether the reader takes one `recv` for one message: messages are then sent one by one, with a gap
        in between, and never joined."""
        ...

    def encode(self, event: Event) -> bytes:
        """The event as others read it; empty when this dialect does not tell it."""
        ...

    def encode_own(self, event: Event) -> bytes:
        """The event as the one who caused it reads it; empty in dialects without an echo."""
        ...


class Codec(Protocol):
    """One visitor's dialect. `receive_data` never raises, whatever the bytes."""

    dialect: str
    answers_in_order: bool
    """Whether an answer that takes a while holds up the next request, because answers carry no id."""

    encoder_is_fixed: bool
    """Whether `encoder` is the same for the whole visit, whatever the visitor does."""

    @property
    def encoder(self) -> Encoder:
        """How this visitor reads events now."""
        ...

    def greeting(self) -> bytes:
        """What a visitor reads before sending anything."""
        ...

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """Understand what came in. Take one item, give its answer to `answer`, then take the next:
        what a line means may depend on what became of the line before. Unless answers come in order, what
        follows an ordinary message is understood before that is answered."""
        ...

    @property
    def has_rest(self) -> bool:
        """Whether bytes wait that are a message if nothing follows them for a while (40 ms). Always false
        in dialects whose messages have an end of their own."""
        ...

    def receive_pause(self) -> Iterator[Item]:
        """Nothing followed: understand the rest as a message."""
        ...

    def receive_eof(self) -> Iterator[Item]:
        """The visitor will send nothing more; understand what was left without a terminator."""
        ...

    def answer(self, item: Request | Malformed, answer: Answer) -> bytes:
        """The answer to one item, empty when this dialect gives none."""
        ...

    def tell(self, event: Event) -> bytes:
        """An event for this visitor alone, which may change where it is; encoded as `encoder` does it now."""
        ...

    def farewell(self, reason: Farewell) -> bytes:
        """What a visitor reads before the server ends the connection."""
        ...

    def ping(self) -> bytes:
        """A question that makes a live client send something, empty when the dialect has none."""
        ...
