"""Which rows of the history are on the screen. Pure, but for what it remembers.

Rule 1: while one reads back, what comes in above or below moves nothing.
Rule 2: only lines that are seen, and those one scrolls over, are cut into rows.
"""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import define, field, frozen

from wassop.client.line import Line
from wassop.client.lines import Row

_MAX_PLACES: Final = 16
_NEAR: Final = 64

RowsOf = Callable[[Line], Sequence[Row]]


@frozen
class Spot:
    """A row: a line's number, and which of its rows."""

    line: int
    row: int


@define
class Viewport:
    """Follows the end (`top` is None) or stands still at `top`, the first row on the screen."""

    top: Spot | None = None
    _bottom: Spot | None = field(default=None, alias="bottom")
    """The last row on the screen when it was drawn last, and how many lines further down that is."""
    _extent: int = field(default=0, alias="extent")
    _seen: int | None = field(default=None, alias="seen")
    """The lowest line that was on the screen, by its number."""
    _places: dict[int, int] = field(factory=dict, init=False, repr=False)
    """Where lines stood, by their numbers."""

    def rows(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> list[Row]:
        """At most `height` rows; follows the end again when there is nothing below."""
        if self.top is not None and lines:
            self._stand_still(lines, height, rows_of)
            shown = self._from(lines, height, rows_of)
            if shown is not None:
                return shown
        self.top = self._bottom = None
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
        seen = self._place(lines, self._seen)
        return len(lines) - 1 - (-1 if seen is None else seen)

    def is_above(self, line: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> bool:
        """Whether the first row on the screen belongs to line number `line` or one above it, or, when that
        line is no longer kept, to the oldest one."""
        return bool(lines) and self._position(lines, height, rows_of)[0] <= (self._place(lines, line) or 0)

    def shows(self, line: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> bool:
        """Whether all of line number `line` is on the screen, or as much as fits."""
        place = self._place(lines, line)
        if place is None:
            return False
        first, row = self._position(lines, height, rows_of)
        if place < first or (place == first and row > 0):
            return False
        rows = sum(len(rows_of(lines[at])) for at in range(first, min(place, first + height) + 1)) - row
        return rows <= height

    def scroll(self, delta: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """Move by `delta` rows, up if negative."""
        if not lines or not delta:
            return
        index, row = self._position(lines, height, rows_of)
        self._move(index, row + delta, lines, rows_of)
        self.rows(lines, height, rows_of)

    def home(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """To the oldest line."""
        if lines:
            self._move(0, 0, lines, rows_of)
            self.rows(lines, height, rows_of)

    def reveal(self, line: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """Bring line number `line` to the middle, or as near to it as the ends allow.

        Who goes there passes over what is below; it does not count as new.
        """
        place = self._place(lines, line)
        if place is not None:
            self._seen = lines[-1].number
            self._move(place, -(height // 2), lines, rows_of)
            self.rows(lines, height, rows_of)

    def begin_at(self, line: int, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """Let line number `line` be the first on the screen, unless all from there to the end fits."""
        place = self._place(lines, line)
        if place is not None:
            self._seen = lines[-1].number
            self._move(place, 0, lines, rows_of)
            self.rows(lines, height, rows_of)

    def end(self) -> None:
        """To the newest line, and follow it."""
        self.top = self._bottom = None

    def _move(self, index: int, row: int, lines: Sequence[Line], rows_of: RowsOf) -> None:
        """Begin at `row` of line `index`, which may lie in another line above or below."""
        while row < 0 and index > 0:
            index -= 1
            row += len(rows_of(lines[index]))
        while index < len(lines) - 1 and row >= (count := len(rows_of(lines[index]))):
            row -= count
            index += 1
        self.top, self._bottom = Spot(self._number(lines, index), max(0, row)), None

    def _position(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> tuple[int, int]:
        if self.top is not None:
            return self._place(lines, self.top.line) or 0, self.top.row
        # The first row on the screen when the end is followed.
        index, above = len(lines), height
        while above > 0 and index > 0:
            index -= 1
            above -= len(rows_of(lines[index]))
        return index, max(0, -above)

    def _stand_still(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> None:
        """When lines were put in between the first and the last one on the screen, the last one stays."""
        if self.top is None or self._bottom is None:
            return
        first, last = self._place(lines, self.top.line), self._place(lines, self._bottom.line)
        if last is None or (first is not None and last - first == self._extent):
            return
        self._move(last, self._bottom.row - height + 1, lines, rows_of)

    def _from(self, lines: Sequence[Line], height: int, rows_of: RowsOf) -> list[Row] | None:
        """The rows from `top` on; None when they do not fill the screen, and the end is in sight."""
        assert self.top is not None
        index, skip = self._place(lines, self.top.line), self.top.row
        if index is None:  # that line is no longer kept
            index, skip = 0, 0
            self.top = Spot(self._number(lines, 0), 0)
        found: list[Row] = []
        position, before = index, 0
        while position < len(lines) and len(found) < height:
            rows, before = rows_of(lines[position]), len(found)
            # After a resize the line may have fewer rows than it had.
            skip = min(skip, len(rows) - 1) if position == index else 0
            found += rows[skip:]
            position += 1
        if position >= len(lines) and len(found) <= height:
            return None
        if found:
            fully = position - 1 if len(found) <= height else position - 2
            self._saw(max(index, fully), lines)
            last_row = height - 1 - before + (skip if position - 1 == index else 0)
            self._bottom = Spot(self._number(lines, position - 1), last_row)
            self._extent = position - 1 - index
        return found[:height]

    def _saw(self, place: int, lines: Sequence[Line]) -> None:
        seen = self._place(lines, self._seen)
        if seen is None or seen < place:
            self._seen = self._number(lines, place)

    def _place(self, lines: Sequence[Line], number: int | None) -> int | None:
        """Where line `number` stands: near to where it stood when it was looked for last, if it was."""
        if number is None or not lines:
            return None
        near = min(self._places.get(number, len(lines) - 1), len(lines) - 1)
        around = range(max(0, near - _NEAR), min(len(lines), near + _NEAR))
        # One after the other, all of them are passed over much faster than one by one by their places.
        everywhere = (place for place, line in enumerate(lines) if line.number == number)
        place = next((place for place in around if lines[place].number == number), None)
        place = next(everywhere, None) if place is None else place
        if place is not None:
            self._number(lines, place)
        return place

    def _number(self, lines: Sequence[Line], place: int) -> int:
        """The number of the line that stands there; where it stands is remembered."""
        number = lines[place].number
        if len(self._places) > _MAX_PLACES:
            self._places.clear()
        self._places[number] = place
        return number
