"""A room's memory channel, and the task that hands what comes out of it to the members."""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Final, Protocol, Self

import trio
from attrs import define, frozen

from wassop.core.deliveries import ToRoom
from wassop.core.events import Roster, Said
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

    def offer(self, data: bytes, membership: Membership) -> None:
        """Queue bytes that the visitor reads on account of `membership`; never blocks, never raises."""
        ...

    def offer_message(self, data: bytes, membership: Membership, *, newest_only: bool) -> None:
        """Queue one message for a visitor whose messages are sent one by one; with `newest_only` it takes
        the place of an older one of that kind that still waits."""
        ...


_Plan = tuple[Audience | None, list[tuple[Membership, Receiver]]]
_NO_PLAN: Final[_Plan] = (None, [])


@define
class Traffic:
    """What a room's fan-out did since this was last taken."""

    messages: int = 0
    deliveries: int = 0
    """How often a message was handed to somebody else than its author."""


@frozen
class _Encoded:
    """A run of events as one kind of reader reads them."""

    messages: list[bytes]
    joined: bytes
    deliveries: int

    @classmethod
    def of(cls, run: list[ToRoom], messages: list[bytes], reader: Session | None) -> Self:
        """`reader` is given when it caused some of them itself."""
        deliveries = sum(
            isinstance(delivery.event, Said)
            and bool(message)
            and (reader is None or delivery.author is not reader)
            for delivery, message in zip(run, messages, strict=True)
        )
        return cls(messages, b"".join(messages), deliveries)


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
        self._plan: _Plan = _NO_PLAN
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
                self._plan = _NO_PLAN  # it holds visitors who may be gone when the next event comes
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
        encoded: dict[Encoder, _Encoded] = {}
        authors = {delivery.author for delivery in run if delivery.author is not None}
        deliveries = 0
        for number, (membership, receiver) in enumerate(plan, 1):
            if number % _FAIRNESS_MEMBERS == 0:
                await trio.lowlevel.checkpoint()
            if not membership.present:
                continue
            encoder = receiver.encoder
            batch = encoded.get(encoder)
            if batch is None:
                messages = [encoder.encode(delivery.event) for delivery in run]
                batch = encoded[encoder] = _Encoded.of(run, messages, None)
            if membership.session in authors:
                messages = _as_read_by(membership.session, run, batch.messages, encoder)
                batch = _Encoded.of(run, messages, membership.session)
            deliveries += batch.deliveries
            if encoder.paced:
                for delivery, message in zip(run, batch.messages, strict=True):
                    newest_only = isinstance(delivery.event, Roster)
                    receiver.offer_message(message, membership, newest_only=newest_only)
            elif batch.joined:
                receiver.offer(batch.joined, membership)
        traffic.messages = sum(isinstance(delivery.event, Said) for delivery in run)
        traffic.deliveries = deliveries

    def _planned(self, audience: Audience) -> list[tuple[Membership, Receiver]]:
        if self._plan[0] is not audience:
            self._plan = (audience, list(self._connected(audience)))
        return self._plan[1]

    def _connected(self, audience: Audience) -> Iterator[tuple[Membership, Receiver]]:
        for membership in audience:
            receiver = self._receivers.get(membership.session)
            if receiver is not None:
                yield membership, receiver


def _as_read_by(author: Session, run: list[ToRoom], messages: list[bytes], encoder: Encoder) -> list[bytes]:
    """`messages` with the author's own as this dialect shows them to their author."""
    return [
        encoder.encode_own(delivery.event) if delivery.author is author else message
        for delivery, message in zip(run, messages, strict=True)
    ]
