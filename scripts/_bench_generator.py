"""The load generator: one process, one thread, raw epoll. Reads a job as JSON, writes the result as JSON.

Started by bench.py. Where the job names a compiled loop (swarm.c), that one does the reading, and the saying
in saturated rooms. A message is in flight from its talker's send until the last member to have joined its
room (the witness) has read it: that is the same for all servers. A latency is the time from a talker's send
to the moment at which a listener reads; every delivery to a listener counts where a pace is set, and those to
64 listeners, spread over all, where the server is saturated. Talkers sit evenly among the listeners.
"""

import gc
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import asdict
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final, NamedTuple

from _bench_check import RoomLog
from _bench_dialects import DIALECTS
from _bench_loop import Loop, Schedule
from _bench_members import Listener, Member, Passer, Talker, World, ticks
from _bench_rows import Load
from _bench_swarm import CompiledSwarm
from _bench_usage import Usage, memory_kib, pin
from _load_check import Latencies

_SATURATED_SHARE: Final = 0.9
_SAMPLED: Final = 64
_DRAIN_PATIENCE_S: Final = 10.0
_RECEIVE_BYTES: Final = 1 << 20
_MOST_WITH_LARGE_BUFFERS: Final = 1_000


class Target(NamedTuple):
    """The server's process, the core that it is pinned to, and the compiled loop to load it with, if any."""

    pid: int
    core: int | None
    swarm: Path | None


class TooSlow(Exception):
    """The load could not even be set up in time; the message says what was waited for."""


class Crowd:
    """The rooms of one run with all their members."""

    def __init__(self, world: World, load: Load, first_room: int) -> None:
        self.world: Final = world
        self.logs: Final = [
            RoomLog(world.listening, first_room + index, load.talkers) for index in range(load.rooms)
        ]
        self.listeners: Final[list[Listener]] = []
        self.talkers: Final[list[Talker]] = []
        self._load: Final = load
        self._members: Final[list[Member]] = []
        self._to_come = 0
        self._witnesses: Final[dict[bytes, Listener]] = {}
        for log in self.logs:
            self._fill(log)

    def arrive(self) -> None:
        """Let everybody come, and wait until it is quiet. TooSlow."""
        load, loop = self._load, self.world.loop
        coming = iter(self._members)
        self._to_come = len(self._members)

        def arrived(member: Member | None = None) -> None:
            if member is not None:
                self._to_come -= 1
                if isinstance(member, Listener):
                    self._witnesses[member.room] = member  # the last one stays
            if (another := next(coming, None)) is not None:
                another.connect()

        self._arrived = arrived
        for _ in range(load.at_once):
            arrived()
        loop.run(time.perf_counter() + load.patience_s, done=lambda: not self._to_come)
        if self._to_come:
            raise TooSlow(f"{self._to_come:,} of {len(self._members):,} not arrived in {load.patience_s:g} s")
        self._wait_quiet()
        for member in self._members:
            member.settle()
        in_room = Counter(member.room for member in self._members if member.is_in)
        for talker in self.talkers:
            talker.others = in_room[talker.room] - 1

    def prepare(self, swarm: Path | None) -> None:
        """Choose whose latencies count; from here on it is the swarm that reads, if there is one."""
        step = max(1, len(self.listeners) // _SAMPLED) if self._load.kind == "saturated" else 1
        for listener in self.listeners[::step]:
            listener.is_sampled = True
        if self._load.kind == "saturated":
            for witness in self._witnesses.values():
                witness.is_witness = True
        if swarm is not None:
            members = [*self.listeners, *self.talkers]
            self.world.swarm = CompiledSwarm(swarm, self.world, self.logs, members)

    def saturate(self) -> None:
        """Let every talker keep its number in flight from now on."""
        for log in self.logs:
            of_room = [talker for talker in self.talkers if talker.room == self.world.dialect.room(log.index)]

            def read(authors: list[int], of_room: list[Talker] = of_room) -> None:
                for talker, freed in Counter(authors).items():
                    of_room[talker].say(freed)

            self._witnesses[of_room[0].room].on_read = read
        for talker in self.talkers:
            talker.say(self._load.in_flight)

    def pace(self, rate: float) -> Schedule:
        """Let the talkers say so many messages a second in turn, neighbours being of different rooms."""
        by_room = len(self.logs)
        each = len(self.talkers) // by_room
        turns = cycle([self.talkers[room * each + i] for i in range(each) for room in range(by_room)])
        return Schedule(rate, lambda: next(turns).say(1), time.perf_counter())

    def fall_silent(self) -> None:
        """Say nothing more, and read what is still to come."""
        for witness in self._witnesses.values():
            witness.on_read = None
        if self.world.swarm is not None:
            self.world.swarm.drain()
        world, before = self.world, -1
        while before < (got := world.deliveries + world.answers) < world.owed:
            before = got
            until = time.perf_counter() + _DRAIN_PATIENCE_S
            world.loop.run(until, done=lambda: world.deliveries + world.answers >= world.owed)

    def judge(self) -> None:
        """Count what was lost, doubled or out of order."""
        if self.world.swarm is not None:
            self.world.swarm.hand_back()
        for member in (*self.listeners, *self.talkers):
            member.judge()

    def _fill(self, log: RoomLog) -> None:
        load = self._load
        places = {(2 * k + 1) * load.members // (2 * load.talkers): k for k in range(load.talkers)}
        for place in range(load.members):
            if (number := places.get(place)) is not None:
                talker = Talker(self.world, log, number, lambda member: self._arrived(member))
                self.talkers.append(talker)
                self._members.append(talker)
            else:
                name = b"m%dx%d" % (log.index, place)
                listener = Listener(self.world, log, name, lambda member: self._arrived(member))
                self.listeners.append(listener)
                self._members.append(listener)

    def _wait_quiet(self) -> None:
        loop, deadline = self.world.loop, time.perf_counter() + self._load.patience_s
        before = -1
        while before != loop.events:
            if time.perf_counter() > deadline:
                raise TooSlow(f"not quiet in {self._load.patience_s:g} s")
            before = loop.events
            loop.run(time.perf_counter() + self._load.settle_s)


def talk(world: World, load: Load, server: Target, first_room: int) -> dict[str, Any]:
    """Messages at a pace, or as many as go."""
    crowd = Crowd(world, load, first_room)
    crowd.arrive()
    crowd.prepare(server.swarm)
    gc.collect()
    gc.disable()
    schedules: tuple[Schedule, ...] = ()
    if load.kind == "saturated":
        crowd.saturate()
    else:
        schedules = (crowd.pace(load.rate),)
    world.loop.run(time.perf_counter() + load.warm_up, schedules)
    for schedule in schedules:
        schedule.lag_s = 0.0
    world.taken_latencies()
    before = Usage.now(server.pid, world.deliveries, server.core)
    world.loop.run(before.at + load.seconds, schedules)
    used = Usage.now(server.pid, world.deliveries, server.core).since(before)
    latencies = world.taken_latencies()
    crowd.fall_silent()
    crowd.judge()
    asked = load.rate * (load.members - 1) or None
    lag_ms = max((schedule.lag_s * 1e3 for schedule in schedules), default=None)
    return used | _quantiles(latencies) | {"asked_deliveries_per_s": asked, "pace_lag_ms": lag_ms}


def idle(world: World, load: Load, server: Target, first_room: int) -> dict[str, Any]:
    """What those cost in memory who do nothing."""
    time.sleep(load.settle_s)
    empty = memory_kib(server.pid)
    before = Usage.now(server.pid, 0, server.core)
    crowd = Crowd(world, load, first_room)
    crowd.arrive()
    used = Usage.now(server.pid, 0, server.core).since(before)
    world.loop.run(time.perf_counter() + load.settle_s)
    grown = memory_kib(server.pid) - empty
    return {
        "kib_per_connection": grown / load.connections,
        "connections": load.connections,
        "empty_kib": empty,
        "set_up_s": used["window_s"],
        "others_share": used["others_share"],
    }


def cycles(world: World, load: Load, server: Target, first_room: int) -> dict[str, Any]:
    """How fast people come and go; several at once, a few to a room."""
    done = 0

    def start(_: Member | None = None) -> None:
        nonlocal done
        done += _ is not None
        name = b"c%dx%d" % (first_room, next(numbers))
        Passer(world, world.dialect.room(first_room + done % load.rooms), name, start).connect()

    numbers = count()
    for _ in range(load.at_once):
        start()
    world.loop.run(time.perf_counter() + load.warm_up)
    before, first = Usage.now(server.pid, 0, server.core), done
    world.loop.run(before.at + load.seconds)
    used = Usage.now(server.pid, 0, server.core).since(before)
    return used | {"cycles_per_s": (done - first) / (used["window_s"] or 1)}


def arrival(world: World, load: Load, server: Target, first_room: int) -> dict[str, Any]:
    """Many arrive, at a pace of their own, while a room talks."""
    crowd = Crowd(world, load, first_room)
    crowd.arrive()
    crowd.prepare(server.swarm)
    pace = crowd.pace(load.rate)
    world.loop.run(time.perf_counter() + load.warm_up, (pace,))
    newcomers: list[Member] = []
    coming = Latencies()
    served = refused = 0

    def come() -> None:
        begun, number = ticks(), len(newcomers)

        def arrived(member: Member) -> None:
            nonlocal served, refused
            served, refused = served + member.is_in, refused + (not member.is_in)
            coming.add(ticks(), [begun])

        room = world.dialect.room(first_room + load.rooms + number // 10)
        newcomers.append(Member(world, room, b"n%dx%d" % (first_room, number), arrived))
        newcomers[-1].connect()

    world.taken_latencies()
    before = Usage.now(server.pid, world.deliveries, server.core)
    arriving = Schedule(load.newcomers / load.arrive_s, come, before.at, load.newcomers)
    until = before.at + 2 * load.arrive_s
    world.loop.run(until, (pace, arriving), done=lambda: served + refused == load.newcomers)
    used = Usage.now(server.pid, world.deliveries, server.core).since(before)
    latencies = world.taken_latencies()
    crowd.fall_silent()
    crowd.judge()
    return (
        used
        | _quantiles(latencies)
        | {
            "served": served,
            "newcomers": load.newcomers,
            "served_s": used["window_s"],
            "coming_p99_ms": coming.quantile_ms(0.99),
            "pace_lag_ms": max(pace.lag_s, arriving.lag_s) * 1e3,
        }
    )


def _quantiles(latencies: Latencies) -> dict[str, float | None]:
    shares = (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("max_ms", 1.0))
    return {name: latencies.quantile_ms(share) for name, share in shares}


RUNS: Final = {"paced": talk, "saturated": talk, "idle": idle, "cycles": cycles, "arrival": arrival}


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job: `load`, `dialect`, `port`, `pid` and `server_core` of the server, `core` to run on.

    `first_room` sets its rooms and names apart from those of another job on the same server.
    """
    pin(0, job["core"])
    load = Load(**job["load"])
    large = load.kind in ("paced", "saturated") and load.connections <= _MOST_WITH_LARGE_BUFFERS
    loop = Loop(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    world = World(
        loop,
        DIALECTS[job["dialect"]](),
        ("127.0.0.1", job["port"]),
        _RECEIVE_BYTES * large,
        DIALECTS[load.listeners]() if load.listeners else None,
    )
    try:
        target = Target(job["pid"], job["server_core"], job["swarm"] and Path(job["swarm"]))
        result = RUNS[load.kind](world, load, target, job["first_room"])
    except TooSlow as error:
        return {"error": str(error), "complaints": world.complaints, "faults": asdict(world.faults)}
    share = result.get("generator_busy_share") or 0.0
    return result | {
        "is_saturated": share > _SATURATED_SHARE,
        "is_compiled": job["swarm"] is not None,
        "faults": asdict(world.faults),
        "complaints": world.complaints,
    }


if __name__ == "__main__":
    json.dump(measure(json.load(sys.stdin)), sys.stdout)
