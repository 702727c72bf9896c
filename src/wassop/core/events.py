"""What a session is told: the answer to what it asked, or what others did."""

from enum import StrEnum

from attrs import frozen

from wassop.core.accounts import Account
from wassop.core.deeds import AuditPage, BanList, Deed, Done, LookUpAudit, ModesSet
from wassop.core.modes import OPEN, RoomModes
from wassop.core.names import RoomName, UserName
from wassop.core.operations import OperatorAnswer, Permitted
from wassop.core.refusals import Refused
from wassop.core.roles import Role
from wassop.core.values import value
from wassop.core.web_commands import WebAnswer


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
    KICKED = "kicked"
    BANNED = "banned"
    BAD_FRAME = "bad-frame"
    ERROR = "error"
    NAME_REGISTERED = "name-registered"
    PASSWORD_CHANGED = "password-changed"
    ACCOUNT_REMOVED = "account-removed"


# What others did


class Kind(StrEnum):
    """What an entry of a room's log is; the values are stable and stand in the native dialect."""

    SAY = "say"
    ME = "me"
    """What its author does, told of in the third person."""
    REPLY = "reply"
    EDIT = "edit"
    """The text that counts from now on instead of a message's own."""
    DELETE = "delete"
    REACT = "react"
    UNREACT = "unreact"


@frozen
class Quote:
    """How a message begins that another one is about; the excerpt is empty if it was deleted."""

    author: UserName
    excerpt: str


@value
class Said:
    """A message was accepted in a room; `seq` rises by one per room, `at` is Unix time in seconds.

    Edits, deletions and reactions are entries of the same log. What was deleted keeps its number, and has
    no text.
    """

    room: RoomName
    seq: int
    author: UserName
    text: str
    at: float
    to_all: bool = False
    """Said to everyone connected, not only to the room (which is the lobby)."""
    nonce: str | None = None
    """The author's own name for the message."""
    kind: Kind = Kind.SAY
    about: int | None = None
    """The number of the message that it answers, changes, or is a reaction to."""
    quoted: Quote | None = None
    """That message as it reads now, for replies and reactions."""

    @property
    def is_deleted(self) -> bool:
        """Whether this was taken back; nothing else that is told has no text."""
        return not self.text and self.kind is not Kind.DELETE


@frozen
class Told:
    """A private message."""

    author: UserName
    to: UserName
    text: str
    at: float
    nonce: str | None = None
    kept: bool = False
    """Said while nobody was here under the name `to`."""


@frozen
class ToldElsewhere:
    """What the reader said privately in another session of the same account."""

    told: Told


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
class Away:
    """Somebody is away, and says why; an empty text: is back. Who says so is answered with the same."""

    who: UserName
    text: str


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


Absent = tuple[tuple[UserName, str], ...]
"""Who of those listed is away, and why; the text may be left out."""


@frozen
class Welcome:
    """The name is taken; `resumed` are the rooms the visitor is back in."""

    name: UserName
    lobby: RoomName
    resumed: tuple["Joined", ...] = ()
    epoch: int = 0
    """Which run of the server this is."""
    account: Account | None = None
    """None for guests."""


@frozen
class LoggedOut:
    """The session has no name any more."""


@frozen
class AccountList:
    """All registered names."""

    accounts: tuple[Account, ...]


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
    away: Absent = ()
    modes: RoomModes = OPEN
    roles: tuple[tuple[UserName, Role], ...] = ()
    """Who is more than a member: guests who are there, and accounts whether they are there or not."""
    role: Role = Role.MEMBER
    """What the session may do there, all in all."""


@frozen
class Left:
    """The session is no longer in the room."""

    room: RoomName


@value
class Accepted:
    """A message was accepted: `seq` in its room (None for a private one), Unix time in seconds."""

    room: RoomName | None
    seq: int | None
    at: float
    text: str
    to: UserName | None = None
    to_all: bool = False
    kept: bool = False
    """Nobody is here under the name `to`; it is told when somebody is."""
    away: str | None = None
    """Why the one to whom it was said is away, in case."""


@frozen
class RoomInfo:
    """A line of the room list."""

    room: RoomName
    count: int
    is_lobby: bool
    password: bool = False
    invite_only: bool = False
    topic: str = ""


@frozen
class RoomList:
    """The rooms there are, in the order in which they were made, and how many are in each."""

    rooms: tuple[RoomInfo, ...]


@frozen
class Members:
    """Who is in a room, or (`room=None`) connected, in the order in which they came."""

    room: RoomName | None
    names: tuple[UserName, ...]
    away: Absent = ()


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
    mine: tuple[str, ...] = ()
    """Keys of the rooms that are searched even if not everybody may enter them."""


@frozen
class LookUpRead:
    """How far somebody has read a room."""

    reader: UserName
    room: RoomName


RecordLookup = LookUpPage | LookUpSearch | LookUpRead | LookUpAudit
"""What the record is asked."""
Lookup = RecordLookup | Permitted

Event = Said | Told | ToldElsewhere | TopicSet | Away | Presence | Roster | Typing | Slowed | Deed
Answer = (
    Welcome
    | LoggedOut
    | AccountList
    | Joined
    | Left
    | Accepted
    | TopicSet
    | Away
    | RoomList
    | Members
    | Page
    | Found
    | ReadUpTo
    | Pong
    | Noted
    | OperatorAnswer
    | WebAnswer
    | Done
    | ModesSet
    | BanList
    | AuditPage
    | Bye
    | Refused
)
