"""What is put on record, and what is read back from it."""

from attrs import field, frozen

from wassop.core.accounts import Account
from wassop.core.events import Said, Told, TopicSet
from wassop.core.modes import OPEN, RoomModes
from wassop.core.names import RoomName, UserName
from wassop.core.restrictions import Restriction
from wassop.core.roles import Role
from wassop.core.rules import Held
from wassop.core.web_sessions import WebSession


@frozen
class ReadMark:
    """Somebody has read a room up to message number `seq`."""

    reader: UserName
    room: RoomName
    seq: int


@frozen
class AccountAdded:
    """A name was registered; of its password only this is kept."""

    account: Account
    hashed: str = field(repr=False)


@frozen
class AccountChanged:
    """An account has another role, or (`hashed`) another password, than `before`."""

    account: Account
    before: Account
    hashed: str | None = field(default=None, repr=False)


@frozen
class AccountRemoved:
    """A name is anybody's again. What was kept for its owner goes to nobody."""

    account: Account


@frozen
class LoggedIn:
    """The owner of a name came at `at` (Unix seconds), and has what was kept up to then."""

    name: UserName
    at: float
    rehashed: str | None = field(default=None, repr=False)


@frozen
class WebSessionOpened:
    """A browser stays logged in, and the sessions with these marks give way to it."""

    session: WebSession
    gone: tuple[str, ...] = ()


@frozen
class WebSessionEnded:
    """A browser is logged in no more."""

    mark: str


AccountEntry = AccountAdded | AccountChanged | AccountRemoved | LoggedIn | WebSessionOpened | WebSessionEnded


@frozen
class ModesKept:
    """How a room is set from now on."""

    room: RoomName
    modes: RoomModes


@frozen
class RoleKept:
    """What an account is in a room from now on; None: nothing in particular."""

    room: RoomName
    account: UserName
    role: Role | None


@frozen
class Restricted:
    """Somebody is banned or muted, in a room or (None) on the server."""

    room: RoomName | None
    restriction: Restriction


@frozen
class Lifted:
    """And no more."""

    room: RoomName | None
    restriction: Restriction


@frozen
class Audited:
    """Who did what to whom, and from where; `at` is Unix time in seconds."""

    at: float
    actor: str
    action: str
    room: RoomName | None = None
    target: str = ""
    detail: str = ""
    address: str = ""


Change = ModesKept | RoleKept | Restricted | Lifted | Audited


@frozen
class Changes:
    """All that one command changed: it is stored whole or not at all."""

    changes: tuple[Change, ...]


Entry = Said | Told | TopicSet | ReadMark | AccountEntry | Changes


@frozen
class Stored:
    """Where a message is on record that its author had a name for."""

    room_key: str
    nonce: str
    seq: int
    at: float
    to_all: bool


@frozen
class RoomRecord:
    """A room as it was left: how far its messages are numbered, and the newest of them, oldest first."""

    name: RoomName
    seq: int
    recent: tuple[Said, ...]
    topic: TopicSet | None = None
    """The last one that was set, be it an empty one."""
    modes: RoomModes = OPEN
    roles: tuple[Held, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
