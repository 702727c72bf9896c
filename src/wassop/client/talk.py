"""What is said: each message on the screen once, one's own from the moment they were entered."""

from attrs import evolve

from wassop.client.model import AskedMessage, Delivery, Kind
from wassop.client.turn import Turn
from wassop.wire import native_messages as messages


def said_live(turn: Turn, said: messages.Said) -> None:
    """Somebody said something, now."""
    room = turn.state.rooms.get(said.room)
    if room is not None:
        if room.ledger.has(said.seq):
            return
        turn.put_room(evolve(room, ledger=room.ledger.noting(said.seq, said.at)))
    show_said(turn, said.room, said)


def show_said(turn: Turn, room: str, said: messages.Said | messages.SaidEntry) -> None:
    """Show what was said in `room`, unless it is a message of one's own that is already on the screen."""
    state = turn.state
    own = said.author == state.name
    if own and _confirms_pending(turn, room, said):
        return
    is_current = room == state.current
    in_lobby = room == state.lobby
    mark = turn.tr.gettext("to all") if said.all or (in_lobby and not is_current) else ""
    other = room if not (is_current or in_lobby) else None
    turn.show(Kind.TALK, said.text, at=said.at, author=said.author, own=own, mark=mark, room=other)


def _confirms_pending(turn: Turn, room: str, said: messages.Said | messages.SaidEntry) -> bool:
    for pending in turn.state.pending:
        message = pending.message
        to = message.room if isinstance(message, messages.Say) else turn.state.lobby
        is_private = isinstance(message, messages.Msg)
        if pending.was_sent and not is_private and to == room and message.text == said.text:
            turn.settle(pending.line, Delivery.DONE, said.at)
            return True
    return False


def acknowledged(turn: Turn, ok: messages.Ok) -> None:
    """A message of one's own is stored."""
    asked = turn.answered(ok.re)
    if not isinstance(asked, AskedMessage):
        return
    pending = turn.settle(asked.line, Delivery.DONE, ok.at)
    if pending is None or ok.seq is None or isinstance(pending.message, messages.Msg):
        return
    to = pending.message.room if isinstance(pending.message, messages.Say) else turn.state.lobby
    room = turn.state.rooms.get(to)
    if room is not None:
        turn.put_room(evolve(room, ledger=room.ledger.noting(ok.seq, ok.at)))
