"""How the screen is divided: tabs, header, history with people beside it, separator, input bar."""

from collections.abc import Callable
from typing import Final

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput, ConditionalProcessor, PasswordProcessor
from prompt_toolkit.widgets import SearchToolbar

from wassop.client.accounting import asks_secret
from wassop.client.cells import text_width
from wassop.client.model import State
from wassop.client.tui import bars
from wassop.client.tui.history import History
from wassop.client.tui.inputbar import ClusterProcessor
from wassop.client.tui.pane import Pane
from wassop.client.tui.people import PeopleControl, people_columns
from wassop.client.tui.tabbar import tab_bar, untold_trouble

_MAX_INPUT_ROWS: Final = 8
_EDGE_COLUMNS: Final = 1


class Screen:
    """What is drawn of `state()` on a screen of `columns()`."""

    def __init__(
        self,
        state: Callable[[], State],
        columns: Callable[[], int],
        history: History,
        choose_tab: Callable[[int], object],
    ) -> None:
        self._state: Final = state
        self._columns: Final = columns
        self._glyphs: Final = history.glyphs
        self._history: Final = history
        self.pane: Final = Pane(history, history.glyphs, self._beside)
        self._choose_tab: Final = choose_tab
        self.people: Final = PeopleControl(state, history.glyphs)

    def layout(self, buffer: Buffer) -> Layout:
        """The windows; the input bar has the cursor."""
        search = SearchToolbar(backward_search_prompt=[("class:prompt", "↑ ")])
        input_window = Window(
            BufferControl(
                buffer,
                input_processors=[
                    ConditionalProcessor(PasswordProcessor(), Condition(lambda: asks_secret(self._state()))),
                    ClusterProcessor(self._glyphs),
                    BeforeInput(self._prompt),
                ],
                search_buffer_control=search.control,
                preview_search=True,
                focus_on_click=True,
            ),
            height=Dimension(min=1, max=_MAX_INPUT_ROWS),
            wrap_lines=True,
            get_line_prefix=self._margin,
            dont_extend_height=True,
        )
        is_full = Condition(lambda: not self._state().is_bare)

        def row(draw: Callable[[], StyleAndTextTuples], style: str = "") -> Window:
            return Window(FormattedTextControl(draw), height=1, style=style)

        rows = HSplit(
            [
                ConditionalContainer(row(self._tabs, "class:tabs"), is_full),
                row(self._header, "class:header"),
                VSplit([self.pane, self._people()]),
                ConditionalContainer(row(self._separator), is_full),
                input_window,
                search,
            ],
            style="class:screen",
        )
        menu = Float(CompletionsMenu(max_height=10, scroll_offset=1), xcursor=True, ycursor=True)
        return Layout(FloatContainer(rows, floats=[menu]), focused_element=input_window)

    @property
    def people_columns(self) -> int:
        """How wide the list of people is; 0 if it is not shown."""
        return people_columns(self._state(), self._columns())

    def _beside(self) -> int:
        """How many columns the people take, with the edge before them."""
        columns = self.people_columns
        return columns + _EDGE_COLUMNS if columns else 0

    def _people(self) -> ConditionalContainer:
        edge = Window(char="│", width=_EDGE_COLUMNS, style="class:separator")
        people = Window(self.people, width=lambda: Dimension.exact(self.people_columns))
        return ConditionalContainer(VSplit([edge, people]), Condition(lambda: self.people_columns > 0))

    def _tabs(self) -> StyleAndTextTuples:
        return tab_bar(self._state(), self._columns(), self._glyphs.of, self._choose_tab)

    def _header(self) -> StyleAndTextTuples:
        state, columns = self._state(), self._columns()
        return self._fused(bars.header(state, columns, untold_trouble(state, columns)))

    def _separator(self) -> StyleAndTextTuples:
        return self._fused(
            bars.separator(
                self._state(),
                self._columns(),
                self._history.waiting_below,
                is_reading_back=self._history.is_reading_back,
            )
        )

    def _prompt(self) -> StyleAndTextTuples:
        return [("class:prompt", self._glyphs.of(bars.prompt(self._state())))]

    def _margin(self, line: int, wrapped: int) -> StyleAndTextTuples:
        """Further rows of the input stand below its text, not below the prompt."""
        if line == wrapped == 0:
            return []
        width = text_width(bars.prompt(self._state()))
        return [("", " " * width)] if width <= self._columns() // 3 else []

    def _fused(self, fragments: StyleAndTextTuples) -> StyleAndTextTuples:
        return [(style, self._glyphs.of(text)) for style, text, *_ in fragments]
