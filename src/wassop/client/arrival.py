"""Coming in, into rooms, and back after a loss of the connection, with nothing missed and nothing twice."""

from typing import Final

from attrs import evolve
from msgspec.structs import replace

from wassop.client.accounting import logged_in, offer_to_keep
from wassop.client.asked import AskedLogin, AskedRead
from wassop.client.away import away_again, away_learned
from wassop.client.gap import catch_up
from wassop.client.happenings import Recall, Reconnect, Welcomed
from wassop.client.ledger import Ledger
from wassop.client.line import Kind
from wassop.client.model import Online, Room
from wassop.client.older import seek
from wassop.client.ordering import in_order, order_told
from wassop.client.outgoing import deliver_all, start_over, target
from wassop.client.returning import rejoin, restore
from wassop.client.tab import MENU, room_key
from wassop.client.tabs import close, enter, open_tab, switch, to_menu
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
    asked = turn.answered(welcome.re)
    logged_in(turn, asked, welcome)
    turn.change(
        name=welcome.name,
        wanted_name=welcome.name,
        naming=False,
        lobby=welcome.lobby,
        limits=welcome.limits,
        online=Online.READY,
        told_lost=False,
        refusals=0,
        epoch=welcome.epoch,
    )
    turn.effects.append(Welcomed())
    open_tab(turn, room_key(welcome.lobby), welcome.lobby)
    if before.name == welcome.name:
        turn.notice(turn.tr.gettext("The connection is back."))
    else:
        turn.notice(turn.tr.gettext("You have joined as {name}.").format(name=welcome.name))
    for joined in welcome.resumed:
        _rename(turn, joined.room)
        _resumed(turn, joined, is_same_run=before.epoch == welcome.epoch)
    _forget_rooms_but(turn, {joined.room for joined in welcome.resumed})
    if welcome.lobby not in turn.state.rooms:
        turn.join(welcome.lobby, is_quiet=True)
    wanted = turn.state.wanted_rooms
    for room in wanted:
        if room_key(room) == room_key(welcome.lobby):
            switch(turn, room_key(room))
        else:
            turn.join(room, or_menu=turn.state.here == MENU)
    start_over(turn)
    away_again(turn)
    deliver_all(turn)
    turn.change(wanted_rooms=(), has_chosen=turn.state.has_chosen or bool(wanted))
    if turn.state.here == MENU and not wanted:
        to_menu(turn)
    if before.name is None or isinstance(asked, AskedLogin):
        turn.effects.append(Recall(welcome.name))
    else:
        rejoin(turn)
    offer_to_keep(turn)


def _rename(turn: Turn, name: str) -> None:
    """Who makes a room decides how its name is written, and it may have been made again."""
    state = turn.state
    old = next((room for room in state.rooms if room.casefold() == name.casefold() and room != name), None)
    if old is None:
        return
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
    turn.change(rooms=renamed, pending=pending)
    tab = open_tab(turn, room_key(name), name)
    turn.put_tab(evolve(tab, title=name))


def _resumed(turn: Turn, joined: messages.Joined, *, is_same_run: bool) -> None:
    room = turn.state.rooms.get(joined.room)
    if room is None:
        return
    about = room.about
    away_learned(turn, joined.members, joined.away)
    room = in_order(evolve(room, members=frozenset(joined.members), topic=joined.topic), joined)
    turn.put_room(room)
    since = joined.since if joined.since is not None else min(room.ledger.mark, joined.seq)
    if since < room.ledger.mark or not is_same_run:
        cut_adrift(turn, room, since)
    catch_up(turn, joined)
    changed_meanwhile(turn, joined.room, about)


def _forget_rooms_but(turn: Turn, kept: set[str]) -> None:
    state = turn.state
    turn.change(rooms={name: room for name, room in state.rooms.items() if name in kept})
    for name, room in state.rooms.items():
        if name in kept or name == state.lobby:
            continue
        if room.password is not None:
            _knock(turn, room)
        else:
            close(turn, room.key)
            turn.error(turn.tr.gettext("You are no longer in the room {room}.").format(room=name))


def _knock(turn: Turn, room: Room) -> None:
    """Go back into a room to which one knows the password, which nobody is asked for on coming back."""
    was_here, tabs = turn.state.here == room.key, turn.state.tabs
    draft = tabs[room.key].draft if room.key in tabs else ""
    close(turn, room.key)
    memory = turn.state.memory
    drafts = {**memory.drafts, room.key: draft} if draft else memory.drafts
    turn.change(memory=evolve(memory, order=tuple(dict.fromkeys((*tabs, *memory.order))), drafts=drafts))
    turn.join(room.name, is_quiet=not was_here, password=room.password)


def name_still_in_use(turn: Turn, name: str) -> None:
    """Coming back, one finds one's own name taken: perhaps by the connection that broke."""
    refusals = turn.state.refusals + 1
    turn.change(refusals=refusals)
    if refusals >= MAX_REFUSALS:
        turn.error(turn.tr.gettext("The name {name} is still in use. Choose another.").format(name=name))
        turn.change(wanted_name=None, naming=True, refusals=0, question=None)
        return
    if refusals == 1:
        text = turn.tr.gettext("The server still has your name {name} in use; trying again.")
        turn.notice(text.format(name=name))
    turn.effects.append(Reconnect())


def entered_room(turn: Turn, joined: messages.Joined, *, is_quiet: bool = False) -> None:
    """The server let one into a room; into the lobby and those of last time without going there."""
    name = joined.room
    away_learned(turn, joined.members, joined.away)
    known = turn.state.rooms.get(name)
    if known is None:
        _first_entered(turn, joined)
    else:
        known = evolve(known, members=frozenset(joined.members), topic=joined.topic)
        turn.put_room(in_order(known, joined))
        for said in joined.history:
            arrived(turn, name, said)
    room = turn.state.rooms[name]
    restore(turn, room.key)
    if not is_quiet:
        enter(turn, room)
    if turn.state.goal is not None and turn.state.goal.key == room.key:
        seek(turn)


def _first_entered(turn: Turn, joined: messages.Joined) -> None:
    tr, name = turn.tr, joined.room
    key = open_tab(turn, room_key(name), name).key
    if name == turn.state.lobby:
        text = tr.gettext("Everyone who is connected is in {room}. EXIT goes back to the main menu.")
    else:
        turn.notice(tr.gettext("You have joined the room {room}.").format(room=name), on=key)
        turn.notice("", on=key)
        text = tr.gettext(
            "You are in the room {room}. Write messages, or use EXIT to go back to the main menu."
        )
    above = turn.notice(text.format(room=name), on=key)
    oldest = joined.history[0].seq if joined.history else joined.seq + 1
    room = Room(name, frozenset(joined.members), Ledger(), above=above, oldest=oldest, topic=joined.topic)
    room = in_order(room, joined)
    if room.about:
        room = evolve(room, above=turn.notice(topic_text(turn, room), on=key))
    ordered = order_told(turn, joined, key)
    if ordered is not None:
        room = evolve(room, above=ordered)
    turn.put_room(room)
    for said in joined.history:
        arrived(turn, name, said, is_news=False)
    room = turn.state.rooms[name]
    turn.put_room(evolve(room, ledger=room.ledger.caught_up(joined.seq)))
    if joined.history:
        divider = turn.show(Kind.DIVIDER, tr.gettext("New messages"), on=key)
        turn.put_tab(evolve(turn.state.tabs[key], divider=divider))
        turn.ask(AskedRead(name), lambda number: messages.Read(name, id=number))
