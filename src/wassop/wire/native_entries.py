"""What stands in lists of the native dialect's messages."""

from msgspec import Struct, field


class Quote(Struct):
    """How a message begins that another one is about."""

    author: str = field(name="from")
    text: str


class SaidEntry(Struct, omit_defaults=True):
    """A message in a history."""

    seq: int
    author: str = field(name="from")
    text: str
    at: float
    all: bool = False
    nonce: str | None = None
    kind: str = "say"
    about: int | None = None
    quote: Quote | None = None
    deleted: bool = False


class FoundEntry(Struct, omit_defaults=True):
    """A message that a search found."""

    room: str
    seq: int
    author: str = field(name="from")
    text: str
    at: float
    all: bool = False
    kind: str = "say"
    about: int | None = None
    quote: Quote | None = None


class RoomTopic(Struct):
    """What a room is about, who said so, and when."""

    text: str
    author: str = field(name="from")
    at: float


class RoomLine(Struct, omit_defaults=True):
    """A room in the room list."""

    room: str
    count: int
    password: bool = False
    invite_only: bool = False
    topic: str = ""
