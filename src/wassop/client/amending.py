"""Messages about messages: what they change stands in the line of the one they are about.

Rule 1: what is told about a message that is not shown is kept until it is, however it comes to be.
Rule 2: live, on coming back or fetched from further back, in any order: the same picture (see fold).
"""

from collections.abc import Iterable, Sequence

from attrs import evolve

from wassop.client.fold import AMENDING, DELETED, UNCHANGED, Fold, folded, with_fold
from wassop.client.line import Kind, Line
from wassop.client.model import Room
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages

AnySaid = messages.Said | messages.SaidEntry


def is_amendment(said: AnySaid) -> bool:
    """Whether `said` changes another message instead of being one."""
    return said.kind in AMENDING


def amended(turn: Turn, name: str, said: AnySaid) -> None:
    """Let the message that `said` is about look as it now does, in the room `name`."""
    if said.about is None or (said.kind == "react" and turn.state.ignores(said.author)):
        return
    room = turn.state.rooms[name]
    place = place_of(turn.lines(room.key), said.about) if said.about >= room.oldest else None
    known = turn.lines(room.key)[place].fold if place is not None else room.folds.get(said.about, UNCHANGED)
    is_deleted = isinstance(said, messages.SaidEntry) and said.deleted
    fold = folded(known, said.kind, said.seq, said.author, said.text, is_deleted=is_deleted)
    if fold == known:
        return
    if place is None:
        turn.put_room(evolve(room, folds=with_fold(room.folds, said.about, fold)))
    else:
        turn.splice(room.key, place, 1, with_text_of(turn.lines(room.key)[place], fold))
    if fold.is_deleted:
        _unquote(turn, room.key, said.about)
        _unfind(turn, room.name, said.about)
    if said.all:
        _amend_copies(turn, said.about, fold)


def gathered(turn: Turn, name: str, page: Iterable[messages.SaidEntry]) -> list[messages.SaidEntry]:
    """The messages of `page` that are shown as lines; what the others say is kept for these."""
    rest = []
    for said in page:
        if is_amendment(said):
            amended(turn, name, said)
        else:
            rest.append(said)
    return rest


def dressed(turn: Turn, room: Room, line: Line, *, is_kept: bool = False) -> Line:
    """`line` as it looks after all that was told about it and about what it answers before it was shown.

    Unless it `is_kept`, that then stands in the line alone.
    """
    assert line.seq is not None
    room = turn.state.rooms.get(room.name, room)
    fold = room.folds.get(line.seq)
    if fold is not None:
        line = with_text_of(line, line.fold.merged(fold))
        if not is_kept:
            rest = {about: each for about, each in room.folds.items() if about != line.seq}
            turn.put_room(evolve(room, folds=rest))
    if line.quote is not None and line.about is not None and _is_deleted(turn, room, line.about):
        line = evolve(line, quote=(line.quote[0], ""))
    return line


def with_text_of(line: Line, fold: Fold) -> Line:
    """`line` with `fold`; the text of what is deleted is not kept."""
    return evolve(line, fold=fold, text="" if fold.is_deleted else line.text)


def place_of(lines: Sequence[Line], seq: int) -> int | None:
    """Where message number `seq` stands; by halving, for messages stand in the order of their numbers."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        place = middle
        while place < high and lines[place].seq is None:
            place += 1
        number = lines[place].seq if place < high else None
        if number is None:
            high = middle
        elif number < seq:
            low = place + 1
        elif number > seq:
            high = middle
        else:
            return place
    return None


def mark_changing(turn: Turn, message: messages.Say, *, is_changing: bool) -> None:
    """Tell at the message that `message` is about that a change is on its way, or no longer."""
    room = turn.state.rooms.get(message.room)
    if room is None or message.about is None or message.kind not in AMENDING:
        return
    lines = turn.lines(room.key)
    place = place_of(lines, message.about)
    if place is not None and lines[place].is_changing != is_changing:
        turn.splice(room.key, place, 1, evolve(lines[place], is_changing=is_changing))


def copied(turn: Turn, number: int, seq: int) -> None:
    """The message to all in line `number`, which may stand elsewhere as well, is message `seq`."""
    for key in turn.state.tabs:
        for place, line in enumerate(turn.lines(key)):
            if line.copy_of == -number:
                turn.splice(key, place, 1, evolve(line, copy_of=seq))


def _is_deleted(turn: Turn, room: Room, seq: int) -> bool:
    lines = turn.lines(room.key)
    place = place_of(lines, seq)
    fold = lines[place].fold if place is not None else room.folds.get(seq, UNCHANGED)
    return fold.is_deleted


def _unquote(turn: Turn, key: str, seq: int) -> None:
    """What is deleted is not read in the answers to it either."""
    for place, line in enumerate(turn.lines(key)):
        if line.about == seq and line.quote is not None and line.quote[1]:
            turn.splice(key, place, 1, evolve(line, quote=(line.quote[0], "")))


def _unfind(turn: Turn, name: str, seq: int) -> None:
    """Nor among what a search has found."""
    for key in turn.state.tabs:
        for place, line in enumerate(turn.lines(key)):
            if line.kind is Kind.FOUND and line.copy_of == seq and line.room == name:
                turn.splice(key, place, 1, evolve(with_text_of(line, DELETED), spans=()))


def _amend_copies(turn: Turn, seq: int, fold: Fold) -> None:
    """A message to all may stand where one was when it came, too."""
    for key in turn.state.tabs:
        for place, line in enumerate(turn.lines(key)):
            if line.copy_of == seq and line.kind is not Kind.FOUND:
                turn.splice(key, place, 1, with_text_of(line, fold))
