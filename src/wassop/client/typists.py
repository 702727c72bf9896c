"""Who is typing: told by others, told to others."""

from typing import Final

from wassop.client.happenings import Later, Send, TypingOver
from wassop.client.model import Online
from wassop.client.tab import room_key
from wassop.client.turn import Turn
from wassop.wire.native_messages import Typing, TypingHere

LASTS_S: Final = 5.0
"""So long after the last sign of it somebody counts as typing."""
EVERY_S: Final = 3.0
"""More often one's own typing is not told."""


def typing_heard(turn: Turn, told: Typing) -> None:
    """Somebody is typing."""
    key = room_key(told.room)
    if told.room not in turn.state.rooms or told.who == turn.state.name:
        return
    others = turn.state.typing.get(key, {})
    turn.change(typing={**turn.state.typing, key: {**others, told.who: turn.at}})
    turn.effects.append(Later(LASTS_S, TypingOver(key, told.who, turn.at)))


def typing_over(turn: Turn, over: TypingOver) -> None:
    """A sign of typing is old; it counts no more, unless a newer one has come."""
    if turn.state.typing.get(over.key, {}).get(over.who) == over.since:
        no_longer_types(turn, over.key, over.who)


def no_longer_types(turn: Turn, key: str, *people: str) -> None:
    """They have said what they wrote, or are gone."""
    typing = turn.state.typing.get(key)
    if typing and not typing.keys().isdisjoint(people):
        rest = {who: since for who, since in typing.items() if who not in people}
        turn.change(typing={**turn.state.typing, key: rest})


def tell_typing(turn: Turn, text: str) -> None:
    """Tell the others in the room that one is typing a message, now and then."""
    state = turn.state
    is_message = bool(text.strip()) and not text.startswith("/")
    if (
        is_message
        and state.tells_typing
        and state.online is Online.READY
        and state.current is not None
        and turn.at - state.told_typing_at >= EVERY_S
    ):
        turn.change(told_typing_at=turn.at)
        turn.effects.append(Send(TypingHere(state.current)))
