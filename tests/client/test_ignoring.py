"""People whom one does not want to read."""

import pytest

from tests.client.story import entry, in_room
from wassop.client.happenings import Alert, Focus, Recalled
from wassop.client.memory import Memory, as_json, from_json
from wassop.client.returning import memory_of
from wassop.wire.native_messages import Private, Said, Typing


def said(seq: int, author: str, text: str = "ana!", *, to_all: bool = False) -> Said:
    return Said("Sala1", seq, author, text, 5000.0, all=to_all)


def test_what_they_say_is_neither_shown_nor_counted_nor_told_and_the_numbers_go_on() -> None:
    story = in_room(members=("ana", "Eva", "bob")).types("/ignore eva").happens(Focus(False)).forget()
    before = story.texts
    story.hears(said(1, "Eva"), Private("Eva", "ana", "psst", 5000.0), Typing("Sala1", "Eva"))
    story.hears(said(2, "Eva", to_all=True))
    assert story.texts == before
    assert "@eva" not in story.state.tabs
    assert not story.state.typing.get("#sala1")
    assert not any(isinstance(effect, Alert) for effect in story.effects)
    assert story.state.rooms["Sala1"].ledger.mark == 2
    assert story.hears(said(3, "bob", "hola")).texts[-1] == "bob: hola"


def test_what_they_said_before_one_came_is_not_shown_either() -> None:
    story = in_room().happens(Recalled(Memory(ignored=("EVA",)))).types("/join Sala2")
    story.joined(2, entry(1, "eva", "spam"), entry(2, "bob", "hola"))
    assert "bob: hola" in story.texts
    assert not any("spam" in text for text in story.texts)


def test_who_is_typing_stops_being_shown_when_ignored() -> None:
    story = in_room(members=("ana", "eva")).hears(Typing("Sala1", "eva"))
    assert story.state.typing["#sala1"]
    assert not story.types("/ignore eva").state.typing["#sala1"]


def test_one_is_told_whom_one_ignores_and_it_can_be_ended() -> None:
    story = in_room().types("/ignore")
    assert story.texts[-1] == "You ignore nobody."
    story.types("/ignore @Eva", "/ignore eva")
    assert story.texts[-1] == "You ignore eva already."
    story.types("/ignore bob", "/ignore")
    assert story.texts[-1] == "You ignore: Eva, bob"
    story.types("/unignore EVA", "/ignore")
    assert story.texts[-2:] == ["You read what EVA says again.", "You ignore: bob"]
    assert story.hears(said(1, "Eva", "ya")).texts[-1] == "Eva: ya"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/ignore ana", "You cannot ignore yourself."),
        ("/ignore " + "x" * 33, "Nobody has a name as long as that."),
        ("/unignore eva", "You do not ignore eva."),
        ("/unignore", "Something is missing. Use: /unignore NAME"),
    ],
)
def test_what_makes_no_sense_is_told_and_stays_in_the_bar(typed: str, told: str) -> None:
    story = in_room().types(typed)
    assert story.texts[-1] == told
    assert story.kept_input


def test_there_is_a_bound() -> None:
    story = in_room().types(*(f"/ignore n{number}" for number in range(201)))
    assert len(story.state.ignored) == 200
    assert story.texts[-1] == "You ignore 200 people, and cannot ignore more."


def test_it_is_kept_from_one_run_to_the_next() -> None:
    memory = memory_of(in_room().types("/ignore eva").state)
    assert from_json(as_json(memory)).ignored == ("eva",)
