"""What a session asks of the hub. Names and texts are as the visitor typed them; the hub checks them."""

from collections.abc import Mapping
from typing import Literal

from attrs import Factory, field, frozen

from wassop.core.accounts import Account
from wassop.core.events import Kind, Said, Told
from wassop.core.operations import Operation
from wassop.core.orders import Order
from wassop.core.records import Stored
from wassop.core.values import value
from wassop.core.web_commands import WebCommand


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
class Login:
    """Prove that a registered name is one's own, and come in under it (`identify`) or, here already as a
    guest, go on under it.

    The server checks the password, and puts what the hub must know in its place.
    """

    name: str
    password: str = field(repr=False)
    identify: Identify | None = None
    web_mark: str = ""
    """Of the session of the visitor's browser: if it is one of that name, it is proof enough; if not, the
    visitor is one who has shown nothing."""
    proven: Account | None = None
    """Whose password that is."""
    rehashed: str | None = field(default=None, repr=False)
    """The password as it is to be kept from now on, if that differs."""
    kept: tuple[Told, ...] = ()
    """What the record has for the owner of the name."""


@frozen
class Register:
    """Make an account of the guest name that one has."""

    password: str = field(repr=False)
    hashed: str = field(default="", repr=False)
    """What is kept of the password; the server adds it."""


@frozen
class ChangePassword:
    """Take another password for one's account."""

    old: str = field(repr=False)
    new: str = field(repr=False)
    proven: Account | None = None
    hashed: str = field(default="", repr=False)


@frozen
class Logout:
    """Have no name any more, and be in no room."""

    web_mark: str = ""
    """Of the session of the visitor's browser, which ends, too."""


@frozen
class ManageAccount:
    """List, add or remove accounts, or change the password or the role of one."""

    do: Literal["list", "add", "passwd", "role", "remove"]
    name: str = ""
    password: str = field(default="", repr=False)
    role: str = "user"
    hashed: str = field(default="", repr=False)


@frozen
class Leave:
    """Leave a room."""

    room: str


@value
class Say:
    """Say something in a room. The same `nonce` again is the same message again: told once."""

    room: str
    text: str
    nonce: str | None = None
    kind: str = Kind.SAY
    """One of `Kind`, as the visitor wrote it."""
    about: int | None = None
    """The number of the message that this is about."""
    subject: Said | None = None
    """That message as it read when the record was last looked into, with the text that counts; the server
    adds it where the hub does not remember so much."""

    @property
    def is_plain(self) -> bool:
        """Whether it is an ordinary message, and about no other."""
        return self.about is None and self.kind == Kind.SAY


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
class SetAway:
    """Be away, and say why; an empty text, or `back`: be there again."""

    text: str = ""
    back: bool = False


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
    | Login
    | Register
    | ChangePassword
    | Logout
    | ManageAccount
    | Join
    | Leave
    | Say
    | Tell
    | Announce
    | SetTopic
    | SetAway
    | ListRooms
    | Who
    | Type
    | ReadHistory
    | Search
    | MarkRead
    | Ping
    | Quit
    | Operation
    | WebCommand
    | Order
)
