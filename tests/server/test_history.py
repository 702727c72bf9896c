"""What was said before: across restarts, back to the beginning, found again, and read once by those who come
back."""

import json
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.server.disk import archive_of, slow_disk, stored
from tests.server.support import PATIENCE_S, Running, Visitor, running_server
from tests.storage.entries import limit_pages, opened, said
from tests.wire.test_protocol_examples import PAGE, WITH_RECORD, matches, pattern
from wassop.server.recall import Recall

BIG = "x" * 4_090


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


async def speak(visitor: Visitor, *texts: str, room: str = "Sala1", nonces: bool = False) -> None:
    for number, text in enumerate(texts, 1):
        request = {"t": "say", "room": room, "text": text, "id": number}
        await visitor.ask(request | ({"nonce": f"n{number}"} if nonces else {}), "ok")


def texts(page: dict[str, Any]) -> list[str]:
    return [message["text"] for message in page.get("messages", page.get("history"))]


def seqs(page: dict[str, Any]) -> list[int]:
    return [message["seq"] for message in page.get("messages", page.get("history"))]


async def come_back(
    running: Running, name: str, epoch: int | None, **rooms: int
) -> tuple[Visitor, dict[str, Any]]:
    """A welcome after a lost connection, its rooms by name."""
    visitor = await running.visitor()
    hello = {"t": "hello", "name": name, "lobby": False, "resume": rooms}
    welcome = await visitor.ask(hello if epoch is None else hello | {"epoch": epoch}, "welcome")
    return visitor, {joined["room"]: joined for joined in welcome.get("resumed", [])}


@asynccontextmanager
async def talk_of(count: int, **settings: Any) -> AsyncIterator[tuple[Running, Visitor]]:
    """A server on whose Sala1 ana has said 1 to `count`."""
    async with running_server(**settings) as running:
        ana = await running.native("ana", "Sala1")
        await speak(ana, *map(str, range(1, count + 1)))
        yield running, ana


# A server that is started again


async def test_a_server_that_is_started_again_goes_on_where_it_was(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1", "mía", lobby=True)
        await speak(ana, "uno", "dos", "tres", nonces=True)
        await speak(ana, "cuatro", room="mía")
        await ana.ask({"t": "all", "text": "atención", "id": 1}, "ok")
    async with running_server(db=db) as running:
        ana = await running.native("ana", lobby=True)
        bob = await running.native("bob", "Sala1")
        joined = await ana.ask({"t": "join", "room": "sala1", "history": 2}, "joined")
        assert (joined["room"], joined["seq"], texts(joined)) == ("Sala1", 3, ["dos", "tres"])
        joined = await ana.ask({"t": "join", "room": "MÍA", "history": 2}, "joined")
        assert (joined["room"], joined["seq"], texts(joined)) == ("mía", 1, ["cuatro"])
        joined = await ana.ask({"t": "join", "room": "General", "history": 9}, "joined")
        assert (joined["seq"], joined["history"][0]["all"]) == (1, True)
        # A name for a message of before the restart is known; the message is not told again.
        again = {"t": "say", "room": "Sala1", "text": "dos", "nonce": "n2", "id": 7}
        assert (await ana.ask(again, "ok"))["seq"] == 2
        assert (await ana.ask({"t": "say", "room": "Sala1", "text": "cuatro", "id": 8}, "ok"))["seq"] == 4
        assert (await bob.next("said"))["seq"] == 4
        assert (await ana.ask({"t": "all", "text": "otra vez", "id": 9}, "ok"))["seq"] == 2
    assert stored(db) == list(enumerate(["uno", "dos", "tres", "cuatro"], 1))


async def test_a_private_message_that_is_said_again_after_a_restart_is_not_told_again(db: Path) -> None:
    message = {"t": "msg", "to": "bob", "text": "psst", "nonce": "k", "id": 1}
    async with running_server(db=db) as running:
        ana, bob = await running.native("ana"), await running.native("bob")
        await ana.ask(message, "ok")
        assert (await bob.message())["nonce"] == "k"
    async with running_server(db=db) as running:
        ana, bob = await running.native("ana"), await running.native("bob")
        await ana.ask(message, "ok")
        await ana.ask(message | {"nonce": "l", "text": "otra"}, "ok")
        assert (await bob.message())["text"] == "otra"


async def test_who_comes_back_after_a_restart_reads_the_gap_once(db: Path) -> None:
    async with talk_of(5, db=db) as (running, ana):
        epoch = running.server.chat.hub.epoch
    async with running_server(db=db) as running:
        assert running.server.chat.hub.epoch > epoch
        ana, _ = await come_back(running, "ana", epoch, Sala1=5)
        await speak(ana, "6", "7")
        bob, rooms = await come_back(running, "bob", epoch, Sala1=3, nueva=4)
        assert (rooms["Sala1"]["since"], seqs(rooms["Sala1"])) == (3, [4, 5, 6, 7])
        assert "complete" not in rooms["Sala1"]
        assert (rooms["nueva"]["since"], rooms["nueva"]["seq"]) == (0, 0)
        await speak(ana, "8")
        assert (await bob.next("said"))["seq"] == 8


async def test_numbers_that_were_lost_with_a_run_are_not_taken_for_read(db: Path) -> None:
    """What could not be stored is lost with the server; its sender says it again with the same nonce."""
    async with talk_of(3, db=db) as (running, ana):
        bob = await running.native("bob", "Sala1")
        epoch = running.server.chat.hub.epoch
        limit_pages(archive_of(running), 0)
        lost = {"t": "say", "room": "Sala1", "text": BIG, "nonce": "k", "id": 1}
        assert (await ana.ask(lost, "error"))["code"] == "not-stored"
        told = await bob.next("said")
        assert (told["seq"], told["nonce"]) == (4, "k")
    async with running_server(db=db) as running:
        eva = await running.native("eva", "Sala1")
        await speak(eva, "otro cuatro")
        bob, rooms = await come_back(running, "bob", epoch, Sala1=4)
        assert rooms["Sala1"]["since"] == 3
        assert texts(rooms["Sala1"]) == ["otro cuatro"]
        ana, _ = await come_back(running, "ana", epoch, Sala1=3)
        assert (await ana.ask(lost, "ok"))["seq"] == 5
        told = await bob.next("said")
        assert (told["seq"], told["nonce"], told["text"]) == (5, "k", BIG)
    assert [seq for seq, _ in stored(db)] == [1, 2, 3, 4, 5]


async def test_a_hole_in_what_is_on_record_repeats_nothing(db: Path) -> None:
    """What could not be stored leaves one when something was stored behind it."""
    async with talk_of(3, db=db) as (running, ana):
        epoch = running.server.chat.hub.epoch
        limit_pages(archive_of(running), 0)
        await ana.ask({"t": "say", "room": "Sala1", "text": BIG, "id": 1}, "error")
        limit_pages(archive_of(running), None)
        await speak(ana, "5", "6")
    async with running_server(db=db) as running:
        _, rooms = await come_back(running, "bob", epoch, Sala1=3)
        assert seqs(rooms["Sala1"]) == [5, 6]
        _, rooms = await come_back(running, "eva", epoch, Sala1=4)
        assert seqs(rooms["Sala1"]) == [5, 6]
        _, rooms = await come_back(running, "leo", epoch, Sala1=5)
        assert seqs(rooms["Sala1"]) == [6]


async def test_without_its_epoch_a_client_of_an_earlier_run_is_served_as_before(db: Path) -> None:
    async with talk_of(3, db=db):
        pass
    async with running_server(db=db) as running:
        _, rooms = await come_back(running, "bob", None, Sala1=2)
        assert seqs(rooms["Sala1"]) == [3]


# What is said again after a long gap


def unanswered(text: str, nonce: str = "k") -> dict[str, Any]:
    return {"t": "say", "room": "Sala1", "text": text, "nonce": nonce, "id": "again"}


async def said_and_lost(running: Running, visitor: Visitor, *requests: dict[str, Any]) -> None:
    """The visitor says something and loses the connection before it reads an answer."""
    observer = await running.native("observer", "Sala1")
    for request in requests:
        await visitor.send(request)
        assert (await observer.next("said"))["nonce"] == request["nonce"]
    await visitor.close()
    await observer.next("presence", lambda notice: "gone" in notice)
    await observer.close()


async def chatter(running: Running, count: int) -> Visitor:
    """Others say so many messages; one of them goes on listening."""
    bob = await running.native("bob", "Sala1")
    for number in range(count):
        await bob.send({"t": "say", "room": "Sala1", "text": "otra", "id": number})
    for _ in range(count):
        await bob.next("ok")
    return bob


@pytest.mark.parametrize("again_by", ["resume", "join"])
async def test_what_is_said_again_after_many_messages_is_stored_and_told_once(
    db: Path, again_by: str
) -> None:
    async with talk_of(3, db=db, recent_messages_per_room=5) as (running, ana):
        epoch = running.server.chat.hub.epoch
        await said_and_lost(running, ana, unanswered("cuatro"), unanswered("cinco", "l"))
        bob = await chatter(running, 30)
        if again_by == "resume":
            ana, rooms = await come_back(running, "ana", epoch, Sala1=3)
            assert rooms["Sala1"]["complete"] is False
        else:
            ana = await running.native("ana")
            await ana.ask({"t": "join", "room": "Sala1", "since": 3}, "joined")
        for text, nonce, seq in (("cuatro", "k", 4), ("cinco", "l", 5), ("nueva", "m", 36)):
            ok = await ana.ask(unanswered(text, nonce), "ok")
            assert (ok["re"], ok["seq"]) == ("again", seq)
        assert (await bob.next("said"))["seq"] == 36
    assert [text for _, text in stored(db)].count("cuatro") == 1


async def test_so_it_is_when_the_server_was_started_again_meanwhile(db: Path) -> None:
    async with talk_of(3, db=db, recent_messages_per_room=5) as (running, ana):
        epoch = running.server.chat.hub.epoch
        await said_and_lost(running, ana, unanswered("cuatro"))
        await chatter(running, 30)
    async with running_server(db=db, recent_messages_per_room=5) as running:
        ana, _ = await come_back(running, "ana", epoch, sala1=3)
        assert (await ana.ask(unanswered("cuatro"), "ok"))["seq"] == 4
    assert len(stored(db)) == 34


async def test_so_it_is_when_it_was_still_on_its_way_to_the_disk(db: Path) -> None:
    async with talk_of(3, db=db, recent_messages_per_room=0) as (running, ana):
        with slow_disk(running) as disk:
            await said_and_lost(running, ana, unanswered("cuatro"))
            ana = await running.visitor()
            await ana.send({"t": "hello", "name": "ana", "lobby": False, "resume": {"Sala1": 3}})
            await ana.send(unanswered("cuatro"))
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            assert (await ana.next("ok"))["seq"] == 4
    assert len(stored(db)) == 4


async def test_so_it_is_for_one_who_never_lost_the_connection(db: Path) -> None:
    async with talk_of(1, db=db, recent_messages_per_room=5) as (running, ana):
        bob = await running.native("bob", "Sala1")
        first = await ana.ask(unanswered("dos"), "ok")
        assert (await bob.next("said"))["seq"] == 2
        await bob.close()
        bob = await chatter(running, 30)
        assert await ana.ask(unanswered("dos"), "ok") == first
        await speak(ana, "fin")
        assert (await bob.next("said"))["text"] == "fin"
    assert len(stored(db)) == 33


async def test_another_author_may_use_the_same_nonce(db: Path) -> None:
    async with talk_of(1, db=db, recent_messages_per_room=0) as (running, ana):
        await said_and_lost(running, ana, unanswered("dos"))
        eva, _ = await come_back(running, "eva", None, Sala1=1)
        assert (await eva.ask(unanswered("dos"), "ok"))["seq"] == 3
        ana, _ = await come_back(running, "ANA", None, SALA1=1)
        assert (await ana.ask(unanswered("dos"), "ok"))["seq"] == 2


async def test_what_is_known_of_ones_own_has_the_bounds_that_the_page_tells(db: Path) -> None:
    before, behind = 1_000, 10_000
    assert f"{before:,} messages before it and the {behind:,} behind it" in " ".join(PAGE.split())
    at = 5_000
    known = {"first": at - before + 1, "last": at + behind}
    unknown = {"too early": at - before, "too late": at + behind + 1}
    numbers = {seq: nonce for nonce, seq in (known | unknown).items()}
    with opened(db) as archive:
        archive.store(said(seq, nonce=numbers.get(seq)) for seq in range(1, at + behind + 100))
    async with running_server(db=db, recent_messages_per_room=0) as running:
        ana, rooms = await come_back(running, "ana", None, Sala1=at)
        end = rooms["Sala1"]["seq"]
        for nonce, seq in known.items():
            assert (await ana.ask(unanswered("x", nonce), "ok"))["seq"] == seq
        for number, nonce in enumerate(unknown, 1):
            assert (await ana.ask(unanswered("x", nonce), "ok"))["seq"] == end + number


async def test_a_name_that_is_taken_is_refused_without_a_look_into_the_record(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has it may still say what was on its way in, and a client asks again and again."""
    async with talk_of(1, db=db) as (running, _):
        journal = running.server.chat.journal
        assert journal is not None
        monkeypatch.setattr(journal, "look_up", None)
        eva = await running.visitor()
        hello = {"t": "hello", "name": "ANA", "resume": {"Sala1": 1}, "epoch": 5}
        assert (await eva.ask(hello, "error"))["code"] == "name-taken"


# Rooms that the hub has let go


@pytest.mark.parametrize("dormant_rooms", [0, 1, 1_000])
async def test_rooms_come_back_with_their_numbers_wherever_they_were(db: Path, dormant_rooms: int) -> None:
    names = ("x", "y", "z")
    async with running_server(db=db, dormant_rooms=dormant_rooms) as running:
        ana = await running.native("ana")
        for turn in range(1, 4):
            for room in names:
                joined = await ana.ask({"t": "join", "room": room, "history": 9}, "joined")
                assert seqs(joined) == list(range(1, turn))
                await speak(ana, f"{turn}", room=room)
                await ana.ask({"t": "leave", "room": room}, "left")
        bob, rooms = await come_back(running, "bob", running.server.chat.hub.epoch, x=1, y=2, z=3)
        assert {room: seqs(joined) for room, joined in rooms.items()} == {"x": [2, 3], "y": [3], "z": []}
        for room in names:
            await speak(bob, "4", room=room)
    for room in names:
        assert stored(db, room) == [(1, "1"), (2, "2"), (3, "3"), (4, "4")]


async def test_numbers_that_were_told_and_could_not_be_stored_are_not_given_again(db: Path) -> None:
    """Though the hub has let the room go, and its record knows nothing of them."""
    async with running_server(db=db, dormant_rooms=0) as running:
        ana, bob = await running.native("ana", "x"), await running.native("bob", "x")
        await speak(ana, "1", "2", room="x")
        await ana.ask({"t": "join", "room": "new"}, "joined")
        limit_pages(archive_of(running), 0)
        lost = {"t": "say", "room": "x", "text": BIG, "nonce": "k", "id": 1}
        assert (await ana.ask(lost, "error"))["code"] == "not-stored"
        assert (await ana.ask(lost | {"room": "new"}, "error"))["code"] == "not-stored"
        assert (await bob.next("said", lambda said: said["seq"] == 3))["nonce"] == "k"
        limit_pages(archive_of(running), None)
        for visitor, room in ((bob, "x"), (ana, "x"), (ana, "new")):
            await visitor.ask({"t": "leave", "room": room}, "left")
        for room, seq in (("X", 3), ("NEW", 1)):
            assert (await ana.ask({"t": "join", "room": room}, "joined"))["seq"] == seq
            assert (await ana.ask({"t": "say", "room": room, "text": "otra", "id": 2}, "ok"))[
                "seq"
            ] == seq + 1
        assert (await ana.ask(lost, "ok"))["seq"] == 3
    assert stored(db, "x") == [(1, "1"), (2, "2"), (3, BIG), (4, "otra")]
    assert stored(db, "new") == [(2, "otra")]


async def test_more_rooms_than_one_may_be_in_are_not_restored_for_nothing(db: Path) -> None:
    async with running_server(db=db, dormant_rooms=2, max_rooms_per_session=3) as running:
        ana = await running.native("ana")
        for number in range(8):
            await ana.ask({"t": "join", "room": f"r{number}"}, "joined")
            await speak(ana, "hola", room=f"r{number}")
            await ana.ask({"t": "leave", "room": f"r{number}"}, "left")
        epoch = running.server.chat.hub.epoch
        bob, rooms = await come_back(running, "bob", epoch, **{f"r{number}": 1 for number in range(8)})
        assert [joined["seq"] for joined in rooms.values()] == [1, 1, 1]
        for room in rooms:
            await speak(bob, "sigo", room=room)
            assert stored(db, room) == [(1, "hola"), (2, "sigo")]


async def test_a_room_that_cannot_be_read_is_not_entered_and_not_numbered_anew(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talk_of(2, db=db) as (running, ana):
        await ana.ask({"t": "join", "room": "mía"}, "joined")
        await speak(ana, "uno", room="mía")
        epoch = running.server.chat.hub.epoch
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")

        def unreadable(*_: object, **__: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        archive = archive_of(running)
        with monkeypatch.context() as broken:
            for name in ("load_room", "known_up_to", "own", "search", "read_mark"):
                broken.setattr(archive, name, unreadable)
            error = await ana.ask({"t": "join", "room": "mía", "id": 1}, "error")
            assert (error["re"], error["code"]) == (1, "no-record")
            for request in ({"t": "search", "words": "uno"}, {"t": "read", "room": "Sala1"}):
                assert (await ana.ask(request, "error"))["code"] == "no-record"
            _, rooms = await come_back(running, "bob", epoch, mía=1, Sala1=1)
            assert rooms == {}
            await speak(ana, "3")
        await ana.ask({"t": "join", "room": "mía"}, "joined")
        await speak(ana, "dos", room="mía")
    assert stored(db, "mía") == [(1, "uno"), (2, "dos")]


# Paging


@pytest.mark.parametrize("size", [1, 4, 7, 50])
async def test_history_is_paged_beyond_what_is_remembered_in_both_directions(db: Path, size: int) -> None:
    async with talk_of(23, db=db, recent_messages_per_room=5, history_page_messages=7) as (_, ana):
        back: list[int] = []
        forward: list[int] = []
        more = True
        while more:
            request = {"t": "history", "room": "Sala1", "limit": size} | ({"before": back[0]} if back else {})
            page = await ana.ask(request, "history")
            assert len(page["messages"]) <= min(size, 7)
            back, more = seqs(page) + back, page.get("more", False)
        more = True
        while more:
            after = forward[-1] if forward else 0
            page = await ana.ask({"t": "history", "room": "Sala1", "limit": size, "after": after}, "history")
            forward, more = forward + seqs(page), page.get("more", False)
        assert back == forward == list(range(1, 24))


async def test_a_gap_that_is_too_large_is_read_in_pages(db: Path) -> None:
    async with talk_of(40, db=db, recent_messages_per_room=5, history_page_messages=10) as (running, _):
        bob, rooms = await come_back(running, "bob", running.server.chat.hub.epoch, Sala1=3)
        assert rooms["Sala1"]["complete"] is False
        assert rooms["Sala1"]["since"] == 3
        read, more = 3, True
        while more:
            page = await bob.ask({"t": "history", "room": "Sala1", "after": read, "limit": 99}, "history")
            assert seqs(page) == list(range(read + 1, min(read + 10, 40) + 1))
            read, more = read + len(seqs(page)), page.get("more", False)
        assert read == 40


async def test_history_is_for_those_in_the_room_and_numbers_of_any_size_harm_nobody(db: Path) -> None:
    async with talk_of(9, db=db, recent_messages_per_room=2, history_page_messages=3) as (running, ana):
        eva = await running.native("eva")
        assert (await eva.ask({"t": "history", "room": "Sala1"}, "error"))["code"] == "not-in-room"
        for where, expected in [
            ({"before": 10**30}, [7, 8, 9]),
            ({"before": -(10**30)}, []),
            ({"after": 10**30}, []),
            ({"after": -(10**30)}, [1, 2, 3]),
            ({"before": 5, "limit": 10**30}, [2, 3, 4]),
            ({"before": 5, "limit": -(10**30)}, []),
            ({"before": 5, "limit": 0}, []),
        ]:
            page = await ana.ask({"t": "history", "room": "Sala1", "limit": 99} | where, "history")
            assert seqs(page) == expected, where
        for epoch, seq in ((10**30, 10**30), (-1, -(10**30)), (0, 10**30), (10**30, -1)):
            leo, rooms = await come_back(running, "leo", epoch, Sala1=seq)
            assert rooms["Sala1"]["seq"] == 9
            await leo.send({"t": "quit"})
            await leo.to_the_end()
        for seq in (10**30, -(10**30)):
            await ana.ask({"t": "read", "room": "Sala1", "seq": seq, "id": 1}, "ok")
        assert (await ana.ask({"t": "read", "room": "Sala1"}, "read"))["seq"] == 9
        for since in (10**30, -(10**30), 1e300):
            await ana.ask({"t": "search", "words": "3", "since": since}, "found")


# Searching, and how far one has read


async def test_words_are_found_again_at_once_and_after_a_restart(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1", "Otra")
        await speak(ana, "otra Canción", "nada", "canción de cuna")
        await speak(ana, "más canciones", "CANCION", room="Otra")
        await ana.ask({"t": "msg", "to": "ana", "text": "canción secreta", "id": 1}, "ok")
        found = await ana.ask({"t": "search", "words": "cancion", "id": 5}, "found")
        assert [(m["room"], m["seq"]) for m in found["messages"]] == [("Otra", 2), ("Sala1", 3), ("Sala1", 1)]
        assert (found["re"], found.get("more")) == (5, None)
    async with running_server(db=db) as running:
        eva = await running.native("eva", "Sala1")
        await speak(eva, "una canción más")

        async def search(**narrowed: Any) -> list[tuple[str, int]]:
            found = await eva.ask({"t": "search", "words": "cancion"} | narrowed, "found")
            return [(m["room"], m["seq"]) for m in found["messages"]]

        assert await search() == [("Sala1", 4), ("Otra", 2), ("Sala1", 3), ("Sala1", 1)]
        assert await search(room="sala1") == [("Sala1", 4), ("Sala1", 3), ("Sala1", 1)]
        assert await search(**{"from": "EVA"}) == [("Sala1", 4)]
        assert await search(words="cuna Cancion") == [("Sala1", 3)]
        assert await search(words='"cancion* NEAR(') == []
        assert await search(since=4e9) == await search(until=1) == []
        limited = await eva.ask({"t": "search", "words": "cancion", "limit": 1}, "found")
        assert (seqs(limited), limited["more"]) == ([4], True)
        for words, code in (("", "no-words"), ("👍 !", "no-words")):
            assert (await eva.ask({"t": "search", "words": words}, "error"))["code"] == code
        await eva.ask({"t": "search", "words": "a\0b \x1b"}, "found")
        assert not [entry for entry in running.log.entries if entry["level"] == "error"]


async def test_a_search_that_takes_too_long_is_refused_and_holds_nobody_up(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(db) as archive:
        archive.store([said(seq, "canción") for seq in range(1, 4_001)])
    async with running_server(db=db, search_timeout_s=7.0) as running:
        ana, bob = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        archive, is_searching, may_go_on = archive_of(running), threading.Event(), threading.Event()

        def clock() -> float:
            """Time stands still until the others have been served, and then jumps."""
            if not is_searching.is_set():
                is_searching.set()
                return 0.0
            assert may_go_on.wait(PATIENCE_S)
            return 7.1

        with monkeypatch.context() as slow:
            slow.setattr(archive, "search", partial(archive.search, clock=clock))
            await ana.send({"t": "search", "words": "cancion", "from": "nadie", "id": 1})
            await trio.to_thread.run_sync(is_searching.wait, PATIENCE_S)
            page = await bob.ask({"t": "history", "room": "Sala1", "before": 9, "limit": 2}, "history")
            assert seqs(page) == [7, 8]
            await bob.ask({"t": "join", "room": "Otra"}, "joined")
            await speak(bob, "hola", room="Otra")
            may_go_on.set()
            error = await ana.next("error")
        assert (error["re"], error["code"]) == (1, "search-too-slow")
        found = await ana.ask({"t": "search", "words": "cancion", "limit": 1}, "found")
        assert seqs(found) == [4_000]
        assert not [entry for entry in running.log.entries if entry["level"] == "error"]


async def test_how_far_one_has_read_is_remembered_by_name_and_only_rises(db: Path) -> None:
    async with talk_of(5, db=db) as (running, ana):
        for seq, expected in ((3, 3), (2, 3), (99, 5)):
            await ana.send({"t": "read", "room": "Sala1", "seq": seq})
            assert (await ana.ask({"t": "read", "room": "Sala1", "id": 1}, "read"))["seq"] == expected
    async with running_server(db=db) as running:
        ana = await running.native("ANA", "Sala1")
        bob = await running.native("bob", "Sala1")
        assert (await ana.ask({"t": "read", "room": "Sala1"}, "read"))["seq"] == 5
        assert (await bob.ask({"t": "read", "room": "Sala1"}, "read"))["seq"] == 0
        assert (await bob.ask({"t": "read", "room": "Sala2"}, "error"))["code"] == "not-in-room"


# Other dialects


async def test_cmdjson_reads_what_was_said_before_the_restart(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", lobby=True)
        await speak(ana, "uno", "dos", room="General")
    async with running_server(db=db) as running:
        student = await running.visitor()
        await student.send('{"cmd":"login","user":"bob"}')
        assert json.loads(await student.until("\n"))["status"] == "ok"
        history = json.loads(await student.until("\n"))
        assert history["cmd"] == "history"
        assert [(item["from"], item["msg"]) for item in history["items"]] == [("ana", "uno"), ("ana", "dos")]
        await student.send('{"cmd":"broadcast","msg":"tres"}')
        await student.until("tres")
    assert stored(db, "general") == [(1, "uno"), (2, "dos"), (3, "tres")]


async def test_a_person_reads_the_newest_fifty_and_where_the_new_begins(db: Path) -> None:
    async with talk_of(60, db=db):
        pass
    async with running_server(db=db) as running:
        person = await running.visitor()
        await person.send("ana\nSala1")
        read = await person.until("---- New messages ----\n")
        lines = read.splitlines()
        assert lines[-51:-1] == [f"You: {number}" for number in range(11, 61)]
        bob = await running.native("bob", "Sala1")
        await speak(bob, "61")
        assert await person.until("bob: 61\n") == "bob has joined the room.\nbob: 61\n"


# Without a record


async def test_without_a_record_the_newest_messages_are_known_and_no_more() -> None:
    async with talk_of(9, recent_messages_per_room=4) as (running, ana):
        for where, expected, more in [
            ({}, [6, 7, 8, 9], False),
            ({"limit": 2}, [8, 9], True),
            ({"before": 8}, [6, 7], False),
            ({"before": 7, "limit": 2}, [6], False),
            ({"before": 3}, [], False),
            ({"after": 7}, [8, 9], False),
            ({"after": 2, "limit": 3}, [6, 7, 8], True),
            ({"after": 0}, [6, 7, 8, 9], False),
        ]:
            page = await ana.ask({"t": "history", "room": "Sala1"} | where, "history")
            assert (seqs(page), page.get("more", False)) == (expected, more), where
        assert (await ana.ask({"t": "search", "words": "3"}, "error"))["code"] == "no-record"
        await ana.ask({"t": "read", "room": "Sala1", "seq": 3, "id": 1}, "ok")
        assert (await ana.ask({"t": "read", "room": "Sala1"}, "read"))["seq"] == 0
        _, rooms = await come_back(running, "bob", running.server.chat.hub.epoch, Sala1=7)
        assert seqs(rooms["Sala1"]) == [8, 9]
        _, rooms = await come_back(running, "eva", running.server.chat.hub.epoch - 5, Sala1=7)
        assert (rooms["Sala1"]["since"], seqs(rooms["Sala1"]), rooms["Sala1"]["complete"]) == (
            0,
            [6, 7, 8, 9],
            False,
        )


# The description of the dialect


async def test_the_examples_of_the_page_that_need_a_record_are_true(db: Path) -> None:
    with opened(db) as archive:
        archive.store(
            [
                said(seq, "otra canción", at=1_790_000_001.5 if seq == 7 else 1_790_000_000.5)
                for seq in range(1, 8)
            ]
        )
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        examples = WITH_RECORD.findall(PAGE)
        assert len(examples) >= 5
        for direction, text in examples:
            if direction == "->":
                await ana.send(text)
            else:
                found = await ana.message()
                assert matches(pattern(text), found), f"ana reads {found}, not {text}"
        await ana.ask({"t": "ping"}, "pong")


async def test_a_room_is_read_again_when_the_hub_let_rooms_go_meanwhile(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read may be old then: somebody may have come, spoken and gone in between."""
    async with talk_of(2, db=db) as (running, ana):
        await ana.ask({"t": "join", "room": "x"}, "joined")
        await speak(ana, "uno", room="x")
    async with running_server(db=db, dormant_rooms=0) as running:
        ana, bob = await running.native("ana"), await running.native("bob")
        recall = running.server.chat._recall
        assert isinstance(recall, Recall)
        journal = running.server.chat.journal
        assert journal is not None
        look_up, is_first = journal.look_up, True

        async def slow(read: Any) -> Any:
            """Bob comes, speaks and goes between ana's reading and her entering."""
            nonlocal is_first
            found = await look_up(read)
            if is_first:
                is_first = False
                await bob.ask({"t": "join", "room": "x"}, "joined")
                await speak(bob, "dos", room="x")
                await bob.ask({"t": "leave", "room": "x"}, "left")
            return found

        monkeypatch.setattr(journal, "look_up", slow)
        joined = await ana.ask({"t": "join", "room": "x", "history": 9}, "joined")
        assert texts(joined) == ["uno", "dos"]
        await speak(ana, "tres", room="x")
    assert stored(db, "x") == [(1, "uno"), (2, "dos"), (3, "tres")]
