"""The native dialect's messages, as they stand in PROTOCOL.md; server and client share them.

A message is one JSON object whose `"t"` names its class here. Keys that are absent have the default.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from wassop.wire.native_entries import FoundEntry as FoundEntry
from wassop.wire.native_entries import Quote as Quote
from wassop.wire.native_entries import RoomLine as RoomLine
from wassop.wire.native_entries import RoomTopic as RoomTopic
from wassop.wire.native_entries import SaidEntry as SaidEntry
from wassop.wire.native_moderation import ClientOrder, Id, Roles, ServerNotice, ToldModes
from wassop.wire.native_operating import ClientOperation, ServerTold

VERSION = 1

Number = Annotated[int, Meta(ge=1, le=2**53)]  # of a message in its room
Nonce = Annotated[str, Meta(max_length=64)]  # bounded, because the server remembers it


class Hello(Struct, tag_field="t", tag="hello", omit_defaults=True):
    """Client: who I am."""

    name: str
    v: int = VERSION
    lang: str | None = None
    client: str | None = None
    resume: Mapping[str, int] | None = None
    epoch: int | None = None
    lobby: bool = True
    password: str | None = None
    id: Id = None


class Register(Struct, tag_field="t", tag="register", omit_defaults=True):
    """Client: the guest name I have shall be mine alone."""

    password: str
    id: Id = None


class Login(Struct, tag_field="t", tag="login", omit_defaults=True):
    """Client: I have been here as a guest, and am somebody registered."""

    name: str
    password: str
    id: Id = None


class Password(Struct, tag_field="t", tag="password", omit_defaults=True):
    """Client: another password for my account."""

    old: str
    new: str
    id: Id = None


class Logout(Struct, tag_field="t", tag="logout", omit_defaults=True):
    """Client: I have no name any more."""

    id: Id = None


class Account(Struct, tag_field="t", tag="account", omit_defaults=True):
    """Client: let me look after accounts."""

    do: Literal["list", "add", "passwd", "role", "remove"]
    name: str = ""
    password: str = ""
    role: Literal["user", "moderator", "admin"] = "user"
    id: Id = None
    lang: str | None = None
    """For texts from here on; who comes by the control socket says no `hello`."""


class Join(Struct, tag_field="t", tag="join", omit_defaults=True):
    """Client: let me into a room."""

    room: str
    history: int = 0
    since: int | None = None
    id: Id = None
    password: str | None = None


class Leave(Struct, tag_field="t", tag="leave", omit_defaults=True):
    """Client: I leave a room."""

    room: str
    id: Id = None


class Say(Struct, tag_field="t", tag="say", omit_defaults=True):
    """Client: a message to a room."""

    room: str
    text: str
    nonce: Nonce | None = None
    id: Id = None
    kind: str = "say"
    about: Number | None = None


class Msg(Struct, tag_field="t", tag="msg", omit_defaults=True):
    """Client: a private message."""

    to: str
    text: str
    nonce: Nonce | None = None
    id: Id = None


class All(Struct, tag_field="t", tag="all", omit_defaults=True):
    """Client: a message to everyone connected."""

    text: str
    nonce: Nonce | None = None
    id: Id = None


class Topic(Struct, tag_field="t", tag="topic", omit_defaults=True):
    """Client: what a room is about; an empty text: nothing any more."""

    room: str
    text: str
    id: Id = None


class SetAway(Struct, tag_field="t", tag="away", omit_defaults=True):
    """Client: I am away, and why; or back."""

    text: str = ""
    back: bool = False
    id: Id = None


class Rooms(Struct, tag_field="t", tag="rooms", omit_defaults=True):
    """Client: which rooms are there?"""

    id: Id = None


class Who(Struct, tag_field="t", tag="who", omit_defaults=True):
    """Client: who is in a room, or connected?"""

    room: str | None = None
    id: Id = None


class TypingHere(Struct, tag_field="t", tag="typing", omit_defaults=True):
    """Client: I am typing."""

    room: str
    id: Id = None


class History(Struct, tag_field="t", tag="history", omit_defaults=True):
    """Client: a part of what was said in a room."""

    room: str
    before: int | None = None
    after: int | None = None
    limit: int = 50
    id: Id = None


class Search(Struct, tag_field="t", tag="search", omit_defaults=True):
    """Client: messages that hold these words."""

    words: str
    room: str | None = None
    author: str | None = field(name="from", default=None)
    since: float | None = None
    until: float | None = None
    limit: int = 50
    id: Id = None


class Read(Struct, tag_field="t", tag="read", omit_defaults=True):
    """Client: I have read a room up to here; or, without `seq`, how far have I?"""

    room: str
    seq: int | None = None
    id: Id = None


class Ping(Struct, tag_field="t", tag="ping", omit_defaults=True):
    """Either side: are you there?"""

    id: Id = None


class Pong(Struct, tag_field="t", tag="pong", omit_defaults=True):
    """Either side: I am here."""

    re: Id = None


class Quit(Struct, tag_field="t", tag="quit", omit_defaults=True):
    """Client: goodbye."""

    id: Id = None


ClientMessage = (
    Hello
    | Register
    | Login
    | Password
    | Logout
    | Account
    | Join
    | Leave
    | Say
    | Msg
    | All
    | Topic
    | SetAway
    | Rooms
    | Who
    | TypingHere
    | History
    | Search
    | Read
    | Ping
    | Pong
    | Quit
    | ClientOperation
    | ClientOrder
)


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
