"""What a session asks of the hub. Names and texts are as the visitor typed them; the hub checks them."""

from collections.abc import Mapping

from attrs import Factory, field, frozen

from wassop.core.orders import Order
from wassop.core.records import Stored


@frozen
class Identify:
    """Take a name and enter the lobby (`lobby=False`: stay out of the lobby's traffic)."""

    name: str
    lobby: bool = True
    resume: Mapping[str, int] = Factory(dict)
    """Rooms to come back into, each with the last `seq` seen there."""
    epoch: int | None = None
    """In which run of the server those were seen; None where the visitor does not say."""
    roster: bool = False
    """Be told who is connected whenever that has changed."""
    stored: tuple[Stored, ...] = ()
    """What the record knows of the visitor's own messages in those rooms; the server adds it."""


@frozen
class Join:
    """Enter a room, which is made if it is new, and read its newest `history` messages."""

    room: str
    history: int = 0
    since: int | None = None
    """Read only what was said after this `seq` (a visitor who comes back)."""
    stored: tuple[Stored, ...] = ()
    """As in `Identify`."""
    password: str | None = field(default=None, repr=False)
    proven: str | None = field(default=None, repr=False)
    """The hash that the password was found to match; the server adds it."""


@frozen
class Leave:
    """Leave a room."""

    room: str


@frozen
class Say:
    """Say something in a room. The same `nonce` again is the same message again: told once."""

    room: str
    text: str
    nonce: str | None = None


@frozen
class Tell:
    """Say something to one person."""

    to: str
    text: str
    nonce: str | None = None


@frozen
class Announce:
    """Say something in the lobby that reaches everyone connected, whoever stays out of the lobby too."""

    text: str
    nonce: str | None = None


@frozen
class SetTopic:
    """Say in one line what a room is about; an empty text removes what was said so before."""

    room: str
    text: str


@frozen
class ListRooms:
    """Ask which rooms there are."""


@frozen
class Who:
    """Ask who is in a room, or (`room=None`) who is connected."""

    room: str | None = None


@frozen
class Type:
    """Tell the others in a room that one is typing there."""

    room: str


@frozen
class ReadHistory:
    """Read at most `limit` messages of a room before number `before`, the newest of them; or after `after`,
    the oldest of them."""

    room: str
    limit: int
    before: int | None = None
    after: int | None = None


@frozen
class Search:
    """Find messages that hold all `words`; times in Unix seconds."""

    words: str
    limit: int
    room: str | None = None
    author: str | None = None
    since: float | None = None
    until: float | None = None


@frozen
class MarkRead:
    """Remember that everything up to number `seq` was read in a room; without it, ask what is remembered."""

    room: str
    seq: int | None


@frozen
class Ping:
    """Ask for a sign of life."""


@frozen
class Quit:
    """Leave the chat."""


Command = (
    Identify
    | Join
    | Leave
    | Say
    | Tell
    | Announce
    | SetTopic
    | ListRooms
    | Who
    | Type
    | ReadHistory
    | Search
    | MarkRead
    | Ping
    | Quit
    | Order
)
