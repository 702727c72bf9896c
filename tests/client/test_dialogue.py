"""A program's dialogue against a chat that breaks anywhere: nothing lost, nothing twice, in order."""

import gettext
from collections import deque
from types import SimpleNamespace

from attrs import define, field
from hypothesis import given, settings

from tests.client.small_chat import ROOM, SmallChat
from tests.client.test_comeback import STEPS, played
from wassop.client import told
from wassop.client.dialogue import Dialogue
from wassop.client.requests import message_of
from wassop.client.told import told_line
from wassop.wire import native_messages as wire
from wassop.wire.native_messages import ClientMessage, Error, Hello, Join, Ok, Say, ServerMessage


@define(eq=False)
class Program:
    """A dialogue and what is on its way from and to it; in the place of a terminal client."""

    name: str
    dialogue: Dialogue
    up: deque[ClientMessage] = field(factory=deque)
    down: deque[ServerMessage] = field(factory=deque)
    is_in: bool = False
    is_member: bool = False
    said: int = 0
    is_connected: bool = False
    read: list[told.Told] = field(factory=list)
    asked: dict[int, Say] = field(factory=dict)
    delivered: set[str] = field(factory=set)

    @property
    def story(self) -> SimpleNamespace:
        """What the chat asks a terminal client's story for."""
        state = SimpleNamespace(wanted_name=self.name)
        return SimpleNamespace(state=state, effects=[], types=self.says, happens=lambda *_: None)

    def says(self, text: str) -> None:
        self.ask(Say(ROOM, text, self.dialogue.nonce()))

    def ask(self, message: Say) -> None:
        self.asked[self.dialogue.ask(message)] = message

    def pump(self) -> None:
        for number, answer in self.dialogue.answers:
            message = self.asked.pop(number, None)
            if isinstance(answer, Error) and message is not None:
                self.ask(message)
            elif isinstance(answer, Ok) and message is not None:
                self.delivered.add(message.text)
        self.dialogue.answers.clear()
        if self.is_connected:
            self.up.extend(self.dialogue.to_send)
        self.dialogue.to_send.clear()

    def hear(self, count: int) -> None:
        for _ in range(min(count, len(self.down))):
            self.dialogue.heard(self.down.popleft())
            self.pump()
        while self.dialogue.inbox:
            self.read.append(self.dialogue.inbox.popleft())
            self.dialogue.taken()
        self.pump()

    def connect(self) -> None:
        if not self.is_connected:
            self.is_connected = True
            self.dialogue.connected()
            self.pump()

    def lose(self) -> None:
        if self.is_connected:
            self.up.clear()
            self.down.clear()
            self.is_in = self.is_member = self.is_connected = False
            self.dialogue.lost()
            self.pump()

    @property
    def talk(self) -> list[str]:
        return [each.text for each in self.read if isinstance(each, told.Message)]


class Programs(SmallChat):
    """A chat whose visitors are programs."""

    def visitor(self, name: str) -> Program:
        program = Program(name, Dialogue(Hello(name), f"{name}-", max_waiting=4))
        program.dialogue.ask(Join(ROOM))
        self.visitors.append(program)
        return program


def others(chat: SmallChat, program: Program) -> list[str]:
    return [message.text for message in chat.log if message.author != program.name]


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_wherever_connections_and_the_server_break_all_is_told_once_and_in_order(steps) -> None:
    chat = Programs()
    answered = played(chat, steps)
    log = [message.text for message in chat.log]
    assert len(log) == len(set(log))
    assert answered <= set(log)
    for program in chat.visitors:
        assert not program.asked
        assert program.talk == others(chat, program)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_long_absences_leave_no_gap_and_nothing_comes_twice(steps) -> None:
    chat = Programs(remembered=3)
    played(chat, steps)
    log = [message.text for message in chat.log]
    assert len(log) == len(set(log))
    for program in chat.visitors:
        assert not program.asked
        # With so short a memory of the server's, one may take for stored what a crash takes back.
        assert len(program.talk) == len(set(program.talk))
        assert set(others(chat, program)) <= set(program.talk)


@settings(deadline=None, max_examples=60)
@given(STEPS.map(lambda steps: [("fail" if what == "lose" else what, *rest) for what, *rest in steps]))
def test_with_a_disk_that_fails_now_and_then_all_is_told_once(steps) -> None:
    chat = Programs()
    played(chat, steps)
    for program in chat.visitors:
        assert not program.asked
        assert sorted(program.talk) == sorted(others(chat, program))


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_a_server_that_forgets_everything_makes_nothing_come_twice(steps) -> None:
    chat = Programs(keeps=False)
    played(chat, steps)
    for program in chat.visitors:
        assert len(program.talk) == len(set(program.talk))
        assert set(others(chat, program)) <= set(program.talk)


def test_a_program_is_told_what_kind_a_message_is_and_a_person_reads_a_sentence() -> None:
    tr = gettext.NullTranslations()
    edit = message_of("Sala1", wire.SaidEntry(2, "bob", "dos", 1.0, kind="edit", about=1))
    assert (edit.kind, edit.about, edit.deleted) == ("edit", 1, False)
    assert told_line(edit, tr) == "* bob corrected: dos"
    reply = wire.SaidEntry(3, "bob", "sí", 1.0, kind="reply", about=1, quote=wire.Quote("ana", "¿uno?"))
    assert told_line(message_of("Sala1", reply), tr) == "bob: (to ana) sí"
    gone = message_of("Sala1", wire.SaidEntry(1, "bob", "", 1.0, deleted=True))
    assert gone.deleted
    assert told_line(gone, tr) == ""


def test_on_coming_back_a_room_is_entered_with_the_password_that_was_right() -> None:
    dialogue = Dialogue(Hello("ana"), "p", 100)

    def come(*rooms: wire.Joined) -> None:
        dialogue.connected()
        (hello,) = dialogue.to_send
        dialogue.to_send.clear()
        limits = wire.ToldLimits(16_384, 4_096, 32, 64, 100, 200, 120.0, 300, 0.0, 0)
        dialogue.heard(wire.Welcome(1, "ana", "wassop", "es", "General", limits, 1, list(rooms), re=hello.id))

    come()
    for name, password in (("Aula", "llave"), ("Sala1", None)):
        number = dialogue.ask(Join(name, password=password))
        dialogue.heard(wire.Joined(name, 7, ["ana"], [], re=number))
    dialogue.to_send.clear()
    dialogue.lost()
    come()
    assert told.RoomLeft("Sala1") in dialogue.inbox
    (join,) = dialogue.to_send
    assert isinstance(join, Join)
    assert (join.room, join.since, join.password) == ("Aula", 7, "llave")
    missed = wire.SaidEntry(8, "bob", "hola", 1.0)
    dialogue.heard(wire.Joined("Aula", 8, ["ana", "bob"], [missed], since=7, re=join.id))
    assert dialogue.rooms == ("Aula",)
    assert [each.text for each in dialogue.inbox if isinstance(each, told.Message)] == ["hola"]
    dialogue.to_send.clear()
    dialogue.lost()
    come()
    dialogue.heard(Error("room-password-wrong", "no", re=dialogue.to_send[0].id))
    assert dialogue.inbox[-1] == told.RoomLeft("Aula")
