"""What keys do that is more than editing a line: a table from the names of actions to what they do.

Which keys do it stands in tui/keys.py.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from wassop.client.choosing import act_on_chosen, choose, choose_none, edit_last, give_up, retry_command
from wassop.client.preferences import put_setting
from wassop.client.tabs import close_shown, move, show_unread, switch_by, switch_to, switch_to_unread
from wassop.client.turn import Turn


def _people(turn: Turn, *, is_shown: bool) -> None:
    put_setting(turn, "people", "on" if is_shown else "off")


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
    "choose-above": partial(choose, steps=-1),
    "choose-below": partial(choose, steps=1),
    "choose-none": choose_none,
    "reply": partial(act_on_chosen, kind="reply"),
    "edit": partial(act_on_chosen, kind="edit"),
    "delete": partial(act_on_chosen, kind="delete"),
    "react": partial(act_on_chosen, kind="react"),
    "edit-last": edit_last,
    "give-up": give_up,
    "retry": retry_command,
}
