"""Saying something: in a room, to one person, to all."""

from typing import Any, Final

import msgspec

from wassop.client.amending import mark_changing
from wassop.client.emojis import with_emojis
from wassop.client.happenings import KeepInput
from wassop.client.line import Delivery, Kind, Line
from wassop.client.model import Pending, Place
from wassop.client.outgoing import deliver, home, waiting_in
from wassop.client.tabs import open_private, open_tab, switch
from wassop.client.turn import Turn
from wassop.wire.native_messages import All, Msg, Say

_QUOTED_CHARS: Final = 80
"""So much of what one answers stands above the answer, as the server has it."""
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


def do(turn: Turn, text: str) -> None:
    """Tell the room in the third person what one does."""
    if turn.state.current is None:
        turn.error(turn.tr.gettext("/me is for rooms."))
        turn.effects.append(KeepInput())
    else:
        _post(turn, Say(turn.state.current, with_emojis(text), nonce=_nonce(turn), kind="me"))


def answer(turn: Turn, to: Line, text: str) -> None:
    """Answer the message in line `to`."""
    room = turn.state.current
    assert room is not None
    message = Say(room, with_emojis(text), nonce=_nonce(turn), kind="reply", about=to.seq)
    excerpt = " ".join(to.current.split())
    excerpt = excerpt if len(excerpt) <= _QUOTED_CHARS else excerpt[: _QUOTED_CHARS - 1] + "…"
    _post(turn, message, quote=(to.author or "", excerpt))


def amend(turn: Turn, kind: str, about: int, text: str) -> None:
    """Change message `about` of the room that is shown: by a correction, a deletion, a reaction.

    It looks as before until the server has stored that, marked as being changed.
    """
    room = turn.state.current
    assert room is not None
    message = Say(room, text, nonce=_nonce(turn), kind=kind, about=about)
    if _refused_for_length(turn, message):
        return
    # The number of a line that is nowhere: it names what waits for its answer.
    pending = Pending(turn.make(Kind.TALK, "").number, message)
    turn.change(pending=(*turn.state.pending, pending))
    mark_changing(turn, message, is_changing=True)
    deliver(turn, pending)


def talk_again(turn: Turn, line: Line) -> None:
    """Send once more what was not delivered; it stays where it stands until it is."""
    state = turn.state
    pending = waiting_in(turn, line.number)
    if pending is None:
        message: Say | Msg | All
        if line.to_all:
            message = All(line.text, nonce=line.nonce)
        elif state.tab.is_private:
            message = Msg(state.tab.title, line.text, nonce=line.nonce)
        else:
            kind = "me" if line.is_deed else "say" if line.about is None else "reply"
            message = Say(state.tab.title, line.text, nonce=line.nonce, kind=kind, about=line.about)
        pending = Pending(line.number, message)
        turn.change(pending=(*state.pending, pending))
    turn.change_line(state.here, line.number, delivery=Delivery.WAITING, reason="")
    deliver(turn, pending)


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


def _refused_for_length(turn: Turn, message: Say | Msg | All) -> bool:
    if not is_too_long(turn, message):
        return False
    assert turn.state.limits is not None
    text = turn.tr.gettext("The text has {size} bytes; at most {limit} are allowed.")
    turn.error(text.format(size=len(message.text.encode()), limit=turn.state.limits.text_bytes))
    turn.effects.append(KeepInput())
    return True


def _post(turn: Turn, message: Say | Msg | All, mark: str = "", quote: tuple[str, str] | None = None) -> None:
    """Show a message of one's own at once, and send it now or when the connection is back.

    It stands in the conversation to which it belongs; elsewhere, `mark` tells where it went.
    """
    state = turn.state
    if _refused_for_length(turn, message):
        return
    key = home(turn, message)
    if isinstance(message, Msg):
        open_private(turn, message.to)
    else:
        open_tab(turn, key, state.lobby)
    details: dict[str, Any] = {"at": turn.at, "author": state.name, "own": True, "quote": quote}
    if isinstance(message, Say):
        details |= {"is_deed": message.kind == "me", "about": message.about}
    line = turn.show(
        Kind.TALK,
        message.text,
        on=key,
        mark=mark if isinstance(message, All) else "",
        to_all=isinstance(message, All),
        delivery=Delivery.WAITING,
        nonce=message.nonce,
        **details,
    )
    if key != state.here:
        turn.show(Kind.TALK, message.text, mark=mark, copy_of=-line, **details)
    pending = Pending(line, message)
    turn.change(pending=(*turn.state.pending, pending))
    deliver(turn, pending)
