"""The hot loop in C (`swarm.c`): what listeners and talkers do themselves in `_bench_members`, only faster.

It takes over their sockets once everybody is in, and hands back what they read, which is judged by the same
code as without it. Whoever else is on the loop's epoll goes on as before.
"""

import ctypes
from collections.abc import Callable, Sequence
from ctypes import c_char_p, c_int, c_int64, c_size_t, c_uint32, c_void_p
from functools import partial
from pathlib import Path
from typing import Any, Final

from _bench_check import RoomLog
from _bench_dialects import TEXT_BYTES
from _bench_members import Listener, Member, Talker, World
from _load_check import Latencies

_TOLD: Final = ctypes.CFUNCTYPE(None, c_int, c_uint32, c_void_p, c_size_t)
_FUNCTIONS: Final[dict[str, tuple[tuple[Any, ...], Any]]] = {
    "open": ((c_int, c_int, c_int, _TOLD, c_char_p, c_char_p, c_char_p), None),
    "room": ((c_int, c_int, c_char_p, c_char_p, c_char_p, c_int), c_void_p),
    "add": ((c_void_p, c_int, c_int, c_int, c_int, c_int), c_void_p),
    "say": ((c_void_p, c_int), None),
    "send": ((c_void_p, c_char_p, c_size_t), None),
    "turn": ((c_int64,), None),
    "stream": ((c_void_p, c_void_p), c_size_t),
    "followed": ((c_void_p,), c_size_t),
    "own": ((c_void_p, c_void_p), c_size_t),
    "sent": ((c_void_p, c_void_p), c_size_t),
    "answered": ((c_void_p,), c_int64),
}
_MARK, _NUMBER = b"\1", 987_654_321
"""To find where a text and a number go."""


class CompiledSwarm:
    """See `_bench_members.Swarm`."""

    def __init__(
        self, library: Path, world: World, rooms: Sequence[RoomLog], members: Sequence[Member]
    ) -> None:
        """Take over; whoever is not in any more is left out."""
        self._library: Final = ctypes.CDLL(str(library))
        self._functions: Final = {name: self._function(name) for name in _FUNCTIONS}
        self._counters: Final = [
            c_int64.in_dll(self._library, f"swarm_{name}") for name in ("deliveries", "answers", "owed")
        ]
        self._raised: BaseException | None = None
        self._world: Final = world
        self._told: Final = _TOLD(self._tell)  # kept, or it would be freed
        dialect = world.dialect
        self._call("open", world.loop.fileno(), world.loop.files, TEXT_BYTES, self._told,
                   dialect.said, dialect.answer or b"", dialect.text_after)  # fmt: skip
        self._rooms: Final = [(log, self._room(log)) for log in rooms]
        by_name = {dialect.room(log.index): room for log, room in self._rooms}
        self._members: Final[dict[int, Member]] = {}
        self._listeners: Final[list[tuple[Listener, int]]] = []
        self._talkers: Final[list[tuple[Talker, int]]] = []
        for member in members:
            if member.is_here and isinstance(member, Listener):
                added = self._add(member, by_name, -1, 0, member.is_sampled, member.is_witness)
                self._listeners.append((member, added))
            elif member.is_here and isinstance(member, Talker):
                added = self._add(member, by_name, member.number, member.others, False, False)
                self._talkers.append((member, added))
        for talker, taken in self._talkers:
            talker.say = partial(self._call, "say", taken)
        world.loop.turn = self._turn

    def drain(self) -> None:
        """See `_bench_members.Swarm`."""
        c_int.in_dll(self._library, "swarm_drains").value = 1

    def forget_latencies(self) -> Latencies:
        """See `_bench_members.Swarm`."""
        latencies, longest = Latencies(), c_int64.in_dll(self._library, "swarm_longest")
        counts = (c_int64 * (longest.value + 1)).in_dll(self._library, "swarm_latencies")
        for latency, count in enumerate(counts):
            if count:
                latencies.add(latency, [0] * count)
        ctypes.memset(counts, 0, ctypes.sizeof(counts))
        longest.value = 0
        return latencies

    def hand_back(self) -> None:
        """See `_bench_members.Swarm`."""
        streams = {}
        for log, room in self._rooms:
            streams[self._world.dialect.room(log.index)] = log, self._bytes("stream", room)
        for talker, taken in self._talkers:
            log, _ = streams[talker.room]
            sent = c_void_p()
            count = self._call("sent", taken, ctypes.byref(sent))
            log.sent[talker.number].extend((c_int64 * count).from_address(sent.value or 0) if count else ())
            talker.answered = self._call("answered", taken)
        for listener, taken in self._listeners:
            _, stream = streams[listener.room]
            for read in (stream[: self._call("followed", taken)], self._bytes("own", taken)):
                if read:
                    listener.read(read)
        for talker, taken in self._talkers:
            log, stream = streams[talker.room]
            followed, own = self._call("followed", taken), bytes(self._bytes("own", taken))
            if followed == len(stream) and not own:
                talker.heard = None
            else:
                of_others = [line for author, line in log.lines(followed) if author != talker.number]
                talker.heard = of_others + own.splitlines(keepends=True)

    def _room(self, log: RoomLog) -> int:
        said = self._world.dialect.say(self._world.dialect.room(log.index), _MARK, _NUMBER)
        before, _, after = said.partition(_MARK)
        middle, number, end = after.partition(b"%d" % _NUMBER)
        return int(self._call("room", log.index, len(log.sent), before, middle, end, bool(number)))

    def _add(self, member: Member, rooms: dict[bytes, int], *about: int) -> int:
        taken = int(self._call("add", rooms[member.room], member.fd, *about))
        self._members[member.fd] = member
        member.send = lambda data: self._call("send", taken, data, len(data))
        return taken

    def _turn(self, until: float) -> None:
        self._call("turn", int(until * 1e9))
        if self._raised is not None:
            raise self._raised
        deliveries, answers, owed = self._counters
        world = self._world
        world.deliveries, world.answers, world.owed = deliveries.value, answers.value, owed.value

    def _tell(self, fd: int, mask: int, line: int | None, size: int) -> None:
        try:
            if line:
                self._members[fd].reply(ctypes.string_at(line, size))
            else:
                self._world.loop.happened(fd, mask)
        except BaseException as error:
            self._raised = error  # C cannot pass it on

    def _bytes(self, name: str, of: int) -> memoryview:
        data = c_void_p()
        size = self._call(name, of, ctypes.byref(data))
        return (
            memoryview((ctypes.c_char * size).from_address(data.value)).cast("B") if size else memoryview(b"")
        )

    def _call(self, name: str, *arguments: Any) -> Any:
        return self._functions[name](*arguments)

    def _function(self, name: str) -> Callable[..., Any]:
        function = self._library[f"swarm_{name}"]
        function.argtypes, function.restype = _FUNCTIONS[name]
        return function
