"""The list of people at the side."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from wassop.client.cells import text_width
from wassop.client.deeds import MARKS
from wassop.client.lines import name_style
from wassop.client.model import Place, State
from wassop.client.tui.bars import shortened
from wassop.client.tui.glyphs import Glyphs
from wassop.core.text import visible

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone

_ROOMY_COLUMNS: Final = 90
"""From this width on the list is shown by itself."""
_LEAST_COLUMNS: Final = 40
"""On less than that it is not shown, even if one wants it."""
_MAX_COLUMNS: Final = 22
_WHEEL_PAGES: Final = 0.34
_LEAST_ROWS: Final = 4
"""On less than the count, a name and what is above and below, nothing is scrolled."""


def people_columns(state: State, columns: int) -> int:
    """How wide the list is on a screen of that width; 0 if it is not shown."""
    setting = state.settings.people
    wanted = columns >= _ROOMY_COLUMNS if setting == "auto" else setting == "on"
    if not wanted or state.is_bare or columns < _LEAST_COLUMNS:
        return 0
    if state.place not in (Place.ROOM, Place.MENU):
        return 0
    names = _names(state)
    longest = _longest(names) + bool(_roles(state))
    return min(max(longest, text_width(_count(state, len(names)))) + 2, _MAX_COLUMNS, columns // 3)


def people_list(state: State, columns: int, rows: int, first: int = 0) -> list[StyleAndTextTuples]:
    """The rows of the list: how many there are, and as many names as fit, from number `first` on; who is
    typing or away is marked, and what role they have."""
    names, tr = _sorted(_names(state)), state.tr
    count = f" {_count(state, len(names))}"
    drawn: list[StyleAndTextTuples] = [[("class:people.count", shortened(count, columns))]]
    room = rows - 1
    first = last_start(len(names), rows, first)
    if first:
        room -= 1
        text = tr.ngettext("{count} above", "{count} above", first).format(count=first)
        drawn.append([("class:dim", shortened(f" ↑ {text}", columns))])
    rest = max(0, len(names) - first - room)
    if rest:
        rest += 1
    shown = names[first : len(names) - rest]
    typing, roles = state.typing.get(state.here, {}), _roles(state)
    for name in shown:
        is_away = name in state.away
        mark = "…" if name in typing else "z" if is_away else " "
        style = "class:people.away" if is_away else "class:own" if name == state.name else name_style(name)
        rank = MARKS.get(roles.get(name, ""), "")
        drawn.append([("class:dim", mark), (style, shortened(rank + visible(name), columns - 1))])
    if rest:
        more = tr.ngettext("{count} more", "{count} more", rest).format(count=rest)
        drawn.append([("class:dim", shortened(f" ↓ {more}", columns))])
    return drawn[: max(0, rows)]


def last_start(people: int, rows: int, first: int) -> int:
    """`first`, or the number of the first name that is seen when the last one is, if that is smaller."""
    if people <= rows - 1 or rows < _LEAST_ROWS:
        return 0
    return max(0, min(first, people - (rows - 2)))


class PeopleControl(UIControl):
    """Draws the list on as many rows as there are, and scrolls it."""

    def __init__(self, state: Callable[[], State], glyphs: Glyphs) -> None:
        self._state: Final = state
        self._glyphs: Final = glyphs
        self._height = 0
        self._first = 0
        self._of = ""
        """The tab to which `_first` belongs."""

    def create_content(self, width: int, height: int) -> UIContent:
        """The rows that are seen now."""
        state = self._state()
        if state.here != self._of:
            self._of, self._first = state.here, 0
        self._height = height
        rows = people_list(state, width, height, self._first)

        def row(index: int) -> StyleAndTextTuples:
            return [(style, self._glyphs.of(text)) for style, text, *_ in rows[index]]

        return UIContent(row, line_count=len(rows), show_cursor=False)

    def scroll(self, pages: float) -> None:
        """Move through the names; up if negative."""
        wanted = self._first + int(pages * max(1, self._height - 3))
        self._first = last_start(len(_names(self._state())), self._height, max(0, wanted))

    def mouse_handler(self, mouse_event: MouseEvent) -> "NotImplementedOrNone":
        """The wheel scrolls."""
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self.scroll(-_WHEEL_PAGES)
            case MouseEventType.SCROLL_DOWN:
                self.scroll(_WHEEL_PAGES)
            case _:
                return NotImplemented
        return None


# Thousands may be in a room, and it is drawn many times before one of them comes or goes.


@lru_cache(maxsize=8)
def _longest(names: frozenset[str]) -> int:
    return max((text_width(visible(name)) for name in names), default=0)


@lru_cache(maxsize=8)
def _sorted(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))


def _count(state: State, people: int) -> str:
    return state.tr.ngettext("{count} person", "{count} people", people).format(count=people)


def _roles(state: State) -> Mapping[str, str]:
    room = state.rooms.get(state.current or state.lobby)
    return room.roles if room is not None else {}


def _names(state: State) -> frozenset[str]:
    room = state.rooms.get(state.current or state.lobby)
    return room.members if room is not None else frozenset()
