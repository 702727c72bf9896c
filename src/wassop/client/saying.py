"""Saying something: in a room, to one person, to all."""

from typing import Any, Final

import msgspec

from wassop.client.emojis import with_emojis
from wassop.client.happenings import KeepInput
from wassop.client.line import Delivery, Kind
from wassop.client.model import Pending, Place
from wassop.client.outgoing import deliver, home
from wassop.client.tabs import open_private, open_tab, switch
from wassop.client.turn import Turn
from wassop.wire.native_messages import All, Msg, Say

_WRAPPING_BYTES: Final = 32
"""So much longer than as it stands here a message may be on the wire, for its id."""


def talk(turn: Turn, text: str) -> None:
    """Say `text` where one is."""
    match turn.state.place:
        case Place.ROOM:
            room = turn.state.current
            assert room is not None
            _post(turn, Say(room, with_emojis(text), nonce=_nonce(turn)))
        case Place.PRIVATE:
            _post(turn, Msg(turn.state.tab.title, with_emojis(text), nonce=_nonce(turn)))
        case Place.MENU | Place.NAMING:
            turn.error(turn.tr.gettext("Join a room first."))


def tell(turn: Turn, rest: str) -> None:
    """Say something to one person; without a text, go to the conversation with them."""
    name, _, text = rest.partition(" ")
    name, text = name.removeprefix("@"), text.strip()
    if text:
        message = Msg(name, with_emojis(text), nonce=_nonce(turn))
        _post(turn, message, turn.tr.gettext("to {name}").format(name=name))
    else:
        switch(turn, open_private(turn, name))


def announce(turn: Turn, text: str) -> None:
    """Say `text` to everyone connected."""
    _post(turn, All(with_emojis(text), nonce=_nonce(turn)), turn.tr.gettext("to all"))


def _nonce(turn: Turn) -> str:
    return f"{turn.state.nonce_prefix}-{turn.state.next_line}"


def is_too_long(turn: Turn, message: Say | Msg | All) -> bool:
    """Whether the server would refuse `message` for its length."""
    limits = turn.state.limits
    # Quotation marks and the like take more room on the wire than in the text.
    return limits is not None and (
        len(message.text.encode()) > limits.text_bytes
        or len(msgspec.json.encode(message)) + _WRAPPING_BYTES > limits.line_bytes
    )


def _post(turn: Turn, message: Say | Msg | All, mark: str = "") -> None:
    """Show a message of one's own at once, and send it now or when the connection is back.

    It stands in the conversation to which it belongs; elsewhere, `mark` tells where it went.
    """
    state = turn.state
    if is_too_long(turn, message):
        assert state.limits is not None
        text = turn.tr.gettext("The text has {size} bytes; at most {limit} are allowed.")
        turn.error(text.format(size=len(message.text.encode()), limit=state.limits.text_bytes))
        turn.effects.append(KeepInput())
        return
    key = home(turn, message)
    if isinstance(message, Msg):
        open_private(turn, message.to)
    else:
        open_tab(turn, key, state.lobby)
    details: dict[str, Any] = {"at": turn.at, "author": state.name, "own": True}
    line = turn.show(
        Kind.TALK,
        message.text,
        on=key,
        mark=mark if isinstance(message, All) else "",
        delivery=Delivery.WAITING,
        nonce=message.nonce,
        **details,
    )
    if key != state.here:
        turn.show(Kind.TALK, message.text, mark=mark, **details)
    pending = Pending(line, message)
    turn.change(pending=(*turn.state.pending, pending))
    deliver(turn, pending)
