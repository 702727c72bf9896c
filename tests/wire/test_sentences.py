"""What those read of messages about messages who know of texts only."""

import pytest

from wassop.core.accounts import ServerRole
from wassop.core.events import Kind, Quote, Said
from wassop.core.names import RoomName, UserName, room_name, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Role
from wassop.locale import translations
from wassop.wire.phrases import refusal, said_lines, transcribed, worded

ANA, BOB, SALA = user_name("ana"), user_name("bob"), room_name("Sala1")
assert isinstance(ANA, UserName)
assert isinstance(BOB, UserName)
assert isinstance(SALA, RoomName)
SPANISH = translations("es")
QUOTE, DELETED = Quote(BOB, "¿vienes?"), Quote(BOB, "")


def said(text: str, kind: Kind = Kind.SAY, quoted: Quote | None = None) -> Said:
    return Said(SALA, 3, ANA, text, 1.0, kind=kind, about=1, quoted=quoted)


@pytest.mark.parametrize(
    ("message", "words", "line"),
    [
        (said("hola"), "hola", "ana: hola"),
        (said("a\nb"), "a\nb", "ana: a␊b"),
        (said(""), "", ""),
        (said("saluda", Kind.ME), "* ana saluda", "* ana saluda"),
        (said("", Kind.ME), "", ""),
        (said("sí\nclaro", Kind.REPLY, QUOTE), "> bob: ¿vienes?\nsí\nclaro", "ana: (a bob) sí␊claro"),
        (said("sí", Kind.REPLY, DELETED), "(a bob) sí", "ana: (a bob) sí"),
        (said("sí", Kind.REPLY), "sí", "ana: sí"),
        (said("", Kind.REPLY, QUOTE), "", ""),
        (said("hala", Kind.EDIT), "* ana corrigió: hala", "* ana corrigió: hala"),
        (said("", Kind.EDIT), "", ""),
        (said("", Kind.DELETE), "* ana borró un mensaje", "* ana borró un mensaje"),
        (
            said("👍", Kind.REACT, QUOTE),
            "* ana reaccionó con 👍 a: «¿vienes?»",
            "* ana reaccionó con 👍 a: «¿vienes?»",
        ),
        (said("👍", Kind.REACT, DELETED), "* ana reaccionó con 👍", "* ana reaccionó con 👍"),
        (said("👍", Kind.UNREACT), "", ""),
        (said("{name} {0} %s", Kind.EDIT), "* ana corrigió: {name} {0} %s", "* ana corrigió: {name} {0} %s"),
    ],
)
def test_each_kind_has_its_sentence_or_none(message: Said, words: str, line: str) -> None:
    assert worded(message, SPANISH) == words
    assert transcribed(message, SPANISH) == line


def test_a_person_reads_every_line_of_somebody_with_their_name_before_it() -> None:
    """Else one could write what looks like a line of another's."""
    reply = said("sí\nbob: no", Kind.REPLY, QUOTE)
    assert said_lines(reply, SPANISH, in_lobby=False) == ["ana: > bob: ¿vienes?", "ana: sí␊bob: no"]
    assert said_lines(reply, SPANISH, in_lobby=False, reader=ANA)[0] == "Tú: > bob: ¿vienes?"
    assert said_lines(said("x\n* bob saluda", Kind.ME), SPANISH, in_lobby=False) == ["* ana x␊* bob saluda"]


@pytest.mark.parametrize(
    ("role", "spanish", "english"),
    [
        (Role.OPERATOR, "operador o más", "operator or above"),
        (Role.OWNER, "propietario", "owner"),
        (ServerRole.MODERATOR, "moderador del servidor o más", "moderator of the server or above"),
        (ServerRole.ADMIN, "administrador del servidor", "administrator of the server"),
    ],
)
def test_who_may_not_reads_what_that_takes_in_their_own_language(
    role: Role | ServerRole, spanish: str, english: str
) -> None:
    refused = Refused(Code.NOT_ALLOWED, {"role": role})
    assert refusal(refused, SPANISH) == f"Para eso hay que ser {spanish}."
    assert refusal(refused, translations("en")) == f"That takes the role of {english}."
