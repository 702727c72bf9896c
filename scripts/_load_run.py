"""The course of a load run: arrive, warm up, measure, drain; and the sums at the end."""

import gc
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import trio

from _load_check import TICK_NS, Latencies
from _load_clients import Client, Listener, Talker
from _load_meter import CannotRun, Meter, Usage
from _load_swarm import Room, Swarm

_SETTLE_S: Final = 0.5
"""Notices of joining are merged for a quarter of a second; they belong to the arrival."""
_PATIENCE_S: Final = 10.0
"""So long without anything coming in, and what is missing is lost."""
_HEARTBEAT_S: Final = 0.05
_CONNECTS_AT_ONCE: Final = 16
"""Whoever is connected also says hello soon; the server takes the silent for people."""
_SATURATED_SHARE: Final = 0.9


@dataclass(frozen=True)
class Plan:
    """What to do; see the options of load.py."""

    clients: int
    rooms: int
    talkers: int
    rate: float
    in_flight: int
    seconds: float
    warm_up: float
    text_bytes: int
    arrival: float


class Run:
    """One run. `stop` ends it early, with the result so far."""

    def __init__(self, plan: Plan, meter: Meter, tag: str) -> None:
        """`tag` makes the names of this run's rooms and clients its own."""
        self.plan: Final = plan
        self.swarm: Final = Swarm([Room(f"load-{tag}-{i}") for i in range(plan.rooms)])
        self._meter: Final = meter
        self._over: Final = trio.Event()
        self._mib: Final[dict[str, float | None]] = {"empty": meter.server_mib()}
        self._joined_after_s: float | None = None
        self._used: Usage | None = None
        self._counted = (0, 0)
        self._loop_lag_s = self._pace_lag_s = 0.0
        for number in range(plan.clients):
            room = self.swarm.rooms[number % plan.rooms]
            name = f"load-{tag}-{number}"
            if len(room.talkers) < plan.talkers:
                talker = Talker(self.swarm, room, name, plan.text_bytes)
                room.talkers.append(talker)
                room.members.append(talker)
            else:
                room.members.append(Listener(self.swarm, room, name))

    def stop(self) -> None:
        """Talk no more, wait for what is on its way, and end."""
        self._over.set()

    async def run(self, host: str, port: int) -> None:
        """Do it all. CannotRun when the server cannot be reached."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.swarm.read)
            nursery.start_soon(self._tell_progress)
            nursery.start_soon(self._feel_lag)
            nursery.start_soon(self._notice_desertion)
            try:
                await self._arrive(host, port)
                if not self._over.is_set():
                    await self._talk()
                await self.swarm.wait_complete(_PATIENCE_S)
                await trio.sleep(_SETTLE_S)  # whatever comes now came twice
            finally:
                self.swarm.tally()
                self._mib["end"] = self._meter.server_mib()
                nursery.cancel_scope.cancel()
                for client in self.swarm.clients:
                    client.close()

    async def _wait(self, seconds: float) -> None:
        with trio.move_on_after(max(0.0, seconds)):
            await self._over.wait()

    async def _notice_desertion(self) -> None:
        await self.swarm.deserted.wait()
        self.stop()

    # The phases

    async def _arrive(self, host: str, port: int) -> None:
        try:
            found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise CannotRun(f"{host}: {error.strerror}") from error
        family, _, _, _, address = found[0]
        begun = trio.current_time()

        async def connect(client: Client) -> None:
            try:
                await client.connect(family, address)
            except OSError as error:
                raise CannotRun(f"{host}:{port}: {error.strerror}") from error

        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._end_with_over, nursery)
            async with trio.open_nursery() as visits:
                for number, client in enumerate(self._by_turns()):
                    if self.plan.arrival:
                        await trio.sleep_until(begun + number / self.plan.arrival)
                    elif number % _CONNECTS_AT_ONCE == 0:
                        await trio.lowlevel.checkpoint()
                    visits.start_soon(connect, client)
            await self.swarm.wait_joined(_PATIENCE_S)
            nursery.cancel_scope.cancel()
        if self.swarm.all_joined.is_set():
            self._joined_after_s = trio.current_time() - begun
        elif not self._over.is_set():
            self.swarm.faults.refused += self.plan.clients - self.swarm.joined
            self.swarm.complain(f"only {self.swarm.joined} of {self.plan.clients} could join")
            self.stop()
        await self._wait(_SETTLE_S)
        self._mib["joined"] = self._meter.server_mib()

    def _by_turns(self) -> Iterator[Client]:
        for place in range(max(len(room.members) for room in self.swarm.rooms)):
            for room in self.swarm.rooms:
                if place < len(room.members):
                    yield room.members[place]

    async def _end_with_over(self, nursery: trio.Nursery) -> None:
        await self._over.wait()
        nursery.cancel_scope.cancel()

    async def _talk(self) -> None:
        swarm = self.swarm
        gc.collect()
        gc.freeze()  # thousands of clients need not be looked at again and again
        swarm.is_talking = True
        async with trio.open_nursery() as nursery:
            if self.plan.rate:
                nursery.start_soon(self._set_pace)
            else:
                swarm.in_flight = self.plan.in_flight
                for talker in swarm.talkers:
                    talker.keep_talking()
            await self._wait(self.plan.warm_up)
            self._loop_lag_s = self._pace_lag_s = 0.0
            swarm.latencies = Latencies()
            before, deliveries, sent = self._meter.usage(), swarm.deliveries, swarm.sent
            await self._wait(self.plan.seconds)
            self._used = self._meter.usage().since(before)
            self._counted = (swarm.deliveries - deliveries, swarm.sent - sent)
            swarm.is_talking = False
            nursery.cancel_scope.cancel()

    async def _set_pace(self) -> None:
        talkers = self.swarm.talkers
        begun, number = trio.current_time(), 0
        while True:
            due = begun + number / self.plan.rate
            await trio.sleep_until(due)
            late = trio.current_time() - due
            self._pace_lag_s = max(self._pace_lag_s, late)
            for _ in range(1 + int(late * self.plan.rate)):
                talkers[number % len(talkers)].say(1)
                number += 1

    # What people see meanwhile

    async def _feel_lag(self) -> None:
        while True:
            due = trio.current_time() + _HEARTBEAT_S
            await trio.sleep_until(due)
            self._loop_lag_s = max(self._loop_lag_s, trio.current_time() - due)

    async def _tell_progress(self) -> None:
        swarm, begun, last = self.swarm, trio.current_time(), (trio.current_time(), 0, 0)
        while True:
            await trio.sleep(1)
            now, sent, deliveries = trio.current_time(), swarm.sent, swarm.deliveries
            elapsed = now - last[0]
            worst, swarm.worst_latency = swarm.worst_latency * TICK_NS / 1e6, 0
            print(
                f"{now - begun:6.1f} s  connected {swarm.connected}  joined {swarm.joined}"
                f"  messages/s {(sent - last[1]) / elapsed:,.0f}"
                f"  deliveries/s {(deliveries - last[2]) / elapsed:,.0f}  on their way {swarm.owed:,}"
                f"  longest latency {worst:.1f} ms",
                file=sys.stderr,
                flush=True,
            )
            last = now, sent, deliveries

    # The sums

    def result(self) -> dict[str, Any]:
        """All figures, by name; absent ones are None."""
        swarm = self.swarm
        deliveries, messages = self._counted
        used = self._used or Usage(0.0, 0.0, None, 0.0)
        others = max(0.0, used.machine - used.generator - (used.server or 0.0))
        generator_share = _per(used.generator, used.at)
        empty, joined = self._mib["empty"], self._mib.get("joined")
        return {
            "plan": asdict(self.plan),
            "arrival_s": self._joined_after_s,
            "notices_of_joining": swarm.notices,
            "window_s": used.at or None,
            "messages_per_s": _per(messages, used.at),
            "deliveries_per_s": _per(deliveries, used.at),
            "latency_ms": {
                name: swarm.latencies.quantile_ms(share)
                for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))
            },
            "total": {"sent": swarm.sent, "answered": swarm.answered, "deliveries": swarm.deliveries},
            "faults": asdict(swarm.faults),
            "complaints": swarm.complaints,
            "server": {
                "cpu_share": _per(used.server, used.at),
                "us_per_delivery": _per(used.server, deliveries / 1e6),
                "mib": self._mib,
                "kib_per_client": (
                    (joined - empty) * 1024 / self.plan.clients if joined is not None and empty else None
                ),
            },
            "generator": {
                "cpu_share": generator_share,
                "us_per_delivery": _per(used.generator, deliveries / 1e6),
                "is_saturated": generator_share is not None and generator_share >= _SATURATED_SHARE,
                "loop_lag_ms": self._loop_lag_s * 1e3,
                "pace_lag_ms": self._pace_lag_s * 1e3,
                "withheld": swarm.withheld,
            },
            "others_cpu_share": _per(others, used.at),
        }


def _per(amount: float | None, unit: float) -> float | None:
    return amount / unit if amount is not None and unit else None
