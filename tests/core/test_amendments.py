"""Replies, edits, deletions, reactions, and messages in the third person."""

import pytest

from tests.core.test_hub import NOW, Party
from wassop.core.amendments import MAX_EXCERPT_CHARS, MESSAGES, excerpt_of
from wassop.core.commands import Announce, Identify, Join, ReadHistory, Say
from wassop.core.deliveries import Record, Reply, ToRoom
from wassop.core.events import Accepted, Kind, LookUpPage, Page, Quote, Said
from wassop.core.limits import Limits
from wassop.core.refusals import Code, Refused


class Room:
    """ana and bob in Sala1."""

    def __init__(self, limits=None):
        self.party = Party(limits)
        self.ana, self.bob = self.party.guest("ana"), self.party.guest("bob")
        for guest in (self.ana, self.bob):
            guest.ask(Join("Sala1"))

    def page(self, limit=200):
        answer = self.ana.ask(ReadHistory("Sala1", limit))
        assert isinstance(answer, Page), answer
        return answer.messages

    def texts(self):
        return [said.text for said in self.page()]


@pytest.fixture
def room():
    return Room()


def say(text, kind=Kind.SAY, about=None, nonce=None, subject=None):
    return Say("Sala1", text, nonce, kind, about, subject)


def test_each_is_a_message_of_the_room_with_the_next_number(room):
    asked = [
        say("hola"),
        say("hala", Kind.EDIT, 1),
        say("saluda", Kind.ME),
        say("¿qué?", Kind.REPLY, 3),
        say("👍", Kind.REACT, 4),
        say("👍", Kind.UNREACT, 4),
        say("", Kind.DELETE, 3),
    ]
    for seq, command in enumerate(asked, 1):
        answer = room.ana.ask(command)
        assert isinstance(answer, Accepted)
        assert (answer.seq, answer.text) == (seq, command.text)
    told = [said for said in room.bob.told if isinstance(said, Said)]
    assert [(said.seq, said.kind, said.about, said.text) for said in told] == [
        (seq, command.kind, command.about, command.text) for seq, command in enumerate(asked, 1)
    ]
    assert room.party.recorded == told


def test_the_answer_comes_first_and_the_record_next(room):
    room.ana.ask(say("hola"))
    for command in (say("x", Kind.EDIT, 1), say("👍", Kind.REACT, 1), say("", Kind.DELETE, 1)):
        deliveries = room.party.hub.handle(room.ana.session, command, NOW)
        assert [type(delivery) for delivery in deliveries] == [Reply, Record, ToRoom]


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.REACT])
def test_what_is_answered_or_reacted_to_is_quoted_as_it_reads_now(room, kind):
    text = "👍" if kind is Kind.REACT else "¿cuándo?"
    room.ana.ask(say("el examen\n es  el martse " + "x" * 100))
    room.bob.ask(say(text, kind, 1))
    quoted = room.page()[-1].quoted
    assert quoted == Quote(room.ana.session.name, excerpt_of("el examen es el martse " + "x" * 100))
    assert len(quoted.excerpt) == MAX_EXCERPT_CHARS
    room.ana.ask(say("el jueves", Kind.EDIT, 1))
    assert room.page()[1].quoted.excerpt == "el jueves"
    room.bob.ask(say(text, kind, 1))
    assert room.ana.told[-1].quoted.excerpt == "el jueves"
    room.ana.ask(say("", Kind.DELETE, 1))
    assert [room.page()[place].quoted.excerpt for place in (1, 3)] == ["", ""]


def test_a_deleted_message_keeps_its_number_and_no_text_is_left_of_it_or_its_edits(room):
    room.ana.ask(say("secreto", nonce="s"))
    room.ana.ask(say("secreto dos", Kind.EDIT, 1, "e"))
    room.bob.ask(say("ya", Kind.REPLY, 1))
    room.ana.ask(say("", Kind.DELETE, 1, "d"))
    assert [(said.seq, said.text, said.is_deleted) for said in room.page()] == [
        (1, "", True),
        (2, "", True),
        (3, "ya", False),
        (4, "", False),
    ]
    session = room.ana.session
    assert all("secreto" not in said.text for said in session.sayings.said.values())
    assert all("secreto" not in said.text for said in room.party.hub.rooms.named("Sala1")._by_nonce.values())


def test_of_what_was_deleted_by_another_nothing_is_left_with_its_author(room, monkeypatch):
    monkeypatch.setattr("wassop.core.amendments.may_delete", lambda room, session, subject: True)
    room.ana.ask(say("secreto", nonce="s"))
    assert isinstance(room.bob.ask(say("", Kind.DELETE, 1)), Accepted)
    assert [said.text for said in room.ana.session.sayings.said.values()] == [""]


def test_only_ones_own_is_edited_or_deleted(room):
    room.ana.ask(say("hola"))
    for command in (say("x", Kind.EDIT, 1), say("", Kind.DELETE, 1)):
        assert room.bob.ask(command) == Refused(Code.NOT_YOURS, {"seq": 1})
    assert room.texts() == ["hola"]


def test_whoever_takes_a_name_later_does_not_take_over_what_was_said_under_it(room):
    room.ana.ask(say("hola"))
    room.ana.go()
    room.party.now += 1
    other = room.party.guest("ANA")
    other.ask(Join("Sala1"))
    room.party.now += 1
    for command in (say("x", Kind.EDIT, 1), say("", Kind.DELETE, 1)):
        assert other.ask(command) == Refused(Code.NOT_YOURS, {"seq": 1})
    other.ask(say("mío"))
    assert isinstance(other.ask(say("", Kind.DELETE, 2)), Accepted)


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.DELETE, Kind.REPLY, Kind.REACT, Kind.UNREACT])
def test_what_they_are_about_must_be_a_message_that_is_there(room, kind):
    text = {Kind.DELETE: "", Kind.REACT: "👍", Kind.UNREACT: "👍"}.get(kind, "x")
    room.ana.ask(say("hola"))
    room.ana.ask(say("hala", Kind.EDIT, 1))
    room.ana.ask(say("👍", Kind.REACT, 1))
    room.ana.ask(say("se va", Kind.ME))
    room.ana.ask(say("", Kind.DELETE, 4))
    for seq in (2, 3, 5, 6, 7, 0, -1, 2**60):
        assert room.ana.ask(say(text, kind, seq)) == Refused(Code.NO_SUCH_MESSAGE, {"seq": seq})
    assert room.ana.ask(say(text, kind, 4)) == Refused(Code.ALREADY_DELETED, {"seq": 4})
    assert len(room.page()) == 5


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (say("x", "shout"), Refused(Code.BAD_KIND, {"kind": "shout"})),
        (say("x", "", 1), Refused(Code.BAD_KIND, {"kind": ""})),
        (say("x", Kind.SAY, 1), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("x", Kind.ME, 1), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("x", Kind.REPLY), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("x", Kind.EDIT), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("", Kind.DELETE), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("👍", Kind.REACT), Refused(Code.BAD_FIELD, {"field": "about"})),
        (say("x", Kind.DELETE, 1), Refused(Code.BAD_FIELD, {"field": "text"})),
        (say("ok", Kind.REACT, 1), Refused(Code.NOT_AN_EMOJI)),
        (say("", Kind.UNREACT, 1), Refused(Code.NOT_AN_EMOJI)),
        (say(" \n", Kind.EDIT, 1), Refused(Code.TEXT_EMPTY)),
        (say("", Kind.ME), Refused(Code.TEXT_EMPTY)),
        (say("", Kind.REPLY, 1), Refused(Code.TEXT_EMPTY)),
        (say("x" * 11, Kind.EDIT, 1), Refused(Code.TEXT_TOO_LONG, {"size": 11, "limit": 10})),
        (say("x" * 11, Kind.ME), Refused(Code.TEXT_TOO_LONG, {"size": 11, "limit": 10})),
    ],
)
def test_what_does_not_go_together_is_refused_and_changes_nothing(command, refused):
    room = Room(Limits(max_text_bytes=10))
    room.ana.ask(say("hola"))
    assert room.ana.ask(command) == refused
    assert room.texts() == ["hola"]
    assert room.party.recorded == list(room.page())


def test_who_is_not_in_the_room_says_nothing_about_it(room):
    room.ana.ask(say("hola"))
    assert room.party.guest("eva").refusal(say("x", Kind.REPLY, 1)) is Code.NOT_IN_ROOM


def test_said_again_by_its_nonce_it_is_answered_as_the_first_time(room):
    room.ana.ask(say("hola"))
    for nonce, command in (
        ("e", say("hala", Kind.EDIT, 1, "e")),
        ("r", say("👍", Kind.REACT, 1, "r")),
        ("d", say("", Kind.DELETE, 1, "d")),
    ):
        first = room.ana.ask(command)
        told = len(room.bob.told)
        again = room.ana.ask(command)
        assert (again.seq, again.at) == (first.seq, first.at), nonce
        assert len(room.bob.told) == told
    assert room.ana.ask(say("hala", Kind.EDIT, 1, "e")).seq == 2, "what it was about is deleted meanwhile"
    assert [said.seq for said in room.page()] == [1, 2, 3, 4]


def test_what_was_said_to_all_is_changed_for_all(room):
    party = room.party
    lobby = party.guest("leo", lobby=True)
    lobby.ask(Announce("atención"))
    for kind, text in ((Kind.EDIT, "calma"), (Kind.REACT, "👍"), (Kind.DELETE, "")):
        lobby.ask(Say("General", text, kind=kind, about=1))
    told = [(said.kind, said.to_all) for said in room.ana.told if isinstance(said, Said)]
    assert told == [(Kind.SAY, True), (Kind.EDIT, True), (Kind.DELETE, True)]


def test_what_is_not_remembered_any_more_is_what_the_record_says():
    room = Room(Limits(recent_messages_per_room=2))
    room.ana.ask(say("hola"))
    (old,) = room.page()
    for text in ("dos", "tres"):
        room.ana.ask(say(text))
    assert not room.party.hub.rooms.named("Sala1").decides(1)
    assert room.ana.ask(say("x", Kind.REPLY, 1)) == Refused(Code.NO_SUCH_MESSAGE, {"seq": 1})
    assert isinstance(room.bob.ask(say("x", Kind.REPLY, 1, subject=old)), Accepted)
    assert room.ana.told[-1].quoted == Quote(room.ana.session.name, "hola")
    assert room.bob.ask(say("x", Kind.EDIT, 1, subject=old)) == Refused(Code.NOT_YOURS, {"seq": 1})
    assert isinstance(room.ana.ask(say("hala", Kind.EDIT, 1, subject=old)), Accepted)
    # What was said since the record was looked into counts.
    assert isinstance(room.bob.ask(say("👍", Kind.REACT, 1, subject=old)), Accepted)
    assert room.ana.told[-1].quoted.excerpt == "hala"
    assert isinstance(room.ana.ask(say("", Kind.DELETE, 1, subject=old)), Accepted)
    assert room.bob.ask(say("👍", Kind.REACT, 1, subject=old)) == Refused(Code.ALREADY_DELETED, {"seq": 1})
    assert isinstance(room.ana.ask(ReadHistory("Sala1", 99)), LookUpPage)


def test_a_wrong_name_for_oneself_proves_nothing(room):
    """A visitor who has no name yet owns nothing."""
    room.ana.ask(say("hola"))
    nameless = room.party.guest()
    assert nameless.refusal(say("x", Kind.EDIT, 1)) is Code.HELLO_FIRST
    nameless.ask(Identify("eva"))
    nameless.ask(Join("Sala1"))
    assert nameless.refusal(say("x", Kind.EDIT, 1)) is Code.NOT_YOURS


def test_what_can_be_the_subject_is_what_was_said():
    assert {Kind.SAY, Kind.ME, Kind.REPLY} == MESSAGES


def test_the_memory_that_messages_take_is_counted_whatever_becomes_of_them():
    room = Room(Limits(recent_bytes_per_room=10_000))
    for number in range(60):
        room.ana.ask(say("x" * 50))
        seq = room.party.hub.rooms.named("Sala1").seq
        room.bob.ask(say("y", Kind.REPLY, seq))
        room.ana.ask(say("z" * 100, Kind.EDIT, seq))
        if number % 2:
            room.ana.ask(say("", Kind.DELETE, seq))
    kept = room.party.hub.rooms.named("Sala1")
    assert 0 < kept.recent_bytes <= 10_000
    assert room.party.hub.rooms._recent_bytes == kept.recent_bytes
    while kept.recent_bytes:
        kept.forget_oldest()
    assert len(kept._recent) == 0
