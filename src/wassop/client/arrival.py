"""Coming in, into rooms, and back after a loss of the connection, with nothing missed and nothing twice."""

from typing import Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.asked import AskedLobby, AskedRead
from wassop.client.gap import catch_up
from wassop.client.happenings import Reconnect, Welcomed
from wassop.client.ledger import Ledger
from wassop.client.model import Kind, Online, Place, Room
from wassop.client.older import seek
from wassop.client.outgoing import deliver_all, start_over, target
from wassop.client.talk import arrived, cut_adrift
from wassop.client.topics import changed_meanwhile, topic_text
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
        epoch=welcome.epoch,
    )
    turn.effects.append(Welcomed())
    if before.name == welcome.name:
        turn.notice(turn.tr.gettext("The connection is back."))
    else:
        turn.notice(turn.tr.gettext("You have joined as {name}.").format(name=welcome.name))
    for joined in welcome.resumed:
        _rename(turn, joined.room)
        _resumed(turn, joined, is_same_run=before.epoch == welcome.epoch)
    _forget_rooms_but(turn, {joined.room for joined in welcome.resumed})
    if welcome.lobby not in turn.state.rooms:
        turn.ask(AskedLobby(), lambda number: messages.Join(welcome.lobby, id=number))
    for room in turn.state.wanted_rooms:
        turn.join(room, or_menu=turn.state.current is None)
    start_over(turn)
    deliver_all(turn)
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
            evolve(each, message=replace(each.message, room=name))
            if isinstance(each.message, messages.Say) and target(turn, each.message) == old
            else each
            for each in state.pending
        )
        current = name if state.current == old else state.current
        turn.change(rooms=renamed, pending=pending, current=current)


def _resumed(turn: Turn, joined: messages.Joined, *, is_same_run: bool) -> None:
    room = turn.state.rooms.get(joined.room)
    if room is None:
        return
    about = room.about
    room = evolve(room, members=frozenset(joined.members), topic=joined.topic)
    turn.put_room(room)
    since = joined.since if joined.since is not None else min(room.ledger.mark, joined.seq)
    if since < room.ledger.mark or not is_same_run:
        cut_adrift(turn, room, since)
    catch_up(turn, joined)
    changed_meanwhile(turn, joined.room, about)


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


def lobby_told(turn: Turn, joined: messages.Joined) -> None:
    """The server told of the lobby, which one is in without having gone there."""
    above = turn.state.lines[-1].number if turn.state.lines else 0
    turn.put_room(
        Room(
            joined.room,
            frozenset(joined.members),
            Ledger(joined.seq),
            above=above,
            oldest=joined.seq + 1,
            unread_up_to=joined.seq,
            read=joined.seq,
        )
    )


def entered_room(turn: Turn, joined: messages.Joined) -> None:
    """The server let one into a room."""
    tr, name = turn.tr, joined.room
    known = turn.state.rooms.get(name)
    turn.enter(name)
    turn.show(Kind.NOTICE, tr.gettext("You have joined the room {room}.").format(room=name))
    turn.show(Kind.NOTICE, "")
    text = tr.gettext("You are in the room {room}. Write messages, or use EXIT to go back to the main menu.")
    above = turn.show(Kind.NOTICE, text.format(room=name))
    ledger, unread_up_to = (known.ledger, known.unread_up_to) if known else (Ledger(), 0)
    # What was said in the lobby since one came stands on the screen; what was said before does not.
    unseen = [said for said in joined.history if said.seq <= unread_up_to or not ledger.has(said.seq)]
    oldest = joined.history[0].seq if joined.history else joined.seq + 1
    room = Room(name, frozenset(joined.members), Ledger(), above=above, oldest=oldest, topic=joined.topic)
    if room.about:
        room = evolve(room, above=turn.show(Kind.NOTICE, topic_text(turn, room)))
    turn.put_room(room)
    for said in unseen:
        arrived(turn, name, said)
    room = turn.state.rooms[name]
    room = evolve(room, ledger=room.ledger.caught_up(max(joined.seq, ledger.mark)))
    if unseen:
        room = evolve(room, divider=turn.show(Kind.DIVIDER, tr.gettext("New messages")))
    turn.put_room(room)
    if unseen:
        turn.ask(AskedRead(name), lambda number: messages.Read(name, id=number))
    if turn.state.goal is not None and turn.state.goal.room.casefold() == room.key:
        seek(turn)
