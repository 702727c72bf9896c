"""The list of people at the side."""

from functools import lru_cache
from typing import Final

from prompt_toolkit.formatted_text import StyleAndTextTuples

from wassop.client.cells import text_width
from wassop.client.lines import name_style
from wassop.client.model import Place, State
from wassop.client.tui.bars import shortened
from wassop.core.text import visible

_ROOMY_COLUMNS: Final = 90
"""From this width on the list is shown by itself."""
_LEAST_COLUMNS: Final = 40
"""On less than that it is not shown, even if one wants it."""
_MAX_COLUMNS: Final = 22


def people_columns(state: State, columns: int) -> int:
    """How wide the list is on a screen of that width; 0 if it is not shown."""
    wanted = state.shows_people if state.shows_people is not None else columns >= _ROOMY_COLUMNS
    if not wanted or state.is_bare or columns < _LEAST_COLUMNS:
        return 0
    if state.place not in (Place.ROOM, Place.MENU):
        return 0
    names = _names(state)
    return min(max(_longest(names), text_width(_count(state, len(names)))) + 2, _MAX_COLUMNS, columns // 3)


def people_list(state: State, columns: int, rows: int) -> list[StyleAndTextTuples]:
    """The rows of the list: how many there are, and as many names as fit; who is typing is marked."""
    names, tr = _sorted(_names(state)), state.tr
    count = f" {_count(state, len(names))}"
    drawn: list[StyleAndTextTuples] = [[("class:people.count", shortened(count, columns))]]
    room = rows - 1
    shown = names if len(names) <= room else names[: max(0, room - 1)]
    typing = state.typing.get(state.here, {})
    for name in shown:
        mark = "…" if name in typing else " "
        style = "class:own" if name == state.name else name_style(name)
        drawn.append([("class:dim", mark), (style, shortened(visible(name), columns - 1))])
    if len(shown) < len(names):
        rest = len(names) - len(shown)
        more = tr.ngettext("{count} more", "{count} more", rest).format(count=rest)
        drawn.append([("class:dim", shortened(f" {more}", columns))])
    return drawn


# Thousands may be in a room, and it is drawn many times before one of them comes or goes.


@lru_cache(maxsize=8)
def _longest(names: frozenset[str]) -> int:
    return max((text_width(visible(name)) for name in names), default=0)


@lru_cache(maxsize=8)
def _sorted(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))


def _count(state: State, people: int) -> str:
    return state.tr.ngettext("{count} person", "{count} people", people).format(count=people)


def _names(state: State) -> frozenset[str]:
    room = state.rooms.get(state.current or state.lobby)
    return room.members if room is not None else frozenset()
