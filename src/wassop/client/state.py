"""The reducer: a state and something that happened to a new state and what is to be done.

Rule 1: no clock, no random, no input or output; the time and the nonce's prefix come in from outside.
Rule 2: what is drawn is a function of the state (and of how far back one has scrolled).
"""

from collections.abc import Iterable

from attrs import evolve

from wassop.client.actions import ACTIONS
from wassop.client.asked import AskedJoin, AskedLeave, AskedRooms
from wassop.client.entered import line_entered, pasted, say_hello
from wassop.client.gap import forget_gaps
from wassop.client.happenings import (
    Act,
    AtBottom,
    AtTop,
    CompletingRooms,
    Connected,
    Edited,
    Effect,
    Happening,
    Lost,
    Pasted,
    Recalled,
    Received,
    RetryDue,
    Send,
    TabChosen,
    Typed,
    TypingOver,
    Waiting,
)
from wassop.client.heard import heard
from wassop.client.line import Kind
from wassop.client.model import Online, State
from wassop.client.older import at_top, forget_older
from wassop.client.outgoing import retry
from wassop.client.reading import tell_read
from wassop.client.returning import recalled
from wassop.client.tabs import switch_to
from wassop.client.turn import Turn
from wassop.client.typists import tell_typing, typing_over
from wassop.wire.native_messages import Ping, Rooms

_BANNER = "*" * 43


def opened(state: State) -> State:
    """`state` with what stands on the screen before anything has happened."""
    turn = Turn(state, 0.0)
    for text in (_BANNER, "Wassop by Juan Miguel", _BANNER):
        turn.show(Kind.HEADING, text)
    return turn.state


def reduce(state: State, happening: Happening, at: float) -> tuple[State, list[Effect]]:
    """What `state` becomes when `happening` happens at `at` (Unix time, seconds), and what is to be done."""
    turn = Turn(state, at)
    match happening:
        case Received(message):
            heard(turn, message)
        case Typed(text):
            _typed(turn, text)
        case Edited(text):
            _edited(turn, text)
        case Pasted():
            pasted(turn, happening)
        case Act(action):
            turn.change(has_chosen=True)
            ACTIONS[action](turn)
        case TabChosen(number):
            turn.change(has_chosen=True)
            switch_to(turn, number)
        case Recalled(memory):
            recalled(turn, memory)
        case TypingOver():
            typing_over(turn, happening)
        case Connected():
            _connected(turn)
        case Lost():
            _lost(turn)
        case Waiting(seconds):
            turn.change(online=Online.AWAY, retry_in_s=seconds)
        case CompletingRooms():
            _learn_rooms(turn)
        case AtTop():
            at_top(turn)
        case AtBottom():
            tell_read(turn)
        case RetryDue():
            retry(turn, happening)
    if not isinstance(happening, Typed):
        _catch_up_with_typing(turn)
    return turn.state, turn.effects


def _typed(turn: Turn, text: str) -> None:
    turn.change(has_chosen=turn.state.has_chosen or not turn.state.naming)
    if turn.state.is_undecided:
        turn.change(typed_ahead=(*turn.state.typed_ahead, text))
    else:
        line_entered(turn, text)


def _catch_up_with_typing(turn: Turn) -> None:
    """Do what was entered too early, as far as it is now known what it means."""
    while turn.state.typed_ahead and not turn.state.is_undecided:
        text, *rest = turn.state.typed_ahead
        turn.change(typed_ahead=tuple(rest))
        line_entered(turn, text)


def _edited(turn: Turn, text: str) -> None:
    state = turn.state
    if not state.naming and state.question is None and text != state.tab.draft:
        turn.change(has_chosen=True)
        turn.put_tab(evolve(state.tab, draft=text))
        tell_typing(turn, text)


def _connected(turn: Turn) -> None:
    turn.change(online=Online.ENTERING, retry_in_s=None)
    if turn.state.wanted_name is not None:
        say_hello(turn)
    else:
        # A server takes one who says nothing for a person with netcat.
        turn.effects.append(Send(Ping()))


def _lost(turn: Turn) -> None:
    state = turn.state
    if not state.told_lost:  # until the server has let one back in, every try fails alike
        text = turn.tr.gettext("The connection to {server} was lost; retrying.")
        turn.error(text.format(server=state.server))
    turn.change(
        online=Online.AWAY,
        told_lost=True,
        retry_in_s=None,
        asked={},
        wanted_rooms=(*state.wanted_rooms, *_still_wanted(state)),
        typing={},
        typed_ahead=() if turn.is_asked(AskedLeave) else state.typed_ahead,
    )
    forget_gaps(turn)
    forget_older(turn)


def _still_wanted(state: State) -> Iterable[str]:
    asked_for = (asked for asked in state.asked.values() if isinstance(asked, AskedJoin))
    return (asked.room for asked in asked_for if not asked.is_quiet)


def _learn_rooms(turn: Turn) -> None:
    ready = turn.state.online is Online.READY and not turn.state.naming
    if ready and not turn.is_asked(AskedRooms):
        turn.ask(AskedRooms("know"), lambda number: Rooms(id=number))
