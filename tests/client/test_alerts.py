"""Calling somebody to the terminal: for what, how often, in which words; and what the title tells."""

import unicodedata

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from tests.client.story import Story, in_room
from wassop.client.alerts import EVERY_S, PRESENT_S, bounded, title_of
from wassop.client.happenings import Alert, Edited, Focus, Recalled
from wassop.client.memory import Memory
from wassop.client.returning import memory_of
from wassop.wire.native_messages import Private, Said


def said(seq: int, text: str, author: str = "bob", room: str = "Sala1") -> Said:
    return Said(room, seq, author, text, 5000.0)


def alerts(story: Story) -> list[Alert]:
    return [effect for effect in story.effects if isinstance(effect, Alert)]


def away() -> Story:
    """ana in Sala1; the window is not before her."""
    return in_room(members=("ana", "bob")).happens(Focus(False))


def test_who_looks_elsewhere_is_called_by_name_and_by_private_messages_and_by_nothing_else() -> None:
    assert alerts(away().hears(said(1, "hola a todos"))) == []
    assert alerts(away().hears(said(1, "¿ana?"))) == [Alert("bob (Sala1)", "¿ana?")]
    assert alerts(away().hears(Private("bob", "ana", "psst", 5000.0))) == [Alert("bob", "psst")]
    assert alerts(away().hears(said(1, "soy ana", author="ana"))) == []


def test_nobody_is_called_to_what_is_before_their_eyes() -> None:
    story = in_room().happens(Focus(True))
    assert alerts(story.hears(said(1, "¿ana?"))) == []
    assert alerts(story.hears(Private("bob", "ana", "psst", 5000.0))) == [Alert("bob", "psst")], "another tab"


def test_where_the_terminal_does_not_tell_a_key_pressed_lately_shows_that_one_is_there() -> None:
    story = in_room().happens(Edited("h"))
    assert alerts(story.hears(said(1, "¿ana?"))) == []
    story.now += PRESENT_S
    assert alerts(story.hears(said(2, "¿ana?"))) == [Alert("bob (Sala1)", "¿ana?")]


def test_there_is_one_call_in_a_few_seconds_however_much_is_said() -> None:
    story = away()
    for seq in range(1, 30):
        story.hears(said(seq, "ana ana ana"))
        story.now += 0.1
    assert len(alerts(story)) == 1
    story.now += EVERY_S
    assert len(alerts(story.hears(said(30, "ana")))) == 2


@pytest.mark.parametrize(
    ("level", "called"),
    [("all", ["hola", "ana"]), ("mentions", ["ana"]), ("none", [])],
)
def test_each_conversation_has_its_level(level: str, called: list[str]) -> None:
    story = away().types(f"/notify {level}").happens(Focus(False))
    story.hears(said(1, "hola"))
    story.now += EVERY_S
    story.hears(said(2, "ana"))
    assert [alert.text for alert in alerts(story)] == called


def test_the_levels_are_told_and_kept_and_others_follow_the_setting() -> None:
    story = away().types("/notify")
    assert "names you or writes to you alone" in story.texts[-1]
    story.types("/notify None")
    assert story.texts[-1] == "You are notified of nothing that is said here."
    assert memory_of(story.state).levels == {"#sala1": "none"}
    story.types("/set notify all", "/notify")
    assert "nothing" in story.texts[-1]
    assert "/notify may be all, mentions, none" in story.types("/notify loud").texts[-1]
    assert "Here nobody talks" in in_room().acts("tab-1").types("/notify all").texts[-1]
    again = away().happens(Recalled(Memory(levels={"#sala1": "all"})))
    assert alerts(again.hears(said(1, "hola"))) == [Alert("bob (Sala1)", "hola")]


def test_a_call_commands_no_terminal_and_is_short() -> None:
    story = away().hears(said(1, "ana \x1b]0;x\x07\x9b2J\u202e" + "한" * 500 + "\nmás"))
    (alert,) = alerts(story)
    assert alert.text.startswith("ana ␛]0;x␇\ufffd2J\ufffd한")
    assert wcwidth.wcswidth(alert.text) <= 120
    assert alert.text.endswith("…")


@given(st.text(), st.integers(1, 200))
def test_whatever_somebody_says_becomes_one_harmless_line_of_a_bounded_width(text: str, columns: int) -> None:
    line = bounded(text, columns)
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert sum(max(0, wcwidth.wcwidth(char)) for char in line) <= max(columns, 1) * 4


def test_the_title_tells_what_is_unread_and_where_one_is() -> None:
    story = in_room(members=("ana", "bob"))
    assert title_of(story.state) == "Sala1 – wassop"
    story.hears(Private("bob", "ana", "psst", 5000.0))
    assert title_of(story.state) == "(1!) Sala1 – wassop"
    story.acts("unread-tab")
    assert title_of(story.state) == "bob – wassop"
    story.hears(said(1, "hola"), said(2, "hola"))
    assert title_of(story.state) == "(2) bob – wassop"
    story.acts("tab-1")
    assert title_of(story.state) == "(2) wassop"


def test_what_came_into_the_shown_tab_while_nobody_looked_counts_in_the_title_until_somebody_looks() -> None:
    story = away().hears(said(1, "uno"), said(2, "dos"))
    assert title_of(story.state) == "(2) Sala1 – wassop"
    assert title_of(story.happens(Focus(True)).state) == "Sala1 – wassop"


def test_conversations_of_which_one_wants_to_hear_nothing_do_not_count_in_the_title() -> None:
    story = in_room(members=("ana", "bob")).types("/notify none").acts("tab-1")
    assert title_of(story.hears(said(1, "ana")).state) == "wassop"
