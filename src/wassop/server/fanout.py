"""A room's memory channel, and the task that hands what comes out of it to the members."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import Final

import trio
from attrs import define

from wassop.core.deliveries import ToRoom
from wassop.core.events import Said
from wassop.core.session import Session
from wassop.server.figures import Figures
from wassop.server.handing_over import Receiver, hand_over

_MANY_MEMBERS: Final = 64
"""To tell so many takes so long that one more look at who else has something to say is nothing beside it."""


@define
class Traffic:
    """What a room's fan-out did since this was last taken."""

    messages: int = 0
    deliveries: int = 0
    """How often a message was handed to somebody else than its author."""


class RoomFanout:
    """Fans one room's events out to those who were its members when each was decided.

    Rule 1: all that waits is taken at once; each event is encoded once per encoder, not once per member.
    Rule 2: a sender waits at the gate while `mark` events wait; nobody waits for a reader.
    Rule 3: whoever has left since gets nothing more, so that no message follows the answer to a leave.
    Rule 4: as long as nothing waits and few are there, what is said goes to them at the end of the turn in
    which it was said, and no task runs. What is said meanwhile elsewhere waits in the channel, for the task.
    """

    def __init__(
        self,
        mark: int,
        receivers: Mapping[Session, Receiver],
        report: Callable[[Exception | None], None],
        figures: Figures | None = None,
    ) -> None:
        """`report` is called when there is traffic to take, and with an exception when handing over failed by
        a fault of ours. `figures` are those of the whole server."""
        # Unbounded, because the gate is the bound: only gated commands and one notice at a time come in.
        self._into, self._out_of = trio.open_memory_channel[ToRoom](math.inf)
        self._mark: Final = mark
        self._receivers: Final = receivers
        self._report: Final = report
        self._gate: Final = trio.lowlevel.ParkingLot()
        self._idle: Final = trio.lowlevel.ParkingLot()
        self._is_awaited = False
        self._traffic = Traffic()
        self._figures: Final = figures or Figures()
        self._oldest_at = 0.0
        self._said_in_turn: list[ToRoom] = []
        self.at_end_of_turn: Callable[[Callable[[], None]], bool] = _no_turn
        """Has something called soon, when more may have come to do at once; False where nobody will."""
        self.shut: set[RoomFanout] = set()
        """Of all rooms that share this set, those whose gates are shut."""
        self.waiting = 0
        self.is_idle = True

    def put(self, delivery: ToRoom) -> None:
        """Queue events; never blocks."""
        if not self.waiting and self._figures.latency is not None:
            self._oldest_at = trio.current_time()
        self.waiting += len(delivery.events)
        if self.waiting >= self._mark:
            self.shut.add(self)
        if self._said_in_turn or (
            self.is_idle
            and len(delivery.audience) < _MANY_MEMBERS
            and self.at_end_of_turn(self._hand_over_in_turn)
        ):
            self._said_in_turn.append(delivery)
        else:
            self._into.send_nowait(delivery)
        self.is_idle = False

    @property
    def places(self) -> int:
        """How many more events may be put before the gate shuts."""
        return self._mark - self.waiting

    @property
    def gate_is_open(self) -> bool:
        """Whether a sender may go on at once."""
        return self.waiting < self._mark

    async def wait_open(self) -> None:
        """Wait until fewer than `mark` events wait."""
        while not self.gate_is_open:
            self.shut.add(self)
            await self._gate.park()

    async def wait_idle(self) -> None:
        """Wait until everything that was put is handed over."""
        while not self.is_idle:
            self._is_awaited = True
            await self._idle.park()

    def take_traffic(self) -> Traffic:
        """What was done since this was last asked."""
        taken, self._traffic = self._traffic, Traffic()
        return taken

    def close(self) -> None:
        """Put nothing more; the task ends when it has handed over what waits."""
        self._into.close()

    async def run(self) -> None:
        """Hand over until closed."""
        with suppress(trio.EndOfChannel):
            while True:
                # In one expression: what a variable holds, visitors included, is held until the next event.
                await self._hand_over_all(await self._out_of.receive())

    async def _hand_over_all(self, first: ToRoom) -> None:
        if len(first.audience) >= _MANY_MEMBERS:
            await trio.lowlevel.checkpoint()
        for _ in self._hand_over_batch([first, *self._all_that_waits()]):
            await trio.lowlevel.checkpoint()

    def _hand_over_in_turn(self) -> None:
        batch, self._said_in_turn = self._said_in_turn, []
        for _ in self._hand_over_batch(batch):
            pass  # few are there

    def _hand_over_batch(self, batch: list[ToRoom]) -> Iterator[None]:
        """Hand over what was taken; yields where others should get their turn."""
        for delivery in batch:
            self.waiting -= len(delivery.events)
        oldest_at, latency = self._oldest_at, self._figures.latency
        if self in self.shut:
            self.shut.discard(self)
            self._gate.unpark_all()
        for run in _runs(batch) if len(batch) > 1 else (batch,):
            try:
                yield from self._hand_over(run)
            except Exception as error:  # a fault of ours must not end everybody's room
                self._report(error)
        if latency is not None:
            latency.observe(trio.current_time() - oldest_at)
        if not self.waiting:
            self.is_idle = True
            if self._is_awaited:
                self._is_awaited = False
                self._idle.unpark_all()

    def _all_that_waits(self) -> Iterator[ToRoom]:
        try:
            while True:
                yield self._out_of.receive_nowait()
        except (trio.WouldBlock, trio.EndOfChannel):
            return

    def _hand_over(self, run: list[ToRoom]) -> Iterator[None]:
        deliveries = yield from hand_over(run, self._receivers)
        messages = 0
        for delivery in run:
            for event in delivery.events:
                messages += type(event) is Said
        if messages:
            self._figures.messages += messages
            self._figures.deliveries += deliveries
            is_first = not self._traffic.messages
            self._traffic.messages += messages
            self._traffic.deliveries += deliveries
            if is_first:
                self._report(None)


def _runs(batch: list[ToRoom]) -> Iterator[list[ToRoom]]:
    """`batch` cut up where the audience changes."""
    for _, same_audience in groupby(batch, key=lambda delivery: id(delivery.audience)):
        yield list(same_audience)


def _no_turn(_: Callable[[], None]) -> bool:
    return False
