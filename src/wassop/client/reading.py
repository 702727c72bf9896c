"""How far one has read, told to the server."""

from attrs import evolve

from wassop.client.asked import AskedRead
from wassop.client.happenings import Send
from wassop.client.model import Online, State
from wassop.client.turn import Turn
from wassop.wire.native_messages import Read


def has_news_of_reading(state: State) -> bool:
    """Whether more is on the screen than the server knows one to have read."""
    room = state.rooms.get(state.current or "")
    return (
        room is not None
        and state.online is Online.READY
        and room.gap is None
        and not any(isinstance(asked, AskedRead) for asked in state.asked.values())
        and room.ledger.mark > room.read
    )


def tell_read(turn: Turn) -> None:
    """The newest messages of the current room have been seen; tell the server if it does not know."""
    if has_news_of_reading(turn.state):
        room = turn.state.rooms[turn.state.current or ""]
        turn.effects.append(Send(Read(room.name, seq=room.ledger.mark)))
        turn.put_room(evolve(room, read=room.ledger.mark))
