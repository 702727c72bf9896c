"""A message to answer, correct, delete or react to: the last one, or one that was chosen with the keys.

Rule 1: what is asked of the server is a message like any other (see outgoing): kept, sent again, known by
its nonce.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, Literal

from attrs import evolve

from wassop.client.emojis import with_emojis
from wassop.client.happenings import KeepInput, KeepInSight, Put
from wassop.client.line import Delivery, Kind, Line
from wassop.client.model import DeleteQuestion, State
from wassop.client.outgoing import take_back
from wassop.client.saying import amend, answer, talk_again
from wassop.client.tab import Amending
from wassop.client.turn import Turn

_LOOKED_AT: Final = 500
"""Among so many newest lines one's own last message is looked for."""


# The one that was chosen


def choose(turn: Turn, steps: int) -> None:
    """Let keys act upon the next message further up (steps < 0) or down; past the last one, upon none."""
    state, key = turn.state, turn.state.here
    if state.naming or state.question is not None:
        return
    if state.current is None:
        turn.error(turn.tr.gettext("Messages can be chosen in rooms."))
        return
    place = turn.place_of(key, state.tab.chosen)
    lines = turn.lines(key)
    places = range(len(lines) - 1 if place is None else place - 1, -1, -1)
    if steps > 0:
        places = range(len(lines) if place is None else place + 1, len(lines))
    found = next((at for at in places if _can_be_chosen(lines[at])), None)
    if found is None and steps < 0:
        return
    choose_none(turn)
    if found is not None:
        number = lines[found].number
        turn.change_line(key, number, is_chosen=True)
        turn.put_tab(evolve(turn.state.tab, chosen=number))
        turn.effects.append(KeepInSight(number))


def choose_none(turn: Turn) -> None:
    """Keys act upon no message any more."""
    tab = turn.state.tab
    if tab.chosen is not None:
        turn.change_line(tab.key, tab.chosen, is_chosen=False)
        turn.put_tab(evolve(turn.state.tab, chosen=None))


def act_on_chosen(turn: Turn, kind: Literal["reply", "edit", "react", "delete"]) -> None:
    """Do what a key says to the chosen message."""
    line = line_numbered(turn, turn.state.tab.chosen)
    choose_none(turn)
    if line is None:
        return
    if kind == "delete":
        if _is_changeable(turn, line):
            turn.change(question=DeleteQuestion(line.number))
    elif kind == "edit":
        _begin_edit(turn, line)
    else:
        _begin(turn, line, kind)


def act_on_answer(turn: Turn, question: DeleteQuestion) -> None:
    """A message is to be deleted."""
    line = line_numbered(turn, question.line)
    if line is not None:
        _delete(turn, line)


def line_numbered(turn: Turn, number: int | None) -> Line | None:
    """Line `number` of the conversation that is shown."""
    place = turn.place_of(turn.state.here, number) if number is not None else None
    return None if place is None else turn.lines(turn.state.here)[place]


def _can_be_chosen(line: Line) -> bool:
    is_there = line.seq is not None and not line.fold.is_deleted
    return line.kind is Kind.TALK and (is_there or line.delivery is Delivery.FAILED)


# What is typed for it


def edit_last(turn: Turn) -> None:
    """Let one's own last message stand in the input bar, to be corrected."""
    line = own_last(turn.state)
    if line is not None:
        _begin_edit(turn, line)


def give_up(turn: Turn) -> None:
    """What is typed is not for another message; what was typed before comes back."""
    tab = turn.state.tab
    choose_none(turn)
    if tab.amending is not None:
        turn.put_tab(evolve(turn.state.tab, amending=None, draft=tab.amending.before))
        turn.effects.append(Put(tab.amending.before))


def amending_entered(turn: Turn, text: str) -> None:
    """The text for the other message is there."""
    amending = turn.state.tab.amending
    assert amending is not None
    turn.put_tab(evolve(turn.state.tab, amending=None))
    line = line_numbered(turn, amending.line)
    if line is None:
        turn.error(turn.tr.gettext("That message is no longer there."))
        return
    _done(turn, amending.kind, line, text)
    if amending.before and not any(isinstance(effect, KeepInput) for effect in turn.effects):
        turn.put_tab(evolve(turn.state.tab, draft=amending.before))
        turn.effects.append(Put(amending.before))
    elif any(isinstance(effect, KeepInput) for effect in turn.effects):
        turn.put_tab(evolve(turn.state.tab, amending=amending))


def _begin(turn: Turn, line: Line, kind: Literal["reply", "edit", "react"]) -> None:
    if line.seq is None:
        turn.error(turn.tr.gettext("The server does not have that message yet."))
        return
    tab = turn.state.tab
    before = tab.amending.before if tab.amending is not None else tab.draft
    amending = Amending(kind, line.number, line.seq, before)
    if kind == "edit":
        text = line.current
    else:
        text = "" if kind == "react" or tab.amending is not None else before
        amending = evolve(amending, before=before if kind == "react" else "")
    turn.put_tab(evolve(tab, amending=amending, draft=text))
    turn.effects.append(Put(text))


def _begin_edit(turn: Turn, line: Line) -> None:
    if not _is_changeable(turn, line):
        return
    if not line.own:  # which nobody may, whatever they are here; better told before the text is written
        turn.error(turn.tr.gettext("You can correct only your own messages."))
        return
    if line.seq is None:
        if take_back(turn, line.number):
            turn.put_tab(evolve(turn.state.tab, draft=line.text))
            turn.effects.append(Put(line.text))
        else:
            turn.error(turn.tr.gettext("The server does not have that message yet."))
        return
    _begin(turn, line, "edit")


def _is_changeable(turn: Turn, line: Line) -> bool:
    """Whether one may change it, as far as is known here: of others, the server decides."""
    if line.fold.is_deleted:
        turn.error(turn.tr.gettext("That message is deleted."))
        return False
    return True


def _done(turn: Turn, kind: str, line: Line, text: str) -> None:
    """Do with a message what was asked for."""
    if line.seq is None or line.fold.is_deleted:
        turn.error(turn.tr.gettext("That message is no longer there."))
        return
    match kind:
        case "reply":
            answer(turn, line, text)
        case "edit" if with_emojis(text) != line.current:
            amend(turn, "edit", line.seq, with_emojis(text))
        case "react":
            _react(turn, line, text)


def _react(turn: Turn, line: Line, text: str) -> None:
    emoji = with_emojis(text.strip())
    if emoji.isascii():
        turn.error(turn.tr.gettext("An emoji is wanted, such as :+1: or :corazon: (Tab completes them)."))
        turn.effects.append(KeepInput())
        return
    assert line.seq is not None
    has_it = line.fold.has(emoji, turn.state.name or "")
    amend(turn, "unreact" if has_it else "react", line.seq, emoji)


def _delete(turn: Turn, line: Line) -> None:
    if line.seq is not None:
        amend(turn, "delete", line.seq, "")
    elif take_back(turn, line.number):
        turn.notice(turn.tr.gettext("The message was not delivered, and is gone."))
    else:
        turn.error(turn.tr.gettext("The server does not have that message yet."))


# Commands


def reply_command(turn: Turn, text: str) -> None:
    """Answer the last message of somebody else."""
    _with_last(turn, lambda line: not line.own, lambda line: _done(turn, "reply", line, text))


def react_command(turn: Turn, text: str) -> None:
    """React to the last message of somebody else."""
    _with_last(turn, lambda line: not line.own, lambda line: _done(turn, "react", line, text))


def edit_command(turn: Turn, text: str) -> None:
    """Correct one's own last message; without a text, let it stand in the input bar."""
    line = own_last(turn.state)
    if line is None:
        turn.error(turn.tr.gettext("There is no message of yours here."))
    elif not text or line.seq is None:
        _begin_edit(turn, line)
    else:
        _done(turn, "edit", line, text)


def delete_command(turn: Turn, _: str) -> None:
    """Delete one's own last message."""
    line = own_last(turn.state)
    if line is None:
        turn.error(turn.tr.gettext("There is no message of yours here."))
    else:
        _delete(turn, line)


def retry_command(turn: Turn, _: str = "") -> None:
    """Send again what was not delivered, in the conversation that is shown."""
    failed = [line for line in turn.lines(turn.state.here) if line.delivery is Delivery.FAILED]
    if not failed:
        turn.error(turn.tr.gettext("Nothing waits here to be sent again."))
    for line in failed:
        talk_again(turn, line)


def own_last(state: State) -> Line | None:
    """One's own last message in the conversation that is shown, if it can be corrected."""
    for line in _newest(state):
        if line.own and not line.fold.is_deleted and line.copy_of is None:
            is_open = any(pending.line == line.number for pending in state.pending)
            in_room = line.seq is not None and state.current is not None
            return line if in_room or is_open or line.delivery is Delivery.FAILED else None
    return None


def corrects_by_up(state: State) -> bool:
    """Whether one's own last message may be corrected now, without waiting for anything."""
    line = own_last(state)
    if line is None:
        return False
    return line.seq is not None or not any(
        pending.line == line.number and pending.was_sent and not pending.failures for pending in state.pending
    )


def _with_last(turn: Turn, is_meant: Callable[[Line], bool], do: Callable[[Line], None]) -> None:
    found = next((line for line in _newest(turn.state) if _can_be_chosen(line) and is_meant(line)), None)
    if turn.state.current is None:
        turn.error(turn.tr.gettext("Messages can be answered in rooms only."))
        turn.effects.append(KeepInput())
    elif found is None:
        turn.error(turn.tr.gettext("Nobody else has said anything here."))
        turn.effects.append(KeepInput())
    else:
        do(found)


def _newest(state: State) -> Iterator[Line]:
    newest = islice(reversed(state.lines), _LOOKED_AT)
    return (line for line in newest if line.kind is Kind.TALK)
