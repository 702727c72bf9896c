"""The history: makes only the rows which are on the screen, and each of them once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from wassop.client.line import Line
from wassop.client.lines import Row, rows_of
from wassop.client.model import State
from wassop.client.tui.glyphs import Glyphs
from wassop.client.viewport import Viewport

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone

WHEEL_ROWS: Final = 3
_MAX_REMEMBERED: Final = 2_000


class History:
    """The lines of `state()`, newest at the bottom, and how far back one has scrolled."""

    def __init__(
        self, state: Callable[[], State], glyphs: Glyphs, on_top: Callable[[], object] = lambda: None
    ) -> None:
        """`on_top` is called when one scrolls up to where the current room's messages begin."""
        self._state: Final = state
        self._on_top: Final = on_top
        self.glyphs: Final = glyphs
        self._viewports: dict[str, Viewport] = {}
        """Each conversation keeps its place."""
        self._columns, self.height, self._has_times, self._lang = 80, 20, True, ""
        self._cut: dict[int, tuple[Line, Sequence[Row]]] = {}

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """The rows that are seen now, at most `height`; they stand at the bottom."""
        state = self._state()
        look = width, state.settings.timestamps, state.lang
        if look != (self._columns, self._has_times, self._lang):
            self._cut.clear()
        self._columns, self._has_times, self._lang = look
        self.height = height
        return self._viewport.rows(self._state().lines, height, self._rows_of)

    def mouse_handler(self, mouse_event: MouseEvent) -> "NotImplementedOrNone":
        """The wheel scrolls."""
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self.scroll(-WHEEL_ROWS)
            case MouseEventType.SCROLL_DOWN:
                self.scroll(WHEEL_ROWS)
            case _:
                return NotImplemented
        return None

    @property
    def _viewport(self) -> Viewport:
        state = self._state()
        if len(self._viewports) > len(state.tabs):
            self._viewports = {key: view for key, view in self._viewports.items() if key in state.tabs}
        return self._viewports.setdefault(state.here, Viewport())

    @property
    def is_reading_back(self) -> bool:
        """Whether the newest lines are out of sight."""
        return self._viewport.top is not None

    @property
    def waiting_below(self) -> int:
        """How many lines came in below while one reads back."""
        return self._viewport.waiting_below(self._state().lines)

    def scroll(self, rows: int) -> None:
        """Up if negative."""
        self._viewport.scroll(rows, self._state().lines, self.height, self._rows_of)
        if rows < 0:
            self._look_above()

    def scroll_pages(self, pages: int) -> None:
        """By what is seen, but for two rows that keep the eye in place."""
        self.scroll(pages * max(1, self.height - 2))

    def home(self) -> None:
        """To the oldest line."""
        self._viewport.home(self._state().lines, self.height, self._rows_of)
        self._look_above()

    def reveal(self, line: int) -> None:
        """Bring a line into sight."""
        self._viewport.reveal(line, self._state().lines, self.height, self._rows_of)

    def begin_at(self, line: int) -> None:
        """Let a line be the first that is seen, if all from there on does not fit."""
        self._viewport.begin_at(line, self._state().lines, self.height, self._rows_of)

    def keep_in_sight(self, line: int) -> None:
        """Bring a line into sight, unless it is."""
        lines = self._state().lines
        if not self._viewport.shows(line, lines, self.height, self._rows_of):
            self._viewport.reveal(line, lines, self.height, self._rows_of)

    def end(self) -> None:
        """To the newest line, and follow it."""
        self._viewport.end()

    def _look_above(self) -> None:
        state = self._state()
        room = state.rooms.get(state.current or "")
        if room is not None and self._viewport.is_above(room.above, state.lines, self.height, self._rows_of):
            self._on_top()

    def _rows_of(self, line: Line) -> Sequence[Row]:
        known = self._cut.get(line.number)
        if known is not None and known[0] is line:
            return known[1]
        if len(self._cut) >= _MAX_REMEMBERED:
            self._cut.clear()
        rows = rows_of(line, self._columns, self._state().tr, has_time=self._has_times)
        self._cut[line.number] = line, rows
        return rows
