"""An answer means: on disk. Batches, a full disk, a slow one, and the end."""

import json
import socket
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.server.disk import archive_of, second_reader, slow_disk, stored
from tests.server.support import PATIENCE_S, LogLines, Running, Visitor, open_test_log, running_server
from tests.storage.entries import limit_pages
from wassop.core.commands import Ping
from wassop.core.events import Pong, Said
from wassop.core.names import room_name, user_name
from wassop.core.records import Entry
from wassop.server.journal import Journal, JournalPace
from wassop.server.receipts import Receipt
from wassop.storage.archive import Archive
from wassop.wire.codec import Request

BIG = "x" * 4_090
"""Does not fit into one page, and so not into those that are in use already."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def say(text: str, request_id: int | None = None, nonce: str | None = None) -> dict[str, Any]:
    """Say something in Sala1."""
    request = {"t": "say", "room": "Sala1", "text": text, "id": request_id, "nonce": nonce}
    return {key: value for key, value in request.items() if value is not None}


def logged(running: Running, event: str) -> list[dict[str, Any]]:
    return [entry for entry in running.log.entries if entry["event"] == event]


async def wait_logged(running: Running, event: str, times: int) -> None:
    with trio.fail_after(PATIENCE_S):
        while len(logged(running, event)) < times:
            await trio.lowlevel.checkpoint()


async def wait_decided(visitor: Visitor) -> None:
    """What the visitor asked for before is decided."""
    await visitor.ask({"t": "ping"}, "pong")


# An answer means that it is stored


async def test_at_the_moment_of_an_answer_everybody_else_can_read_the_message_on_disk(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        with second_reader(db) as reader:
            for number in range(1, 101):
                await ana.send(say(f"message {number}", number))
            answered = []
            while len(answered) < 100:
                ok = await ana.next("ok")
                (text, at) = reader.execute(
                    "SELECT text, at FROM messages WHERE seq = ?", (ok["seq"],)
                ).fetchone()
                assert text == f"message {ok['re']}"
                assert round(at, 3) == ok["at"]
                answered.append(ok["seq"])
            assert answered == list(range(1, 101))
            await bob.ask({"t": "msg", "to": "ana", "text": "psst", "id": 1}, "ok")
            assert reader.execute("SELECT author, recipient, text FROM private_messages").fetchall() == [
                ("bob", "ana", "psst")
            ]
            await bob.ask({"t": "all", "text": "atención", "id": 2}, "ok")
            await bob.ask({"t": "read", "room": "Sala1", "seq": 7, "id": 3}, "ok")
            assert reader.execute("SELECT seq FROM reads").fetchall() == [(7,)]
        assert stored(db, "general") == [(1, "atención")]


async def test_the_others_do_not_wait_for_the_disk_but_the_answer_does(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await ana.next("presence")
        with slow_disk(running) as disk:
            await ana.send(say("hola", 1))
            assert (await bob.next("said"))["text"] == "hola"
            await ana.send({"t": "ping", "id": 2})
            assert (await ana.message())["t"] == "pong", "the answer to what was said is not there yet"
            assert stored(db) == []
            disk.may_go_on.set()
            assert (await ana.message())["t"] == "ok"
            assert stored(db) == [(1, "hola")]


async def test_dialects_whose_answers_have_no_id_are_answered_in_order(db: Path) -> None:
    async with running_server(db=db) as running:
        person = await running.visitor()
        await person.send("juanmi\nSala1")
        await person.until("main menu.\n")
        bob = await running.native("bob", "Sala1")
        await person.until("bob has joined the room.\n")
        with slow_disk(running) as disk:
            await person.send("hola\n/who\nadiós\n/who")
            await bob.next("said")
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            who = "Sala1 (2): juanmi, bob\n"
            assert await person.until(who) == f"You: hola\n{who}"
            assert await person.until(who) == f"You: adiós\n{who}"


async def test_whoever_says_something_and_goodbye_reads_the_answer_in_between(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        with slow_disk(running) as disk:
            await ana.send(b'{"t":"say","room":"Sala1","text":"hola","id":1}\n{"t":"quit"}\n')
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            answers = [json.loads(line) for line in (await ana.to_the_end()).splitlines()]
        assert [answer["t"] for answer in answers] == ["ok", "bye"]


async def test_whoever_says_something_and_hangs_up_on_one_side_reads_the_answer(db: Path) -> None:
    """As `printf ... | nc -N` does."""
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        with slow_disk(running) as disk:
            await ana.send(say("hola", 1))
            await ana.stream.send_eof()
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            answers = [json.loads(line) for line in (await ana.to_the_end()).splitlines()]
        assert [answer["t"] for answer in answers] == ["ok"]


async def test_what_somebody_said_who_is_gone_by_then_is_stored_and_hurts_nobody(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        with slow_disk(running) as disk:
            await bob.send(say("adiós", 1))
            await wait_decided(bob)
            bob.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            await bob.close()
            assert (await ana.next("presence", lambda p: "gone" in p))["gone"] == ["bob"]
            disk.may_go_on.set()
            await ana.ask(say("sigo", 1), "ok")
        assert stored(db) == [(1, "adiós"), (2, "sigo")]
        assert not [entry for entry in running.log.entries if entry["level"] == "error"]


# Many messages, few commits


async def test_what_gathers_while_the_disk_works_is_one_commit(db: Path) -> None:
    senders, each = 7, 100
    async with running_server(db=db, commit_max_messages=500) as running:
        visitors = [await running.native(f"v{i}", "Sala1") for i in range(senders)]
        with slow_disk(running) as disk:
            for number, visitor in enumerate(visitors):
                for i in range(each):
                    await visitor.send(say(f"{number} {i}", i))
            async with trio.open_nursery() as nursery:
                for visitor in visitors:
                    nursery.start_soon(wait_decided, visitor)
            disk.may_go_on.set()
            for visitor in visitors:
                answers = [(await visitor.next("ok"))["re"] for _ in range(each)]
                assert answers == list(range(each))
            # What came first, while nothing waited; then 500; then the rest.
            assert disk.commits <= 3
        texts = [text for _, text in stored(db)]
        assert sorted(texts) == sorted(f"{number} {i}" for number in range(senders) for i in range(each))


async def test_when_the_journal_is_full_its_senders_wait_and_nothing_is_lost(db: Path) -> None:
    async with running_server(db=db, commit_queue_messages=10, commit_max_messages=4) as running:
        journal = running.server.chat.journal
        assert journal is not None
        talker = await running.native("talker", "Sala1")
        other = await running.native("other", "Sala2")
        with slow_disk(running) as disk:
            async with trio.open_nursery() as nursery:

                async def talk() -> None:
                    for number in range(500):
                        await talker.send(say(f"{number}", number))

                nursery.start_soon(talk)
                with trio.fail_after(PATIENCE_S):
                    while not journal.is_full:
                        await trio.lowlevel.checkpoint()
                await other.send({"t": "say", "room": "Sala2", "text": "también", "id": 1})
                await trio.testing.wait_all_tasks_blocked()
                assert journal.places == 0
                disk.may_go_on.set()
                assert [(await talker.next("ok"))["re"] for _ in range(500)] == list(range(500))
        await other.next("ok")
        assert [text for _, text in stored(db)] == [str(number) for number in range(500)]


# When the disk is full


async def test_a_full_disk_is_told_to_the_sender_and_passes(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        for round_number in (1, 2):
            limit_pages(archive_of(running), 0)
            first = 5 * round_number - 4
            for number in range(first, first + 4):
                error = await ana.ask(say(BIG, number, nonce=f"k{number}"), "error")
                assert (error["re"], error["code"]) == (number, "not-stored")
                assert (await bob.next("said"))["seq"] == number
            private = {"t": "msg", "to": "ana", "text": BIG, "id": "m", "nonce": f"m{round_number}"}
            error = await bob.ask(private, "error")
            assert error["code"] == "not-stored"
            assert (await ana.next("msg"))["text"] == BIG
            assert len(logged(running, "cannot-store")) == round_number
            limit_pages(archive_of(running), None)
            # Said again with the same nonces, it is stored and not told again.
            for number in range(first, first + 4):
                ok = await ana.ask(say(BIG, number, nonce=f"k{number}"), "ok")
                assert (ok["re"], ok["seq"]) == (number, number)
            assert await bob.ask(private, "ok")
            await ana.send(say("y ahora", first + 4))
            said = await bob.next("said")
            assert (said["seq"], said["text"]) == (first + 4, "y ahora")
            assert (await ana.message())["t"] == "ok", "the private message was not told again"
            await wait_logged(running, "storing-again", round_number)
            with second_reader(db) as reader:
                (count,) = reader.execute("SELECT count(*) FROM private_messages").fetchone()
                assert count == round_number
        assert [entry["path"] for entry in logged(running, "cannot-store")] == [str(db)] * 2
        assert len(logged(running, "storing-again")) == 2
        assert [seq for seq, _ in stored(db)] == list(range(1, 11))


async def test_somebody_at_a_terminal_is_told_so_too(db: Path) -> None:
    async with running_server(db=db, lang="es") as running:
        person = await running.visitor()
        await person.send("juanmi\nSala1")
        await person.until("menú principal.\n")
        limit_pages(archive_of(running), 0)
        await person.send(BIG)
        assert (await person.until("\n")).startswith("ERROR: ")
        limit_pages(archive_of(running), None)
        await person.send("ahora")
        assert await person.until("\n") == "Tú: ahora\n"


async def test_a_number_that_is_taken_on_disk_is_never_answered_with_ok(db: Path) -> None:
    """Should the numbering ever fail, it is told, and nothing is lost quietly."""
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        await ana.ask(say("uno", 1), "ok")
        room = running.server.chat.hub.rooms.named("Sala1")
        assert room is not None
        room.seq = 0
        assert (await ana.ask(say("otro uno", 2), "error"))["code"] == "not-stored"
        assert (await ana.ask(say("dos", 3), "ok"))["seq"] == 2
        assert stored(db) == [(1, "uno"), (2, "dos")]


# The end


async def test_a_shutdown_stores_everything_that_was_decided(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        with slow_disk(running) as disk:
            for number in range(300):
                await ana.send(say(f"{number}", number))
            await wait_decided(ana)
            running.server.stop()
            await trio.testing.wait_all_tasks_blocked()
            disk.may_go_on.set()
            answers = [json.loads(line) for line in (await ana.to_the_end()).splitlines()]
    assert [answer["t"] for answer in answers] == ["ok"] * 300 + ["bye"]
    assert [text for _, text in stored(db)] == [str(number) for number in range(300)]


async def test_a_shutdown_stores_also_what_the_disk_did_not_take_in_time(db: Path) -> None:
    async with running_server(db=db, drain_timeout_s=0.05) as running:
        ana = await running.native("ana", "Sala1")
        with slow_disk(running) as disk:
            for number in range(300):
                await ana.send(say(f"{number}"))
            await wait_decided(ana)
            running.server.stop()
            await ana.next("bye")
            disk.may_go_on.set()
    assert [text for _, text in stored(db)] == [str(number) for number in range(300)]


async def test_a_file_can_be_opened_again_at_once(db: Path) -> None:
    for number in range(1, 4):
        async with running_server(db=db) as running:
            ana = await running.native("ana", "Sala1")
            assert (await ana.ask(say("hola", 1), "ok"))["seq"] == number


async def test_what_is_not_to_be_kept_is_deleted_while_the_chat_goes_on(db: Path) -> None:
    async with running_server(db=db, retain_messages_per_room=10, retain_interval_s=0.01) as running:
        ana = await running.native("ana", "Sala1")
        for number in range(1, 1_301):
            await ana.send(say(f"{number}", number))
        for number in range(1, 1_301):
            assert (await ana.next("ok"))["seq"] == number
        with trio.fail_after(PATIENCE_S):
            while len(stored(db)) > 10:
                await trio.sleep(0.01)
        assert [seq for seq, _ in stored(db)] == list(range(1_291, 1_301))
        assert (await ana.ask(say("más", 1), "ok"))["seq"] == 1_301


class Noted:
    """A sender that keeps the journal's word."""

    def __init__(self) -> None:
        self.stored: list[bool] = []

    def settle(self, settled: list[tuple[Receipt, list[bool]]]) -> None:
        for _, are_stored in settled:
            self.stored += are_stored

    def receipt(self, entries: int = 1) -> Receipt:
        return Receipt(self, [Request(Ping())] * entries, [Pong()] * entries)


async def test_one_entry_that_cannot_be_stored_takes_none_of_its_batch_along(db: Path) -> None:
    """A number that is another message's, or a text that SQLite cannot take."""
    ana = user_name("ana")
    async with running_server(db=db) as running:
        journal = running.server.chat.journal
        entries = [
            Said(room_name("Sala1"), 1, ana, "uno", 1.0),
            Said(room_name("Sala1"), 1, ana, "otro uno", 1.0),
            Said(room_name("Sala2"), 1, ana, "\ud800", 1.0),
            Said(room_name("Sala2"), 2, ana, "dos", 1.0),
        ]
        sender = Noted()
        for entry in entries:
            journal.record([entry], sender.receipt())
        with trio.fail_after(PATIENCE_S):
            await journal.wait_flushed()
        assert sender.stored == [True, False, False, True]
        assert len(logged(running, "cannot-store")) == 0
        assert len(logged(running, "entry-not-stored")) == 2
        eva = await running.native("eva", "Otra")
        await eva.ask({"t": "say", "room": "Otra", "text": "sigo", "id": 1}, "ok")


# Who shares a commit


@asynccontextmanager
async def journal_with(db: Path, interval_s: float) -> AsyncIterator[tuple[Journal, list[int]]]:
    """A journal that runs, and how many entries each of its commits held."""
    archive, sizes = Archive(db), []
    store = archive.store

    def counted(entries: list[Entry]) -> None:
        sizes.append(len(entries))
        store(entries)

    archive.store = counted
    pace = JournalPace(interval_s, max_batch=500, max_waiting=10_000)
    journal = Journal(archive, pace, open_test_log(LogLines()), lambda: 0.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.run)
        yield journal, sizes
        journal.close()
    archive.close()


def message(seq: int) -> Said:
    return Said(room_name("Sala1"), seq, user_name("ana"), f"{seq}", 1.0)


AN_HOUR = 3_600.0


async def test_those_who_were_answered_together_are_stored_together_when_they_speak_again(db: Path) -> None:
    async with journal_with(db, AN_HOUR) as (journal, sizes):
        seqs, one, two = count(1), Noted(), Noted()
        journal.record([message(next(seqs))], one.receipt())
        journal.record([message(next(seqs))], two.receipt())
        await journal.wait_flushed()
        for answered in range(1, 6):
            journal.record([message(next(seqs))], one.receipt())
            journal.record([message(next(seqs))], one.receipt())
            await trio.testing.wait_all_tasks_blocked()
            assert len(two.stored) == answered, "the other one is waited for"
            journal.record([message(next(seqs))], two.receipt())
            while len(two.stored) == answered:
                await journal.wait_committed()
        assert sizes == [2, 3, 3, 3, 3, 3]


async def test_whoever_talks_alone_waits_for_nobody(db: Path) -> None:
    async with journal_with(db, AN_HOUR) as (journal, sizes):
        ana = Noted()
        for seq in range(1, 21):
            journal.record([message(seq)], ana.receipt())
            while len(ana.stored) < seq:
                await journal.wait_committed()
        assert sizes == [1] * 20


async def test_those_who_speak_in_one_turn_share_a_commit_though_nobody_is_waited_for(db: Path) -> None:
    async with journal_with(db, AN_HOUR) as (journal, sizes):
        at_end: list[Callable[[], None]] = []

        def at_end_of_turn(act: Callable[[], None]) -> bool:
            at_end.append(act)
            return True

        journal.at_end_of_turn = at_end_of_turn
        seqs, senders = count(1), [Noted() for _ in range(5)]
        for turn in (1, 2):
            for sender in senders:
                journal.record([message(next(seqs))], sender.receipt())
            assert len(at_end) == 1, "it is asked for once a turn"
            at_end.pop()()
            while len(senders[0].stored) < turn:
                await journal.wait_committed()
        assert sizes == [5, 5]


async def record_one_who_waits(journal: Journal) -> Noted:
    """`ana` was answered and may speak again; `bob` has spoken, number 2, and waits for her."""
    ana, bob = Noted(), Noted()
    journal.record([message(1)], ana.receipt())
    await journal.wait_flushed()
    journal.record([message(2)], bob.receipt())
    await trio.testing.wait_all_tasks_blocked()
    assert bob.stored == []
    return bob


async def test_whoever_asks_for_the_record_does_not_wait_for_those_who_may_speak(db: Path) -> None:
    async with journal_with(db, AN_HOUR) as (journal, _):
        bob = await record_one_who_waits(journal)
        await journal.wait_flushed()
        assert bob.stored == [True]


async def test_with_batches_that_are_due_at_once_every_entry_is_stored_and_told_so_once(db: Path) -> None:
    async with journal_with(db, 0.0) as (journal, sizes):
        ana = Noted()
        for seq in range(1, 501):
            journal.record([message(seq)], ana.receipt())
        with trio.fail_after(PATIENCE_S):
            await journal.wait_flushed()
        assert ana.stored == [True] * 500
        assert sum(sizes) == 500
    assert [seq for seq, _ in stored(db)] == list(range(1, 501))


async def test_a_journal_that_is_cancelled_stores_all_that_waits_and_waits_for_nobody(db: Path) -> None:
    """As when a second Ctrl-C ends the server at once."""
    async with journal_with(db, AN_HOUR) as (journal, sizes):
        bob = await record_one_who_waits(journal)
        may_go_on, store, close = threading.Event(), journal._archive.store, journal.close

        def slow(entries: list[Entry]) -> None:
            assert may_go_on.wait(PATIENCE_S)
            store(entries)

        def close_and_let_the_disk_go_on() -> None:
            close()
            may_go_on.set()  # the loop has no turn between this and the end of the thread

        journal._archive.store = slow
        taken = journal._batches[0]
        taken.complete()
        while taken.add([], None):  # until the thread has it
            pass
        journal.record([message(3)], bob.receipt())
        journal.close = close_and_let_the_disk_go_on
        trio.lowlevel.current_task().child_nurseries[-1].cancel_scope.cancel()  # that in which it runs
        await trio.sleep_forever()
    assert [seq for seq, _ in stored(db)] == [1, 2, 3]
    assert sizes == [1, 1, 1]


async def test_a_database_that_works_again_within_a_batch_is_not_called_failing(db: Path) -> None:
    async with journal_with(db, AN_HOUR) as (journal, _):
        store = journal._archive.store

        def spoilt(entries: list[Entry]) -> None:
            if len(entries) > 1:
                raise sqlite3.IntegrityError
            if entries == [message(1)]:
                raise sqlite3.OperationalError("disk I/O error")
            store(entries)

        journal._archive.store = spoilt
        ana = Noted()
        journal.record([message(1), message(2)], ana.receipt(2))
        await journal.wait_flushed()
        assert ana.stored == [False, True]
        assert not journal.is_failing


async def test_a_fault_in_settling_ends_the_journal_with_that_fault_and_not_trio(db: Path) -> None:
    def broken(_: Entry) -> None:
        raise ZeroDivisionError

    with pytest.RaisesGroup(ZeroDivisionError):
        async with journal_with(db, AN_HOUR) as (journal, _):
            journal.outcomes.take_back = broken
            journal.record([message(1), message(1)], None)
            journal.record([Said(room_name("Sala1"), 1, user_name("eva"), "another", 1.0)], None)
            await trio.sleep_forever()


async def test_a_silent_one_is_not_waited_for_longer_than_the_interval(db: Path) -> None:
    async with running_server(db=db, commit_interval_s=0.001) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        for number in range(20):
            await ana.ask(say("hola", number), "ok")
            await bob.ask(say("hola", number), "ok")


async def test_the_answers_of_one_commit_to_one_visitor_are_one_send(db: Path) -> None:
    async with running_server(db=db) as running:
        ana = await running.native("ana", "Sala1")
        with slow_disk(running) as disk:
            await ana.send(say("0", 0))
            await wait_decided(ana)
            await ana.send(b"".join(json.dumps(say(f"{n}", n)).encode() + b"\n" for n in range(1, 30)))
            await wait_decided(ana)
            disk.may_go_on.set()
            # What was one send is one segment, and comes whole in one receive.
            received, told = [], 0
            while told < 30:
                await ana.more()
                received.append([json.loads(line)["re"] for line in ana._buffer.splitlines()][told:])
                told += len(received[-1])
        assert received in ([[0], [*range(1, 30)]], [[*range(30)]])
