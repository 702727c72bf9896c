"""Order in rooms: what `/op`, `/kick`, `/mode` and the like ask for, and what is told of it.

The grammar is that of wire/slash.py, which people with netcat type, too.
"""

from collections.abc import Callable
from typing import Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client import deeds
from wassop.client import told_orders as told
from wassop.client.asked import AskedJoin, AskedOrder
from wassop.client.happenings import GiveUp, KeepInput
from wassop.client.line import Kind
from wassop.client.model import Room
from wassop.client.secret import SecretQuestion, Wanted
from wassop.client.tab import MENU, room_key
from wassop.client.tabs import close, to_menu
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages
from wassop.wire import native_moderation as wire

ENDS: Final = frozenset({"kicked", "banned"})
"""Reasons of a `bye` after which coming back would be refused, or unwelcome."""


# What a person types


def ordering(word: str) -> Callable[[Turn, str], None]:
    """What the command `word` does."""

    def do(turn: Turn, rest: str) -> None:
        room = turn.state.current
        if (word, rest) == ("/mode", "password") and room is not None:
            turn.change(question=SecretQuestion(Wanted.LOCK, room))
        else:
            _order(turn, f"{word} {rest}", room)

    return do


def _order(turn: Turn, line: str, room: str | None) -> None:
    # Loaded with the first order: they know all the rules for names, and most visits need none of them.
    from wassop.core.refusals import Refused
    from wassop.wire import native_orders, phrases, slash

    order = slash.order(line, room)
    assert order is not None
    if isinstance(order, Refused):
        turn.error(phrases.refusal(order, turn.tr))
        turn.effects.append(KeepInput())
    else:
        request = native_orders.asked(order)
        turn.ask(AskedOrder(order), lambda number: replace(request, id=number))


# What the server answers


def order_done(turn: Turn, asked: AskedOrder, at: float) -> None:
    """It was done. What a room reads of it is told by itself; the rest is told here."""
    text = deeds.done_sentence(asked.order, at, turn.tr)
    if text:
        turn.notice(text)


def bans_answered(turn: Turn, bans: wire.BansAre) -> None:
    """Who is banned or muted."""
    turn.answered(bans.re)
    for text in deeds.ban_lines([deeds.ban_of(line) for line in bans.bans], turn.tr):
        turn.notice(text)


# What the server tells


def order_heard(turn: Turn, notice: deeds.Notice) -> None:
    """Somebody has put something in order."""
    asked = turn.answered(notice.re) if isinstance(notice, wire.ModesAre) else None
    deed, me = deeds.told_of(notice), turn.state.name
    room = _room(turn, deed)
    if room is not None:
        turn.put_room(_with(room, deed))
    if isinstance(deed, told.ModesSet) and asked is not None and deed.author is not None:
        return  # the same comes without an id, for all
    text = deeds.sentence(deed, me, turn.tr)
    match deed:
        case told.Kicked(None) if deeds.is_about(deed, me):
            turn.effects.append(GiveUp(text))
        case told.Kicked() if room is not None and deeds.is_about(deed, me):
            _put_out(turn, room, text)
        case told.Invited(name):
            way = turn.tr.gettext("/join {room} goes there.").format(room=name)
            turn.notice(f"{text} {way}")
            _learn(turn, name)
        case told.ModesSet() if asked is not None:
            turn.notice(text)
        case _:
            kind = Kind.ERROR if isinstance(deed, told.Muted) and deeds.is_about(deed, me) else Kind.PRESENCE
            key = room.key if room is not None and room.key in turn.state.tabs else None
            turn.show(kind, text, on=key, at=turn.at)


def _with(room: Room, deed: told.Deed) -> Room:
    """`room` after that."""
    match deed:
        case told.RoleGiven(_, who, role):
            others = {name: each for name, each in room.roles.items() if name.casefold() != who.casefold()}
            return evolve(room, roles=others if role == "member" else {**others, who: role})
        case told.Kicked(_, who):
            return evolve(room, members=room.members - {who})
        case told.ModesSet(_, modes):
            return evolve(room, modes=modes)
        case _:
            return room


def _room(turn: Turn, deed: told.Deed) -> Room | None:
    name = getattr(deed, "room", None)
    if name is None:
        return None
    return next((room for room in turn.state.rooms.values() if room.key == room_key(name)), None)


def _put_out(turn: Turn, room: Room, text: str) -> None:
    """One is no longer in the room: its tab goes, and why is told where one is then."""
    turn.change(rooms={name: each for name, each in turn.state.rooms.items() if name != room.name})
    was_here = turn.state.here == room.key
    close(turn, room.key)
    if was_here and turn.state.here == MENU:
        to_menu(turn)
    turn.error(text)


def _learn(turn: Turn, room: str) -> None:
    """Tab completes the room one is invited to, though it may be hidden."""
    if all(room_key(name) != room_key(room) for name, _ in turn.state.listed):
        turn.change(listed=(*turn.state.listed, (room, 0)))


# Rooms one is in


def in_order(room: Room, joined: messages.Joined) -> Room:
    """`room` with the roles and modes that were told on entering it."""
    return evolve(room, roles=dict(joined.roles or {}), modes=deeds.modes_of(joined.modes))


def order_told(turn: Turn, joined: messages.Joined, key: str) -> int | None:
    """Tell how the room is set and what one is there, where that is worth a line; the last line's number."""
    tr, number = turn.tr, None
    if joined.modes is not None:
        is_set = told.ModesSet(joined.room, deeds.modes_of(joined.modes))
        number = turn.notice(deeds.sentence(is_set, None, tr), on=key)
    if joined.role is not None and joined.role != "member":
        role = deeds.role_name(joined.role, tr)
        number = turn.notice(tr.gettext("Your role here: {role}.").format(role=role), on=key)
    return number


def roles_anew(turn: Turn, room: Room, joined: list[str]) -> None:
    """Somebody who had a role came back, or somebody else under that name: the server knows."""
    if any(name in room.roles for name in joined):
        asked = AskedJoin(room.name, is_quiet=True)
        turn.ask(asked, lambda number: messages.Join(room.name, id=number))
