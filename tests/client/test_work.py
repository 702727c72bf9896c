"""What is said and what is typed, counted in rows laid out, drawings, and states made; never in time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import trio
import wcwidth
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.data_structures import Size

from tests.client.story import Story, in_room
from tests.client.test_tui import FakeServer, Screen, guest, on_screen, with_history
from wassop.client import turn as turn_module
from wassop.client.app import MAX_TOGETHER, listen
from wassop.client.cells import _cluster_cells, cells
from wassop.client.conversation import Conversation
from wassop.client.happenings import Focus, Received
from wassop.client.link import LinkEvent
from wassop.client.model import State
from wassop.client.tui import pace
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.history import History
from wassop.wire.native_messages import Said

ROWS = 12 - 4
"""Of the history, on a screen as high as that of the tests."""


def said(first: int, count: int) -> list[Said]:
    return [Said("Sala1", seq, "bob", f"m{seq}", 1000.0 + seq) for seq in range(first, first + count)]


def hears(screen: Screen, messages: list[Said]) -> None:
    for message in messages:
        screen.conversation.happened(Received(message))


@contextmanager
def counted(screen: Screen) -> Iterator[Callable[[], tuple[int, int]]]:
    """How often the screen was drawn, and how many rows were laid out for it."""
    drawn, laid_out = screen.face.app.render_counter, screen.face.pane.laid_out
    yield lambda: (screen.face.app.render_counter - drawn, screen.face.pane.laid_out - laid_out)


@guest
async def test_a_thousand_messages_at_once_are_drawn_once_and_only_those_that_are_seen() -> None:
    async with on_screen(with_history(20)) as screen:
        await screen.until_shown("m20")
        with counted(screen) as work:
            hears(screen, said(21, 1_000))
            await screen.until_shown("m1020")
            drawn, laid_out = work()
            assert drawn == 1
            assert laid_out == ROWS


@guest
async def test_a_message_is_one_row_laid_out_and_the_others_are_drawn_as_they_were() -> None:
    async with on_screen(with_history(20)) as screen:
        await screen.until_shown("m20")
        with counted(screen) as work:
            hears(screen, said(21, 1))
            await screen.until_shown("m21")
            assert work() == (1, 1)


@guest
async def test_a_key_is_drawn_once_and_lays_out_nothing_of_the_history() -> None:
    async with on_screen(with_history(20)) as screen:
        await screen.until_shown("m20")
        with counted(screen) as work:
            screen.press("x")
            await screen.until(lambda: screen.rows[-1].endswith("x"))
            assert work() == (1, 0)


@guest
async def test_whoever_types_waits_for_no_message() -> None:
    """With an hour between two drawings for the sake of messages, keys are drawn, and messages with them."""
    with patch.object(pace, "LEAST_S", 3600.0):
        async with on_screen(with_history(20)) as screen:
            await screen.until_shown("m20")
            hears(screen, said(21, 100))
            screen.press("x")
            await screen.until(lambda: screen.rows[-1].endswith("x"))
            assert any("m120" in row for row in screen.rows)


@guest
async def test_what_a_key_has_drawn_is_not_drawn_once_more() -> None:
    with patch.object(pace, "LEAST_S", 3600.0):
        async with on_screen(with_history(20)) as screen:
            await screen.until_shown("m20")
            hears(screen, said(21, 1))
            assert screen.face.pace.is_due
            screen.press("x")
            await screen.until(lambda: screen.rows[-1].endswith("x"))
            assert not screen.face.pace.is_due


@guest
async def test_another_width_lays_out_anew_what_is_seen() -> None:
    async with on_screen(with_history(20)) as screen:
        await screen.until_shown("m20")
        screen.paper.size = Size(rows=12, columns=50)
        with counted(screen) as work:
            screen.press("x")
            await screen.until(lambda: screen.rows[-1].endswith("x"))
            assert work()[1] == ROWS
            assert any(row.endswith("m20") for row in screen.rows)


def test_a_message_where_one_is_replaces_the_state_twice() -> None:
    """Once for what was seen of the room, once for the line."""
    story = in_room().happens(Focus(is_here=True))
    story.hears(*said(1, 3))
    made: list[State] = []
    evolve = turn_module.evolve

    def counting(value: object, **changes: object) -> object:
        after = evolve(value, **changes)
        made.extend([after] if isinstance(after, State) else [])
        return after

    with patch.object(turn_module, "evolve", counting):
        story.hears(*said(4, 1))
    assert [line.text for line in story.state.lines][-1] == "m4"
    assert len(made) == 2


class Steps(trio.abc.Instrument):
    """Counts how often tasks were run."""

    count = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.count += 1


async def test_messages_that_came_together_happen_together_in_bounds() -> None:
    tell, events = trio.open_memory_channel[LinkEvent](1_000)
    conversation = Conversation(in_room().state, FakeServer(), now=lambda: 5000.0)
    for message in said(1, 320):
        tell.send_nowait(Received(message))
    tell.close()
    steps = Steps()
    trio.lowlevel.add_instrument(steps)
    await listen(events, conversation)
    trio.lowlevel.remove_instrument(steps)
    assert conversation.state.lines[-1].text == "m320"
    assert 320 / MAX_TOGETHER <= steps.count <= 320 / MAX_TOGETHER + 2


def test_rows_of_the_history_are_cut_once_for_many_drawings() -> None:
    story: Story = in_room()
    story.hears(*said(1, 500))
    history = History(lambda: story.state, Glyphs())
    first = list(history.rows(40, 10))
    again = list(history.rows(40, 10))
    assert len(first) == 10
    assert all(one is other for one, other in zip(first, again, strict=True))


PIECES = (
    "a", "hola", "ñandú", " ", "e\u0301", "ñ\u0323", "\u0301", "👍🏽", "©\ufe0f", "©", "®", "\u00ad",
    "\u0600", "字", "\u200d", "❤️", "한국", "\u00a0", "1️⃣", "ʯ", "ʰ", "क्षि", "\U000f0000", "é",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_clusters_that_are_found_fast_are_those_that_are_found_slowly(text: str) -> None:
    clusters = wcwidth.iter_graphemes(text.replace("\U000f0000", "\ufffd"))
    assert list(cells(text)) == [cell for cluster in clusters for cell in _cluster_cells(cluster)]
