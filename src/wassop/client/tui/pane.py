"""The part of the screen that rows of text fill. prompt_toolkit's own window lays out every character of
every row anew for each drawing; here a row that stays on the screen is laid out once.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, Protocol

from prompt_toolkit.layout import Container, Dimension
from prompt_toolkit.layout.mouse_handlers import MouseHandler, MouseHandlers
from prompt_toolkit.layout.screen import Char, Screen, WritePosition

from wassop.client.lines import Row
from wassop.client.tui.glyphs import Glyphs

Laid = dict[int, Char]
"""A row as prompt_toolkit has it: what stands in each column."""


class Rows(Protocol):
    """What fills a pane."""

    def rows(self, width: int, height: int) -> Sequence[Row]:
        """The rows that are seen now, at most `height`; they stand at the bottom."""
        ...

    @property
    def mouse_handler(self) -> MouseHandler:
        """What the mouse does there."""
        ...


class Pane(Container):
    """Draws `content` on all columns but those that are taken `beside` it, in all rows that there are."""

    def __init__(self, content: Rows, glyphs: Glyphs, beside: Callable[[], int] = lambda: 0) -> None:
        self._content: Final = content
        self._glyphs: Final = glyphs
        self._beside: Final = beside
        self._laid: dict[int, tuple[Row, Laid]] = {}
        """The rows on the screen, by their identities."""
        self._look = (0, "")
        """The width and the style with which they were laid out."""
        self.laid_out = 0
        """How many rows have been laid out since the beginning."""

    def preferred_width(self, max_available_width: int) -> Dimension:
        """Exactly what is left, so that nobody has to find that out column by column."""
        return Dimension.exact(max(0, max_available_width - self._beside()))

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:  # noqa: ARG002
        """Whatever others leave."""
        return Dimension()

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,  # noqa: ARG002
        z_index: int | None,  # noqa: ARG002
    ) -> None:
        """Draw the rows."""
        left, top = write_position.xpos, write_position.ypos
        width, height = write_position.width, write_position.height
        if width <= 0 or height <= 0:
            return
        if (width, parent_style) != self._look:
            self._look, self._laid = (width, parent_style), {}
        rows = self._content.rows(width, height)
        laid = {id(row): self._laid.get(id(row)) or (row, self._lay_out(row)) for row in rows}
        self._laid = laid
        blank = self._blank(())
        for place in range(height):
            above = height - len(rows)
            cells = blank if place < above else laid[id(rows[place - above])][1]
            screen.data_buffer[top + place].update(
                cells if left == 0 else {left + column: char for column, char in cells.items()}
            )
        screen.height = max(screen.height, top + height)
        mouse_handlers.set_mouse_handler_for_range(
            left, left + width, top, top + height, self._content.mouse_handler
        )

    def _lay_out(self, row: Row) -> Laid:
        self.laid_out += 1
        _, style = self._look
        chars: list[Char] = []
        of_last, both = "", f"{style} "
        for of_piece, cell in row.pieces:
            if of_piece is not of_last:
                of_last, both = of_piece, f"{style} {of_piece}"
            if cell.width == 1 and not cell.fused:
                chars.append(_char(cell.text, both))
            elif cell.fused:
                chars += (_char(char, both) for char in self._glyphs.of_cell(cell))
            elif cell.width:
                chars.append(_char(cell.text, both))
                # What stands in the further columns of a wide character differs from everything.
                chars += [_char("", "")] * (cell.width - 1)
            elif chars:
                chars[-1] = _char(chars[-1].char + cell.text, chars[-1].style)
        return self._blank(chars)

    def _blank(self, chars: Sequence[Char]) -> Laid:
        """A whole row that begins with `chars`."""
        width, style = self._look
        return {
            **dict.fromkeys(range(width), _char(" ", style)),
            **dict(zip(range(width), chars, strict=False)),
        }

    def reset(self) -> None:
        """Nothing is kept from one run to the next."""

    def get_children(self) -> list[Container]:
        """There are none."""
        return []


@lru_cache(maxsize=8_192)
def _char(text: str, style: str) -> Char:
    # prompt_toolkit underlines a space that no row is broken at, as editors of programs do.
    return Char(" " if text == "\u00a0" else text, style)
