"""The lines of a conversation: a sequence that is replaced, never changed."""

from hypothesis import given
from hypothesis import strategies as st

from wassop.client.backlog import Backlog

Edit = tuple[int, int, list[int]]
EDITS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300), st.lists(st.integers(), max_size=300)))


def of(*items: int) -> Backlog[int]:
    backlog: Backlog[int] = Backlog()
    for item in items:
        backlog = backlog.added(item)
    return backlog


@given(EDITS)
def test_it_is_what_a_list_is_after_the_same_edits(edits: list[Edit]) -> None:
    plain: list[int] = []
    backlog: Backlog[int] = Backlog()
    for place, remove, items in edits:
        place = min(place, len(plain))
        before, kept = list(plain), backlog
        plain[place : place + remove] = items
        backlog = backlog.spliced(place, remove, *items)
        assert list(backlog) == plain
        assert list(kept) == before, "what was there before is as it was"
    assert list(reversed(backlog)) == plain[::-1]
    assert len(backlog) == len(plain)
    assert [backlog[place] for place in range(len(plain))] == plain
    assert backlog[-7:] == tuple(plain[-7:])


def test_a_line_more_shares_all_that_was_there() -> None:
    backlog = of(*range(10_000))
    more = backlog.added(10_000)
    shared = set(map(id, backlog._chunks)) & set(map(id, more._chunks))
    assert len(shared) >= len(backlog._chunks) - 1
    assert sum(len(chunk) for chunk in more._chunks[-1:]) <= 128
    assert len(more._chunks) < 200


def test_what_is_put_in_again_and_again_at_one_place_makes_no_crumbs() -> None:
    backlog = of(*range(1_000))
    for item in range(1_000):
        backlog = backlog.spliced(500, 0, item)
    assert len(backlog._chunks) < 40
