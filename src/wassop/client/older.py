"""What was said before the oldest message on the screen, and the way to one message."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from attrs import evolve

from wassop.client.asked import AskedAround, AskedOlder, AskedRead
from wassop.client.days import day_of, day_text
from wassop.client.happenings import Reveal
from wassop.client.line import Kind, Line
from wassop.client.model import Online, Room
from wassop.client.talk import line_of
from wassop.client.turn import HISTORY, MAX_LINES, Turn
from wassop.wire.native_messages import History, HistoryPage, ReadUpTo, SaidEntry

MAX_BACK: Final = 3_000
"""What is further back than so many messages is not gone to, but shown with what stands around it."""
_AROUND: Final = 20
"""How many messages are shown around one that is far away."""


def at_top(turn: Turn) -> None:
    """Somebody wants to see what was said before; fetch it."""
    room = turn.state.rooms.get(turn.state.current or "")
    if room is None or room.gap is not None or turn.is_asked(AskedOlder):
        return
    tr = turn.tr
    if room.begins_here:
        _tell(turn, room, tr.gettext("The history of the room begins here."))
    elif len(turn.lines(room.key)) + HISTORY > MAX_LINES:
        _tell(turn, room, tr.gettext("No more lines are kept here; /search finds what was said earlier."))
    elif turn.state.online is Online.READY:
        _fetch(turn, room, HISTORY)


def older_page(turn: Turn, asked: AskedOlder, page: HistoryPage) -> None:
    """Put what was fetched above what is shown."""
    room = turn.state.rooms.get(asked.room)
    if room is None or room.oldest != asked.before:  # left and entered again meanwhile
        return
    older = [said for said in page.messages if said.seq < room.oldest]
    room = _untold(turn, room)
    if older:
        _insert(turn, room, older)
    oldest = older[0].seq if older else room.oldest
    room = evolve(room, oldest=oldest, is_whole=not (older and page.more))
    turn.put_room(room)
    place_divider(turn, room)
    if room.begins_here:
        _tell(turn, room, turn.tr.gettext("The history of the room begins here."))
    if turn.state.goal is not None and turn.state.goal.key == room.key:
        seek(turn)


def older_refused(turn: Turn, asked: AskedOlder, reason: str) -> None:
    """What was said before cannot be had."""
    room = turn.state.rooms.get(asked.room)
    turn.change(goal=None)
    if room is not None:
        _tell(turn, room, reason)


def forget_older(turn: Turn) -> None:
    """Nothing is fetched any more."""
    for room in turn.state.rooms.values():
        if not room.begins_here:
            turn.put_room(_untold(turn, room))
    turn.change(goal=None)


def seek(turn: Turn) -> None:
    """Go on towards the goal in the current room: show it, or fetch more until it is there."""
    goal = turn.state.goal
    room = turn.state.rooms.get(turn.state.current or "")
    if goal is None or room is None or room.key != goal.key or room.gap is not None:
        return
    for line in reversed(turn.lines(room.key)):
        if line.seq == goal.seq:
            turn.change(goal=None)
            mark_goal(turn, room, line.number)
            return
    distance = room.oldest - goal.seq
    if distance > MAX_BACK or (distance > 0 and len(turn.lines(room.key)) + distance > MAX_LINES):
        turn.change(goal=None)
        before, limit = goal.seq + _AROUND // 2 + 1, _AROUND + 1
        turn.ask(
            AskedAround(room.name, goal.seq),
            lambda number: History(room.name, before=before, limit=limit, id=number),
        )
    elif distance > 0 and not room.begins_here:
        if not turn.is_asked(AskedOlder):
            limit = turn.state.limits.history if turn.state.limits else HISTORY
            _fetch(turn, room, max(HISTORY, limit))
    else:
        turn.change(goal=None)
        turn.error(turn.tr.gettext("That message is no longer there."))


def shown_around(turn: Turn, asked: AskedAround, page: HistoryPage) -> None:
    """Show a message that is far away, with what was said before and after it."""
    room = turn.state.rooms.get(asked.room)
    if room is None or not any(said.seq == asked.seq for said in page.messages):
        turn.error(turn.tr.gettext("That message is no longer there."))
        return
    title = turn.tr.gettext("A place far back in {room}").format(room=room.name)
    turn.show(Kind.DIVIDER, title, on=room.key)
    today, goal = day_of(turn.at), None
    for said in page.messages:
        told = line_of(turn, said)
        if told is None:
            continue
        line = evolve(told, seq=None, nonce=None)
        its_day = day_of(line.at)
        if its_day not in (None, today):
            today = its_day
            turn.append(room.key, _date_line(turn, today))
        turn.append(room.key, line)
        goal = line.number if said.seq == asked.seq else goal
    turn.show(Kind.DIVIDER, turn.tr.gettext("Back to now"), on=room.key)
    if goal is not None:
        mark_goal(turn, room, goal)


def mark_goal(turn: Turn, room: Room, number: int) -> None:
    """Show line `number`, and mark it instead of any other in the room."""
    for line in turn.lines(room.key):
        if line.is_goal:
            turn.change_line(room.key, line.number, is_goal=False)
    turn.change_line(room.key, number, is_goal=True)
    turn.effects.append(Reveal(number))


def read_before(turn: Turn, asked: AskedRead, answer: ReadUpTo) -> None:
    """So far had one read the room before one came into it; what came after that is unread."""
    room = turn.state.rooms.get(asked.room)
    if room is None:
        return
    room = evolve(room, read=max(room.read, answer.seq), read_before=answer.seq)
    turn.put_room(room)
    place_divider(turn, room)
    if room.key != turn.state.here and answer.seq:
        new = [line for line in turn.lines(room.key) if (line.seq or 0) > answer.seq and not line.own]
        tab = turn.state.tabs[room.key]
        turn.put_tab(evolve(tab, unread=len(new), mentions=sum(line.is_mention for line in new)))


def place_divider(turn: Turn, room: Room) -> None:
    """Let new messages begin where one stopped reading before one came."""
    divider = turn.place_of(room.key, turn.state.tabs[room.key].divider)
    if divider is None or not room.read_before:
        return
    lines = turn.lines(room.key)
    for place in range(_top(turn, room), divider):
        line = lines[place]
        if line.seq is not None and line.seq > room.read_before and not line.own:
            turn.splice(room.key, divider, 1)
            turn.splice(room.key, place, 0, lines[divider])
            return


def _fetch(turn: Turn, room: Room, limit: int) -> None:
    _tell(turn, room, turn.tr.gettext("Fetching older messages …"))
    turn.ask(
        AskedOlder(room.name, room.oldest),
        lambda number: History(room.name, before=room.oldest, limit=limit, id=number),
    )


def _top(turn: Turn, room: Room) -> int:
    """Where the room's messages begin."""
    above = turn.place_of(room.key, room.above)
    return 0 if above is None else above + 1


def _tell(turn: Turn, room: Room, text: str) -> None:
    told = turn.place_of(room.key, room.status)
    if told is not None and turn.lines(room.key)[told].text == text:
        return
    room = _untold(turn, room)
    line = turn.make(Kind.STATUS, text)
    turn.splice(room.key, _top(turn, room), 0, line)
    turn.put_room(evolve(room, status=line.number))


def _untold(turn: Turn, room: Room) -> Room:
    turn.remove_line(room.key, room.status)
    return evolve(room, status=None)


def _insert(turn: Turn, room: Room, older: Sequence[SaidEntry]) -> None:
    """Put messages at the top of the room's, each day under its date."""
    top, day = _top(turn, room), day_of(turn.at)
    lines: list[Line] = []
    for said in older:
        line = line_of(turn, said)
        if line is None:
            continue
        if (its_day := day_of(line.at)) not in (None, day):
            day = its_day
            lines.append(_date_line(turn, day))
        lines.append(line)
    rest = turn.lines(room.key)
    doubled = 0
    if top < len(rest) and rest[top].day is not None:
        doubled = int(rest[top].day == day)
    else:
        below = (rest[place].at for place in range(top, len(rest)))
        next_day = next((day_of(at) for at in below if at is not None), None)
        if next_day not in (None, day):
            lines.append(_date_line(turn, next_day))
    turn.splice(room.key, top, doubled, *lines)


def _date_line(turn: Turn, day: date | None) -> Line:
    assert day is not None
    return turn.make(Kind.DIVIDER, day_text(day, turn.tr), day=day)
