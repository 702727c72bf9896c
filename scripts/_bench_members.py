"""The clients of a benchmark: raw non-blocking sockets, read into one buffer."""

import contextlib
import errno
import socket
import struct
import time
from collections.abc import Callable
from typing import Final, Protocol

from _bench_check import Follower, RoomLog, judge_talker
from _bench_dialects import Dialect, Refused, text_of
from _bench_loop import READ, WRITE, Loop
from _load_check import TICK_NS, Faults, Latencies

_buffer: Final = memoryview(bytearray(262_144))
"""For all: nobody keeps what is in it."""
_AT_ONCE: Final = struct.pack("ii", 1, 0)
_WAITS: Final = frozenset({errno.EAGAIN, errno.EINPROGRESS, errno.ENOTCONN})


def ticks() -> int:
    """The monotonic clock, in the ticks of `_load_check`."""
    return time.perf_counter_ns() // TICK_NS


class Swarm(Protocol):
    """Does what listeners and talkers do, once they are all in, more quickly."""

    def forget_latencies(self) -> Latencies:
        """Those since the last time."""

    def drain(self) -> None:
        """Say nothing more, but read what is still to come."""

    def hand_back(self) -> None:
        """Tell listeners and talkers what they have read and said."""


class World:
    """What all clients share."""

    def __init__(
        self,
        loop: Loop,
        dialect: Dialect,
        address: tuple[str, int],
        receive_bytes: int = 0,
        listening: Dialect | None = None,
    ) -> None:
        """`receive_bytes`: the size of a socket's receive buffer; 0 leaves it to the kernel.
        `listening`: what those speak who only listen, if that is not `dialect`."""
        self.loop: Final = loop
        self.dialect: Final = dialect
        self.listening: Final = listening or dialect
        self.address: Final = address
        self.receive_bytes: Final = receive_bytes
        self.faults: Final = Faults()
        self.complaints: Final[list[str]] = []
        self.latencies = Latencies()
        self.swarm: Swarm | None = None
        self.deliveries = 0
        """Messages that somebody other than their author has read."""
        self.answers = 0
        self.owed = 0
        """Deliveries and answers that are to come for what was sent so far."""

    def taken_latencies(self) -> Latencies:
        """Those since the last time."""
        latencies, self.latencies = self.latencies, Latencies()
        return self.swarm.forget_latencies() if self.swarm else latencies

    def complain(self, what: str) -> None:
        """Keep the first few reasons."""
        if len(self.complaints) < 5:
            self.complaints.append(what)


class Member:
    """A connection on its way into a room, and then whatever a subclass makes of it."""

    def __init__(self, world: World, room: bytes, name: bytes, arrived: Callable[["Member"], None]) -> None:
        """`arrived` is called once: when it is in its room, or never will be (`is_in` tells)."""
        self.name: Final = name
        self.room: Final = room
        self.send: Callable[[bytes], None] | None = None
        """How to send once somebody else has taken over the socket."""
        self.is_in = self.is_over = False
        self._world: Final = world
        self._dialect = world.dialect
        self._arrived: Final = arrived
        self._rest = b""
        self._unsent = b""
        self._is_waiting = True
        """For the socket to become writable."""
        self._socket: Final = socket.socket()
        self.fd: Final = self._socket.fileno()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if world.receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, world.receive_bytes)

    @property
    def is_here(self) -> bool:
        """In its room, and connected."""
        return self.is_in and not self.is_over

    def connect(self) -> None:
        """Set out; the rest happens as the server answers."""
        self._unsent = self._dialect.greeting(self.name, self.room)
        self._world.loop.watch(self.fd, self._on_arrival, READ | WRITE)
        if error := self._socket.connect_ex(self._world.address):
            if error not in _WAITS:
                self._end(errno.errorcode.get(error, str(error)))
        else:
            self._send(b"")

    def close(self) -> None:
        """Hang up, at once and without leaving the port in TIME_WAIT; calling it again does nothing."""
        if not self.is_over:
            self.is_over = True
            self._world.loop.forget(self.fd)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self._socket.close()

    def settle(self) -> None:
        """From now on all that comes is to be checked. The world is quiet."""

    def _on_arrival(self, mask: int) -> None:
        if (data := self._received(mask)) is None:
            return
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        try:
            for line in lines:
                answer = self._dialect.arrive(line + b"\n", self.room)
                if answer is None:
                    self._world.loop.hand_to(self.fd, self._on_noise)
                    self.is_in = True
                    self._on_arrived()
                    return
                if answer:
                    self._send(answer)
        except Refused as refused:
            self._world.faults.refused += 1
            self._end(str(refused))

    def _on_arrived(self) -> None:
        self._arrived(self)

    def _on_noise(self, mask: int) -> None:
        """The coming of others, which is let past unread."""
        if (data := self._received(mask)) is None:
            return
        data = self._rest + bytes(data) if self._rest else bytes(data)
        whole = data.rfind(b"\n") + 1
        self._rest = data[whole:]
        if self._dialect.question in data:
            for line in data[:whole].splitlines(keepends=True):
                self.reply(line)

    def reply(self, line: bytes) -> None:
        """Answer a line that tells of no message, if need be; complain if it should not have come."""
        try:
            (self.send or self._send)(self._dialect.reply(line))
        except Refused as refused:
            self._world.faults.malformed += 1
            self._world.complain(f"{self.name.decode()}: {refused}")

    def _received(self, mask: int) -> memoryview | None:
        if mask & WRITE:
            self._send(b"")
        if not mask & ~WRITE or self.is_over:
            return None
        try:
            size = self._socket.recv_into(_buffer)
        except BlockingIOError:
            return None
        except OSError as error:
            self._end(str(error))
            return None
        if not size:
            self._end("the server ended the connection")
            return None
        return _buffer[:size]

    def _end(self, why: str) -> None:
        self._world.faults.disconnected += 1
        self._world.complain(f"{self.name.decode()}: {why}")
        self.close()
        if not self.is_in:
            self._arrived(self)

    def _send(self, data: bytes) -> None:
        data = self._unsent + data
        try:
            self._unsent = data[self._socket.send(data) :] if data else b""
        except BlockingIOError:
            self._unsent = data
        except OSError:
            self._unsent = data if self._is_waiting else b""  # not connected yet, or reading tells
            return
        if bool(self._unsent) is not self._is_waiting:
            self._is_waiting = not self._is_waiting
            self._world.loop.change(self.fd, READ | WRITE if self._is_waiting else READ)


class Listener(Member):
    """Only listens, and is checked to have read everything."""

    def __init__(self, world: World, log: RoomLog, name: bytes, arrived: Callable[[Member], None]) -> None:
        super().__init__(world, world.dialect.room(log.index), name, arrived)
        self._dialect = world.listening
        self.is_sampled = False
        """Whether its latencies count."""
        self.is_witness = False
        """Whether, with a swarm, the author of each message that it reads says another one."""
        self.on_read: Callable[[list[int]], None] | None = None
        """Told whose messages it read; for the witness, on whom the talkers wait."""
        self._log: Final = log
        self._follower: Final = Follower(log)

    def settle(self) -> None:
        """See `Member`."""
        if self.is_here:
            self._follower.read(self._rest)
            self._world.loop.hand_to(self.fd, self._on_messages)

    def judge(self) -> None:
        """Add what was wrong, at the end."""
        self._follower.judge(self._world.faults)

    def read(self, data: memoryview) -> int:
        """Take in what came; return how many messages that completed."""
        count = self._follower.read(data)
        if self._follower.foreign:
            for line in self._follower.foreign:
                self.reply(line)
            self._follower.foreign.clear()
        return count

    def _on_messages(self, mask: int) -> None:
        if (data := self._received(mask)) is None:
            return
        world, follower = self._world, self._follower
        count = self.read(data)
        world.deliveries += count
        if self.is_sampled and count and follower.is_plain:
            end = follower.position
            world.latencies.add(ticks(), self._log.stream.sent[end - count : end])
        if self.on_read is not None and count:
            self.on_read(self._log.authors[follower.position - count : follower.position])


class Talker(Member):
    """Says things, and hears the others. What it heard is checked at the end."""

    def __init__(self, world: World, log: RoomLog, number: int, arrived: Callable[[Member], None]) -> None:
        self.others = 0
        """How many others are in the room."""
        self.number: Final = number
        self.answered = 0
        self.heard: list[bytes] | None = []
        """The lines of messages; None: all that its listeners heard, but its own, as compared by a swarm."""
        self.say: Callable[[int], None] = self._say
        """Say the next messages, that many in one send; replaced when somebody else takes over the socket."""
        self._log: Final = log
        self._sent: Final = log.sent[number]
        super().__init__(world, world.dialect.room(log.index), b"t%dx%d" % (log.index, number), arrived)

    def settle(self) -> None:
        """See `Member`."""
        if self.is_here:
            self._world.loop.hand_to(self.fd, self._on_messages)

    def _say(self, count: int) -> None:
        if self.is_over:
            return
        first, dialect, log = len(self._sent), self._world.dialect, self._log
        numbers = range(first, first + count)
        said = b"".join([dialect.say(self.room, text_of(log.index, self.number, i), i) for i in numbers])
        self._sent.extend([ticks()] * count)
        self._world.owed += count * (self.others + (dialect.answer is not None))
        self._send(said)

    def judge(self) -> None:
        """Add what was wrong, at the end."""
        faults = self._world.faults
        if self.heard is not None:
            judge_talker(self._log, self.number, self.heard, faults)
        if self._world.dialect.answer is not None:
            faults.unanswered += len(self._sent) - self.answered

    def _on_messages(self, mask: int) -> None:
        if (data := self._received(mask)) is None:
            return
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        world, said, answer = self._world, self._world.dialect.said, self._world.dialect.answer
        heard = [line + b"\n" for line in lines if said in line]
        world.deliveries += len(heard)
        if self.heard is not None:
            self.heard += heard
        if len(heard) == len(lines):
            return
        for line in lines:
            if answer is not None and line.startswith(answer):
                self.answered += 1
                world.answers += 1
            elif said not in line:
                self.reply(line + b"\n")


class Passer(Member):
    """Connects, takes a name, enters a room and quits: over when the server has ended the connection."""

    def _on_arrived(self) -> None:
        self._world.loop.hand_to(self.fd, self._on_leaving)
        if last_words := self._world.dialect.quit():
            self._send(last_words)
        else:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def _on_leaving(self, mask: int) -> None:
        if mask & WRITE:
            self._send(b"")
        try:
            if mask & ~WRITE and not self._socket.recv_into(_buffer):
                self._leave()
        except BlockingIOError:
            pass
        except OSError:  # a reset: the server has let go of it
            self._leave()

    def _leave(self) -> None:
        self.close()
        self._arrived(self)
