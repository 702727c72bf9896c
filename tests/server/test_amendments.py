"""Replies, edits, deletions, reactions and absences over real sockets, in all dialects."""

import json
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.server.disk import archive_of, slow_disk, stored
from tests.server.support import Visitor, running_server


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def say(text: str, kind: str = "", about: int = 0, room: str = "Sala1", **more: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"t": "say", "room": room, "text": text, "id": 1, **more}
    return request | ({"kind": kind} if kind else {}) | ({"about": about} if about else {})


async def accepted(visitor: Visitor, *requests: dict[str, Any]) -> int:
    """The number that the last of them was given."""
    for request in requests:
        ok = await visitor.ask(request, "ok")
    return int(ok["seq"])


def essence(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(key) for key in ("seq", "kind", "about", "text", "quote", "deleted"))


ALL_KINDS = [
    say("el examen es el martse"),
    say("el examen es el martes", "edit", 1),
    say("¿a qué hora?", "reply", 1),
    say("👍", "react", 1),
    say("👍", "unreact", 1),
    say("busca sus apuntes", "me"),
    say("", "delete", 6),
]
EXCERPT = {"from": "ana", "text": "el examen es el martes"}
HISTORY = [
    (1, None, None, "el examen es el martse", None, None),
    (2, "edit", 1, "el examen es el martes", None, None),
    (3, "reply", 1, "¿a qué hora?", EXCERPT, None),
    (4, "react", 1, "👍", EXCERPT, None),
    (5, "unreact", 1, "👍", None, None),
    (6, "me", None, "", None, True),
    (7, "delete", 6, "", None, None),
]


@pytest.mark.parametrize("kept", [True, False], ids=["db", "memory"])
async def test_they_are_told_in_order_and_stand_in_every_page(db: Path, kept: bool) -> None:
    async with running_server(**({"db": db} if kept else {})) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        assert await accepted(ana, *ALL_KINDS) == 7
        told = [essence(await bob.next("said")) for _ in ALL_KINDS]
        assert told[:5] == HISTORY[:5]
        assert told[5:] == [(6, "me", None, "busca sus apuntes", None, None), HISTORY[6]]
        page = await bob.ask({"t": "history", "room": "Sala1", "limit": 7}, "history")
        assert [essence(entry) for entry in page["messages"]] == HISTORY
        eva = await running.native("eva")
        joined = await eva.ask({"t": "join", "room": "Sala1", "history": 3}, "joined")
        assert [essence(entry) for entry in joined["history"]] == HISTORY[4:]
        back = await running.visitor()
        welcome = await back.ask({"t": "hello", "name": "leo", "resume": {"Sala1": 2}}, "welcome")
        assert [essence(entry) for entry in welcome["resumed"][0]["history"]] == HISTORY[2:]


async def test_they_are_the_same_after_a_restart_and_further_back_than_is_remembered(db: Path) -> None:
    async with running_server(db=db) as running:
        await accepted(await running.native("ana", "Sala1"), *ALL_KINDS)
    for remembered in (200, 1):
        async with running_server(db=db, recent_messages_per_room=remembered) as running:
            bob = await running.native("bob", "Sala1")
            page = await bob.ask({"t": "history", "room": "Sala1", "limit": 9, "before": 8}, "history")
            assert [essence(entry) for entry in page["messages"]] == HISTORY
            page = await bob.ask({"t": "history", "room": "Sala1", "limit": 2, "after": 2}, "history")
            assert [essence(entry) for entry in page["messages"]] == HISTORY[2:4]
            found = await bob.ask({"t": "search", "words": "martes"}, "found")
            assert [(entry["seq"], entry.get("kind"), entry["about"]) for entry in found["messages"]] == [
                (2, "edit", 1)
            ]


async def test_what_is_older_than_the_memory_is_looked_up(db: Path) -> None:
    async with running_server(db=db, recent_messages_per_room=2) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        await accepted(ana, *(say(f"mensaje {number}") for number in range(1, 9)))
        await accepted(ana, say("corregido", "edit", 1))
        for _ in range(9):
            await bob.next("said")
        assert await accepted(bob, say("¿qué?", "reply", 1)) == 10
        assert (await ana.next("said"))["quote"] == {"from": "ana", "text": "corregido"}
        for request, code in (
            (say("x", "edit", 1), "not-yours"),
            (say("", "delete", 1), "not-yours"),
            (say("👍", "react", 9), "no-such-message"),
            (say("👍", "react", 11), "no-such-message"),
        ):
            assert (await bob.ask(request, "error"))["code"] == code
        assert await accepted(ana, say("", "delete", 1)) == 11
        await accepted(ana, say("doce"), say("trece"))
        assert (await bob.ask(say("👍", "react", 1), "error"))["code"] == "already-deleted"
        page = await bob.ask({"t": "history", "room": "Sala1", "limit": 9, "after": 8}, "history")
        assert [entry["text"] for entry in page["messages"]] == ["", "¿qué?", "", "doce", "trece"]
    assert [text for _, text in stored(db)][:2] == ["", "mensaje 2"]


async def test_whoever_is_not_in_the_room_learns_nothing_of_what_is_in_the_record(db: Path) -> None:
    async with running_server(db=db, recent_messages_per_room=1) as running:
        ana, eva = await running.native("ana", "Sala1"), await running.native("eva")
        await accepted(ana, say("uno"), say("dos"), say("tres"))
        for seq in (1, 9):
            assert (await eva.ask(say("👍", "react", seq), "error"))["code"] == "not-in-room"


@pytest.mark.parametrize(("busy", "looks"), [(1, 2), (99, 5)])
async def test_what_was_looked_up_is_looked_up_again_when_the_room_forgot_more_than_was_said_meanwhile(
    db: Path, monkeypatch: pytest.MonkeyPatch, busy: int, looks: int
) -> None:
    """It may have been deleted in between. In a room that never rests it cannot be had."""
    async with running_server(db=db, recent_messages_per_room=1) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        await accepted(ana, say("secreto"), say("dos"))
        journal = running.server.chat.journal
        assert journal is not None
        look_up, done = journal.look_up, 0

        async def slow(read: Any) -> Any:
            nonlocal done
            done += 1
            found = await look_up(read)
            if done <= busy:
                await accepted(ana, say("más"), say("y más"))
            return found

        monkeypatch.setattr(journal, "look_up", slow)
        if busy == 1:
            assert await accepted(bob, say("¿qué?", "reply", 1)) == 5
        else:
            assert (await bob.ask(say("¿qué?", "reply", 1), "error"))["code"] == "no-record"
        assert done == looks


async def test_without_a_record_what_is_forgotten_is_no_subject() -> None:
    async with running_server(recent_messages_per_room=1) as running:
        ana = await running.native("ana", "Sala1")
        await accepted(ana, say("uno"), say("dos"))
        assert (await ana.ask(say("x", "edit", 1), "error"))["code"] == "no-such-message"


async def test_an_answer_comes_when_it_is_stored_and_the_others_do_not_wait(db: Path) -> None:
    async with running_server(db=db) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        await accepted(ana, say("hola"))
        await bob.next("said")
        with slow_disk(running) as disk:
            await ana.send(say("", "delete", 1))
            assert (await bob.next("said"))["kind"] == "delete"
            await ana.send({"t": "ping", "id": 2})
            assert (await ana.next("pong"))["re"] == 2, "the answer is not there yet"
            disk.may_go_on.set()
            assert (await ana.message())["t"] == "ok"
    assert stored(db) == [(1, ""), (2, "")]


async def test_a_deletion_that_cannot_be_stored_is_told_to_its_author_who_says_it_again(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        await accepted(ana, say("hola"))
        writer = archive_of(running)._writer
        writer.execute("PRAGMA query_only = ON")
        assert (await ana.ask(say("", "delete", 1, nonce="d"), "error"))["code"] == "not-stored"
        assert stored(db) == [(1, "hola")]
        writer.execute("PRAGMA query_only = OFF")
        assert await accepted(ana, say("", "delete", 1, nonce="d")) == 2
        assert stored(db) == [(1, ""), (2, "")]


async def test_said_again_on_another_connection_by_its_nonce_it_is_told_once(db: Path) -> None:
    async with running_server(db=db) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        await accepted(ana, say("hola"), say("", "delete", 1, nonce="d"))
        assert [(await bob.next("said"))["seq"] for _ in range(2)] == [1, 2]
        await ana.close()
        await bob.next("presence")
        again = await running.visitor()
        await again.ask({"t": "hello", "name": "ana", "resume": {"Sala1": 0}}, "welcome")
        assert await accepted(again, say("", "delete", 1, nonce="d")) == 2
        assert await accepted(again, say("fin")) == 3
        assert (await bob.next("said"))["seq"] == 3


# What others read


async def classroom(running: Any, dialect: str) -> Visitor:
    """eva, in the lobby, with a client of that dialect."""
    hello = {
        "salas": b"JOIN eva\nROOM General\n",
        "mychat": b"CONNECT|eva\n",
        "remitente": b'{"remitente":"eva","tipo":"conexion"}\n',
        "cmdjson": b'{"cmd":"login","user":"eva"}\n',
        "nick": b"eva\n",
        "plain": b"eva\nGeneral\n",
    }[dialect]
    visitor = await running.visitor(1 if dialect == "nick" else 0)
    if dialect == "nick":
        await visitor.until("NICK")
    await visitor.send(hello)
    return visitor


SENTENCES = {
    "salas": [
        "ana: hola",
        "* ana corrigió: hala",
        "ana: > ana: hala\nana: ¿qué?",
        "* ana reaccionó con 👍 a: «hala»",
        "* ana saluda",
        "* ana borró un mensaje",
        "ana: fin",
    ],
    "mychat": [
        "BROADCAST|ana|hola",
        "BROADCAST|ana|* ana corrigió: hala",
        "BROADCAST|ana|(a ana) ¿qué?",
        "BROADCAST|ana|* ana reaccionó con 👍 a: «hala»",
        "BROADCAST|ana|* ana saluda",
        "BROADCAST|ana|* ana borró un mensaje",
        "BROADCAST|ana|fin",
    ],
    "nick": [
        "ana: hola",
        "* ana corrigió: hala",
        "ana: (a ana) ¿qué?",
        "* ana reaccionó con 👍 a: «hala»",
        "* ana saluda",
        "* ana borró un mensaje",
        "ana: fin",
    ],
}
TEXTS = [
    "hola",
    "* ana corrigió: hala",
    "> ana: hala\n¿qué?",
    "* ana reaccionó con 👍 a: «hala»",
    "* ana saluda",
    "* ana borró un mensaje",
    "fin",
]
SAID_IN_THE_LOBBY = [
    say("hola", room="General"),
    say("hala", "edit", 1, room="General"),
    say("¿qué?", "reply", 1, room="General"),
    say("👍", "react", 1, room="General"),
    say("👍", "unreact", 1, room="General"),
    say("saluda", "me", room="General"),
    say("", "delete", 1, room="General"),
    say("fin", room="General"),
]


@pytest.mark.parametrize("dialect", ["salas", "plain", "mychat", "nick", "remitente", "cmdjson"])
async def test_who_knows_texts_only_reads_sentences(dialect: str) -> None:
    async with running_server(lang="es", listen=("127.0.0.1:0=nick",)) as running:
        ana = await running.native("ana", lobby=True)
        eva = await classroom(running, dialect)
        await ana.next("presence")
        await trio.testing.wait_all_tasks_blocked()
        await accepted(ana, *SAID_IN_THE_LOBBY)
        if dialect in ("remitente", "cmdjson"):
            key, kind = ("contenido", "mensaje") if dialect == "remitente" else ("msg", "broadcast")
            read: list[str] = []
            while len(read) < len(TEXTS):
                message = json.loads(await eva.until("}\n"))
                if kind in (message.get("tipo"), message.get("cmd")):
                    assert "ana" in (message.get("remitente"), message.get("from"))
                    read.append(message[key])
            assert read == TEXTS
        else:
            sentences = SENTENCES[dialect if dialect in SENTENCES else "salas"]
            read_by_eva = await eva.until(f"{sentences[-1]}\n")
            assert read_by_eva.endswith("".join(f"{line}\n" for line in sentences))


async def test_a_person_with_netcat_says_what_they_do_and_reads_what_became_of_the_rest() -> None:
    async with running_server(lang="es") as running:
        ana = await running.native("ana", "Sala1")
        await accepted(ana, *ALL_KINDS)
        person = await running.visitor()
        await person.send("juanmi\nSala1")
        read = await person.until("Mensajes nuevos ----\n")
        assert read.endswith(
            "ana: el examen es el martse\n"
            "* ana corrigió: el examen es el martes\n"
            "ana: > ana: el examen es el martes\n"
            "ana: ¿a qué hora?\n"
            "* ana reaccionó con 👍 a: «el examen es el martes»\n"
            "* ana borró un mensaje\n"
            "---- Mensajes nuevos ----\n"
        )
        await person.send("/me saluda")
        assert await person.until("\n") == "* juanmi saluda\n"
        assert essence(await ana.next("said")) == (8, "me", None, "saluda", None, None)
        await person.send("/me")
        assert await person.until("\n") == "ERROR: Falta algo. Uso: /me saluda\n"


# Away


async def test_those_who_share_a_room_read_who_is_away_and_back(db: Path) -> None:
    async with running_server(lang="es", db=db) as running:
        ana = await running.native("ana", "Sala1")
        person = await running.visitor()
        await person.send("juanmi\nSala1")
        await person.until("menú principal.\n")
        await person.send("/away a comer")
        assert await person.until("\n") == "Te has ausentado: a comer\n"
        assert await ana.next("away") == {"t": "away", "who": "juanmi", "text": "a comer"}
        who = await ana.ask({"t": "who", "room": "Sala1"}, "who")
        assert who["away"] == {"juanmi": "a comer"}
        ok = await ana.ask({"t": "msg", "to": "juanmi", "text": "¿vienes?", "id": 3}, "ok")
        assert ok["away"] == "a comer"
        await person.until("¿vienes?\n")
        await ana.ask({"t": "away", "text": "yo también", "id": 4}, "ok")
        assert await person.until("\n") == "* ana se ha ausentado: yo también\n"
        await person.send("/who\n/msg ana hola")
        assert await person.until("\n") == "Sala1 (2): ana (ausente: yo también), juanmi (ausente: a comer)\n"
        assert await person.until("también\n") == "Tú (a ana): hola\n* ana se ha ausentado: yo también\n"
        await person.send("/away")
        assert await person.until("\n") == "Has vuelto.\n"
        assert await ana.next("away") == {"t": "away", "who": "juanmi", "back": True}
        await ana.send({"t": "away", "back": True})
        assert await person.until("\n") == "* ana ha vuelto\n"
        joined = await ana.ask({"t": "join", "room": "Sala1"}, "joined")
        assert "away" not in joined


async def test_who_is_away_waits_at_the_lobbys_gate_as_all_do_who_tell_others_something() -> None:
    async with running_server(room_queue_messages=1) as running:
        ana, bob = await running.native("ana", lobby=True), await running.native("bob", lobby=True)
        await ana.ask({"t": "away", "text": "x", "id": 1}, "ok")
        await bob.next("away")
        chat = running.server.chat
        fanout = chat._fanouts[chat.hub.lobby]
        fanout.waiting += 1  # as if something waited
        fanout.shut.add(fanout)
        await ana.send({"t": "away", "text": "", "id": 2})
        await trio.testing.wait_all_tasks_blocked()
        assert (await bob.ask({"t": "who"}, "who"))["away"] == {"ana": "x"}
        fanout.waiting -= 1
        fanout._gate.unpark_all()
        assert (await bob.next("away"))["back"] is True
