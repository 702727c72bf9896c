"""What the clients of a load run share: their rooms, the task that reads for all of them, and the sums."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import trio

from _load_check import TICK_NS, Faults, Latencies, RoomStream

if TYPE_CHECKING:
    from _load_clients import Client, Talker

_REMEMBERED_LINES: Final = 4_096


class Line(msgspec.Struct):
    """As much of a server's line as matters here."""

    t: str
    seq: int = 0
    text: str = ""
    room: str = ""
    author: str = msgspec.field(default="", name="from")
    re: int | str | None = None
    code: str = ""
    reason: str = ""


_decode: Final = msgspec.json.Decoder(Line).decode


@dataclass(frozen=True)
class Message:
    """One message as it was heard; numbers begin at 0 per talker, `sent` is in ticks."""

    seq: int
    talker: int
    number: int
    sent: int


def ticks() -> int:
    """The monotonic clock, in ticks."""
    return time.perf_counter_ns() // TICK_NS


class Room:
    """One room, its members and the stream that its listeners read."""

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.members: Final[list[Client]] = []
        self.talkers: Final[list[Talker]] = []
        self.stream: Final = RoomStream()
        self._heard: dict[bytes, Message] = {}

    def understand(self, line: bytes) -> Message | Line | None:
        """A message of one of our talkers, another line of the server, or nothing that can be understood."""
        message = self._heard.get(line)
        if message is not None:
            return message
        try:
            decoded = _decode(line)
            if decoded.t != "said":
                return decoded
            talker, number = map(int, decoded.text.split(" ", 2)[:2])
            if decoded.room != self.name or decoded.author != self.talkers[talker].name:
                return None
            message = Message(decoded.seq, talker, number, self.talkers[talker].sent[number])
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, IndexError):
            return None
        if len(self._heard) >= _REMEMBERED_LINES:
            self._heard.clear()
        self._heard[line] = message
        return message


class Swarm:
    """All clients, what they have in common, and the task that reads for them."""

    def __init__(self, rooms: list[Room]) -> None:
        self.rooms: Final = rooms
        self.faults: Final = Faults()
        self.latencies = Latencies()
        self.complaints: Final[list[str]] = []
        """The first few reasons that the server gave for refusals and ends."""
        self.connected = self.joined = self.notices = 0
        self.sent = self.answered = self.deliveries = self.withheld = 0
        self.worst_latency = 0
        """In ticks, since this was last set to 0."""
        self.is_talking = False
        self.in_flight = 0
        """How many messages a talker keeps unanswered; 0 when a pace is set from outside."""
        self.all_joined: Final = trio.Event()
        self.deserted: Final = trio.Event()
        self._expected = 0
        self._awaited: int | None = None
        self._complete: Final = trio.Event()
        self._selector: Final = selectors.DefaultSelector()

    @property
    def clients(self) -> list["Client"]:
        """Everybody."""
        return [client for room in self.rooms for client in room.members]

    @property
    def talkers(self) -> list["Talker"]:
        """The talkers, those of one room never next to each other if there are several rooms."""
        most = max(len(room.talkers) for room in self.rooms)
        return [room.talkers[i] for i in range(most) for room in self.rooms if i < len(room.talkers)]

    @property
    def owed(self) -> int:
        """How many deliveries and answers are still to come for what was sent."""
        return self._expected - self.deliveries - self.answered

    async def read(self) -> None:
        """Read what comes in, for all clients, until cancelled."""
        while True:
            await trio.lowlevel.wait_readable(self._selector.fileno())
            for key, mask in self._selector.select(0):
                key.data(mask)

    async def wait_joined(self, patience_s: float) -> None:
        """Wait until everybody has joined, or nobody else has for `patience_s`."""
        while not self.all_joined.is_set():
            before = self.joined
            with trio.move_on_after(patience_s):
                await self.all_joined.wait()
            if self.joined == before:
                return

    async def wait_complete(self, patience_s: float) -> None:
        """Wait until all is delivered and answered, or nothing has come for `patience_s`."""
        self._awaited = self.deliveries + self.answered + self.owed
        self._note_progress()
        while not self._complete.is_set() and not self.deserted.is_set():
            before = self.deliveries + self.answered
            with trio.move_on_after(patience_s):
                await self._complete.wait()
            if self.deliveries + self.answered == before:
                return

    def note_said(self, room: Room, count: int) -> None:
        """A talker sent `count` messages: each will be answered, and delivered to the other members."""
        self.sent += count
        self._expected += count * len(room.members)

    def record(self, now: int, sent: list[int]) -> None:
        """Messages that were sent at these times came in at `now`, in ticks, at one receiver."""
        self.latencies.add(now, sent)
        self.worst_latency = max(self.worst_latency, now - sent[0])
        self.deliveries += len(sent)
        if self._awaited is not None:
            self._note_progress()

    def note_answered(self) -> None:
        """The server answered one message."""
        self.answered += 1
        if self._awaited is not None:
            self._note_progress()

    def note_joined(self) -> None:
        """One more client is where it wants to be."""
        self.joined += 1
        if self.joined == sum(len(room.members) for room in self.rooms):
            self.all_joined.set()

    def complain(self, what: str) -> None:
        """Keep a reason for whoever reads the result."""
        if len(self.complaints) < 5:
            self.complaints.append(what)

    def watch(self, sock: socket.socket, ready: Callable[[int], None], *, writing: bool) -> None:
        """Call `ready` when there is something to read, or to write if that is wanted."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
        if sock.fileno() in self._selector.get_map():
            self._selector.modify(sock, events, ready)
        else:
            self._selector.register(sock, events, ready)

    def forget(self, sock: socket.socket) -> None:
        """Watch a socket no longer."""
        self._selector.unregister(sock)
        self.connected -= 1
        if not self.connected:
            self.deserted.set()

    def tally(self) -> None:
        """Add up, once and at the end, what every receiver heard wrongly or not at all."""
        faults = self.faults
        faults.unanswered = self.sent - self.answered
        for room in self.rooms:
            for client in room.members:
                checker, tail = client.verdict()
                said = {i: talker.said for i, talker in enumerate(room.talkers) if talker is not client}
                faults.lost += checker.lost(said) + tail
                faults.duplicated += checker.duplicated
                faults.out_of_order += checker.out_of_order
                faults.seq_gaps += checker.seq_gaps

    def _note_progress(self) -> None:
        if self._awaited is not None and self.deliveries + self.answered >= self._awaited:
            self._complete.set()
