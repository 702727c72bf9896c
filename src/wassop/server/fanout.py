"""A room's memory channel, and the task that hands what comes out of it to the members."""

import math
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import Final, Protocol

import trio
from attrs import Factory, define, frozen

from wassop.core.deliveries import ToRoom
from wassop.core.events import Roster, Said
from wassop.core.session import Audience, Membership, Session
from wassop.server.figures import Figures
from wassop.wire.codec import Encoder

_FAIRNESS_MEMBERS: Final = 256
"""After so many members, others get their turn."""
_MANY_MEMBERS: Final = 64
"""To tell so many takes so long that one more look at who else has something to say is nothing beside it."""


class Outbox(Protocol):
    """What the fan-out needs of an outbox; see there."""

    is_clear: bool

    @property
    def send_nowait(self) -> Callable[[bytes], int]:
        """Raises OSError when nothing was sent."""
        ...

    def offer(self, data: bytes) -> None:
        """Never blocks, never raises."""
        ...

    def offer_rest(self, data: bytes, sent: int) -> None:
        """Never blocks, never raises."""
        ...


class Receiver(Protocol):
    """What the fan-out needs of a connection."""

    @property
    def encoder(self) -> Encoder:
        """How this visitor reads events now."""
        ...

    @property
    def shortcut(self) -> Outbox | None:
        """Where bytes go for a visitor whose encoder never changes and who reads messages joined; None for
        all others."""
        ...

    def offer(self, data: bytes, membership: Membership) -> None:
        """Queue bytes that the visitor reads on account of `membership`; never blocks, never raises."""
        ...

    def offer_message(self, data: bytes, membership: Membership, *, newest_only: bool) -> None:
        """Queue one message for a visitor whose messages are sent one by one; with `newest_only` it takes
        the place of an older one of that kind that still waits."""
        ...


@frozen
class _Alike:
    """Members who read the same bytes for good; the same place in both lists is the same member's."""

    memberships: list[Membership] = Factory(list)
    outboxes: list[Outbox] = Factory(list)
    places: dict[Session, int] = Factory(dict)

    def add(self, membership: Membership, outbox: Outbox) -> None:
        self.places[membership.session] = len(self.outboxes)
        self.memberships.append(membership)
        self.outboxes.append(outbox)


@frozen
class _Plan:
    """How to hand over to an audience: to many in a tight loop, to the others one by one."""

    alike: dict[Encoder, _Alike] = Factory(dict)
    others: list[tuple[Membership, Receiver]] = Factory(list)


@define
class Traffic:
    """What a room's fan-out did since this was last taken."""

    messages: int = 0
    deliveries: int = 0
    """How often a message was handed to somebody else than its author."""


class _Encoded:
    """A run of events as one kind of reader reads them."""

    __slots__ = ("_encoder", "_run", "deliveries", "joined", "messages")

    def __init__(self, run: list[ToRoom], encoder: Encoder) -> None:
        """Each event is encoded once."""
        self._run: Final = run
        self._encoder: Final = encoder
        self.messages: Final = [encoder.encode(delivery.event) for delivery in run]
        self.joined: Final = b"".join(self.messages)
        self.deliveries = 0
        """How many messages each reads."""
        for delivery, message in zip(run, self.messages, strict=True):
            if message and type(delivery.event) is Said:
                self.deliveries += 1

    def as_read_by(self, author: Session) -> tuple[list[bytes], int]:
        """The messages with the author's own as this dialect shows them to their author, and how many are
        others'."""
        messages, deliveries = self.messages.copy(), self.deliveries
        for place, delivery in enumerate(self._run):
            if delivery.author is author:
                if messages[place] and type(delivery.event) is Said:
                    deliveries -= 1
                messages[place] = self._encoder.encode_own(delivery.event)
        return messages, deliveries


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
        """Queue an event; never blocks."""
        if not self.waiting and self._figures.latency is not None:
            self._oldest_at = trio.current_time()
        self.waiting += 1
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
        self.waiting -= len(batch)
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
        """Hand over events that all have the same audience."""
        audience = run[0].audience
        plan = audience.plan
        if type(plan) is not _Plan:
            plan = audience.plan = self._planned(audience)
        authors = set()
        for delivery in run:
            if delivery.author is not None:
                authors.add(delivery.author)
        deliveries = 0
        for encoder, alike in plan.alike.items():
            deliveries += yield from self._tell_alike(audience, _Encoded(run, encoder), alike, authors)
        if plan.others:
            deliveries += yield from self._tell_others(run, plan.others, authors)
        self._count(run, deliveries)

    def _tell_alike(
        self, audience: Audience, batch: _Encoded, alike: _Alike, authors: Collection[Session]
    ) -> Generator[None, None, int]:
        """Hand over to members who read the same; return how many messages were delivered."""
        deliveries, own_places = 0, []
        for author in authors:
            place = alike.places.get(author)
            if place is not None:
                own_places.append(place)
                if alike.memberships[place].present:
                    messages, of_others = batch.as_read_by(author)
                    deliveries += of_others
                    if own := b"".join(messages):
                        alike.outboxes[place].offer(own)
        own_places.sort(reverse=True)
        for first in range(0, len(alike.outboxes), _FAIRNESS_MEMBERS):
            if first:
                yield
            outboxes = alike.outboxes[first : first + _FAIRNESS_MEMBERS]
            if audience.is_current:
                for place in own_places:  # from behind, so that each is where it was
                    if first <= place < first + _FAIRNESS_MEMBERS:
                        del outboxes[place - first]
            else:
                there = zip(alike.memberships[first:], outboxes, strict=False)
                outboxes = [box for who, box in there if who.present and who.session not in authors]
            deliveries += len(outboxes) * batch.deliveries
            if batch.joined:
                _send(batch.joined, outboxes)
        return deliveries

    def _tell_others(
        self,
        run: list[ToRoom],
        members: list[tuple[Membership, Receiver]],
        authors: Collection[Session],
    ) -> Generator[None, None, int]:
        """The same for members who may read differently each time, or one message at a time."""
        encoded: dict[Encoder, _Encoded] = {}
        deliveries = 0
        for number, (membership, receiver) in enumerate(members, 1):
            if number % _FAIRNESS_MEMBERS == 0:
                yield
            if not membership.present:
                continue
            encoder = receiver.encoder
            batch = encoded.get(encoder)
            if batch is None:
                batch = encoded[encoder] = _Encoded(run, encoder)
            messages, joined, told = batch.messages, batch.joined, batch.deliveries
            if membership.session in authors:
                messages, told = batch.as_read_by(membership.session)
                joined = b"".join(messages)
            deliveries += told
            if encoder.paced:
                _offer_singly(run, messages, membership, receiver)
            elif joined:
                receiver.offer(joined, membership)
        return deliveries

    def _count(self, run: list[ToRoom], deliveries: int) -> None:
        messages = 0
        for delivery in run:
            messages += type(delivery.event) is Said
        if messages:
            self._figures.messages += messages
            self._figures.deliveries += deliveries
            is_first = not self._traffic.messages
            self._traffic.messages += messages
            self._traffic.deliveries += deliveries
            if is_first:
                self._report(None)

    def _planned(self, audience: Audience) -> _Plan:
        plan = _Plan()
        for membership in audience:
            receiver = self._receivers.get(membership.session)
            if receiver is None:
                continue
            shortcut = receiver.shortcut
            if shortcut is None:
                plan.others.append((membership, receiver))
            else:
                plan.alike.setdefault(receiver.encoder, _Alike()).add(membership, shortcut)
        return plan


def _runs(batch: list[ToRoom]) -> Iterator[list[ToRoom]]:
    """`batch` cut up where the audience changes."""
    for _, same_audience in groupby(batch, key=lambda delivery: id(delivery.audience)):
        yield list(same_audience)


def _no_turn(_: Callable[[], None]) -> bool:
    return False


def _send(data: bytes, outboxes: list[Outbox]) -> None:
    """Offer `data` to all of them. Beside the system call, each line of the loop is paid for with every
    delivery, and each object that it touches with a miss of the processor's cache."""
    size = len(data)
    for outbox in outboxes:
        if outbox.is_clear:
            try:
                sent = outbox.send_nowait(data)
            except OSError:
                outbox.offer(data)  # it will fail again, and there it is known what to do
            else:
                if sent != size:
                    outbox.offer_rest(data, sent)
        else:
            outbox.offer(data)


def _offer_singly(
    run: list[ToRoom], messages: list[bytes], membership: Membership, receiver: Receiver
) -> None:
    for delivery, message in zip(run, messages, strict=True):
        receiver.offer_message(message, membership, newest_only=isinstance(delivery.event, Roster))
