"""One entry of a conversation. Values only."""

from datetime import date
from enum import Enum, auto

from attrs import frozen


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
    HELP = auto()
    """A word and, beside it, what it is for."""
    FOUND = auto()
    """A message that a search found."""


class Delivery(Enum):
    """How far a message of one's own has come."""

    WAITING = auto()
    DONE = auto()
    FAILED = auto()


@frozen
class Line:
    """One entry of a conversation. Its `number` names it for good, in all of them; its place is where it
    stands in the tab's lines, and may change."""

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
    """The room's name where it must be told because the line stands elsewhere."""
    delivery: Delivery = Delivery.DONE
    reason: str = ""
    """Why it is not delivered."""
    seq: int | None = None
    """Its number in the room whose tab it stands in; None for what has none there, or none yet."""
    nonce: str | None = None
    day: date | None = None
    """For a divider: the day that it names."""
    spans: tuple[tuple[int, int], ...] = ()
    """The parts of `text` that were searched for."""
    is_goal: bool = False
    """Whether this is where one wanted to go."""
    is_mention: bool = False
    """Whether somebody else wrote one's own name in it."""
