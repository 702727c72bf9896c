"""What the benchmark measures: its rows, its curves, and their small versions for a quick look."""

from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal["paced", "saturated", "idle", "cycles", "arrival"]


@dataclass(frozen=True)
class Load:
    """One measurement. Times in seconds, `rate` in messages per second of all together."""

    kind: Kind
    rooms: int = 1
    members: int = 500
    """In each room."""
    talkers: int = 5
    """Of them."""
    rate: float = 0.0
    in_flight: int = 1
    """When saturated: messages of each talker that the last member of its room has not read yet."""
    at_once: int = 0
    """How many are on their way in at the same time, where no pace is set; 0: as many as suit the server."""
    listeners: str = ""
    """The dialect of those who only listen, where a server knows more than one; empty: everybody's."""
    newcomers: int = 0
    arrive_s: float = 10.0
    seconds: float = 5.0
    warm_up: float = 2.0
    settle_s: float = 0.5
    """It is quiet when nobody has read anything for so long; notices of coming may be merged, and be late."""
    patience_s: float = 60.0
    """For everybody to arrive, and again for it to get quiet."""

    @property
    def connections(self) -> int:
        """At the end."""
        return self.rooms * self.members + self.newcomers


@dataclass(frozen=True)
class Figure:
    """One line of the table; `key` is that of the result, `decimals` as shown."""

    key: str
    title: str
    decimals: int = 0


COST: Final = Figure("us_per_delivery", "CPU per delivery, µs", 2)
P50, P99 = Figure("p50_ms", "latency p50, ms", 2), Figure("p99_ms", "latency p99, ms", 2)

FIGURES: Final[dict[Kind, tuple[Figure, ...]]] = {
    "paced": (COST, P50, P99),
    "saturated": (Figure("deliveries_per_s", "deliveries/s"), COST),
    "idle": (Figure("kib_per_connection", "memory per connection, KiB", 1),),
    "cycles": (Figure("cycles_per_s", "cycles/s"),),
    "arrival": (
        Figure("served", "newcomers served"),
        Figure("served_s", "the last of them after, s", 2),
        Figure("p99_ms", "p99 of the room that talks meanwhile, ms", 2),
    ),
}


@dataclass(frozen=True)
class Row:
    """A load under a name."""

    name: str
    title: str
    load: Load


ROOM: Final = Load("paced")
AUDIENCE: Final = Load("paced", members=201, talkers=1, rate=50)
TENS: Final = Load("paced", rooms=100, members=10)


def rows(seconds: float, warm_up: float, files: int) -> tuple[Row, ...]:
    """All rows; `files` are the open files that a process may have."""
    idle_rooms = 1_000 if files >= 10_500 else 500
    made = (
        Row("room-10k", "500 in a room, 10,000 deliveries/s", replace(ROOM, rate=20)),
        Row("room-50k", "500 in a room, 50,000 deliveries/s", replace(ROOM, rate=100)),
        Row("rooms-10k", "100 rooms of 10, 10,000 deliveries/s", replace(TENS, rate=10_000 / 9)),
        Row("rooms-50k", "100 rooms of 10, 50,000 deliveries/s", replace(TENS, rate=50_000 / 9)),
        Row(
            "room-saturated",
            "500 in a room, 160 in flight",
            replace(ROOM, kind="saturated", in_flight=32),
        ),
        Row("room-5-in-flight", "500 in a room, 5 in flight", replace(ROOM, kind="saturated")),
        Row(
            "rooms-saturated",
            "100 rooms of 10, 160 in flight in each",
            replace(TENS, kind="saturated", in_flight=32),
        ),
        Row("rooms-5-in-flight", "100 rooms of 10, 5 in flight in each", replace(TENS, kind="saturated")),
        Row("natives", "200 listen to one, 10,000 deliveries/s", AUDIENCE),
        Row(
            "browsers", "200 browsers listen to one, 10,000 deliveries/s", replace(AUDIENCE, listeners="web")
        ),
        Row(
            "idle",
            f"{idle_rooms * 10:,} idle in {idle_rooms} rooms",
            Load("idle", rooms=idle_rooms, members=10, talkers=0),
        ),
        Row("cycles", "connect, name, join, quit; 32 at once", Load("cycles", rooms=4, at_once=32)),
        Row(
            "arrival",
            "5,000 arrive within 10 s; a room of 50 talks",
            Load("arrival", members=50, rate=10, newcomers=5_000),
        ),
    )
    return tuple(replace(row, load=replace(row.load, seconds=seconds, warm_up=warm_up)) for row in made)


@dataclass(frozen=True)
class Curve:
    """Points to plot: what is on the x axis, and the load at each of its values."""

    name: str
    title: str
    x_title: str
    points: dict[int, Load]


def curves(files: int) -> tuple[Curve, ...]:
    """Cost per delivery over the size of a room and over the number of connections."""
    sizes = [n for n in (10, 50, 100, 500, 1_000, 5_000) if n + 100 <= files]
    counts = [n for n in (100, 1_000, 5_000, 10_000) if n + 100 <= files]
    window = Load("paced", seconds=3, warm_up=1, patience_s=30)
    return (
        Curve(
            "room-size",
            "20,000 deliveries/s in one room",
            "members of the room",
            {n: replace(window, members=n, rate=20_000 / (n - 1)) for n in sizes},
        ),
        Curve(
            "connections",
            "10,000 deliveries/s in rooms of ten",
            "connections",
            {n: replace(window, rooms=n // 10, members=10, rate=10_000 / 9) for n in counts},
        ),
    )


def small(load: Load) -> Load:
    """The same in little, to see that it works; its figures mean nothing."""
    return replace(
        load,
        rooms=min(load.rooms, 3),
        members=min(load.members, 12),
        rate=min(load.rate, 100),
        at_once=min(load.at_once, 8),
        newcomers=min(load.newcomers, 40),
        arrive_s=0.2,
        seconds=0.2,
        warm_up=0.05,
        settle_s=0.05,
    )
