"""Coming back another day: the same conversations, in the same order, with what was being typed."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.story import Story, entry, fresh, in_room
from wassop.client.happenings import Connected, Edited, Lost, Put, Recall, Recalled
from wassop.client.memory import Memory, as_json, from_json
from wassop.client.memory_file import MemoryFile
from wassop.client.model import Place
from wassop.client.returning import memory_of
from wassop.wire.native_messages import Error, Join, Joined, Read, ReadUpTo

LAST_TIME = Memory(
    rooms=("Sala2", "Sala1"),
    people=("bob",),
    order=("", "#general", "#sala2", "@bob", "#sala1"),
    here="#sala1",
    drafts={"#sala1": "a medias", "@bob": "psst"},
    tells_typing=False,
    shows_people=True,
)


def back(memory: Memory = LAST_TIME, rooms: tuple[str, ...] = ()) -> Story:
    """ana, let in, and reminded of last time."""
    story = Story(fresh("ana", rooms)).happens(Connected()).welcomed().lobby_joined("ana")
    assert Recall("ana") in story.effects
    return story.happens(Recalled(memory))


def let_in(story: Story, room: str, *history: object, seq: int = 0) -> Story:
    join = next(m for m in reversed(story.sent) if isinstance(m, Join) and m.room == room)
    return story.hears(Joined(room, seq, ["ana"], list(history), re=join.id))


def keys(story: Story) -> tuple[str, ...]:
    return tuple(story.state.tabs)


def test_rooms_are_joined_again_and_stand_where_they_stood_whoever_answers_first() -> None:
    story = back()
    assert [m.room for m in story.sent if isinstance(m, Join)] == ["General", "Sala2", "Sala1"]
    let_in(let_in(story, "Sala1"), "Sala2")
    assert keys(story) == LAST_TIME.order
    assert story.state.current == "Sala1", "where one was"
    assert Put("a medias") in story.effects
    assert story.state.tabs["@bob"].draft == "psst"
    assert not story.state.tells_typing
    assert memory_of(story.state) == LAST_TIME


def test_who_asks_for_a_room_is_taken_there_and_into_the_others_quietly() -> None:
    story = back(rooms=("Nueva",))
    let_in(story, "Nueva")
    let_in(let_in(story, "Sala1"), "Sala2")
    assert story.state.current == "Nueva"
    assert keys(story) == (*LAST_TIME.order, "#nueva")


def test_who_has_gone_somewhere_meanwhile_stays_there() -> None:
    story = back().types("/msg bob")
    let_in(story, "Sala1")
    assert story.state.tab.title == "bob"
    story = back().happens(Edited("Otra"))
    let_in(story, "Sala1")
    assert (story.state.place, story.state.tab.draft) == (Place.MENU, "Otra")


def test_a_room_that_is_asked_for_and_remembered_is_joined_once() -> None:
    story = back(rooms=("sala1",))
    assert [m.room.casefold() for m in story.sent if isinstance(m, Join)].count("sala1") == 1


def test_a_room_that_cannot_be_had_any_more_is_told_and_forgotten() -> None:
    story = back()
    join = next(m for m in story.sent if isinstance(m, Join) and m.room == "Sala2")
    story.hears(Error("too-many-rooms", "Too many rooms.", re=join.id))
    assert "Sala2: Too many rooms." in story.texts
    assert story.state.place is Place.MENU
    assert memory_of(let_in(story, "Sala1").state).rooms == ("Sala1",)


def test_what_has_not_come_back_yet_is_not_forgotten_and_asked_for_again_after_a_loss() -> None:
    story = back()
    assert set(memory_of(story.state).rooms) == {"Sala1", "Sala2"}
    assert memory_of(story.state).drafts["#sala1"] == "a medias"
    assert memory_of(story.state).here == "#sala1"
    assert memory_of(story.state).order == LAST_TIME.order
    story.happens(Lost()).forget().happens(Connected()).welcomed()
    assert {m.room for m in story.sent if isinstance(m, Join)} == {"General", "Sala1", "Sala2"}


def test_what_was_said_since_one_read_last_is_unread() -> None:
    story = back(Memory(rooms=("Sala1",), order=("", "#general", "#sala1")))
    let_in(
        story,
        "Sala1",
        entry(1, "bob", "a"),
        entry(2, "bob", "ana?"),
        entry(3, "ana", "sí"),
        entry(4, "bob", "c"),
        seq=4,
    )
    asked = next(m for m in reversed(story.sent) if isinstance(m, Read))
    story.hears(ReadUpTo("Sala1", 1, re=asked.id))
    tab = story.state.tabs["#sala1"]
    assert (tab.unread, tab.mentions) == (2, 1)
    assert story.texts_on("#sala1")[-5:] == ["bob: a", "New messages", "bob: ana?", "You: sí", "bob: c"]


def test_nothing_remembered_means_the_main_menu() -> None:
    assert back(Memory()).state.place is Place.MENU


def test_drafts_and_tabs_are_remembered_as_they_change() -> None:
    story = in_room().happens(Edited("hola a")).types("/msg bob").happens(Edited("psst"))
    memory = memory_of(story.state)
    assert memory.rooms == ("Sala1",)
    assert memory.people == ("bob",)
    assert memory.here == "@bob"
    assert memory.drafts == {"@bob": "psst"}


# The file


def test_what_is_kept_is_read_again_by_oneself_only(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    assert MemoryFile(folder, "chat:5555", "ana").keep(LAST_TIME)
    assert MemoryFile(folder, "CHAT:5555", "Ana").read() == LAST_TIME
    assert MemoryFile(folder, "chat:5555", "bob").read() == Memory()
    assert MemoryFile(folder, "other:5555", "ana").read() == Memory()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_is_written_only_when_something_has_changed(tmp_path: Path) -> None:
    kept = MemoryFile(tmp_path, "chat:5555", "ana")
    kept.keep(LAST_TIME)
    (file,) = tmp_path.iterdir()
    file.unlink()
    kept.keep(LAST_TIME)
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_kept_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = MemoryFile(tmp_path / "file", "chat:5555", "ana")
    assert not kept.keep(LAST_TIME)
    assert kept.read() == Memory()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 2, "rooms": ["x"]}', "\x00", "[" * 100_000])
def test_a_file_that_is_none_of_ours_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    kept = MemoryFile(tmp_path, "chat:5555", "ana")
    kept.keep(LAST_TIME)
    (file,) = tmp_path.iterdir()
    file.write_text(text)
    assert kept.read() == Memory()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(as_json(Memory()), JSON)))
def test_whatever_stands_in_the_file_makes_a_memory_one_can_come_back_with(data: dict[str, object]) -> None:
    data["version"] = 1
    memory = from_json(json.loads(json.dumps(data)))
    story = back(memory)
    assert memory_of(story.state)
