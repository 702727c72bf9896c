"""What the client knows: the lines on the screen, the rooms, what waits. Values only."""

from collections.abc import Mapping
from datetime import date
from enum import Enum, auto

from attrs import Factory, field, frozen

from wassop.client.asked import Asked, AskedHello, AskedJoin, AskedLeave
from wassop.client.ledger import Ledger
from wassop.locale import Translations
from wassop.wire.native_messages import All, FoundEntry, Msg, RoomTopic, SaidEntry, Say, ToldLimits


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
    STATUS = auto()
    """What the history above or below is about: that it is fetched, that it begins here."""
    FOUND = auto()
    """A message that a search found."""


class Delivery(Enum):
    """How far a message of one's own has come."""

    WAITING = auto()
    DONE = auto()
    FAILED = auto()


@frozen
class Line:
    """One entry of the history on the screen. Its `number` names it for good; its place is where it stands
    in `State.lines`, and may change."""

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
    reason: str = ""
    """Why it is not delivered."""
    origin: str | None = None
    """The room in which it was said, folded; None for what is not a message of a room."""
    seq: int | None = None
    """Its number there; None while the server has not given it one, or took it back."""
    nonce: str | None = None
    day: date | None = None
    """For a divider: the day that it names."""
    spans: tuple[tuple[int, int], ...] = ()
    """The parts of `text` that were searched for."""
    is_goal: bool = False
    """Whether this is where one wanted to go."""


@frozen
class Gap:
    """What was said while one was away is being fetched."""

    line: int
    """The line that says so."""
    held: tuple[SaidEntry, ...]
    """What comes after it, to be shown when it is closed."""
    up_to: int
    """The room's last number when one came back."""


@frozen
class Room:
    """A room one is in.

    Its messages stand in the order of their numbers below the line `above`, from number `oldest` on without
    holes.
    """

    name: str
    members: frozenset[str]
    ledger: Ledger
    above: int = 0
    oldest: int = 1
    is_whole: bool = False
    """Whether nothing was said before `oldest`, as the server said."""
    status: int | None = None
    """The line below `above` that tells of older messages."""
    unread_up_to: int = 0
    """Messages up to this number were said before one came and never asked for (in the lobby)."""
    gap: Gap | None = None
    adrift: tuple[int, ...] = ()
    """Lines of an earlier run of the server that have no number in this one, and may be told again."""
    read: int = 0
    """How far the server knows one to have read."""
    divider: int | None = None
    """The line that tells new messages from older ones."""
    read_before: int = 0
    """How far one had read before one came; 0 if that is not known."""
    topic: RoomTopic | None = None
    """The last one that was told, be it an empty one."""

    @property
    def key(self) -> str:
        """How lines name it."""
        return self.name.casefold()

    @property
    def about(self) -> str:
        """What is talked about here, as somebody has said; empty if nobody has."""
        return self.topic.text if self.topic is not None else ""

    @property
    def begins_here(self) -> bool:
        """Whether there is nothing before what is shown."""
        return self.is_whole or self.oldest <= 1


@frozen
class Goal:
    """A message one wants to go to."""

    room: str
    seq: int


@frozen
class Pending:
    """A message of one's own whose `ok` has not come. `was_sent` on some connection, this one or a former."""

    line: int
    message: Say | Msg | All
    was_sent: bool = False
    failures: int = 0
    """How often the server could not store it on this connection."""


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
    epoch: int | None = None
    """The run of the server in which the numbers of messages were seen."""
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
    found: tuple[FoundEntry, ...] = ()
    """What the newest search found, as numbered on the screen."""
    goal: Goal | None = None
    """Where one is on the way to."""

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
