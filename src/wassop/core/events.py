"""What a session is told: the answer to what it asked, or what others did."""

from enum import StrEnum

from attrs import frozen

from wassop.core.names import RoomName, UserName
from wassop.core.refusals import Refused


class Farewell(StrEnum):
    """Why a session ended; the values are stable and stand in the native dialect's `bye`."""

    QUIT = "quit"
    SHUTDOWN = "shutdown"
    SLOW_READER = "slow-reader"
    IDLE = "idle"
    LOST = "lost"
    NOT_SPOKEN = "not-spoken"
    NOT_ALLOWED = "not-allowed"
    SILENT = "silent"
    UNNAMED = "unnamed"
    SERVER_FULL = "server-full"
    ADDRESS_FULL = "address-full"
    CONNECTING_TOO_FAST = "connecting-too-fast"
    TLS_REQUIRED = "tls-required"
    BAD_FRAME = "bad-frame"
    ERROR = "error"


# What others did


@frozen
class Said:
    """A message was accepted in a room; `seq` rises by one per room, `at` is Unix time in seconds."""

    room: RoomName
    seq: int
    author: UserName
    text: str
    at: float
    to_all: bool = False
    """Said to everyone connected, not only to the room (which is the lobby)."""
    nonce: str | None = None
    """The author's own name for the message."""


@frozen
class Told:
    """A private message."""

    author: UserName
    to: UserName
    text: str
    at: float
    nonce: str | None = None


@frozen
class TopicSet:
    """Somebody said what a room is about; an empty text: nothing any more.

    Who sets it is answered with the same. `at` is Unix time in seconds with three decimals, and greater than
    that of any topic of the room before, so that of two the later one is known.
    """

    room: RoomName
    text: str
    by: UserName
    at: float


@frozen
class Presence:
    """Who came into a room, left it, or is gone from the chat, since the last such notice."""

    room: RoomName
    joined: tuple[UserName, ...] = ()
    left: tuple[UserName, ...] = ()
    gone: tuple[UserName, ...] = ()


@frozen
class Roster:
    """Who is connected now, for those who asked to be told whenever that changes."""

    names: tuple[UserName, ...]


@frozen
class Typing:
    """Somebody is typing in a room."""

    room: RoomName
    who: UserName


# What the server itself does


@frozen
class Slowed:
    """The visitor asks faster than allowed; what comes next is read in `wait_s` seconds. Nothing is lost."""

    wait_s: float


# Answers to what a session asked


@frozen
class Welcome:
    """The name is taken; `resumed` are the rooms the visitor is back in."""

    name: UserName
    lobby: RoomName
    resumed: tuple["Joined", ...] = ()
    epoch: int = 0
    """Which run of the server this is."""


@frozen
class Joined:
    """The session is in the room, whose last message so far is number `seq`."""

    room: RoomName
    seq: int
    members: tuple[UserName, ...]
    history: tuple[Said, ...]
    since: int | None = None
    """After which number `history` begins, for a visitor who comes back."""
    complete: bool = True
    """False when more was missed than `history` holds; the rest can be read with `ReadHistory`."""
    topic: TopicSet | None = None
    """What the room is about, if somebody said so."""


@frozen
class Left:
    """The session is no longer in the room."""

    room: RoomName


@frozen
class Accepted:
    """A message was accepted: `seq` in its room (None for a private one), Unix time in seconds."""

    room: RoomName | None
    seq: int | None
    at: float
    text: str
    to: UserName | None = None
    to_all: bool = False


@frozen
class RoomInfo:
    """A line of the room list."""

    room: RoomName
    count: int
    is_lobby: bool


@frozen
class RoomList:
    """The rooms there are, in the order in which they were made, and how many are in each."""

    rooms: tuple[RoomInfo, ...]


@frozen
class Members:
    """Who is in a room, or (`room=None`) connected, in the order in which they came."""

    room: RoomName | None
    names: tuple[UserName, ...]


@frozen
class Page:
    """Part of a room's history, oldest first, and whether there is more in that direction."""

    room: RoomName
    messages: tuple[Said, ...]
    more: bool


@frozen
class ReadUpTo:
    """How far the visitor has read a room; 0 where that is not known."""

    room: RoomName
    seq: int


@frozen
class Found:
    """What a search found, newest first, and whether there is more."""

    messages: tuple[Said, ...]
    more: bool


@frozen
class Pong:
    """A sign of life."""


@frozen
class Noted:
    """Nothing to say but that it was done."""


@frozen
class Bye:
    """The session ends, and why."""

    reason: Farewell


# Answers that must be looked up in the record, which takes a while: the server does that


@frozen
class LookUpPage:
    """A page of a room's history that reaches further back than the hub remembers."""

    room: RoomName
    before: int | None
    after: int | None
    limit: int


@frozen
class LookUpSearch:
    """A search that may be made."""

    words: tuple[str, ...]
    room: RoomName | None
    author: UserName | None
    since: float | None
    until: float | None
    limit: int


@frozen
class LookUpRead:
    """How far somebody has read a room."""

    reader: UserName
    room: RoomName


Lookup = LookUpPage | LookUpSearch | LookUpRead

Event = Said | Told | TopicSet | Presence | Roster | Typing | Slowed
Answer = (
    Welcome
    | Joined
    | Left
    | Accepted
    | TopicSet
    | RoomList
    | Members
    | Page
    | Found
    | ReadUpTo
    | Pong
    | Noted
    | Bye
    | Refused
)
