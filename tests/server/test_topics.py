"""What rooms are about: told, kept, and answered when it is on disk."""

from pathlib import Path
from typing import Any

import pytest
import trio.testing

from tests.server.disk import archive_of, second_reader, slow_disk
from tests.server.support import Visitor, running_server
from tests.storage.entries import limit_pages

BIG = "ñ" * 300


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def topic(text: str, request_id: int | None = None, room: str = "Sala1") -> dict[str, Any]:
    request = {"t": "topic", "room": room, "text": text}
    return request if request_id is None else request | {"id": request_id}


async def topic_of(visitor: Visitor, room: str) -> str | None:
    joined = await visitor.ask({"t": "join", "room": room}, "joined")
    return joined["topic"]["text"] if "topic" in joined else None


async def test_the_answer_comes_when_it_is_stored_and_the_others_do_not_wait(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await ana.next("presence")
        with slow_disk(running) as disk:
            await ana.send(topic("exámenes", 1))
            assert (await bob.next("topic"))["text"] == "exámenes"
            await ana.send({"t": "ping", "id": 2})
            assert (await ana.message())["t"] == "pong", "the answer is not there yet"
            disk.may_go_on.set()
            ok = await ana.message()
            assert (ok["t"], ok["re"]) == ("ok", 1)
            with second_reader(db) as reader:
                query = "SELECT topic, topic_by, topic_at FROM rooms WHERE key = 'sala1'"
                assert reader.execute(query).fetchall() == [("exámenes", "ana", ok["at"])]


async def test_rooms_keep_their_topics_when_the_server_is_started_again(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1", "Sala2", "mía", "tuya")
        for number, room in enumerate(("Sala1", "Sala2", "mía", "tuya")):
            await ana.ask(topic(f"tema de {room}", number, room), "ok")
        for number, room in enumerate(("Sala2", "tuya")):
            await ana.ask(topic("", number, room), "ok")
    for _ in range(2):
        async with running_server(db=db) as running:
            bob = await running.native("bob")
            assert await topic_of(bob, "sala1") == "tema de Sala1"
            assert await topic_of(bob, "MÍA") == "tema de mía"
            assert await topic_of(bob, "Sala2") is None
            assert await topic_of(bob, "tuya") is None


async def test_one_who_comes_back_reads_the_topic_that_was_set_meanwhile(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        await ana.ask(topic("exámenes", 1), "ok")
        bob = await running.visitor()
        welcome = await bob.ask({"t": "hello", "name": "bob", "resume": {"Sala1": 0}}, "welcome")
        (room,) = welcome["resumed"]
        assert (room["topic"]["text"], room["topic"]["from"]) == ("exámenes", "ana")


@pytest.mark.parametrize("kept", [True, False], ids=["db", "memory"])
async def test_an_empty_room_that_was_forgotten_has_its_topic_if_there_is_a_record(
    db: Path, kept: bool
) -> None:
    async with running_server(**({"db": db} if kept else {}), dormant_rooms=1) as running:
        ana = await running.native("ana")
        for number, room in enumerate(("una", "otra", "tercera")):
            await ana.ask({"t": "join", "room": room}, "joined")
            await ana.ask(topic(f"tema de {room}", number, room), "ok")
            await ana.ask({"t": "leave", "room": room}, "left")
        assert await topic_of(ana, "una") == ("tema de una" if kept else None)
        assert await topic_of(ana, "tercera") == "tema de tercera"


async def test_who_set_a_topic_that_cannot_be_stored_is_told_and_sets_it_again(db: Path) -> None:
    rooms = [f"sala {number}" for number in range(30)]
    async with running_server(db=db) as running:
        ana = await running.native("ana", *rooms)
        bob = await running.native("bob", *rooms)
        limit_pages(archive_of(running), 0)
        for room in rooms:
            await ana.send(topic(BIG, 1, room))
            while (answer := await ana.message())["t"] not in ("ok", "error"):
                pass
            assert (await bob.next("topic"))["room"] == room
            if answer["t"] == "error":
                break
        else:
            pytest.fail("all of them found room on the disk")
        assert answer["code"] == "not-stored"
        limit_pages(archive_of(running), None)
        await ana.ask(topic(BIG, 2, room), "ok")
        await ana.send({"t": "say", "room": room, "text": "hola"})
        assert (await bob.message())["t"] == "said", "the topic was not told again"
    async with running_server(db=db) as running:
        assert await topic_of(await running.native("ana"), room) == BIG


async def test_a_person_with_netcat_reads_the_answer_when_it_is_stored(db: Path) -> None:
    async with running_server(db=db) as running:
        person = await running.visitor()
        await person.send("juanmi\nSala1")
        await person.until("main menu.\n")
        with slow_disk(running) as disk:
            await person.send("/topic exams\n/who")
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            who = "Sala1 (1): juanmi\n"
            assert await person.until(who) == f"Topic: exams\n{who}"


async def test_who_sets_topics_waits_at_the_rooms_gate(db: Path) -> None:
    """A room's queue is bounded by its gate; whatever goes into it passes there."""
    async with running_server(db=db, room_queue_messages=1) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        chat = running.server.chat
        room = chat.hub.rooms.named("Sala1")
        assert room is not None
        fanout = chat._fanouts[room]
        fanout.waiting += 1  # as if something waited
        fanout.shut.add(fanout)
        await ana.send(topic("exámenes", 1))
        await trio.testing.wait_all_tasks_blocked()
        assert room.topic is None
        fanout.waiting -= 1
        fanout._gate.unpark_all()
        await ana.next("ok")
        assert (await bob.next("topic"))["text"] == "exámenes"
