"""Coming in, into rooms, and back after a loss of the connection, with nothing missed and nothing twice."""

from typing import Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.entered import join
from wassop.client.ledger import Ledger
from wassop.client.model import (
    AskedAgain,
    AskedLobby,
    Delivery,
    Kind,
    Online,
    Place,
    Reconnect,
    Room,
    Welcomed,
)
from wassop.client.talk import show_said
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages

MAX_REFUSALS: Final = 5
"""So often one's own name is asked for again on coming back, with growing pauses, before another name is
asked for: the server may still hold the connection that broke."""


def welcomed(turn: Turn, welcome: messages.Welcome) -> None:
    """The server let one in: for the first time, or back into one's rooms."""
    before = turn.state
    turn.answered(welcome.re)
    turn.change(
        name=welcome.name,
        wanted_name=welcome.name,
        lobby=welcome.lobby,
        limits=welcome.limits,
        online=Online.READY,
        told_lost=False,
        refusals=0,
    )
    turn.effects.append(Welcomed())
    if before.name == welcome.name:
        turn.notice(turn.tr.gettext("The connection is back."))
    else:
        turn.notice(turn.tr.gettext("You have joined as {name}.").format(name=welcome.name))
    for joined in welcome.resumed:
        _rename(turn, joined.room)
        _resumed(turn, joined)
    _forget_rooms_but(turn, {joined.room for joined in welcome.resumed})
    if welcome.lobby not in turn.state.rooms:
        turn.ask(AskedLobby(), lambda number: messages.Join(welcome.lobby, id=number))
    for room in turn.state.wanted_rooms:
        join(turn, room, or_menu=turn.state.current is None)
    _send_again(turn)
    wanted, current = turn.state.wanted_rooms, turn.state.current
    turn.change(wanted_rooms=(), place=Place.MENU if current is None else Place.ROOM)
    if current is None and not wanted:
        turn.to_menu()


def _rename(turn: Turn, name: str) -> None:
    """Who makes a room decides how its name is written, and it may have been made again."""
    state = turn.state
    old = next((room for room in state.rooms if room.casefold() == name.casefold() and room != name), None)
    if old is not None:
        renamed = {
            name if room == old else room: evolve(value, name=name if room == old else room)
            for room, value in state.rooms.items()
        }
        pending = tuple(
            evolve(each, message=replace(each.message, room=name)) if _is_to(each.message, old) else each
            for each in state.pending
        )
        current = name if state.current == old else state.current
        turn.change(rooms=renamed, pending=pending, current=current)


def _is_to(message: messages.Say | messages.Msg | messages.All, room: str) -> bool:
    return isinstance(message, messages.Say) and message.room == room


def _resumed(turn: Turn, joined: messages.Joined) -> None:
    room = turn.state.rooms.get(joined.room)
    if room is None:
        return
    ledger = room.ledger
    anew = joined.seq < ledger.mark
    if not anew and any(ledger.disagrees(said.seq, said.at) for said in joined.history):
        # The room counts anew and has already passed us: what it told begins in the middle.
        turn.put_room(Room(room.name, frozenset(joined.members), Ledger()))
        turn.ask(AskedAgain(room.name), lambda number: messages.Join(room.name, since=0, id=number))
        return
    turn.put_room(evolve(room, members=frozenset(joined.members), ledger=Ledger() if anew else ledger))
    catch_up(turn, joined)


def catch_up(turn: Turn, joined: messages.Joined) -> None:
    """Show of `joined.history` what was not seen yet."""
    room = turn.state.rooms.get(joined.room)
    if room is None:
        return
    ledger = room.ledger
    first = joined.history[0].seq if joined.history else joined.seq + 1
    if missing := max(0, first - 1 - ledger.mark):
        text = turn.tr.ngettext(
            "{count} message that the server no longer remembers is missing here.",
            "{count} messages that the server no longer remembers are missing here.",
            missing,
        )
        turn.show(Kind.DIVIDER, text.format(count=missing))
    for said in joined.history:
        if not ledger.has(said.seq):
            show_said(turn, room.name, said)
            ledger = ledger.noting(said.seq, said.at)
    ledger = ledger.caught_up(joined.seq)
    if joined.history:
        ledger = _noting_last(ledger, joined)
    turn.put_room(evolve(room, members=frozenset(joined.members), ledger=ledger))


def _forget_rooms_but(turn: Turn, kept: set[str]) -> None:
    state = turn.state
    for name in state.rooms:
        if name not in kept and name != state.lobby:
            turn.error(turn.tr.gettext("You are no longer in the room {room}.").format(room=name))
    turn.change(
        rooms={name: room for name, room in state.rooms.items() if name in kept},
        current=state.current if state.current in kept else None,
        confirming=state.confirming and state.current in kept,
    )


def _send_again(turn: Turn) -> None:
    for pending in turn.state.pending:
        if isinstance(pending.message, messages.Msg) and pending.was_sent:
            # It carries no nonce, so that a second copy would be told, too.
            turn.settle(pending.line, Delivery.FAILED)
            text = turn.tr.gettext("It is not known whether your private message reached {name}.")
            turn.error(text.format(name=pending.message.to))
        else:
            turn.deliver(pending)


def name_still_in_use(turn: Turn, name: str) -> None:
    """Coming back, one finds one's own name taken: perhaps by the connection that broke."""
    refusals = turn.state.refusals + 1
    turn.change(refusals=refusals)
    if refusals >= MAX_REFUSALS:
        turn.error(turn.tr.gettext("The name {name} is still in use. Choose another.").format(name=name))
        turn.change(wanted_name=None, place=Place.NAMING, refusals=0, confirming=False)
        return
    if refusals == 1:
        text = turn.tr.gettext("The server still has your name {name} in use; trying again.")
        turn.notice(text.format(name=name))
    turn.effects.append(Reconnect())


def entered_room(turn: Turn, joined: messages.Joined) -> None:
    """The server let one into a room."""
    tr, name = turn.tr, joined.room
    known = turn.state.rooms.get(name)
    turn.enter(name)
    turn.show(Kind.NOTICE, tr.gettext("You have joined the room {room}.").format(room=name))
    turn.show(Kind.NOTICE, "")
    text = tr.gettext("You are in the room {room}. Write messages, or use EXIT to go back to the main menu.")
    turn.show(Kind.NOTICE, text.format(room=name))
    ledger, unread_up_to = (known.ledger, known.unread_up_to) if known else (Ledger(), 0)
    unseen = [said for said in joined.history if said.seq <= unread_up_to or not ledger.has(said.seq)]
    for said in unseen:
        show_said(turn, name, said)
        ledger = ledger.noting(said.seq, said.at)
    if unseen:
        turn.show(Kind.DIVIDER, tr.gettext("New messages"))
    if joined.history:
        ledger = _noting_last(ledger.caught_up(joined.seq), joined)
    turn.put_room(Room(name, frozenset(joined.members), ledger.caught_up(joined.seq)))


def _noting_last(ledger: Ledger, joined: messages.Joined) -> Ledger:
    """`ledger` with the time of its last message, if that is the last one told."""
    last = joined.history[-1]
    return evolve(ledger, mark_at=last.at) if last.seq == ledger.mark else ledger
