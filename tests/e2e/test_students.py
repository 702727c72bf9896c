"""Clients that students wrote from five documents meet at one port, unchanged."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from attrs import frozen

from tests.e2e.process import ServerProcess, serving
from tests.e2e.student_clients import (
    CmdJson,
    Misunderstood,
    MyChat,
    Native,
    Netcat,
    Nick,
    Remitente,
    Salas,
    Student,
)

S = TypeVar("S", bound=Student)

GAP_S = 0.15
"""The server's gap between two messages here. Its default is for programs with a machine to themselves; on
a busy one a thread may come to its `recv` later than that, and would find two messages glued."""


@frozen
class Classroom:
    """A running server with one more door, pinned to nick."""

    server: ServerProcess
    nick_port: int
    leaving: ExitStack

    def enter(self, student: Student) -> None:
        """Whoever enters is closed when the test ends."""
        self.leaving.enter_context(student)

    def salas(self, name: str, room: str, *, end: str = "") -> Salas:
        student = Salas(self.server.port, name, end=end)
        self.enter(student)
        return student.connect().enter(room)

    def mychat(self, name: str) -> MyChat:
        return self._connected(MyChat(self.server.port, name))

    def remitente(self, name: str) -> Remitente:
        return self._connected(Remitente(self.server.port, name))

    def cmdjson(self, name: str) -> CmdJson:
        return self._connected(CmdJson(self.server.port, name))

    def nick(self, name: str) -> Nick:
        return self._connected(Nick(self.nick_port, name))

    def netcat(self, name: str) -> Netcat:
        return self._connected(Netcat(self.server.port, name))

    def native(self, name: str) -> Native:
        return self._connected(Native(self.server.port, name))

    def _connected(self, student: S) -> S:
        self.enter(student)
        student.connect()
        return student


@contextmanager
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    config = tmp_path / "wassop.toml"
    config.write_text(f"message_gap_s = {GAP_S}\n")
    options = ("--config", str(config), "--listen", "127.0.0.1:0=nick")
    with serving(*options) as server, ExitStack() as leaving:
        assert server.process.stdout is not None
        second_line = server.process.stdout.readline()
        yield Classroom(server, int(second_line.rstrip(".\n").rpartition(":")[2]), leaving)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Classroom]:
    with classroom(tmp_path) as opened:
        yield opened


def quiet(*students: Student) -> None:
    """Nothing came that nobody said, and nobody misunderstood anything."""
    for student in students:
        assert not student.talk, f"{student} reads more: {list(student.talk)}"
        student.wait("nothing", lambda: True)


# Everybody at once


@frozen
class Everybody:
    """One person of each dialect."""

    juanmi: Salas
    alice: MyChat
    carlos: Remitente
    ana: CmdJson
    luis: Nick
    bea: Netcat
    noor: Native

    @property
    def all(self) -> tuple[Student, ...]:
        return (self.juanmi, self.alice, self.carlos, self.ana, self.luis, self.bea, self.noor)

    @property
    def names(self) -> list[str]:
        return [student.name for student in self.all]

    def read(self, author: Student, text: str, *, echo: bool, but: tuple[Student, ...] = ()) -> None:
        """Everybody reads it next, in the form of the own document; the author if the dialect echoes."""
        for student in self.all:
            if student not in but and (student is not author or echo):
                assert student.next() == student.everybody(author.name, text), str(student)


@pytest.fixture
def everybody(room: Classroom) -> Everybody:
    """They come one after the other; the netcat person last, at the main menu still."""
    return Everybody(
        juanmi=room.salas("juanmi", "Sala1"),
        alice=room.mychat("Alice"),
        carlos=room.remitente("Carlos"),
        ana=room.cmdjson("Ana"),
        luis=room.nick("Luis"),
        noor=room.native("Noor"),
        bea=room.netcat("Bea"),
    )


def test_they_see_each_other_come(everybody: Everybody) -> None:
    e = everybody
    e.alice.sees(*e.names)
    e.ana.sees(*e.names)
    e.ana.command(cmd="users")
    e.ana.sees(*e.names)
    e.noor.request(t="who")
    e.noor.sees(*e.names)
    e.bea.says("/who")
    everyone = e.bea.next()
    assert set(everyone.rpartition(": ")[2].split(", ")) == set(e.names)
    for name in ("Ana", "Luis", "Noor", "Bea"):
        e.carlos.notices_that(name)
    for name in ("Luis", "Noor", "Bea"):
        e.ana.notices_that(name, "se ha unido al chat")
    for name in ("Noor", "Bea"):
        e.luis.notices_that(f"{name} se ha unido!")
    e.noor.notices_that("Bea")
    quiet(*e.all)


def test_what_one_says_to_everybody_each_reads_in_the_own_form(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    e.juanmi.notices_that("Bea se ha unido a la sala.")
    for author in (e.alice, e.carlos, e.ana, e.luis):
        author.say("¿qué tal? 👍")
        e.read(author, "¿qué tal? 👍", echo=True)
    e.noor.say("hola desde native")
    e.read(e.noor, "hola desde native", echo=False)
    e.noor.request(t="say", room="General", text="hola, General")
    e.read(e.noor, "hola, General", echo=False)
    e.bea.say("/all hola desde netcat")
    assert e.bea.next() == "Tú (a todos): hola desde netcat"
    e.read(e.bea, "hola desde netcat", echo=False)
    quiet(*e.all)


def test_what_is_said_in_a_room_stays_in_it(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    e.juanmi.say("hola a todos!")
    assert e.bea.next() == "juanmi: hola a todos!"
    e.bea.say("LOVE")
    assert e.bea.next() == "Tú: ❤️"
    assert e.juanmi.next() == "Bea: ❤️"
    e.alice.say("fin")
    e.read(e.alice, "fin", echo=True)  # and nothing before
    quiet(*e.all)


def test_from_the_lobby_the_people_of_rooms_reach_everybody(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    e.juanmi.send("ROOM General")
    assert e.juanmi.next() == "Te has unido a la sala General."
    e.bea.notices_that("juanmi ha salido de la sala.")
    e.juanmi.say("hola desde salas")
    e.read(e.juanmi, "hola desde salas", echo=False)
    e.bea.leave()
    e.bea.enter("General")
    # What was said while she was away is shown on entering.
    e.bea.reads("juanmi: hola desde salas")
    e.bea.next()
    e.bea.say("hola desde netcat")
    assert e.bea.next() == "Tú: hola desde netcat"
    assert e.juanmi.next() in (
        e.juanmi.in_room("Bea", "hola desde netcat"),
        e.juanmi.everybody("Bea", "hola desde netcat"),
    )
    e.read(e.bea, "hola desde netcat", echo=False, but=(e.juanmi,))
    quiet(*e.all)


def test_who_stands_at_the_menu_reads_nothing_that_is_said_to_everybody(room: Classroom) -> None:
    juanmi = Salas(room.server.port, "juanmi")
    room.enter(juanmi)
    juanmi.connect()
    alice = room.mychat("Alice")
    alice.say("hola")
    assert alice.next() == "BROADCAST|Alice|hola"
    assert juanmi.rooms() == {"Sala1": 0, "Sala2": 0}, "an answer, and nothing that came in between"


def test_a_private_message_reaches_one_person_in_the_own_form(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    for author in (e.alice, e.ana, e.bea, e.noor):
        for to in e.all:
            if to is author:
                continue
            author.tell(to.name, f"psst, {to.name}")
            assert to.next() == to.privately(author.name, f"psst, {to.name}"), str(to)
            if author is e.ana:
                assert e.ana.next() == e.ana.sent
            if author is e.bea:
                assert e.bea.next() == f"Tú (a {to.name}): psst, {to.name}"
    e.alice.tell("Nadie", "hola")
    assert e.alice.next() == ("ERROR", 404)
    e.ana.tell("Nadie", "hola")
    assert e.ana.next() == e.ana.unavailable
    quiet(*e.all)


def test_they_see_each_other_go(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    e.alice.disconnect()
    e.alice.is_ended()
    e.carlos.notices_that("Alice")
    e.ana.notices_that("Alice salió del chat")
    e.luis.notices_that("Alice se ha retirado!")
    e.carlos.disconnect()
    e.carlos.is_ended()
    e.luis.notices_that("Carlos se ha retirado!")
    e.ana.notices_that("Carlos salió del chat")
    e.juanmi.close()
    e.bea.notices_that("juanmi ha salido del chat.")
    e.luis.close()
    e.ana.notices_that("Luis salió del chat")
    e.ana.sees("Ana", "Noor", "Bea")
    e.ana.command(cmd="system_quit")
    e.ana.is_ended()
    e.noor.notices_that("Ana")
    e.noor.request(t="who")
    e.noor.sees("Noor", "Bea")
    quiet(*e.all)


def test_when_the_server_stops_everybody_is_ended_and_told_where_the_document_says_so(
    room: Classroom, everybody: Everybody
) -> None:
    e = everybody
    e.carlos.notices_that("Bea")
    before = len(e.carlos.notices)
    assert room.server.stop() == 0
    for student in e.all:
        student.is_ended()
    assert len(e.carlos.notices) > before, "all clients are notified when the server goes (seed 002)"
    e.noor.talk.pop()  # its `bye`


def test_many_messages_at_once_come_one_by_one(everybody: Everybody) -> None:
    e = everybody
    e.bea.enter("Sala1")
    # All in one `send`, so the server has them at once; whoever takes one `recv` for one message still can.
    texts = [f"número {i}" for i in range(8)]
    e.noor.send("".join(f'{{"t":"all","text":"{text}"}}\n' for text in texts))
    for text in texts:
        e.read(e.noor, text, echo=False)
    quiet(*e.all)


def test_who_comes_while_others_talk_reads_the_answer_first(room: Classroom) -> None:
    noor = room.native("Noor")
    flood = "".join(f'{{"t":"all","text":"número {i}"}}\n' for i in range(300))
    # Each of them raises when what it reads first is not the answer to its first message.
    for enter, name in (
        (room.mychat, "Alice"),
        (room.remitente, "Carlos"),
        (room.cmdjson, "Ana"),
        (room.nick, "Luis"),
    ):
        noor.send(flood)
        enter(name)
    noor.send(flood)
    juanmi = Salas(room.server.port, "juanmi")
    room.enter(juanmi)
    juanmi.connect()
    assert juanmi.rooms() == {"Sala1": 0, "Sala2": 0}
    juanmi.enter("Sala1")


@pytest.mark.tool("nc")
def test_a_real_netcat_is_in_the_conversation(room: Classroom) -> None:
    alice = room.mychat("Alice")
    command = ["nc", "127.0.0.1", str(room.server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bea:
        try:
            assert bea.stdin is not None
            assert bea.stdout is not None
            bea.stdin.write("Bea\nSala1\n")
            bea.stdin.flush()
            while not bea.stdout.readline().startswith("Has entrado a la sala Sala1."):
                pass
            alice.sees("Alice", "Bea")
            alice.say("hola")
            assert bea.stdout.readline() == "Alice (a todos): hola\n"
            bea.stdin.write("/msg Alice psst\n")
            bea.stdin.flush()
            assert alice.next() == "BROADCAST|Alice|hola"
            assert alice.next() == "MESSAGE|Bea|psst"
        finally:
            bea.kill()


# Each document alone: the flows that it shows


@pytest.mark.parametrize("end", ["", "\n"], ids=["no-end", "lines"])
def test_salas(room: Classroom, end: str) -> None:
    port = room.server.port
    juanmi, ana, late = (Salas(port, name, end=end) for name in ("juanmi", "ana", "juanmi"))
    for student in (juanmi, ana, late):
        room.enter(student)
    juanmi.connect()
    ana.connect()
    with pytest.raises(Misunderstood, match=r"ERROR: Username ya en uso\."):
        late.connect()
    late.name = "luis"
    late.connect()
    assert juanmi.rooms() == {"Sala1": 0, "Sala2": 0}
    juanmi.enter("Sala1")
    assert ana.rooms() == {"Sala1": 1, "Sala2": 0}
    ana.enter("Sala1")
    juanmi.notices_that("ana se ha unido a la sala.")
    juanmi.say("hola a todos!")
    assert ana.next() == "juanmi: hola a todos!"
    late.enter("Cocina")
    ana.send("ROOM Cocina" + end)
    assert ana.next() == "Te has unido a la sala Cocina."
    juanmi.notices_that("ana ha salido de la sala.")
    late.notices_that("ana se ha unido a la sala.")
    ana.say("¿hay café?")
    assert late.next() == "ana: ¿hay café?"
    late.send(f"EXIT Cocina{end}")
    assert late.next() == "Has salido de la sala Cocina."
    ana.notices_that("luis ha salido de la sala.")
    late.send(f"ROOM Sala1{end}")
    assert late.next() == "Te has unido a la sala Sala1."
    late.close()
    juanmi.notices_that("luis ha salido del chat.")
    quiet(juanmi, ana)


def test_mychat(room: Classroom) -> None:
    alice, bob = room.mychat("Alice"), room.mychat("Bob")
    alice.sees("Alice", "Bob")
    bob.sees("Alice", "Bob")
    late = MyChat(room.server.port, "Alice")
    room.enter(late)
    with pytest.raises(Misunderstood, match="FAIL"):
        late.connect()
    late.name = "Charlie"
    late.connect()
    for student in (alice, bob, late):
        student.sees("Alice", "Bob", "Charlie")
    alice.tell("Bob", "Hola, ¿cómo estás?")
    assert bob.next() == "MESSAGE|Alice|Hola, ¿cómo estás?"
    alice.say("Hola a todos")
    for student in (alice, bob, late):
        assert student.next() == "BROADCAST|Alice|Hola a todos"
    alice.tell("Nadie", "hola")
    assert alice.next() == ("ERROR", 404)
    late.send("DISCONNECT|")
    late.is_ended()
    bob.disconnect()
    bob.is_ended()
    alice.sees("Alice")
    quiet(alice, bob, late)


def test_remitente(room: Classroom) -> None:
    ana, carlos = room.remitente("Ana"), room.remitente("Carlos")
    ana.notices_that("Carlos")
    late = Remitente(room.server.port, "Carlos")
    room.enter(late)
    with pytest.raises(Misunderstood, match="error"):
        late.connect()
    assert late.recv() == "", "the connection is refused"
    ana.say("Buenos días")
    for student in (ana, carlos):
        assert student.next() == ("Ana", "Buenos días")
    carlos.send(carlos.packet("mensaje", "soy Ana", sender="Ana"))
    assert carlos.next() in (("Carlos", "soy Ana"), "error")
    ana.say("fin")
    assert ana.next() in (("Carlos", "soy Ana"), ("Ana", "fin")), "a sender is not believed"
    carlos.disconnect()
    carlos.is_ended()
    ana.wait("two notices of Carlos", lambda: sum("Carlos" in notice for notice in ana.notices) == 2)


def test_cmdjson(room: Classroom) -> None:
    ana = room.cmdjson("Ana")
    assert ana.history == []
    carlos = room.cmdjson("Carlos")
    ana.notices_that("Carlos se ha unido al chat")
    ana.sees("Ana", "Carlos")
    carlos.sees("Ana", "Carlos")
    late = CmdJson(room.server.port, "Ana")
    room.enter(late)
    with pytest.raises(Misunderstood, match="Nombre en uso"):
        late.connect()
    assert late.recv() == "", "the connection is closed"
    ana.say("¡Hay reunión a las 3PM!")
    for student in (ana, carlos):
        assert student.next() == {"cmd": "broadcast", "from": "Ana", "msg": "¡Hay reunión a las 3PM!"}
    carlos.tell("Ana", "Te espero en la cafetería")
    assert carlos.next() == {"status": "ok", "msg": "Enviado"}
    assert ana.next() == {"cmd": "private", "from": "Carlos", "msg": "Te espero en la cafetería"}
    ana.command(cmd="typing")
    carlos.wait("typing", lambda: carlos.typing == ["Ana"])
    ana.command(cmd="baila")
    assert ana.next() == {"status": "error", "msg": "Comando no reconocido"}
    luis = room.cmdjson("Luis")
    assert luis.history == [("Ana", "¡Hay reunión a las 3PM!")], "what was private is not shown"
    luis.command(cmd="system_quit")
    luis.is_ended()
    ana.notices_that("Luis salió del chat")
    ana.sees("Ana", "Carlos")
    assert ana.typing == []
    quiet(ana, carlos, luis)


def test_nick(room: Classroom) -> None:
    ana, luis = room.nick("ana"), room.nick("luis")
    ana.notices_that("luis se ha unido!")
    ana.say("hola")
    for student in (ana, luis):
        assert student.next() == "ana: hola"
    luis.send("ana: soy ana")
    assert luis.next() != "ana: soy ana", "the name is checked"
    ana.say("fin")
    read = [ana.next()]
    while read[-1] != "ana: fin":
        read.append(ana.next())
    assert "ana: soy ana" not in read
    assert luis.next() == "ana: fin"
    luis.close()
    ana.notices_that("luis se ha retirado!")
    quiet(ana)


# Names and sizes


def test_a_name_that_another_dialect_cannot_carry_is_never_given(room: Classroom) -> None:
    alice = room.mychat("Alice")
    # How a client notices that it was refused is its own affair; an empty `send` sends nothing.
    refused = (Misunderstood, ValueError, AssertionError)
    for name in ("a,b", "a|b", "a b", "Servidor", "x" * 33):
        for enter in (room.mychat, room.remitente, room.cmdjson, room.native, room.nick):
            with pytest.raises(refused):
                enter(name)
        with pytest.raises(refused):
            room.salas(name, "Sala1")
    room.mychat("Bob")
    alice.sees("Alice", "Bob")
    assert all(set(names) <= {"Alice", "Bob"} for names in alice.lists)


def assert_cut(read: str, head: str, text: str) -> None:
    """`head` and as much of `text` as goes into a message of mychat, and an ellipsis."""
    assert len(read.encode()) <= 1024
    assert read.startswith(head)
    assert read.endswith("…")
    body = read.removeprefix(head).removesuffix("…")
    assert text.startswith(body)
    assert len(read.encode()) > 1024 - 4 - 4, "not cut by more than is needed"


@pytest.mark.parametrize("letter", ["x", "ñ", "€", "👍"])
def test_what_is_too_long_for_mychat_is_cut_at_a_character_and_only_there(
    room: Classroom, letter: str
) -> None:
    alice, noor, ana = room.mychat("Alice"), room.native("Noor"), room.native("Ana")
    for shift in range(4):  # wherever the limit falls within a character
        text = "a" * shift + letter * (3_000 // len(letter.encode()))
        noor.say(text)
        assert_cut(alice.next(), "BROADCAST|Noor|", text)
        assert ana.next() == ana.everybody("Noor", text)
        noor.tell("Alice", text)
        assert_cut(alice.next(), "MESSAGE|Noor|", text)
    fits = letter * ((1024 - len("BROADCAST|Noor|")) // len(letter.encode()))
    noor.say(fits)
    assert alice.next() == f"BROADCAST|Noor|{fits}"
    assert max(map(len, alice.received)) <= 1024


def test_mychat_counts_bytes_and_not_characters(room: Classroom) -> None:
    alice, bob = room.mychat("Alice"), room.mychat("Bob")
    longest = "ñ" * 507 + "x"  # with its command 1,024 bytes, and with the author's name in front more
    assert len(f"BROADCAST|{longest}".encode()) == 1_025
    alice.say(longest)
    assert alice.next() == ("ERROR", 413)
    alice.say(longest[:-1])
    for student in (alice, bob):
        assert_cut(student.next(), "BROADCAST|Alice|", longest)
    quiet(alice, bob)


def test_a_user_list_that_is_too_long_for_mychat_holds_whole_names(room: Classroom) -> None:
    names = [f"{'ñ' * 29}{i:03}" for i in range(20)]
    for name in names:
        room.native(name)
    alice = room.mychat("Alice")
    alice.wait("a list that is full", lambda: "…" in alice.lists[-1])
    assert len(alice.lists[-1]) > 10
    assert set(alice.lists[-1]) <= {*names, "Alice", "…"}
    assert max(map(len, alice.received)) <= 1024


def test_no_message_is_longer_than_what_a_client_of_objects_receives_at_once(room: Classroom) -> None:
    carlos, noor = room.remitente("Carlos"), room.native("Noor")
    for i in range(120):
        noor.say(f"mensaje {i} de una charla corriente, ni muy corta ni muy larga ni muy interesante")
    noor.request(t="ping")
    assert noor.next()["t"] == "pong"
    ana = room.cmdjson("Ana")
    assert ana.history is not None
    said = [text for _, text in ana.history]
    assert len(said) > 10
    assert said[-1].startswith("mensaje 119 ")
    assert [int(text.split()[1]) for text in said] == list(range(120 - len(said), 120))
    carlos.close()
    luis, long = room.remitente("Luis"), 'x"\\ñ👍' * 400
    noor.say(long)
    for text in (luis.next()[1], ana.next()["msg"]):
        assert text == long or (text.endswith("…") and long.startswith(text.removesuffix("…")))
        assert len(text) > 1_000
