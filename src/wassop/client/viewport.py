"""Which rows of the history are on the screen. Pure, but for what it remembers.

Rule 1: while one reads back, what comes in below moves nothing.
Rule 2: only lines that are seen, and those one scrolls over, are cut into rows.
"""

from collections.abc import Callable, Sequence

from attrs import define, field, frozen

from wassop.client.lines import Row
from wassop.client.model import Line

RowsOf = Callable[[Line], Sequence[Row]]


@frozen
class Top:
    """The first row on the screen: a line's number, and which of its rows."""

    line: int
    row: int


@define
class Viewport:
    """Follows the end (`top` is None) or stands still at `top`."""

    top: Top | None = None
    _seen: int = field(default=0, alias="seen")
    """The highest number of a line that was on the screen."""

    def rows(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> list[Row]:
        """At most `height` rows; follows the end again when there is nothing below."""
        if self.top is not None and lines:
            shown = self._from(lines, height, rows_of)
            if shown is not None:
                return shown
        self.top = None
        found: list[Row] = []
        for line in reversed(lines):
            found[:0] = rows_of(line)
            if len(found) >= height:
                break
        if lines:
            self._seen = lines[-1].number
        return found[-height:] if height else []

    def waiting_below(self, lines: Sequence[Line]) -> int:
        """How many lines came in below since one reads back and were not on the screen yet."""
        if self.top is None or not lines:
            return 0
        return max(0, lines[-1].number - max(self._seen, lines[0].number - 1))

    def scroll(self, delta: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """Move by `delta` rows, up if negative."""
        if not lines or not delta:
            return
        index, row = self._position(lines, height, rows_of)
        row += delta
        while row < 0 and index > 0:
            index -= 1
            row += len(rows_of(lines[index]))
        while index < len(lines) - 1 and row >= (count := len(rows_of(lines[index]))):
            row -= count
            index += 1
        self.top = Top(lines[index].number, max(0, row))
        self.rows(lines, height, rows_of)

    def home(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """To the oldest line."""
        if lines:
            self.top = Top(lines[0].number, 0)
            self.rows(lines, height, rows_of)

    def end(self) -> None:
        """To the newest line, and follow it."""
        self.top = None

    def _position(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> tuple[int, int]:
        if self.top is not None:
            index = min(max(0, self.top.line - lines[0].number), len(lines) - 1)
            return index, self.top.row
        # The first row on the screen when the end is followed.
        index, above = len(lines), height
        while above > 0 and index > 0:
            index -= 1
            above -= len(rows_of(lines[index]))
        return index, max(0, -above)

    def _from(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> list[Row] | None:
        """The rows from `top` on; None when they do not fill the screen, and the end is in sight."""
        assert self.top is not None
        index = self.top.line - lines[0].number
        skip = self.top.row
        if index < 0:  # that line is no longer kept
            index, skip = 0, 0
            self.top = Top(lines[0].number, 0)
        found: list[Row] = []
        position = index
        while position < len(lines) and len(found) < height:
            rows = rows_of(lines[position])
            # After a resize the line may have fewer rows than it had.
            found += rows[min(skip, len(rows) - 1) :] if position == index else rows
            position += 1
        is_end = position >= len(lines)
        if is_end and len(found) <= height:
            return None
        if found:
            fully = position - 1 if len(found) <= height else position - 2
            self._seen = max(self._seen, lines[max(index, fully)].number)
        return found[:height]
