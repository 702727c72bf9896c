"""What is said: each message on the screen once, in the order of the room's numbers.

Rule 1: a number is noted when its message is shown; what is noted is not shown again.
Rule 2: a message that got another number in a later run of the server is known by its author and nonce.
"""

from itertools import islice
from typing import Any, Final

from attrs import evolve

from wassop.client.asked import AskedMessage
from wassop.client.line import Delivery, Kind, Line
from wassop.client.mentions import names
from wassop.client.model import Room
from wassop.client.outgoing import settle, target
from wassop.client.tabs import came, open_private
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages
from wassop.wire.phrases import is_about_author, sentence

AnySaid = messages.Said | messages.SaidEntry

_RECENT: Final = 200
"""Among so many newest lines a private message that is told again is looked for."""
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
    if said.all and (room is None or room.key != turn.state.here) and (shown := _shown(turn, said)):
        # Who speaks to all is to be read wherever one is.
        details = _details(turn, said) | {"seq": None, "nonce": None, "mark": turn.tr.gettext("to all")}
        turn.show(shown[0], shown[1], **details)


def arrived(turn: Turn, name: str, said: AnySaid, *, is_news: bool = True) -> None:
    """Show what was said in the room `name`, which one is in, unless it was shown before.

    What is no news was said before one came, and is not counted.
    """
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
    shown, details = _shown(turn, said), _details(turn, said)
    if shown is None:
        return
    if is_news and not details["own"]:
        came(turn, room.key, is_mention=details["is_mention"])
    _, bigger = _neighbours(turn, room, said.seq) if overtaken else (None, None)
    if bigger is None:
        turn.show(shown[0], shown[1], on=room.key, **details)
    else:
        turn.splice(room.key, bigger, 0, turn.make(shown[0], shown[1], **details))


def line_of(turn: Turn, said: messages.SaidEntry) -> Line | None:
    """What was said as a line that is nowhere yet; None for what is not shown."""
    shown = _shown(turn, said)
    return None if shown is None else turn.make(shown[0], shown[1], **_details(turn, said))


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
    state = turn.state
    own = message.author == state.name  # said by another session of one's own
    key = open_private(turn, message.to if own else message.author)
    recent = islice(reversed(turn.lines(key)), _RECENT)
    if message.nonce is not None and any(
        line.nonce == message.nonce and _is_by(line, message.author) for line in recent
    ):
        return
    details: dict[str, Any] = {"at": message.at, "author": message.author, "own": own}
    is_first = not own and key != state.here and not turn.state.tabs[key].unread
    if not own:
        came(turn, key, is_mention=True)
    turn.show(Kind.TALK, message.text, on=key, nonce=message.nonce, **details)
    if is_first:  # the others are only counted
        turn.show(Kind.TALK, message.text, mark=turn.tr.gettext("private"), **details)


def cut_adrift(turn: Turn, room: Room, since: int) -> None:
    """What was seen in `room` after number `since` belongs to an earlier run of the server."""
    lines = turn.lines(room.key)
    adrift = [line.number for line in lines if line.number in room.adrift]
    for place, line in enumerate(lines):
        if line.seq is not None and line.seq > since:
            turn.splice(room.key, place, 1, evolve(line, seq=None))
            adrift.append(line.number)
    room = evolve(
        room, ledger=room.ledger.rolled_back(since), adrift=tuple(adrift), read=min(room.read, since)
    )
    if since + 1 < room.oldest:  # nothing that is shown counts any more
        above = lines[-1].number if lines else 0
        room = evolve(room, oldest=since + 1, is_whole=False, above=above, status=None)
    turn.put_room(room)


def _shown(turn: Turn, said: AnySaid) -> tuple[Kind, str] | None:
    """What sort of line it is, and its text; None where there is nothing to tell."""
    quoted = ("", "") if said.quote is None else (said.quote.author, said.quote.text)
    text = sentence(said.kind, said.author, said.text, quoted, turn.tr)
    if not text:
        return None
    return (Kind.PRESENCE if is_about_author(said.kind) else Kind.TALK), text


def _details(turn: Turn, said: AnySaid) -> dict[str, Any]:
    own = said.author == turn.state.name
    return {
        "at": said.at,
        "author": said.author,
        "own": own,
        "mark": turn.tr.gettext("to all") if said.all else "",
        "seq": said.seq,
        "nonce": said.nonce,
        "is_mention": not own and names(said.text, turn.state.name or ""),
    }


def _waiting_line(turn: Turn, room: Room, said: AnySaid) -> int | None:
    """The line of a message of one's own that waits for its answer, and is the one that was said."""
    for pending in turn.state.pending:
        if said.nonce == pending.message.nonce and target(turn, pending.message) == room.name:
            place = turn.place_of(room.key, pending.line)
            by_me = said.author == turn.state.name
            if by_me or (place is not None and _is_by(turn.lines(room.key)[place], said.author)):
                turn.change_line(room.key, pending.line, at=said.at)
                return pending.line
    return None


def _drifting_line(turn: Turn, room: Room, said: AnySaid) -> int | None:
    """The line of an earlier run that is told again."""
    if not room.adrift:
        return None
    for line in turn.lines(room.key):
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
    place = turn.place_of(room.key, number)
    if place is None:
        return
    line = evolve(turn.lines(room.key)[place], seq=seq)
    smaller, bigger = _neighbours(turn, room, seq, other_than=number)
    if (smaller is None or smaller < place) and (bigger is None or bigger > place):
        turn.splice(room.key, place, 1, line)  # it stands there already
        return
    turn.splice(room.key, place, 1)
    if smaller is not None and smaller > place:
        place = smaller  # after it, where one line less stands before
    elif bigger is not None and bigger < place:
        place = bigger
    turn.splice(room.key, place, 0, line)


def _neighbours(turn: Turn, room: Room, seq: int, other_than: int = 0) -> tuple[int | None, int | None]:
    """Where the next smaller and the next bigger number of `room` stand, if they are shown."""
    lines, bigger = turn.lines(room.key), None
    for back, line in enumerate(reversed(lines), 1):
        place = len(lines) - back
        if line.number == room.above:
            break
        if line.seq is not None and line.number != other_than:
            if line.seq < seq:
                return place, bigger
            bigger = place
    return None, bigger
