"""What clients ask in the native dialect; see `native_messages`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from wassop.wire.native_moderation import ClientOrder, Id
from wassop.wire.native_operating import ClientOperation

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
