"""Messages of one's own: on the screen from the moment they were entered, sent until the server has them."""

from typing import Any, Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.asked import AskedMessage
from wassop.client.happenings import Later, RetryDue
from wassop.client.line import Delivery
from wassop.client.model import Online, Pending
from wassop.client.tab import person_key, room_key
from wassop.client.turn import Turn
from wassop.wire.native_messages import All, Msg, Say

MAX_RETRIES: Final = 5
"""So often a message that could not be stored is sent again on one connection."""
FIRST_PAUSE_S: Final = 2.0
"""Before the first of these; each further pause is twice as long."""


def target(turn: Turn, message: Say | Msg | All) -> str | None:
    """The room that `message` goes to; None for a private one."""
    match message:
        case Say(room):
            return room
        case All():
            return turn.state.lobby
        case Msg():
            return None


def home(turn: Turn, message: Say | Msg | All) -> str:
    """The key of the tab in which `message` stands."""
    match message:
        case Say(room):
            return room_key(room)
        case All():
            return room_key(turn.state.lobby)
        case Msg(to):
            return person_key(to)


def deliver(turn: Turn, pending: Pending) -> None:
    """Send a message of one's own now, unless that must wait.

    While a gap is fetched it waits: the message itself may stand in it, and the server may have forgotten
    its nonce.
    """
    to = target(turn, pending.message)
    room = turn.state.rooms.get(to) if to is not None else None
    if turn.state.online is not Online.READY or (room is not None and room.gap is not None):
        return
    if AskedMessage(pending.line) in turn.state.asked.values():
        return
    turn.ask(AskedMessage(pending.line), lambda number: replace(pending.message, id=number))
    _put(turn, evolve(pending, was_sent=True))
    turn.change_line(home(turn, pending.message), pending.line, delivery=Delivery.WAITING, reason="")


def deliver_all(turn: Turn, room: str | None = None) -> None:
    """Send again what has no answer, all of it or what goes to `room`."""
    for pending in turn.state.pending:
        if room is None or target(turn, pending.message) == room:
            deliver(turn, pending)


def settle_old(turn: Turn, room: str, up_to: int) -> None:
    """What was told long before message `up_to` counts as delivered, though its answer was never seen.

    What was told lately is said again, for it may not be on disk yet; the server knows it by its nonce.
    Of what is older, it may have forgotten that.
    """
    remembered = turn.state.limits.history if turn.state.limits else 0
    for pending in turn.state.pending:
        key = room_key(room)
        place = turn.place_of(key, pending.line) if target(turn, pending.message) == room else None
        seq = turn.lines(key)[place].seq if place is not None else None
        if seq is not None and up_to - seq >= remembered // 2:
            settle(turn, pending.line, Delivery.DONE)


def start_over(turn: Turn) -> None:
    """On a new connection all tries begin anew."""
    turn.change(pending=tuple(evolve(pending, failures=0) for pending in turn.state.pending))


def not_stored(turn: Turn, line: int) -> None:
    """The server could not put a message on record; it is sent again after a pause, a few times."""
    pending = waiting_in(turn, line)
    if pending is None:
        return
    failures = pending.failures + 1
    _put(turn, evolve(pending, failures=failures))
    if failures <= MAX_RETRIES:
        turn.effects.append(Later(FIRST_PAUSE_S * 2 ** (failures - 1), RetryDue(line, failures)))
        reason = turn.tr.gettext("the server could not store it; it will be sent again")
    else:
        reason = turn.tr.gettext("the server could not store it")
    turn.change_line(home(turn, pending.message), line, delivery=Delivery.FAILED, reason=reason)


def retry(turn: Turn, due: RetryDue) -> None:
    """The pause before another try is over, unless it belonged to an earlier connection."""
    pending = waiting_in(turn, due.line)
    if pending is not None and pending.failures == due.attempt:
        deliver(turn, pending)


def waiting_in(turn: Turn, line: int) -> Pending | None:
    """The message in that line, if it still waits for its answer."""
    return next((pending for pending in turn.state.pending if pending.line == line), None)


def settle(turn: Turn, line: int, delivery: Delivery, at: float | None = None) -> Pending | None:
    """A message is delivered, or will never be; what it was."""
    pending = waiting_in(turn, line)
    if pending is not None:
        turn.change(pending=tuple(other for other in turn.state.pending if other.line != line))
        changes: dict[str, Any] = {} if at is None else {"at": at}
        turn.change_line(home(turn, pending.message), line, delivery=delivery, reason="", **changes)
    return pending


def _put(turn: Turn, pending: Pending) -> None:
    turn.change(
        pending=tuple(pending if other.line == pending.line else other for other in turn.state.pending)
    )
