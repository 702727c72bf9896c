"""A room's memory channel, and the task that hands what comes out of it to the members."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, Protocol

import trio
from attrs import define

from wassop.core.deliveries import ToRoom
from wassop.core.events import Said
from wassop.core.session import Audience, Membership, Session
from wassop.wire.codec import Encoder

_FAIRNESS_MEMBERS: Final = 256
"""After so many members, others get their turn."""


class Receiver(Protocol):
    """What the fan-out needs of a connection."""

    @property
    def encoder(self) -> Encoder:
        """How this visitor reads events now."""
        ...

    def offer(self, data: bytes) -> None:
        """Queue bytes for the visitor; never blocks, never raises."""
        ...


@define
class Traffic:
    """What a room's fan-out did since this was last taken."""

    messages: int = 0
    deliveries: int = 0


class RoomFanout:
    """Fans one room's events out to those who were its members when each was decided.

    Rule 1: all that waits is taken at once; each event is encoded once per encoder, not once per member.
    Rule 2: a sender waits at the gate while `mark` events wait; nobody waits for a reader.
    Rule 3: whoever has left since gets nothing more, so that no message follows the answer to a leave.
    """

    def __init__(
        self,
        mark: int,
        receivers: Mapping[Session, Receiver],
        report: Callable[[Traffic, Exception | None], None],
    ) -> None:
        """`report` is called after each hand-over, with the exception when it failed by a fault of ours."""
        # Unbounded, because the gate is the bound: only gated commands and one notice at a time come in.
        self._into, self._out_of = trio.open_memory_channel[ToRoom](math.inf)
        self._mark: Final = mark
        self._receivers: Final = receivers
        self._report: Final = report
        self._gate: Final = trio.lowlevel.ParkingLot()
        self._idle: Final = trio.lowlevel.ParkingLot()
        self._plan: tuple[Audience, list[tuple[Membership, Receiver]]] = ((), [])
        self.waiting = 0
        self.is_idle = True

    def put(self, delivery: ToRoom) -> None:
        """Queue an event; never blocks."""
        self.waiting += 1
        self.is_idle = False
        self._into.send_nowait(delivery)

    @property
    def gate_is_open(self) -> bool:
        """Whether a sender may go on at once."""
        return self.waiting < self._mark

    async def wait_open(self) -> None:
        """Wait until fewer than `mark` events wait."""
        while not self.gate_is_open:
            await self._gate.park()

    async def wait_idle(self) -> None:
        """Wait until everything that was put is handed over."""
        while not self.is_idle:
            await self._idle.park()

    def close(self) -> None:
        """Put nothing more; the task ends when it has handed over what waits."""
        self._into.close()

    async def run(self) -> None:
        """Hand over until closed."""
        async for first in self._out_of:
            batch = [first, *self._all_that_waits()]
            self.waiting -= len(batch)
            self._gate.unpark_all()
            for _, same_audience in groupby(batch, key=lambda delivery: id(delivery.audience)):
                traffic, fault = Traffic(), None
                try:
                    await self._hand_over(list(same_audience), traffic)
                except Exception as error:  # a fault of ours must not end everybody's room
                    fault = error
                self._report(traffic, fault)
            if not self.waiting:
                self.is_idle = True
                self._idle.unpark_all()

    def _all_that_waits(self) -> Iterator[ToRoom]:
        try:
            while True:
                yield self._out_of.receive_nowait()
        except (trio.WouldBlock, trio.EndOfChannel):
            return

    async def _hand_over(self, run: list[ToRoom], traffic: Traffic) -> None:
        """Hand over events that all have the same audience."""
        plan = self._planned(run[0].audience)
        encoded: dict[Encoder, bytes] = {}
        authors = {delivery.author for delivery in run if delivery.author is not None}
        for number, (membership, receiver) in enumerate(plan, 1):
            if number % _FAIRNESS_MEMBERS == 0:
                await trio.lowlevel.checkpoint()
            if not membership.present:
                continue
            encoder = receiver.encoder
            if membership.session in authors:
                receiver.offer(_encoded_for(membership.session, run, encoder))
                continue
            data = encoded.get(encoder)
            if data is None:
                data = encoded[encoder] = b"".join(encoder.encode(delivery.event) for delivery in run)
            receiver.offer(data)
        traffic.messages = sum(isinstance(delivery.event, Said) for delivery in run)
        traffic.deliveries = traffic.messages * (len(plan) - 1)

    def _planned(self, audience: Audience) -> list[tuple[Membership, Receiver]]:
        if self._plan[0] is not audience:
            self._plan = (audience, list(self._connected(audience)))
        return self._plan[1]

    def _connected(self, audience: Audience) -> Iterator[tuple[Membership, Receiver]]:
        for membership in audience:
            receiver = self._receivers.get(membership.session)
            if receiver is not None:
                yield membership, receiver


def _encoded_for(author: Session, run: Iterable[ToRoom], encoder: Encoder) -> bytes:
    return b"".join(
        encoder.encode_own(delivery.event) if delivery.author is author else encoder.encode(delivery.event)
        for delivery in run
    )
