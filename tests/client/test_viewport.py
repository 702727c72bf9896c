"""Scrolling: following the end, standing still, and what waits below."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wassop.client.cells import cells
from wassop.client.line import Kind, Line
from wassop.client.lines import Row
from wassop.client.viewport import Viewport

HEIGHT = 5


def lines(count: int, first: int = 1) -> tuple[Line, ...]:
    return tuple(Line(number, Kind.NOTICE, str(number)) for number in range(first, first + count))


def rows_of(line: Line) -> Sequence[Row]:
    """Every third line takes three rows."""
    count = 3 if line.number % 3 == 0 else 1
    return [Row(tuple(("", cell) for cell in cells(f"{line.number}.{n}"))) for n in range(count)]


def all_rows(history: Sequence[Line]) -> list[str]:
    return [row.text for line in history for row in rows_of(line)]


def shown(view: Viewport, history: Sequence[Line], height: int = HEIGHT) -> list[str]:
    return [row.text for row in view.rows(history, height, rows_of)]


def test_the_end_is_followed() -> None:
    view = Viewport()
    for count in (1, 4, 20, 21):
        assert shown(view, lines(count)) == all_rows(lines(count))[-HEIGHT:]
        assert view.waiting_below(lines(count)) == 0


def test_reading_back_stands_still_and_counts_what_comes_in_below() -> None:
    view, history = Viewport(), lines(20)
    shown(view, history)
    view.scroll(-4, history, HEIGHT, rows_of)
    before = shown(view, history)
    for count in (21, 25):
        assert shown(view, lines(count)) == before
        assert view.waiting_below(lines(count)) == count - 20


def test_what_is_scrolled_into_sight_no_longer_waits() -> None:
    view, history = Viewport(), lines(20)
    shown(view, history)
    view.scroll(-4, history, HEIGHT, rows_of)
    more = lines(26)
    view.scroll(8, more, HEIGHT, rows_of)
    last = int(shown(view, more)[-1].split(".")[0])
    assert 20 < last < 26
    assert view.waiting_below(more) in (26 - last, 27 - last)
    view.scroll(100, more, HEIGHT, rows_of)
    assert view.top is None
    assert shown(view, more) == all_rows(more)[-HEIGHT:]
    assert view.waiting_below(more) == 0


def test_home_shows_the_oldest_and_end_the_newest() -> None:
    view, history = Viewport(), lines(20)
    view.home(history, HEIGHT, rows_of)
    assert shown(view, history) == all_rows(history)[:HEIGHT]
    view.end()
    assert shown(view, history) == all_rows(history)[-HEIGHT:]


def test_a_history_that_fits_does_not_scroll() -> None:
    view, history = Viewport(), lines(2)
    view.scroll(-10, history, HEIGHT, rows_of)
    assert view.top is None
    view.home(history, HEIGHT, rows_of)
    assert view.top is None
    assert shown(view, history) == all_rows(history)


def test_nothing_can_be_scrolled_when_there_is_nothing() -> None:
    view = Viewport()
    view.scroll(-3, (), HEIGHT, rows_of)
    view.home((), HEIGHT, rows_of)
    assert shown(view, ()) == []


def test_lines_that_are_no_longer_kept_leave_the_oldest_in_sight() -> None:
    view, history = Viewport(), lines(30)
    view.home(history, HEIGHT, rows_of)
    assert shown(view, lines(30, first=11)) == all_rows(lines(30, first=11))[:HEIGHT]


def test_a_resize_keeps_the_line_at_the_top() -> None:
    view, history = Viewport(), lines(20)
    shown(view, history)
    view.scroll(-9, history, HEIGHT, rows_of)
    first = shown(view, history)[0].split(".")[0]
    wide = [row.text for row in view.rows(history, 3, lambda line: rows_of(line)[:1])]
    assert wide[0].split(".")[0] == first


def test_lines_put_in_between_move_what_is_above_them_and_nothing_below() -> None:
    view, history = Viewport(), lines(20)
    view.home(history, HEIGHT, rows_of)
    before = shown(view, history)
    older = tuple(Line(number, Kind.NOTICE, str(number)) for number in range(100, 110))
    grown = (*history[:2], *older, *history[2:])
    assert shown(view, grown)[2:] == before[2:]
    assert shown(view, grown)[:2] == all_rows(older)[-2:]
    assert view.waiting_below(grown) == view.waiting_below(history)
    view.home(grown, HEIGHT, rows_of)
    assert shown(view, grown) == all_rows(grown)[:HEIGHT]


@given(st.integers(8, 30), st.integers(1, 20), st.integers(0, 30), st.integers(1, 9))
def test_whatever_is_put_in_above_the_last_row_it_stays(count: int, up: int, place: int, more: int) -> None:
    view, history = Viewport(), lines(count)
    view.scroll(-up, history, HEIGHT, rows_of)
    before, was_still = shown(view, history), view.top is not None
    place = min(place, count)
    older = tuple(Line(number, Kind.NOTICE, str(number)) for number in range(100, 100 + more))
    after = shown(view, (*history[:place], *older, *history[place:]))
    if was_still:
        assert after == before or after[-1] == before[-1]


def test_a_line_is_brought_to_the_middle() -> None:
    view, history = Viewport(), lines(30)
    view.reveal(10, history, HEIGHT, rows_of)
    assert shown(view, history)[HEIGHT // 2] == "10.0"
    assert view.waiting_below(history) == 0
    view.reveal(1, history, HEIGHT, rows_of)
    assert shown(view, history) == all_rows(history)[:HEIGHT]
    view.reveal(30, history, HEIGHT, rows_of)
    assert view.top is None


def test_what_is_above_a_line_is_known() -> None:
    view, history = Viewport(), lines(30)
    assert not view.is_above(8, history, HEIGHT, rows_of)
    view.reveal(10, history, HEIGHT, rows_of)
    assert view.is_above(9, history, HEIGHT, rows_of)
    assert not view.is_above(99, history, HEIGHT, rows_of), "it is no longer kept, but others are"
    view.home(history, HEIGHT, rows_of)
    assert view.is_above(99, history, HEIGHT, rows_of)


@given(st.integers(1, 30), st.integers(1, 12), st.lists(st.integers(-20, 20), max_size=8))
def test_what_is_shown_is_always_a_piece_of_the_history(count: int, height: int, moves: list[int]) -> None:
    view, history = Viewport(), lines(count)
    rows = all_rows(history)
    position = max(0, len(rows) - height)
    for move in moves:
        view.scroll(move, history, height, rows_of)
        position = min(max(0, position + move), max(0, len(rows) - height))
        assert shown(view, history, height) == rows[position : position + height]


class Looked(tuple[Line, ...]):
    """Lines that count how often one is asked for by its place: slow in what they are really kept in."""

    count = 0

    def __getitem__(self, place):  # type: ignore[no-untyped-def,override]
        self.count += 1
        return super().__getitem__(place)


def test_a_line_that_is_no_longer_kept_is_not_looked_for_place_by_place() -> None:
    view, history = Viewport(), Looked(lines(5_000, first=1_000))
    view.scroll(-4, history, HEIGHT, rows_of)
    history.count = 0
    assert not view.is_above(3, history, HEIGHT, rows_of)
    assert history.count < 200
