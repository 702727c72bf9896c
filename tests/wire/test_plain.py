"""A person with netcat, without a network: lines against a hub, and what is read back."""

import re
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wassop.core.deliveries import Reply, ToRoom, ToSession
from wassop.core.events import Farewell, Slowed
from wassop.core.hub import Hub
from wassop.wire.codec import Answered, Malformed, Request, WireSettings
from wassop.wire.plain import PlainCodec


class Person:
    """Types lines and reads a screen; all persons of a test share a hub."""

    def __init__(self, hub: Hub, others: list["Person"], lang: str = "es") -> None:
        self.hub = hub
        self.session = hub.connect()
        self.codec = PlainCodec(WireSettings(lang))
        self.screen = self.codec.greeting().decode()
        self.others = others
        others.append(self)

    def types(self, *lines: str) -> Self:
        for line in lines:
            self.sends(f"{line}\n".encode())
        return self

    def sends(self, data: bytes) -> None:
        for item in self.codec.receive_data(data):
            match item:
                case Answered(answer):
                    self.screen += answer.decode()
                case Malformed(refused):
                    self.screen += self.codec.answer(item, refused).decode()
                case Request(command):
                    self.carry_out(item, command)

    def carry_out(self, item: Request, command) -> None:  # type: ignore[no-untyped-def]
        for delivery in self.hub.handle(self.session, command, 1_790_000_000.0):
            match delivery:
                case Reply(answer):
                    self.screen += self.codec.answer(item, answer).decode()
                case ToSession(session, event):
                    for other in self.others:
                        if other.session is session:
                            other.screen += other.codec.encoder.encode(event).decode()
                case ToRoom(events=(event,), audience=audience, author=author):
                    sessions = [member.session for member in audience]
                    for other in self.others:
                        if other.session in sessions and other.session is not author:
                            other.screen += other.codec.encoder.encode(event).decode()

    def reads(self) -> str:
        """What came since this was last asked."""
        screen, self.screen = self.screen, ""
        return screen


def people(*names: str, room: str | None = None) -> list[Person]:
    hub, others = Hub(), list[Person]()
    for name in names:
        person = Person(hub, others).types(name)
        if room:
            person.types(room)
    for person in others:
        person.reads()
    return others


MENU = """---- Menú Principal ----
¡Únete a una sala!
Para unirte a una sala, solo escribe su nombre: <nombre_sala>
Salas disponibles:
Sala1
Sala2
* Actualizar salas disponibles: REFR
* Salir de la aplicación: QUIT

Ingresa el nombre de la sala o un comando: """


def test_the_flow_of_the_document_reads_as_it_stands_there() -> None:
    juanmi = Person(Hub(), [])
    assert juanmi.reads() == (
        "*******************************************\n"
        "Wassop by Juan Miguel\n"
        "*******************************************\n"
        "Ingresa tu nombre de usuario: "
    )
    assert juanmi.types("juanmi").reads() == "Te has unido como juanmi.\n\n" + MENU
    assert juanmi.types("REFR").reads() == MENU
    assert juanmi.types("Sala1").reads() == (
        "Te has unido a la sala Sala1.\n"
        "\n"
        "Has entrado a la sala Sala1. Escribe mensajes o usa EXIT para regresar al menú principal.\n"
    )
    assert juanmi.types("hola a todos!").reads() == "Tú: hola a todos!\n"
    assert juanmi.types("EXIT").reads() == "¿Seguro que quieres salir de la sala Sala1? (s/n)\n"
    assert juanmi.types("s").reads() == "Has salido de la sala Sala1.\n\n" + MENU
    assert juanmi.types("QUIT").reads() == "¡Hasta pronto!\n"


def test_others_read_the_name_and_the_words_become_emoji() -> None:
    ana, bob = people("ana", "bob", room="Sala1")
    ana.types("hola", "LOVE", "LIKE", "DISLIKE", "love")
    assert bob.reads() == "ana: hola\nana: ❤️\nana: 👍\nana: 👎\nana: love\n"
    assert ana.reads() == "Tú: hola\nTú: ❤️\nTú: 👍\nTú: 👎\nTú: love\n"


def test_coming_leaving_and_going_are_told() -> None:
    ana, bob = people("ana", "bob", room="Sala1")
    ana.types("EXIT", "sí")
    assert bob.reads() == "ana ha salido de la sala.\n"
    ana.types("Sala1")
    assert bob.reads() == "ana se ha unido a la sala.\n"
    for delivery in ana.hub.disconnect(ana.session):
        if isinstance(delivery, ToRoom) and delivery.room.name.text == "Sala1":
            assert bob.codec.encoder.encode(*delivery.events).decode() == "ana ha salido del chat.\n"


def test_leaving_must_be_confirmed() -> None:
    (ana,) = people("ana", room="Sala1")
    assert ana.types("EXIT", "no").reads().endswith("Sigues en la sala Sala1.\n")
    assert ana.types("hola").reads() == "Tú: hola\n"


def test_what_is_said_to_all_is_marked_and_read_only_in_a_room() -> None:
    ana, bob, eva = people("ana", "bob", "eva")
    bob.types("Sala1").reads()
    ana.types("Sala2").reads()
    ana.types("/all atención")
    assert bob.reads() == "ana (a todos): atención\n"
    assert ana.reads() == "Tú (a todos): atención\n"
    assert eva.reads() == ""


def test_a_private_message_is_read_anywhere_and_the_prompt_comes_again() -> None:
    ana, bob = people("ana", "bob")
    ana.types("/msg bob ¿vienes?")
    assert ana.reads().startswith("Tú (a bob): ¿vienes?\n")
    assert bob.reads() == "\nana (privado): ¿vienes?\nIngresa el nombre de la sala o un comando: "


def test_a_name_that_cannot_be_had_is_asked_for_again() -> None:
    (ana,) = people("ana")
    late = Person(ana.hub, ana.others)
    late.reads()
    for name, reason in [("ANA", "ya está en uso"), ("", "al menos una letra"), ("a b", "solo puede llevar")]:
        read = late.types(name).reads()
        assert read.startswith("ERROR: ")
        assert reason in read
        assert read.endswith("Ingresa tu nombre de usuario: ")
    assert "Te has unido como eva." in late.types("eva").reads()


def test_slash_commands_work_and_bad_ones_say_what_to_do() -> None:
    ana, bob = people("ana", "bob", room="Sala1")
    assert ana.types("/who").reads() == "Sala1 (2): ana, bob\n"
    assert ana.types("/rooms").reads() == "Salas disponibles:\nSala1\nSala2\n"
    assert "/msg NOMBRE TEXTO" in ana.types("/help").reads()
    assert ana.types("/baila").reads() == "ERROR: Comando desconocido: /baila. /help muestra los que hay.\n"
    assert ana.types("/msg bob").reads() == "ERROR: Falta algo. Uso: /msg ana hola\n"
    assert ana.types("/msg nadie hola").reads() == "ERROR: nadie no está conectado.\n"
    assert bob.reads() == ""
    ana.types("//no es un comando")
    assert bob.reads() == "ana: /no es un comando\n"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_the_commands_do_stands_in_one_column(lang: str) -> None:
    person = Person(Hub(), [], lang)
    person.types("ana")
    person.reads()
    columns = {
        match.end()
        for line in person.types("/help").reads().splitlines()
        if (match := re.match(r"(/\w+( \[?[A-Z]+\]?)?)? {2,}(?=\w)", line))
    }
    assert len(columns) == 1, columns


def test_a_newcomer_reads_what_was_said_and_where_the_new_begins() -> None:
    ana, bob = people("ana", "bob")
    ana.types("Sala1", "uno", "dos")
    read = bob.types("Sala1").reads()
    assert read.endswith("ana: uno\nana: dos\n---- Mensajes nuevos ----\n")


def test_a_topic_is_read_on_coming_in_and_when_somebody_sets_it() -> None:
    ana, bob, eva = people("ana", "bob", "eva")
    for person in (ana, bob):
        person.types("Sala1")
        assert "Tema" not in person.reads()
    ana.types("EXIT", "n").reads()
    bob.reads()
    assert ana.types("/topic  exámenes de junio ").reads() == "Tema: exámenes de junio\n"
    assert bob.reads() == "ana ha puesto el tema: exámenes de junio\n"
    assert eva.reads() == ""
    ana.types("uno")
    assert eva.types("Sala1").reads() == (
        "Te has unido a la sala Sala1.\n"
        "\n"
        "Has entrado a la sala Sala1. Escribe mensajes o usa EXIT para regresar al menú principal.\n"
        "Tema: exámenes de junio\n"
        "ana: uno\n"
        "---- Mensajes nuevos ----\n"
    )
    bob.reads()
    assert eva.types("/topic -").reads() == "La sala no tiene tema.\n"
    assert bob.reads() == "eva ha quitado el tema.\n"


def test_topics_that_cannot_be_set_say_why() -> None:
    ana, bob = people("ana", "bob")
    assert ana.types("/topic exámenes").reads().startswith("ERROR: Todavía no estás en ninguna sala.\n")
    ana.types("Sala1")
    bob.types("Sala1").reads()
    ana.reads()
    assert ana.types("/topic").reads() == "ERROR: Falta algo. Uso: /topic exámenes\n"
    assert ana.types(f"/topic {'x' * 301}").reads() == (
        "ERROR: Un tema tiene como máximo 300 caracteres, no 301.\n"
    )
    ana.types("EXIT", "s", "General").reads()
    assert ana.types("/topic exámenes").reads() == "ERROR: General no tiene tema: todos están en ella.\n"
    assert bob.reads() == "ana ha salido de la sala.\n"


def test_the_lobby_can_be_entered_like_a_room() -> None:
    ana, bob = people("ana", "bob", room="General")
    ana.types("hola")
    assert bob.reads() == "ana: hola\n"


def test_the_lobby_can_be_left_and_then_nothing_of_it_is_read() -> None:
    ana, bob = people("ana", "bob", room="General")
    assert ana.types("EXIT", "s").reads() == (
        "¿Seguro que quieres salir de la sala General? (s/n)\nHas salido de la sala General.\n\n" + MENU
    )
    assert ana.types("REFR").reads() == MENU
    bob.types("hola")
    assert ana.reads() == ""
    assert bob.reads() == "Tú: hola\n"
    ana.types("Sala1", "aquí")
    assert ana.reads().endswith("Tú: aquí\n")


def test_what_a_terminal_could_obey_arrives_harmless() -> None:
    ana, bob = people("ana", "bob", room="Sala1")
    ana.types("\x1b[2J\x07rojo\u202e")
    read = bob.reads()
    assert "\x1b" not in read
    assert "\x07" not in read
    assert "\u202e" not in read
    assert "rojo" in read


def test_telnet_is_understood_with_its_negotiation_and_line_ends() -> None:
    person = Person(Hub(), [])
    person.sends(b"\xff\xfb\x1f\xff\xfd\x01juanmi\r\n")
    assert "Te has unido como juanmi." in person.reads()


def test_what_telnet_negotiates_in_between_is_no_text_even_with_a_line_end_in_it() -> None:
    (ana,) = people("ana", room="Sala1")
    ana.sends(b"ho\xff\xfa\x1f\x00\x50\x00\x0a\xff\xf0la\xff\xf1\xff\xfa\x18\x00\xff\xff\xf0!\xff\xf0\r\n")
    assert ana.reads() == "Tú: hola\n"


def test_a_line_may_end_as_telnet_ends_it() -> None:
    person = Person(Hub(), [])
    person.sends(b"juanmi\r\x00Sala1\r\x00hola\r\x00")
    assert "Te has unido como juanmi." in person.screen
    assert person.screen.endswith("Tú: hola\n")


def test_an_endless_negotiation_hides_nothing_for_long() -> None:
    (ana,) = people("ana", room="Sala1")
    ana.sends(b"\xff\xfa" + b"x" * 2_000 + b"\n")
    assert ana.reads() == f"Tú: {'x' * 2_000}\n"


def test_bytes_that_are_no_text_and_lines_without_end_are_refused_and_change_nothing() -> None:
    ana, bob = people("ana", "bob", room="Sala1")
    ana.sends(b"\xc3\x28\n")
    assert ana.reads().startswith("ERROR: La línea no es UTF-8")
    ana.sends(b"x" * 100_000 + b"\n")
    assert ana.reads() == "ERROR: La línea tiene más de 16384 bytes y se ha descartado.\n"
    ana.types("x" * 5_000)
    assert ana.reads() == "ERROR: El texto ocupa 5000 bytes; se admiten 4096 como máximo.\n"
    assert bob.reads() == ""
    ana.types("sigo")
    assert bob.reads() == "ana: sigo\n"


def test_everything_is_told_in_english_too() -> None:
    ana = Person(Hub(), [], lang="en").types("ana", "Sala1", "hi", "EXIT", "y", "QUIT")
    assert "You: hi\n" in ana.screen
    assert ana.screen.endswith("Goodbye!\n")
    assert ana.codec.farewell(Farewell.SHUTDOWN).decode() == "\nThe server is stopping.\n"


def test_one_who_is_slowed_reads_why_in_the_room_and_at_the_menu() -> None:
    ana = Person(Hub(), [], lang="en").types("ana")
    told = "You are writing faster than the server reads; nothing is lost, it only takes longer.\n"
    prompt = "Type the name of a room or a command: "
    assert ana.codec.encoder.encode(Slowed(0.1)).decode() == f"\n{told}{prompt}"
    ana.types("Sala1")
    assert ana.codec.encoder.encode(Slowed(0.1)).decode() == told


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"ana\n", b"Sala1\n", b"EXIT\n", b"s\n", b"/who\n", b"General\n"]),
            st.sampled_from([b"\xff", b"\xfa", b"\xf0", b"\xfd", b"\r", b"\0", b"x" * 511]),
        )
    )
)
def test_any_bytes_in_any_pieces_read_the_same(pieces: list[bytes]) -> None:
    whole, cut = Person(Hub(), []), Person(Hub(), [])
    data = b"".join(pieces)
    whole.sends(data)
    for i in range(len(data)):
        cut.sends(data[i : i + 1])
    assert whole.screen == cut.screen
