"""What the client knows, what can happen to it, and what it wants done. Values only."""

from collections.abc import Mapping
from datetime import date
from enum import Enum, auto
from typing import Literal

from attrs import Factory, field, frozen

from wassop.client.ledger import Ledger
from wassop.locale import Translations
from wassop.wire.native_messages import All, ClientMessage, Msg, Say, ServerMessage, ToldLimits


class Kind(Enum):
    """What sort of line it is; how it looks hangs on it."""

    TALK = auto()
    NOTICE = auto()
    PRESENCE = auto()
    """Who came and went."""
    HEADING = auto()
    ERROR = auto()
    DIVIDER = auto()
    """Tells older messages from new ones."""


class Delivery(Enum):
    """How far a message of one's own has come."""

    WAITING = auto()
    DONE = auto()
    FAILED = auto()


@frozen
class Line:
    """One entry of the history on the screen. `number` rises by one from line to line."""

    number: int
    kind: Kind
    text: str
    at: float | None = None
    """Unix time in seconds; None for lines that show no time."""
    author: str | None = None
    """None for lines that nobody said."""
    own: bool = False
    mark: str = ""
    """What stands in brackets after the author: privado, a todos, a ana."""
    room: str | None = None
    """The room's name where it must be told because it is not the current one."""
    delivery: Delivery = Delivery.DONE


@frozen
class Room:
    """A room one is in."""

    name: str
    members: frozenset[str]
    ledger: Ledger
    unread_up_to: int = 0
    """Messages up to this number were said before one came and never asked for (in the lobby)."""


@frozen
class Pending:
    """A message of one's own whose `ok` has not come. `was_sent` on some connection, this one or a former."""

    line: int
    message: Say | Msg | All
    was_sent: bool = False


class Place(Enum):
    """Where the person is."""

    NAMING = auto()
    MENU = auto()
    ROOM = auto()


class Online(Enum):
    """How the link is."""

    CONNECTING = auto()
    ENTERING = auto()
    """Connected, but not welcome yet."""
    READY = auto()
    AWAY = auto()
    """Waiting before the next try."""


# What was asked of the server, by the id of the request


@frozen
class AskedHello:
    """To be let in under `name`."""

    name: str


@frozen
class AskedJoin:
    """To be let into `room`; when it is refused `or_menu`, the main menu is shown."""

    room: str
    or_menu: bool = False


@frozen
class AskedAgain:
    """For all that was said in the new life of `room`, which one is in."""

    room: str


@frozen
class AskedLobby:
    """For the lobby's number and members, who are all the people there are."""


@frozen
class AskedLeave:
    """To be let out of `room`; `to_menu` even when there are other rooms."""

    room: str
    to_menu: bool


@frozen
class AskedRooms:
    """For the rooms: to show the main menu, to list them, or only to know them."""

    why: Literal["menu", "list", "know"]


@frozen
class AskedMembers:
    """For who is here, to show it."""


@frozen
class AskedMessage:
    """To deliver the message that stands in line number `line`."""

    line: int


Asked = (
    AskedHello | AskedJoin | AskedAgain | AskedLobby | AskedLeave | AskedRooms | AskedMembers | AskedMessage
)


@frozen
class State:
    """Everything that the screen is drawn from."""

    tr: Translations = field(eq=False, repr=False)
    lang: str
    server: str
    """The server's address as people write it."""
    nonce_prefix: str
    """Makes this client's nonces differ from those of any other."""
    wanted_name: str | None = None
    wanted_rooms: tuple[str, ...] = ()
    """To be joined as soon as the server listens."""

    place: Place = Place.NAMING
    confirming: bool = False
    online: Online = Online.CONNECTING
    retry_in_s: int | None = None
    told_lost: bool = False
    name: str | None = None
    """The name under which the server knew one last."""
    lobby: str = ""
    limits: ToldLimits | None = None
    current: str | None = None
    rooms: Mapping[str, Room] = Factory(dict)
    """The rooms one is in, the lobby among them, in the order of joining."""
    listed: tuple[tuple[str, int], ...] = ()
    """The server's rooms and how many are in each, as far as known."""
    typed_ahead: tuple[str, ...] = ()
    """What was entered while an answer decides what it means."""
    refusals: int = 0
    """How often in a row the server refused one's own name on coming back."""

    lines: tuple[Line, ...] = ()
    day: date | None = None
    """The day of the newest line with a time, if it was told."""
    next_line: int = 1
    pending: tuple[Pending, ...] = ()
    asked: Mapping[int, Asked] = Factory(dict)
    next_id: int = 1

    @property
    def people(self) -> frozenset[str]:
        """Everyone who is known to be connected."""
        return frozenset().union(*(room.members for room in self.rooms.values()))

    @property
    def own_rooms(self) -> tuple[str, ...]:
        """The rooms one has joined; the lobby only if one went into it."""
        return tuple(name for name in self.rooms if name != self.lobby or name == self.current)

    @property
    def is_undecided(self) -> bool:
        """Whether an answer is under way that decides what the next line means."""
        if self.wanted_name is not None and (self.name is None or self.wanted_rooms):
            return True
        return any(isinstance(asked, AskedHello | AskedJoin | AskedLeave) for asked in self.asked.values())


# What can happen


@frozen
class Connected:
    """There is a connection to the server."""


@frozen
class Lost:
    """The connection is gone, or could not be made."""


@frozen
class Waiting:
    """The next try is in so many seconds."""

    seconds: int


@frozen
class Received:
    """The server said something."""

    message: ServerMessage


@frozen
class Typed:
    """A line was entered."""

    text: str


@frozen
class CompletingRooms:
    """Somebody is about to choose a room's name."""


Happening = Connected | Lost | Waiting | Received | Typed | CompletingRooms


# What is wanted


@frozen
class Send:
    """Say this to the server."""

    message: ClientMessage


@frozen
class KeepInput:
    """Leave what was typed in the input bar, for another try."""


@frozen
class Welcomed:
    """The connection is a good one: the next loss starts with a short pause again."""


@frozen
class Reconnect:
    """Drop this connection and try again after a pause."""


@frozen
class Finish:
    """Say goodbye to the server and end."""


Effect = Send | KeepInput | Welcomed | Reconnect | Finish
