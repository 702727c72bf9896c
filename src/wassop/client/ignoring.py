"""People whom one does not want to read."""

from typing import Final

from wassop.client.happenings import KeepInput
from wassop.client.turn import Turn
from wassop.client.typists import no_longer_types

MAX_IGNORED: Final = 200


def ignore(turn: Turn, name: str) -> None:
    """Hide what somebody says from now on; without a name, tell whose words are hidden."""
    state, tr, name = turn.state, turn.tr, name.removeprefix("@").strip()
    if not name and state.ignored:
        turn.notice(tr.gettext("You ignore: {names}").format(names=", ".join(state.ignored)))
    elif not name:
        turn.notice(tr.gettext("You ignore nobody."))
    elif name.casefold() == (state.name or "").casefold():
        _refused(turn, tr.gettext("You cannot ignore yourself."))
    elif state.ignores(name):
        turn.notice(tr.gettext("You ignore {name} already.").format(name=name))
    elif state.limits is not None and len(name) > state.limits.name_chars:
        _refused(turn, tr.gettext("Nobody has a name as long as that."))
    elif len(state.ignored) >= MAX_IGNORED:
        text = tr.gettext("You ignore {count} people, and cannot ignore more.")
        _refused(turn, text.format(count=MAX_IGNORED))
    else:
        turn.change(ignored=(*state.ignored, name))
        for key, typing in state.typing.items():
            no_longer_types(turn, key, *(who for who in typing if who.casefold() == name.casefold()))
        text = tr.gettext("From now on you do not read what {name} says. /unignore {name} ends that.")
        turn.notice(text.format(name=name))


def unignore(turn: Turn, name: str) -> None:
    """Show what somebody says again."""
    state, tr, name = turn.state, turn.tr, name.removeprefix("@").strip()
    if not state.ignores(name):
        _refused(turn, tr.gettext("You do not ignore {name}.").format(name=name))
        return
    turn.change(ignored=tuple(each for each in state.ignored if each.casefold() != name.casefold()))
    turn.notice(tr.gettext("You read what {name} says again.").format(name=name))


def _refused(turn: Turn, text: str) -> None:
    turn.error(text)
    turn.effects.append(KeepInput())
