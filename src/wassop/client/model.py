"""What the client knows: the conversations, the rooms, what waits. Values only."""

from collections.abc import Mapping
from enum import Enum, auto

from attrs import Factory, field, frozen

from wassop.client.asked import Asked, AskedHello, AskedJoin, AskedLeave
from wassop.client.backlog import Backlog
from wassop.client.fold import Fold
from wassop.client.ledger import Ledger
from wassop.client.line import Line
from wassop.client.memory import Memory
from wassop.client.secret import KeepQuestion, SecretQuestion
from wassop.client.settings import Settings
from wassop.client.tab import MENU, Tab, room_key
from wassop.client.told_orders import OPEN, Modes
from wassop.locale import Translations
from wassop.wire.native_messages import All, FoundEntry, Msg, RoomTopic, SaidEntry, Say, ToldLimits


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

    In its tab its messages stand in the order of their numbers below the line `above`, from number `oldest`
    on without holes.
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
    gap: Gap | None = None
    adrift: tuple[int, ...] = ()
    """Lines of an earlier run of the server that have no number in this one, and may be told again."""
    read: int = 0
    """How far the server knows one to have read."""
    read_before: int = 0
    """How far one had read before one came; 0 if that is not known."""
    topic: RoomTopic | None = None
    """The last one that was told, be it an empty one."""
    roles: Mapping[str, str] = {}
    """Who is more than a member, here or not: owner, operator or voice."""
    modes: Modes = OPEN
    """How it is set."""
    password: str | None = field(default=None, repr=False)
    """With which one came in, to come back with."""
    folds: Mapping[int, Fold] = Factory(dict)
    """What was told about messages that are not shown, by their numbers: should they be fetched."""

    @property
    def key(self) -> str:
        """The key of its tab."""
        return room_key(self.name)

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

    @property
    def key(self) -> str:
        """The key of the tab in which it stands."""
        return room_key(self.room)


@frozen
class LeaveQuestion:
    """Whether to leave the room for the main menu."""

    room: str


@frozen
class DeleteQuestion:
    """Whether the message in a line is to be deleted."""

    line: int


@frozen
class PasteQuestion:
    """Whether a long text is to be put between what stands before and after the cursor."""

    text: str
    before: str
    after: str


Question = LeaveQuestion | DeleteQuestion | PasteQuestion | SecretQuestion | KeepQuestion
"""What is to be answered, with yes or no or a secret, before anything else that is entered counts."""


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
    PRIVATE = auto()


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

    naming: bool = True
    """Whether a name is still to be found."""
    question: Question | None = None
    online: Online = Online.CONNECTING
    retry_in_s: int | None = None
    told_lost: bool = False
    epoch: int | None = None
    """The run of the server in which the numbers of messages were seen."""
    name: str | None = None
    """The name under which the server knew one last."""
    has_account: bool = False
    """Whether that name is registered, and one has proved that it is one's own."""
    password: str | None = field(default=None, repr=False)
    """Its password, to come back with."""
    is_password_typed: bool = False
    """Whether a person typed it, and was not asked yet whether to keep it."""
    can_keep: bool = False
    """Whether there is a keyring for passwords."""
    looked_up: str | None = None
    """The name whose password was looked for there."""
    lobby: str = ""
    limits: ToldLimits | None = None
    rooms: Mapping[str, Room] = Factory(dict)
    """The rooms one is in, the lobby among them, in the order of joining."""
    listed: tuple[tuple[str, int], ...] = ()
    """The server's rooms and how many are in each, as far as known."""
    typed_ahead: tuple[str, ...] = ()
    """What was entered while an answer decides what it means."""
    refusals: int = 0
    """How often in a row the server refused one's own name on coming back."""

    tabs: Mapping[str, Tab] = {MENU: Tab(MENU)}
    """The conversations by their keys, in the order in which they are shown."""
    here: str = MENU
    """The key of the one that is shown."""
    has_chosen: bool = False
    """Whether one has gone anywhere, so that one is not taken where one was last time."""
    came_from: str = MENU
    """The key of the one that was shown before."""
    menu: tuple[int, ...] = ()
    """The lines of the main menu, as it was shown last."""
    away: Mapping[str, str] = Factory(dict)
    """Who is away, as far as told, and why (which may be left out)."""
    typing: Mapping[str, Mapping[str, float]] = Factory(dict)
    """Who is typing in which tab, and when they told so last."""
    told_typing_at: float = 0.0
    """When one's own typing was told last."""
    settings: Settings = Factory(Settings)
    """What holds for all servers."""
    levels: Mapping[str, str] = Factory(dict)
    """Of what one is notified in which tab, where that is not as the settings say."""
    ignored: tuple[str, ...] = ()
    """Those whose words are not shown."""
    has_focus: bool | None = None
    """Whether the terminal has the focus; None: it has not told."""
    active_at: float = 0.0
    """When a key was pressed last."""
    alerted_at: float = 0.0
    """When one was notified last."""
    missed: int = 0
    """How many messages came in the shown tab while nobody looked."""
    is_bare: bool = False
    """Whether only what was said is shown, for copying."""
    memory: Memory = Factory(Memory)
    """How one left this server last time, as far as it has not come back yet."""
    next_line: int = 1
    pending: tuple[Pending, ...] = ()
    asked: Mapping[int, Asked] = Factory(dict)
    next_id: int = 1
    found: tuple[FoundEntry, ...] = ()
    """What the newest search found, as numbered on the screen."""
    goal: Goal | None = None
    """Where one is on the way to."""

    @property
    def tab(self) -> Tab:
        """The conversation that is shown."""
        return self.tabs[self.here]

    @property
    def lines(self) -> Backlog[Line]:
        """The lines of the conversation that is shown."""
        return self.tab.lines

    @property
    def current(self) -> str | None:
        """The room that is shown, if it is one."""
        return self.tab.title if self.tab.is_room else None

    @property
    def place(self) -> Place:
        """Where the person is."""
        if self.naming:
            return Place.NAMING
        return Place.MENU if self.here == MENU else Place.PRIVATE if self.tab.is_private else Place.ROOM

    @property
    def people(self) -> frozenset[str]:
        """Everyone who is known to be connected."""
        return frozenset().union(*(room.members for room in self.rooms.values()))

    @property
    def own_rooms(self) -> tuple[str, ...]:
        """The rooms one is in."""
        return tuple(self.rooms)

    def ignores(self, name: str) -> bool:
        """Whether the words of somebody are not shown."""
        return bool(self.ignored) and name.casefold() in map(str.casefold, self.ignored)

    @property
    def is_undecided(self) -> bool:
        """Whether an answer is under way that decides what the next line means."""
        if self.wanted_name is not None and (self.name is None or self.wanted_rooms):
            return True
        return any(
            isinstance(asked, AskedHello | AskedLeave)
            or (isinstance(asked, AskedJoin) and not asked.is_quiet)
            for asked in self.asked.values()
        )
