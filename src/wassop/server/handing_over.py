"""Handing a run of events to an audience: to many in a tight loop, to all others one by one.

Nothing here waits: what is handed over to many yields where others should get their turn.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from typing import Final, Protocol

from attrs import Factory, frozen

from wassop.core.deliveries import ToRoom
from wassop.core.events import Roster, Said
from wassop.core.session import Audience, Membership, Session
from wassop.wire.codec import Encoder

_FAIRNESS_MEMBERS: Final = 256
"""After so many members, others get their turn."""


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


class _Encoded:
    """A run of events as one kind of reader reads them."""

    __slots__ = ("_encoder", "_run", "deliveries", "joined", "messages")

    def __init__(self, run: list[ToRoom], encoder: Encoder) -> None:
        """Each event is encoded once."""
        self._run: Final = run
        self._encoder: Final = encoder
        self.messages: Final[list[bytes]] = []
        self.deliveries = 0
        """How many messages each reads."""
        for delivery in run:
            for event in delivery.events:
                message = encoder.encode(event)
                self.messages.append(message)
                if message and type(event) is Said:
                    self.deliveries += 1
        self.joined: Final = b"".join(self.messages)

    def as_read_by(self, author: Session) -> tuple[list[bytes], int]:
        """The messages with the author's own as this dialect shows them to their author, and how many are
        others'."""
        messages, deliveries = self.messages.copy(), self.deliveries
        place = 0
        for delivery in self._run:
            for event in delivery.events:
                if delivery.author is author:
                    if messages[place] and type(event) is Said:
                        deliveries -= 1
                    messages[place] = self._encoder.encode_own(event)
                place += 1
        return messages, deliveries


def hand_over(run: list[ToRoom], receivers: Mapping[Session, Receiver]) -> Generator[None, None, int]:
    """Hand over events that all have the same audience; returns how many messages were delivered to others
    than their authors."""
    audience = run[0].audience
    plan = audience.plan
    if type(plan) is not _Plan:
        plan = audience.plan = _planned(audience, receivers)
    authors = set()
    for delivery in run:
        if delivery.author is not None:
            authors.add(delivery.author)
    deliveries = 0
    for encoder, alike in plan.alike.items():
        deliveries += yield from _tell_alike(audience, _Encoded(run, encoder), alike, authors)
    if plan.others:
        deliveries += yield from _tell_others(run, plan.others, authors)
    return deliveries


def _tell_alike(
    audience: Audience, batch: _Encoded, alike: _Alike, authors: Collection[Session]
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


def _planned(audience: Audience, receivers: Mapping[Session, Receiver]) -> _Plan:
    plan = _Plan()
    for membership in audience:
        receiver = receivers.get(membership.session)
        if receiver is None:
            continue
        shortcut = receiver.shortcut
        if shortcut is None:
            plan.others.append((membership, receiver))
        else:
            plan.alike.setdefault(receiver.encoder, _Alike()).add(membership, shortcut)
    return plan


def _send(data: bytes, outboxes: list[Outbox]) -> None:
    """Offer `data` to all of them. Beside the system call, each line of the loop is paid for with every
    delivery, and each object that it touches with a miss of the processor's cache."""
    size = len(data)
    for outbox in outboxes:
        if outbox.is_clear:
            send = outbox.send_nowait  # apart: to call what a slot holds is slower in one go
            try:
                sent = send(data)
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
    events = (event for delivery in run for event in delivery.events)
    for event, message in zip(events, messages, strict=True):
        receiver.offer_message(message, membership, newest_only=isinstance(event, Roster))
