"""What keys do that is more than editing a line: a table from the names of actions to what they do.

Which keys do it stands in tui/keys.py.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from wassop.client.tabs import close_shown, move, show_unread, switch_by, switch_to, switch_to_unread
from wassop.client.turn import Turn


def toggle_typing(turn: Turn, word: str) -> None:
    """Let others see that one is typing, or not."""
    turn.change(tells_typing=_switched(word, turn.state.tells_typing))
    if turn.state.tells_typing:
        turn.notice(turn.tr.gettext("Others see that you are typing."))
    else:
        turn.notice(turn.tr.gettext("Others do not see that you are typing."))


def toggle_keys(turn: Turn, word: str) -> None:
    """Let the input bar obey other keys."""
    turn.change(vi_keys={"vi": True, "emacs": False}.get(word.casefold(), not turn.state.vi_keys))
    if turn.state.vi_keys:
        turn.notice(turn.tr.gettext("The input bar obeys the keys of vi."))
    else:
        turn.notice(turn.tr.gettext("The input bar obeys the keys of emacs."))


def _switched(word: str, now: bool) -> bool:
    return {"on": True, "off": False}.get(word.casefold(), not now)


def _people(turn: Turn, *, is_shown: bool) -> None:
    turn.change(shows_people=is_shown)


def _bare(turn: Turn) -> None:
    turn.change(is_bare=not turn.state.is_bare)


ACTIONS: Final[Mapping[str, Callable[[Turn], None]]] = {
    **{f"tab-{number}": partial(switch_to, number=number) for number in range(1, 10)},
    "next-tab": partial(switch_by, steps=1),
    "previous-tab": partial(switch_by, steps=-1),
    "unread-tab": switch_to_unread,
    "unread-line": show_unread,
    "close-tab": close_shown,
    "move-tab-left": partial(move, steps=-1),
    "move-tab-right": partial(move, steps=1),
    "show-people": partial(_people, is_shown=True),
    "hide-people": partial(_people, is_shown=False),
    "bare": _bare,
}
