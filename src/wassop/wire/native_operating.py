"""What operators ask of the server and what pages ask of it, in the native dialect; see `native_messages`."""

from collections.abc import Mapping

from msgspec import Struct, field

Id = int | str | None


class Sessions(Struct, tag_field="t", tag="sessions", omit_defaults=True):
    """Client: who is connected?"""

    after: int = 0
    limit: int = 100
    find: str = ""
    id: Id = None


class Figures(Struct, tag_field="t", tag="figures", omit_defaults=True):
    """Client: how is the server?"""

    id: Id = None


class Log(Struct, tag_field="t", tag="log", omit_defaults=True):
    """Client: what stands in its log?"""

    after: int = 0
    limit: int = 100
    id: Id = None


class Doors(Struct, tag_field="t", tag="doors", omit_defaults=True):
    """Client: let nobody in any more, or let visitors in again."""

    open: bool
    id: Id = None


class Stop(Struct, tag_field="t", tag="stop", omit_defaults=True):
    """Client: tell everybody, and end."""

    id: Id = None


class Token(Struct, tag_field="t", tag="token", omit_defaults=True):
    """Client: a code with which my browser stays logged in."""

    id: Id = None


class FirstAdmin(Struct, tag_field="t", tag="first-admin", omit_defaults=True):
    """Client: here is the link; I am to look after this server."""

    link: str
    name: str
    password: str
    id: Id = None


ClientOperation = Sessions | Figures | Log | Doors | Stop | Token | FirstAdmin


class SessionLine(Struct, omit_defaults=True):
    """A connection."""

    id: int
    dialect: str
    address: str
    since: float
    waiting_bytes: int
    rooms: list[str]
    name: str | None = None
    account: bool = False
    role: str = "user"
    tls: str | None = None


class SessionsAre(Struct, tag_field="t", tag="sessions", omit_defaults=True):
    """Server: these are connected."""

    sessions: list[SessionLine]
    more: bool = False
    re: Id = None


class Fanout(Struct):
    """A histogram: how many batches took at most so many seconds, each bound for itself; the last count is of
    those that took longer."""

    bounds_s: list[float]
    counts: list[int]


class Database(Struct, omit_defaults=True):
    """How far the database is behind."""

    waiting: int
    lag_s: float
    failing: bool = False


class FiguresAre(Struct, tag_field="t", tag="figures", omit_defaults=True):
    """Server: so it is. What is counted is counted since `started_at`."""

    at: float
    started_at: float
    connections: int
    sessions: Mapping[str, int]
    rooms: int
    messages: int
    private_messages: int
    deliveries: int
    waiting_bytes: int
    refused: int
    fanout: Fanout
    open: bool = field(name="doors_open")
    doors: list[str]
    database: Database | None = None
    re: Id = None


class LogLine(Struct, omit_defaults=True):
    """What happened."""

    n: int
    at: float
    level: str
    event: str
    text: str
    details: Mapping[str, object] = field(default_factory=dict)


class LogIs(Struct, tag_field="t", tag="log", omit_defaults=True):
    """Server: these lines, oldest first."""

    lines: list[LogLine]
    more: bool = False
    re: Id = None


class CodeIs(Struct, tag_field="t", tag="token", omit_defaults=True):
    """Server: the code."""

    code: str
    re: Id = None


ServerTold = SessionsAre | FiguresAre | LogIs | CodeIs
