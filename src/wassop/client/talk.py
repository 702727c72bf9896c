"""What is said: each message on the screen once, in the order of the room's numbers.

Rule 1: a number is noted when its message is shown; what is noted is not shown again.
Rule 2: a message that got another number in a later run of the server is known by its author and nonce.
"""

from itertools import islice
from typing import Any, Final

from wassop.client.alerts import call
from wassop.client.amending import AnySaid, amended, copied, dressed, is_amendment
from wassop.client.asked import AskedMessage
from wassop.client.away import away_answered
from wassop.client.evolving import evolve
from wassop.client.fold import AMENDING, DELETED, UNCHANGED
from wassop.client.line import Delivery, Kind, Line
from wassop.client.mentions import names
from wassop.client.model import Room
from wassop.client.outgoing import settle, target
from wassop.client.requests import entry_of
from wassop.client.tab import person_key
from wassop.client.tabs import came, open_private
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages

_TOLD: Final = frozenset({"say", "me", "reply"})
_RECENT: Final = 200
"""Among so many newest lines a private message that is told again is looked for."""
_SAME_TIME_S: Final = 0.0015
"""Times on the wire have three decimals; the same message may come with the last one rounded otherwise."""


def said_live(turn: Turn, said: messages.Said) -> None:
    """Somebody said something, now."""
    room = turn.state.rooms.get(said.room)
    if room is not None and room.gap is not None:
        turn.put_room(evolve(room, gap=evolve(room.gap, held=(*room.gap.held, entry_of(said)))))
    elif room is not None:
        arrived(turn, room.name, said)
    is_elsewhere = room is None or room.key != turn.state.here
    if said.all and is_elsewhere and is_told(turn, said):
        # Who speaks to all is to be read wherever one is.
        details = _details(turn, said) | {"seq": None, "nonce": None, "copy_of": said.seq}
        turn.show(Kind.TALK, said.text, **details)


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
    if is_amendment(said):
        amended(turn, name, said)
        return
    known = _waiting_line(turn, room, said) or _drifting_line(turn, room, said)
    if known is not None:
        _numbered(turn, room, known, said.seq)
        return
    if not is_told(turn, said):
        return
    details = _details(turn, said)
    if is_news and not details["own"]:
        came(turn, room.key, is_mention=details["is_mention"])
        call(turn, room.key, said.author, said.text, is_mention=details["is_mention"])
    _, bigger = _neighbours(turn, room, said.seq) if overtaken else (None, None)
    if bigger is None:
        number = turn.show(Kind.TALK, said.text, on=room.key, **details)
        if room.folds or said.quote is not None:
            _dress(turn, room, number)
    else:
        line = turn.make(Kind.TALK, said.text, **details)
        turn.splice(room.key, bigger, 0, dressed(turn, room, line))


def line_of(turn: Turn, room: Room, said: messages.SaidEntry, *, is_kept: bool = False) -> Line | None:
    """What was said as a line that is nowhere yet; None for what is not shown. What was told about it before
    is forgotten then, unless it `is_kept`."""
    if not is_told(turn, said):
        return None
    return dressed(turn, room, turn.make(Kind.TALK, said.text, **_details(turn, said)), is_kept=is_kept)


def is_told(turn: Turn, said: AnySaid) -> bool:
    """Whether there is a line for `said`: it is of a kind that is known, a message of its own, and by nobody
    who is ignored."""
    return said.kind in _TOLD and not turn.state.ignores(said.author)


def acknowledged(turn: Turn, asked: AskedMessage, ok: messages.Ok) -> None:
    """A message of one's own is stored."""
    pending = settle(turn, asked.line, Delivery.DONE, ok.at)
    to = target(turn, pending.message) if pending is not None else None
    room = turn.state.rooms.get(to) if to is not None else None
    if room is not None and pending is not None and ok.seq is not None:
        room = evolve(room, ledger=room.ledger.noting(ok.seq))
        turn.put_room(room)
        _numbered(turn, room, asked.line, ok.seq)
        message = pending.message
        if isinstance(message, messages.All):
            copied(turn, asked.line, ok.seq)
        if isinstance(message, messages.Say) and message.kind in AMENDING:
            # Whoever changes something is not told of it.
            at, author = turn.at if ok.at is None else ok.at, turn.state.name or ""
            entry = messages.SaidEntry(
                ok.seq, author, message.text, at, kind=message.kind, about=message.about
            )
            amended(turn, room.name, entry)
    if pending is not None and isinstance(pending.message, messages.Msg) and ok.away is not None:
        away_answered(turn, pending.message.to, ok.away)
    if pending is not None and isinstance(pending.message, messages.Msg) and ok.kept:
        _tell_kept(turn, pending.message.to)


def _tell_kept(turn: Turn, to: str) -> None:
    """That somebody reads it later: where it stands, and where one is."""
    text = turn.tr.gettext("{name} is not here, and reads it on coming.").format(name=to)
    for key in dict.fromkeys((person_key(to), turn.state.here)):
        if key in turn.state.tabs:
            turn.show(Kind.STATUS, text, on=key)


def private(turn: Turn, message: messages.Private) -> None:
    """Somebody said something to oneself alone."""
    state = turn.state
    own = message.author == state.name  # said by another session of one's own
    if not own and state.ignores(message.author):
        return
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
        call(turn, key, message.author, message.text, is_mention=True)
    tr = turn.tr
    mark = tr.gettext("while you were away") if message.kept else ""
    turn.show(Kind.TALK, message.text, on=key, nonce=message.nonce, mark=mark, **details)
    if is_first:  # the others are only counted
        mark = tr.gettext("private, while you were away") if message.kept else tr.gettext("private")
        turn.show(Kind.TALK, message.text, mark=mark, **details)


def cut_adrift(turn: Turn, room: Room, since: int) -> None:
    """What was seen in `room` after number `since` belongs to an earlier run of the server."""
    lines = turn.lines(room.key)
    adrift = [line.number for line in lines if line.number in room.adrift]
    for place, line in enumerate(lines):
        if line.seq is not None and line.seq > since:
            turn.splice(room.key, place, 1, evolve(line, seq=None))
            adrift.append(line.number)
        elif line.fold != UNCHANGED:
            turn.splice(room.key, place, 1, evolve(line, fold=line.fold.rolled_back(since)))
    room = evolve(
        room,
        ledger=room.ledger.rolled_back(since),
        adrift=tuple(adrift),
        read=min(room.read, since),
        folds={about: fold.rolled_back(since) for about, fold in room.folds.items() if about <= since},
    )
    if since + 1 < room.oldest:  # nothing that is shown counts any more
        above = lines[-1].number if lines else 0
        room = evolve(room, oldest=since + 1, is_whole=False, above=above, status=None)
    turn.put_room(room)


def _dress(turn: Turn, room: Room, number: int) -> None:
    place = turn.place_of(room.key, number)
    assert place is not None
    line = turn.lines(room.key)[place]
    known = dressed(turn, room, line)
    if known is not line:
        turn.splice(room.key, place, 1, known)


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
        "is_deed": said.kind == "me",
        "about": said.about,
        "quote": None if said.quote is None else (said.quote.author, said.quote.text),
        "fold": DELETED if isinstance(said, messages.SaidEntry) and said.deleted else UNCHANGED,
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
    line = dressed(turn, room, evolve(turn.lines(room.key)[place], seq=seq))
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
