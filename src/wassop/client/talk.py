"""What is said: each message on the screen once, in the order of the room's numbers.

Rule 1: a number is noted when its message is shown; what is noted is not shown again.
Rule 2: a message that got another number in a later run of the server is known by its author and nonce.
"""

from typing import Final

from attrs import evolve

from wassop.client.asked import AskedMessage
from wassop.client.model import Delivery, Kind, Line, Room
from wassop.client.outgoing import settle, target
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages
from wassop.wire.phrases import is_about_author, sentence

AnySaid = messages.Said | messages.SaidEntry

_SAME_TIME_S: Final = 0.0015
"""Times on the wire have three decimals; the same message may come with the last one rounded otherwise."""


def said_live(turn: Turn, said: messages.Said) -> None:
    """Somebody said something, now."""
    room = turn.state.rooms.get(said.room)
    if room is not None and room.gap is not None:
        entry = messages.SaidEntry(
            *(said.seq, said.author, said.text, said.at, said.all, said.nonce),
            *(said.kind, said.about, said.quote),
        )
        turn.put_room(evolve(room, gap=evolve(room.gap, held=(*room.gap.held, entry))))
    elif room is not None:
        arrived(turn, room.name, said)
    elif shown := _shown(turn, said.room, said):  # said to all, to one who is not in the lobby
        turn.show(shown[0], shown[1], **_details(turn, said.room, said))


def arrived(turn: Turn, name: str, said: AnySaid) -> None:
    """Show what was said in the room `name`, which one is in, unless it was shown before."""
    room = turn.state.rooms[name]
    if room.ledger.has(said.seq):
        return
    overtaken = bool(room.ledger.ahead)
    room = evolve(room, ledger=room.ledger.noting(said.seq))
    turn.put_room(room)
    known = _waiting_line(turn, room, said) or _drifting_line(turn, room, said)
    if known is not None:
        _numbered(turn, room, known, said.seq)
        return
    details = _details(turn, name, said)
    _, bigger = _neighbours(turn, room, said.seq) if overtaken else (None, None)
    shown = _shown(turn, name, said)
    if shown is None:
        return
    if bigger is None:
        turn.show(shown[0], shown[1], **details)
    else:
        turn.splice(bigger, 0, turn.make(shown[0], shown[1], **details))


def line_of(turn: Turn, room: Room, said: messages.SaidEntry) -> Line | None:
    """What was said as a line that is nowhere yet; None for what is not shown."""
    shown = _shown(turn, room.name, said)
    return None if shown is None else turn.make(shown[0], shown[1], **_details(turn, room.name, said))


def acknowledged(turn: Turn, asked: AskedMessage, ok: messages.Ok) -> None:
    """A message of one's own is stored."""
    pending = settle(turn, asked.line, Delivery.DONE, ok.at)
    to = target(turn, pending.message) if pending is not None else None
    room = turn.state.rooms.get(to) if to is not None else None
    if room is not None and ok.seq is not None:
        room = evolve(room, ledger=room.ledger.noting(ok.seq))
        turn.put_room(room)
        _numbered(turn, room, asked.line, ok.seq)


def private(turn: Turn, message: messages.Private) -> None:
    """Somebody said something to oneself alone."""
    if message.nonce is not None and any(
        line.nonce == message.nonce and line.origin is None and _is_by(line, message.author)
        for line in turn.state.lines
    ):
        return
    mark = turn.tr.gettext("private")
    details = {"at": message.at, "author": message.author, "mark": mark, "nonce": message.nonce}
    turn.show(Kind.TALK, message.text, **details)


def cut_adrift(turn: Turn, room: Room, since: int) -> None:
    """What was seen in `room` after number `since` belongs to an earlier run of the server."""
    lines = list(turn.state.lines)
    adrift = [line.number for line in lines if line.number in room.adrift]
    for place, line in enumerate(lines):
        if line.origin == room.key and line.seq is not None and line.seq > since:
            lines[place] = evolve(line, seq=None)
            adrift.append(line.number)
    room = evolve(
        room, ledger=room.ledger.rolled_back(since), adrift=tuple(adrift), read=min(room.read, since)
    )
    if since + 1 < room.oldest:  # nothing that is shown counts any more
        above = turn.state.lines[-1].number if turn.state.lines else 0
        room = evolve(room, oldest=since + 1, is_whole=False, above=above, status=None)
    turn.change(lines=tuple(lines))
    turn.put_room(room)


def _shown(turn: Turn, room: str, said: AnySaid) -> tuple[Kind, str] | None:
    """What sort of line it is, and its text; None where there is nothing to tell."""
    quoted = ("", "") if said.quote is None else (said.quote.author, said.quote.text)
    text = sentence(said.kind, said.author, said.text, quoted, turn.tr)
    if not text:
        return None
    if not is_about_author(said.kind):
        return Kind.TALK, text
    is_here = room in (turn.state.current, turn.state.lobby)
    return Kind.PRESENCE, text if is_here else f"[{room}] {text}"


def _details(turn: Turn, room: str, said: AnySaid) -> dict[str, object]:
    state = turn.state
    is_current, in_lobby = room == state.current, room == state.lobby
    return {
        "at": said.at,
        "author": said.author,
        "own": said.author == state.name,
        "mark": turn.tr.gettext("to all") if said.all or (in_lobby and not is_current) else "",
        "room": room if not (is_current or in_lobby) else None,
        "origin": room.casefold(),
        "seq": said.seq,
        "nonce": said.nonce,
    }


def _waiting_line(turn: Turn, room: Room, said: AnySaid) -> int | None:
    """The line of a message of one's own that waits for its answer, and is the one that was said."""
    for pending in turn.state.pending:
        if said.nonce == pending.message.nonce and target(turn, pending.message) == room.name:
            place = turn.place_of(pending.line)
            by_me = said.author == turn.state.name
            if by_me or (place is not None and _is_by(turn.state.lines[place], said.author)):
                turn.change_line(pending.line, at=said.at)
                return pending.line
    return None


def _drifting_line(turn: Turn, room: Room, said: AnySaid) -> int | None:
    """The line of an earlier run that is told again."""
    if not room.adrift:
        return None
    for line in turn.state.lines:
        if line.number in room.adrift and _is_by(line, said.author) and _is_same(line, said):
            return line.number
    return None


def _is_same(line: Line, said: AnySaid) -> bool:
    if line.nonce is not None or said.nonce is not None:
        return line.nonce == said.nonce
    return line.text == said.text and line.at is not None and abs(line.at - said.at) < _SAME_TIME_S


def _is_by(line: Line, author: str) -> bool:
    return line.author is not None and line.author.casefold() == author.casefold()


def _numbered(turn: Turn, room: Room, number: int, seq: int) -> None:
    """Line `number` is message `seq` of `room`; it moves to where that belongs."""
    turn.put_room(evolve(room, adrift=tuple(line for line in room.adrift if line != number)))
    place = turn.place_of(number)
    if place is None:
        return
    line = evolve(turn.state.lines[place], seq=seq, origin=room.key)
    smaller, bigger = _neighbours(turn, room, seq, other_than=number)
    turn.splice(place, 1)
    if smaller is not None and smaller > place:
        place = smaller  # after it, where one line less stands before
    elif bigger is not None and bigger < place:
        place = bigger
    turn.splice(place, 0, line)


def _neighbours(turn: Turn, room: Room, seq: int, other_than: int = 0) -> tuple[int | None, int | None]:
    """Where the next smaller and the next bigger number of `room` stand, if they are shown."""
    lines, bigger = turn.state.lines, None
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        if line.number == room.above:
            break
        if line.origin == room.key and line.seq is not None and line.number != other_than:
            if line.seq < seq:
                return place, bigger
            bigger = place
    return None, bigger
