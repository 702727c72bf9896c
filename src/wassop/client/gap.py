"""What was said while one was away: shown in order before anything that came after it.

Rule 1: while a gap is open, what is said in the room is held, not noted; should the connection break, the
server tells it again.
"""

from collections.abc import Iterable

from attrs import evolve

from wassop.client.asked import AskedGap
from wassop.client.line import Kind
from wassop.client.model import Gap, Room
from wassop.client.older import seek
from wassop.client.outgoing import deliver_all, settle_old
from wassop.client.talk import arrived
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages


def catch_up(turn: Turn, joined: messages.Joined) -> None:
    """Show of `joined.history` what was not seen, and fetch what it does not hold."""
    room = turn.state.rooms[joined.room]
    history = tuple(said for said in joined.history if not room.ledger.has(said.seq))
    first = history[0].seq if history else joined.seq + 1
    if joined.complete or first <= room.ledger.mark + 1:
        _show(turn, room.name, history)
        _caught_up(turn, room.name, joined.seq)
        return
    line = turn.show(Kind.STATUS, turn.tr.gettext("Fetching what was said meanwhile …"), on=room.key)
    turn.put_room(evolve(room, gap=Gap(line, history, joined.seq)))
    _ask(turn, room)


def gap_page(turn: Turn, asked: AskedGap, page: messages.HistoryPage) -> None:
    """A part of what is missing came."""
    room = turn.state.rooms.get(asked.room)
    if room is None or room.gap is None:
        return
    end = _end(room.gap)
    missed = [said for said in page.messages if said.seq < end]
    if missed:
        _tell_missing(turn, room, missed[0].seq)
    _show(turn, room.name, missed)
    room = turn.state.rooms[room.name]
    if missed:
        room = evolve(room, ledger=room.ledger.caught_up(missed[-1].seq))
        turn.put_room(room)
    if missed and page.more and room.ledger.mark + 1 < end:
        _ask(turn, room)
    else:
        close_gap(turn, room)


def close_gap(turn: Turn, room: Room) -> None:
    """Nothing more is to be had of what is missing; on with what was held."""
    gap = room.gap
    assert gap is not None
    turn.remove_line(room.key, gap.line)
    _tell_missing(turn, room, _end(gap))
    turn.put_room(evolve(room, gap=None))
    _show(turn, room.name, gap.held)
    _caught_up(turn, room.name, gap.up_to)
    deliver_all(turn, room.name)
    if turn.state.goal is not None and turn.state.goal.key == room.key:
        seek(turn)


def forget_gaps(turn: Turn) -> None:
    """The connection is gone: the next one begins with what is still missing."""
    for room in turn.state.rooms.values():
        if room.gap is not None:
            turn.remove_line(room.key, room.gap.line)
            turn.put_room(evolve(room, gap=None))


def _ask(turn: Turn, room: Room) -> None:
    after, limit = room.ledger.mark, turn.state.limits.history if turn.state.limits else 50
    turn.ask(
        AskedGap(room.name),
        lambda number: messages.History(room.name, after=after, limit=max(1, limit), id=number),
    )


def _end(gap: Gap) -> int:
    """The first number after the gap."""
    return gap.held[0].seq if gap.held else gap.up_to + 1


def _show(turn: Turn, name: str, history: Iterable[messages.SaidEntry]) -> None:
    for said in history:
        arrived(turn, name, said)


def _caught_up(turn: Turn, name: str, seq: int) -> None:
    room = turn.state.rooms[name]
    turn.put_room(evolve(room, ledger=room.ledger.caught_up(seq)))
    settle_old(turn, name, seq)


def _tell_missing(turn: Turn, room: Room, first: int) -> None:
    missing = first - 1 - room.ledger.mark
    if missing > 0:
        text = turn.tr.ngettext(
            "{count} message that the server no longer remembers is missing here.",
            "{count} messages that the server no longer remembers are missing here.",
            missing,
        )
        turn.show(Kind.DIVIDER, text.format(count=missing), on=room.key)
