"""What the documents' dialects write, where a client takes 4,096 bytes at once or prints on a terminal."""

import json

import pytest
from attrs import evolve

from wassop.core import events
from wassop.core.commands import Ping
from wassop.core.hub import Hub
from wassop.core.names import room_name, user_name
from wassop.wire.cmdjson import CmdjsonCodec, cmdjson_encoder
from wassop.wire.codec import Request, WireSettings
from wassop.wire.json_objects import MAX_SEGMENT_BYTES
from wassop.wire.mychat import MychatCodec
from wassop.wire.nick import nick_encoder
from wassop.wire.remitente import RemitenteCodec, remitente_encoder
from wassop.wire.salas import SalasCodec

from .codecs import Visit

ANA, BOB, EVA = user_name("ana"), user_name("bob"), user_name("eva")
LOBBY, AULA, SALA = room_name("General"), room_name("Aula 3"), room_name("Sala1")
SAID = events.Said(LOBBY, 1, ANA, "hola", 1_790_000_000.0)


def now():
    return 1_790_000_000.0


ENCODERS = {
    "cmdjson": cmdjson_encoder("es", b""),
    "remitente": remitente_encoder("es", b"", now),
    "nick": nick_encoder("es", b""),
}
each_json = pytest.mark.parametrize(("name", "key"), [("cmdjson", "msg"), ("remitente", "contenido")])


@each_json
@pytest.mark.parametrize("text", ['"' * 4_000, "ñ" * 2_500, "\\" * 4_000, "a" * 5_000], ids=lambda t: t[0])
def test_of_a_text_that_is_too_long_as_much_as_fits_is_kept(name, key, text):
    data = ENCODERS[name].encode(evolve(SAID, text=text))
    kept = json.loads(data)[key]
    assert kept.endswith("…")
    assert text.startswith(kept[:-1])
    longer = json.dumps(text[: len(kept)], ensure_ascii=False).encode()
    shorter = json.dumps(kept[:-1], ensure_ascii=False).encode()
    assert len(data) <= MAX_SEGMENT_BYTES < len(data) + len(longer) - len(shorter)


def test_a_text_that_just_fits_is_not_cut():
    short = len(ENCODERS["cmdjson"].encode(evolve(SAID, text="x")))
    text = "x" * (MAX_SEGMENT_BYTES - short + 1)
    assert json.loads(ENCODERS["cmdjson"].encode(evolve(SAID, text=text)))["msg"] == text


@each_json
def test_a_topic_is_told_where_the_server_has_words_of_its_own(name, key):
    """Only those hear it who live in a lobby of their door, which is a room like any other."""
    topic = events.TopicSet(AULA, "exámenes\x1b[2J", ANA, 1_790_000_000.0)
    told = json.loads(ENCODERS[name].encode(topic))
    assert told[key] == "ana ha puesto el tema: exámenes␛[2J"
    assert told.get("cmd", told.get("tipo")) in ("system", "sistema")
    assert json.loads(ENCODERS[name].encode(evolve(topic, text="")))[key] == "ana ha quitado el tema."


def test_where_a_topic_could_be_taken_for_a_message_it_is_not_told():
    topic = events.TopicSet(SALA, "exámenes", ANA, 1_790_000_000.0)
    for make in (SalasCodec, MychatCodec):
        codec = make(WireSettings())
        for answer in (events.Welcome(BOB, LOBBY), events.Joined(SALA, 0, (ANA, BOB), (), topic=topic)):
            assert b"tema" not in codec.answer(Request(Ping()), answer)
        assert codec.encoder.encode(topic) == b""
    assert ENCODERS["nick"].encode(topic) == b""


@each_json
def test_a_terminal_that_prints_the_text_has_nothing_to_obey(name, key):
    nasty = evolve(SAID, text="\x1b[2Jrojo\x9b\u202e\ny más")
    shown = json.loads(ENCODERS[name].encode(nasty))[key]
    assert shown == "␛[2Jrojo\ufffd\ufffd\ny más"
    told = events.Told(ANA, BOB, nasty.text, 0.0)
    assert json.loads(ENCODERS[name].encode(told))[key].endswith(shown)


def test_the_history_too_has_nothing_to_obey():
    codec = CmdjsonCodec(WireSettings())
    joined = events.Joined(LOBBY, 1, (ANA,), (evolve(SAID, text="\x1b[2J"),))
    (item,) = json.loads(codec.answer(Request(None), joined))["items"]
    assert item["msg"] == "␛[2J"


@pytest.mark.parametrize("name", ENCODERS)
def test_whoever_leaves_a_lobby_of_a_door_is_told_to_be_gone(name):
    left = ENCODERS[name].encode(events.Presence(AULA, left=(ANA,))).decode()
    gone = ENCODERS[name].encode(events.Presence(AULA, gone=(ANA,))).decode()
    assert "ana" in left
    assert left == gone
    both = ENCODERS[name].encode(events.Presence(AULA, left=(ANA,), gone=(BOB, EVA))).decode()
    assert all(who in both for who in ("ana", "bob", "eva"))


# salas


def salas(end=b""):
    codec = SalasCodec(WireSettings())
    list(codec.receive_data(b"BAILA" + end))
    list(codec.receive_pause())
    return codec


MANY = events.RoomList(
    tuple(events.RoomInfo(room_name(f"sala número {n:03}"), 0, is_lobby=False) for n in range(400))
)


def test_without_line_ends_a_line_is_no_longer_than_one_recv():
    codec = salas()
    codec.answer(Request(None), events.Joined(SALA, 0, (), ()))
    data = codec.encoder.encode(evolve(SAID, room=SALA, text="ñ" * 2_048))
    assert MAX_SEGMENT_BYTES - 1 <= len(data) <= MAX_SEGMENT_BYTES
    assert data.decode().endswith("ñ…")
    lines = salas(b"\n")
    lines.answer(Request(None), events.Joined(SALA, 0, (), ()))
    assert lines.encoder.encode(evolve(SAID, room=SALA, text="ñ" * 2_048)).decode().endswith("ñ\n")


def test_without_line_ends_as_many_rooms_are_listed_as_fit():
    data = salas().answer(Request(None), MANY)
    first, *rooms, last = data.decode().split("\n")
    assert first == "Salas disponibles:"
    assert last == "…"
    assert rooms == [f"sala número {n:03} (0)" for n in range(len(rooms))]
    assert len(data) <= MAX_SEGMENT_BYTES < len(data) + len("sala número 000 (0)\n".encode())


def test_with_line_ends_all_rooms_are_listed_and_every_line_ends_as_the_client_s():
    codec = salas(b"\r\n")
    lines = codec.answer(Request(None), MANY).decode().split("\r\n")
    assert len(lines) == 402
    assert not any("\n" in line for line in lines)
    codec.answer(Request(None), events.Joined(SALA, 0, (), ()))
    news = codec.encoder.encode(events.Presence(SALA, joined=(ANA,), left=(BOB,))).decode()
    assert news == "ana se ha unido a la sala.\r\nbob ha salido de la sala.\r\n"


@pytest.mark.parametrize("word", ["EXIT", "EXIT General", "EXIT general"])
def test_the_lobby_can_be_left_and_then_nothing_of_it_is_read(word):
    codec = SalasCodec(WireSettings())
    guest = Visit(Hub(), codec)
    guest.send(b"JOIN ana\nROOM General\n")
    guest.read.clear()
    guest.send(f"{word}\n".encode())
    assert guest.read.decode() == "Has salido de la sala General.\n"
    assert codec.encoder.encode(SAID) == b""
    guest.send(b"MESSAGE hola\n")
    assert "ERROR: Todavía no estás en ninguna sala." in guest.read.decode()


# mychat


@pytest.mark.parametrize(
    ("lang", "usage"),
    [
        ("es", "MESSAGE, Bob, hola, separados por barras verticales"),
        ("en", "MESSAGE, Bob, hello, separated by vertical bars"),
    ],
)
def test_the_usage_says_in_words_what_would_break_the_error_apart(lang, usage):
    codec = MychatCodec(WireSettings(lang=lang))
    (item,) = codec.receive_data(b"MESSAGE|Bob\n")
    assert codec.answer(item, item.refused).decode().rstrip().endswith(usage)


@pytest.mark.parametrize("given", ['{"remitente":"ana"}', '{"remitente":"ana","tipo":null}', '{"tipo":[]}'])
def test_an_object_that_does_not_say_what_it_is_is_told_which_key_is_missing(given):
    codec = RemitenteCodec(WireSettings())
    (item,) = [*codec.receive_data(given.encode()), *codec.receive_pause()]
    assert json.loads(codec.answer(item, item.refused))["contenido"] == (
        "Falta la clave tipo o su valor no es del tipo debido."
    )
