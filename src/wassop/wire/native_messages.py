"""The native dialect's messages, as they stand in PROTOCOL.md; server and client share them.

A message is one JSON object whose `"t"` names its class here. Keys that are absent have the default.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from wassop.wire.native_entries import FoundEntry as FoundEntry
from wassop.wire.native_entries import Quote as Quote
from wassop.wire.native_entries import RoomLine as RoomLine
from wassop.wire.native_entries import RoomTopic as RoomTopic
from wassop.wire.native_entries import SaidEntry as SaidEntry
from wassop.wire.native_moderation import Id, Roles, ServerNotice, ToldModes
from wassop.wire.native_operating import ServerTold
from wassop.wire.native_requests import VERSION as VERSION
from wassop.wire.native_requests import Account as Account
from wassop.wire.native_requests import All as All
from wassop.wire.native_requests import ClientMessage as ClientMessage
from wassop.wire.native_requests import Hello as Hello
from wassop.wire.native_requests import History as History
from wassop.wire.native_requests import Join as Join
from wassop.wire.native_requests import Leave as Leave
from wassop.wire.native_requests import Login as Login
from wassop.wire.native_requests import Logout as Logout
from wassop.wire.native_requests import Msg as Msg
from wassop.wire.native_requests import Password as Password
from wassop.wire.native_requests import Ping as Ping
from wassop.wire.native_requests import Pong as Pong
from wassop.wire.native_requests import Quit as Quit
from wassop.wire.native_requests import Read as Read
from wassop.wire.native_requests import Register as Register
from wassop.wire.native_requests import Rooms as Rooms
from wassop.wire.native_requests import Say as Say
from wassop.wire.native_requests import Search as Search
from wassop.wire.native_requests import SetAway as SetAway
from wassop.wire.native_requests import Topic as Topic
from wassop.wire.native_requests import TypingHere as TypingHere
from wassop.wire.native_requests import Who as Who


class ToldLimits(Struct):
    """The server's bounds: bytes of UTF-8, characters, numbers of things, seconds."""

    line_bytes: int
    text_bytes: int
    name_chars: int
    room_chars: int
    rooms: int
    history: int
    ping_s: float
    topic_chars: int = 300
    messages_per_s: float = 0
    messages_burst: int = 0


class Joined(Struct, tag_field="t", tag="joined", omit_defaults=True):
    """Server: you are in the room."""

    room: str
    seq: int
    members: list[str]
    history: list[SaidEntry]
    since: int | None = None
    complete: bool = True
    topic: RoomTopic | None = None
    re: Id = None
    away: Mapping[str, str] = field(default_factory=dict)
    roles: Roles | None = None
    modes: ToldModes | None = None
    role: str | None = None


class Welcome(Struct, tag_field="t", tag="welcome", omit_defaults=True):
    """Server: the name is yours."""

    v: int
    name: str
    server: str
    lang: str
    lobby: str
    limits: ToldLimits
    epoch: int = 0
    resumed: list[Joined] = field(default_factory=list)
    account: bool = False
    role: str | None = None
    re: Id = None


class LoggedOut(Struct, tag_field="t", tag="logged-out", omit_defaults=True):
    """Server: you have no name any more, and are in no room."""

    re: Id = None


class AccountLine(Struct, omit_defaults=True):
    """An account in the list of accounts."""

    name: str
    role: str
    created_at: float
    last_login_at: float | None = None


class AccountsAre(Struct, tag_field="t", tag="accounts", omit_defaults=True):
    """Server: these names are registered."""

    accounts: list[AccountLine]
    re: Id = None


class Left(Struct, tag_field="t", tag="left", omit_defaults=True):
    """Server: you are no longer in the room."""

    room: str
    re: Id = None


class Said(Struct, tag_field="t", tag="said", omit_defaults=True):
    """Server: somebody said something in a room."""

    room: str
    seq: int
    author: str = field(name="from")
    text: str
    at: float
    all: bool = False
    nonce: str | None = None
    kind: str = "say"
    about: int | None = None
    quote: Quote | None = None


class TopicSet(Struct, tag_field="t", tag="topic", omit_defaults=True):
    """Server: somebody said what the room is about; an empty text: nothing any more."""

    room: str
    text: str
    author: str = field(name="from")
    at: float


class Away(Struct, tag_field="t", tag="away", omit_defaults=True):
    """Server: somebody is away, and why; or back."""

    who: str
    text: str = ""
    back: bool = False


class HistoryPage(Struct, tag_field="t", tag="history", omit_defaults=True):
    """Server: this was said in the room."""

    room: str
    messages: list[SaidEntry]
    more: bool = False
    re: Id = None


class ReadUpTo(Struct, tag_field="t", tag="read", omit_defaults=True):
    """Server: so far have you read."""

    room: str
    seq: int
    re: Id = None


class Found(Struct, tag_field="t", tag="found", omit_defaults=True):
    """Server: these messages hold the words."""

    messages: list[FoundEntry]
    more: bool = False
    re: Id = None


class Private(Struct, tag_field="t", tag="msg", omit_defaults=True):
    """Server: somebody said something to you alone."""

    author: str = field(name="from")
    to: str
    text: str
    at: float
    nonce: str | None = None
    kept: bool = False


class Presence(Struct, tag_field="t", tag="presence", omit_defaults=True):
    """Server: who came and went."""

    room: str
    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class Typing(Struct, tag_field="t", tag="typing", omit_defaults=True):
    """Server: somebody is typing."""

    room: str
    who: str = field(name="from")


class Ok(Struct, tag_field="t", tag="ok", omit_defaults=True):
    """Server: done."""

    re: Id = None
    seq: int | None = None
    at: float | None = None
    kept: bool = False
    away: str | None = None


class RoomsAre(Struct, tag_field="t", tag="rooms", omit_defaults=True):
    """Server: these rooms there are."""

    rooms: list[RoomLine]
    re: Id = None


class WhoIs(Struct, tag_field="t", tag="who", omit_defaults=True):
    """Server: these people are in the room, or connected."""

    members: list[str]
    room: str | None = None
    re: Id = None
    away: Mapping[str, str] = field(default_factory=dict)


class Slow(Struct, tag_field="t", tag="slow", omit_defaults=True):
    """Server: you are faster than allowed; what you send next is read after so many milliseconds."""

    wait_ms: int


class Error(Struct, tag_field="t", tag="error", omit_defaults=True):
    """Server: that was not done."""

    code: str
    text: str
    re: Id = None


class Bye(Struct, tag_field="t", tag="bye", omit_defaults=True):
    """Server: this connection ends."""

    reason: str
    text: str
    re: Id = None


ServerMessage = (
    Welcome
    | LoggedOut
    | AccountsAre
    | Joined
    | Left
    | Said
    | Private
    | TopicSet
    | Away
    | Presence
    | Typing
    | Slow
    | HistoryPage
    | Found
    | ReadUpTo
    | Ok
    | RoomsAre
    | WhoIs
    | Error
    | Bye
    | Ping
    | Pong
    | ServerTold
    | ServerNotice
)
