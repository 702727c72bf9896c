"""What operators ask of the server itself, and what they are told of it."""

from collections.abc import Mapping

from attrs import Factory, frozen


class Operation:
    """One of these; the hub says who may ask for it."""

    __slots__ = ()


@frozen
class AskSessions(Operation):
    """Who is connected: at most `limit` of those numbered above `after`; only those in whose name, address,
    dialect or rooms `find` stands."""

    after: int = 0
    limit: int = 100
    find: str = ""


@frozen
class AskFigures(Operation):
    """How the server is."""


@frozen
class AskLog(Operation):
    """The newest lines of the server's log above number `after`, at most `limit`."""

    after: int = 0
    limit: int = 100


@frozen
class SetDoors(Operation):
    """Let nobody in any more, or let visitors in again; who is here stays. The server has done so when the
    hub is asked, or refused it."""

    are_open: bool


@frozen
class Stop(Operation):
    """Tell everybody, deliver what was said, and end."""


@frozen
class KickSession(Operation):
    """End one connection, be it of somebody who has no name."""

    number: int
    reason: str = ""


@frozen
class Permitted:
    """What the server may tell now."""

    what: AskSessions | AskFigures | AskLog


@frozen
class SessionLine:
    """A connection."""

    number: int
    """Rises with each connection of a run of the server."""
    dialect: str
    address: str
    """`HOST:PORT`, or `control`."""
    since: float
    """Unix time in seconds."""
    waiting_bytes: int
    """What it has not taken yet."""
    name: str | None = None
    account: bool = False
    role: str = "user"
    rooms: tuple[str, ...] = ()
    tls: str | None = None


@frozen
class SessionList:
    """Connections, the oldest first, and whether there are more."""

    lines: tuple[SessionLine, ...]
    more: bool


@frozen
class RecordFigures:
    """How far the database is behind."""

    waiting: int
    lag_s: float
    is_failing: bool


@frozen
class Figures:
    """How the server is at one moment; what is counted is counted since its start."""

    at: float
    """Unix time in seconds, as is `started_at`."""
    started_at: float
    connections: int
    """Those without a name included."""
    sessions: Mapping[str, int]
    """Who has a name, by dialect."""
    rooms: int
    messages: int
    """Said in rooms and to all."""
    private_messages: int
    deliveries: int
    """How often one of the messages was handed to somebody else than its author."""
    waiting_bytes: int
    refused: int
    bounds_s: tuple[float, ...]
    """Upper bounds of the histogram; what is above the last has a place of its own in `fanouts`."""
    fanouts: tuple[int, ...]
    """How many batches took how long from their oldest message to having been handed over."""
    doors_are_open: bool
    doors: tuple[str, ...] = ()
    """Where it listens, or would."""
    record: RecordFigures | None = None
    """None without a database."""


@frozen
class LogLine:
    """What happened, as the log has it."""

    number: int
    at: float
    level: str
    event: str
    """A stable name."""
    text: str
    """The same for people, and the particulars."""
    details: Mapping[str, object] = Factory(dict)


@frozen
class LogLines:
    """A part of the log, the oldest first, and whether there is more after it."""

    lines: tuple[LogLine, ...]
    more: bool


OperatorAnswer = SessionList | Figures | LogLines
