"""Whatever people call themselves and say: rows as wide as they claim to be, and nothing that is obeyed."""

import unicodedata

from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.utils import get_cwidth

from tests.client.story import ENGLISH, in_room
from wassop.client.cells import cells, text_width
from wassop.client.lines import rows_of
from wassop.client.model import State
from wassop.client.tui import bars
from wassop.client.tui.glyphs import Glyphs
from wassop.client.tui.people import people_list
from wassop.client.tui.tabbar import tab_bar
from wassop.wire.native_messages import Away, Joined, Presence, Private, RoomTopic, Said, Typing

PIECES = (
    "a", " ", "hola", "한국", "字", "e\u0301", "a" + "\u0301" * 40, "❤️", "1️⃣",
    "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇴", "🇨", "🫪", "\u200d", "\u200b",
    "\u200c", "\ufeff", "\u2060", "\u00ad", "\ufe0f", "\ufe0e", "\u20e3", "\u034f",
    "\u3164", "שלום", "مرحبا", "\u200e", "\u200f", "\u061c", "\u202a", "\u202e",
    "\u2066", "\u2069", "क्षि", "ก็", "\u1100\u1161\u11a8", "\t", "\n", "\r",
    "\x00", "\x07", "\x08", "\x1b[2J", "\x1b]0;x\x07", "\x7f", "\x85", "\x9b5A",
    "\x9d", "\u2028", "\u2029", "\U000f0000", "\U0010fffd", "\ue000", "\ufffe",
    "\U000e0001", "\U000e0041", "﷽", "𒐫", "ｆｕｌｌ", "½", "\u3000",
)  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.characters(exclude_categories=["Cs"]))).map("".join)
LEAST_COLUMNS = 14
"""On a narrower screen what does not fit is cut off by prompt_toolkit."""
OBEYED = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"}
OBEYED |= {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def columns_of(text: str) -> int:
    """As prompt_toolkit counts, character by character."""
    return sum(get_cwidth(char) for char in text)


def assert_harmless(text: str) -> None:
    assert not OBEYED & set(text), ascii(text)
    assert not any(unicodedata.category(char) == "Cc" for char in text)


def fused(fragments: StyleAndTextTuples, glyphs: Glyphs) -> str:
    return "".join(glyphs.of(fragment[1]) for fragment in fragments)


def crowded(name: str, room: str, topic: str, text: str, away: str) -> State:
    """Everything that others decide about, in all places where it is shown."""
    story = in_room(members=("ana", "bob", name or "x")).types("/join Sala2")
    story.joined(0, members=("ana", name or "x"))
    story.hears(
        Said("Sala2", 1, name, text, 5000.0),
        Said("Sala2", 2, "bob", text + " ana " + text, 5000.0, all=True),
        Typing("Sala2", name or "x"),
        Presence("Sala2", joined=[name + "1", text], left=[name or "x"]),
        Away(name, away),
        Private(name or "x", "ana", text, 5000.0),
    )
    tabs = {key: evolve(tab, title=room) if tab.is_room else tab for key, tab in story.state.tabs.items()}
    shown = evolve(story.state.rooms["Sala2"], topic=RoomTopic(topic, name, 5000.0))
    return evolve(
        story.state, tabs=tabs, rooms={**story.state.rooms, "Sala2": shown, room: shown}, name=name or "ana"
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT, TEXT, TEXT, TEXT, TEXT, st.integers(LEAST_COLUMNS, 120))
@example("\x1b[31m", "\u202eroom", "\t\ttopic", "line\nbreak" * 50, "\x9b", 40)
def test_rows_are_as_wide_as_they_say_and_command_nothing(
    name: str, room: str, topic: str, text: str, away: str, columns: int
) -> None:
    state, glyphs = crowded(name, room, topic, text, away), Glyphs()
    bar = tab_bar(state, columns, glyphs.of, lambda _: None)
    for row, is_exact in (
        ("".join(fragment[1] for fragment in bar), True),
        (fused(bars.header(state, columns), glyphs), True),
        (fused(bars.separator(state, columns, 0, is_reading_back=False), glyphs), True),
        (fused(bars.separator(state, columns, 3, is_reading_back=True), glyphs), True),
        *((fused(each, glyphs), False) for each in people_list(state, columns, 6, 1)),
    ):
        assert_harmless(row)
        assert columns_of(row) == columns if is_exact else columns_of(row) <= columns, (ascii(row), columns)
    for tab in state.tabs.values():
        for line in tab.lines:
            for has_time in (True, False):
                for each in rows_of(line, columns, ENGLISH, has_time=has_time):
                    assert_harmless(each.text)
                    shown = "".join(glyphs.of_cell(cell) for _, cell in each.pieces)
                    assert columns_of(shown) == each.width <= columns
    assert_harmless(bars.prompt(state))


@given(TEXT, st.integers(0, 40))
def test_what_is_shortened_fits_and_is_cut_between_clusters(text: str, columns: int) -> None:
    short = bars.shortened(bars.visible(text), columns)
    assert text_width(short) <= columns
    clusters = [cell.text for cell in cells(bars.visible(text))]
    kept = short.removesuffix("…")
    assert "".join(clusters).startswith(kept) or short == bars.visible(text)


def test_what_a_room_was_joined_with_is_shown_like_all_else() -> None:
    """The reducer gets what a server sends, not what ours would."""
    story = in_room().hears(Joined("Sala1", 0, ["ana", "\x1b[2J"], []))
    assert_harmless(fused(people_list(story.state, 20, 5)[1], Glyphs()))
