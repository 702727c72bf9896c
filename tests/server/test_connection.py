"""One visitor's connection: dialects, bad input, silence, slowness, faults, and its end."""

import json
import re
import socket
from itertools import pairwise
from typing import Any

import pytest
import trio
import trio.testing
from attrs import evolve

from tests.server.support import LogLines, Visitor, open_test_log, running_server
from wassop.config import Config, Endpoint
from wassop.core.events import Farewell
from wassop.core.hub import Hub
from wassop.core.limits import Rates
from wassop.server.chat import Chat
from wassop.server.connection import Connection
from wassop.server.pacing import Pacer
from wassop.server.stream import DirectStream, Stream
from wassop.wire.native import NativeCodec, NativeEncoder


async def test_silence_brings_the_banner_and_a_late_program_is_still_understood() -> None:
    async with running_server(sniff_silence_s=0.05) as running:
        late = await running.visitor()
        assert "Wassop" in await late.until("Enter your user name: ")
        await late.send({"t": "hello", "name": "tarde"})
        assert await late.until("\n") == "\n", "the welcome begins a line of its own"
        assert (await late.next("welcome"))["name"] == "tarde"


async def test_a_first_byte_and_then_silence_is_a_person() -> None:
    async with running_server(sniff_silence_s=0.05) as running:
        person = await running.visitor()
        await person.send(b"N")
        await person.until("Enter your user name: ")
        await person.send("acho")
        assert "You have joined as Nacho." in await person.until("\n")


async def test_a_pinned_door_speaks_its_dialect_from_the_start() -> None:
    async with running_server(listen=("127.0.0.1:0=plain",)) as running:
        person = await running.visitor(door=1)
        await person.until("Enter your user name: ")


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x15\x03\x01"),
        (b"NICK ana\r\nUSER ana 0 * :ana\r\n", b"ERROR :"),
    ],
)
async def test_a_protocol_that_is_not_spoken_is_refused_in_its_own_terms(first: bytes, answer: bytes) -> None:
    async with running_server() as running:
        visitor = await running.visitor()
        await visitor.send(first)
        assert (await visitor.to_the_end()).startswith(answer)


async def test_bad_lines_get_errors_and_the_session_goes_on() -> None:
    async with running_server(max_line_bytes=1_024) as running:
        ana = await running.native("ana", "Sala1")
        for line, code in [
            (b"{\n", "bad-json"),
            (b"[1,2]\n", "bad-json"),
            (b'{"t":"fly"}\n', "unknown-t"),
            (b'{"t":"say","room":1,"text":"x"}\n', "bad-field"),
            (b'{"t":"say","room":"Sala1","text":"\xff"}\n', "bad-encoding"),
            (b'{"t":"' + b"[" * 5_000 + b"\n", "line-too-long"),
            (b'{"t":"say","room":"nope","text":"x"}\n', "not-in-room"),
        ]:
            await ana.send(line)
            assert (await ana.next("error"))["code"] == code
        assert (await ana.ask({"t": "say", "room": "Sala1", "text": "sigo", "id": 1}, "ok"))["seq"] == 1


async def test_a_silent_client_is_asked_and_ended_when_it_does_not_answer() -> None:
    async with running_server(ping_interval_s=0.2, pong_timeout_s=0.2) as running:
        silent = await running.native("silent")
        await silent.next("ping")
        assert (await silent.next("bye"))["reason"] == "idle"
        assert await silent.to_the_end() == b""


async def test_a_client_that_answers_pings_stays() -> None:
    async with running_server(ping_interval_s=0.2, pong_timeout_s=0.2) as running:
        alive = await running.native("alive")
        for _ in range(4):
            await alive.next("ping")
            await alive.send({"t": "pong"})
        assert await alive.ask({"t": "ping"}, "pong")


async def test_a_slow_reader_is_ended_with_a_reason_and_nobody_else_notices() -> None:
    async with running_server(max_outbox_bytes=100_000) as running:
        talker = await running.native("talker", "Sala1")
        reader = await running.native("reader", "Sala1")
        slow = await running.visitor(receive_buffer_bytes=4_096)
        await slow.ask({"t": "hello", "name": "slow", "lobby": False}, "welcome")
        await slow.ask({"t": "join", "room": "Sala1"}, "joined")
        text = "x" * 4_000
        count = 0
        async with trio.open_nursery() as nursery:
            ended = trio.Event()

            async def read() -> None:
                expected = 1
                while True:
                    message = await reader.message()
                    if message["t"] == "presence" and "slow" in message.get("gone", ()):
                        ended.set()
                        return
                    if message["t"] == "said":
                        assert message["seq"] == expected
                        expected += 1

            nursery.start_soon(read)
            while not ended.is_set():
                count += 1
                await talker.ask({"t": "say", "room": "Sala1", "text": text, "id": count}, "ok")
        lines = (await slow.to_the_end()).splitlines()
        messages = [json.loads(line) for line in lines]  # none is cut in two
        assert messages[-1]["reason"] == "slow-reader"
        seqs = [message["seq"] for message in messages if message["t"] == "said"]
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) < count


async def test_one_who_asks_without_reading_is_not_read_either() -> None:
    async with running_server(max_outbox_bytes=100_000) as running:
        greedy = await running.visitor(receive_buffer_bytes=4_096)
        await greedy.ask({"t": "hello", "name": "greedy", "lobby": False}, "welcome")
        asked = 0

        async def ask() -> None:
            nonlocal asked
            while asked < 50_000:
                await greedy.send(b'{"t":"rooms"}\n' * 100)
                asked += 100

        with trio.move_on_after(2) as patience:
            await ask()
        assert patience.cancelled_caught, "its own sending came to a halt"
        # What was asked is answered once it reads.
        answers = 0
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                nonlocal answers
                while answers < asked:
                    await greedy.next("rooms")
                    answers += 1
                nursery.cancel_scope.cancel()

            nursery.start_soon(read)


async def test_a_fault_of_ours_ends_one_session_with_a_reason_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    say_all = Hub.say_all

    def faulty(self: Hub, session, sayings, now):  # type: ignore[no-untyped-def]
        if sayings[0].text == "boom":
            raise RuntimeError("boom")
        return say_all(self, session, sayings, now)

    monkeypatch.setattr(Hub, "say_all", faulty)
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await bob.send({"t": "say", "room": "Sala1", "text": "boom"})
        assert (await bob.next("bye"))["reason"] == "error"
        assert await bob.to_the_end() == b""
        assert (await ana.next("presence", lambda p: "gone" in p))["gone"] == ["bob"]
        await ana.ask({"t": "say", "room": "Sala1", "text": "sigo", "id": 1}, "ok")
        entries = [entry for entry in running.log.entries if entry["event"] == "connection-failed"]
        assert len(entries) == 1


async def test_a_fault_in_the_fan_out_is_logged_and_the_room_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    encode = NativeEncoder.encode

    def faulty(self: NativeEncoder, event):  # type: ignore[no-untyped-def]
        if getattr(event, "text", "") == "boom":
            raise RuntimeError("boom")
        return encode(self, event)

    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        monkeypatch.setattr(NativeEncoder, "encode", faulty)
        await ana.ask({"t": "say", "room": "Sala1", "text": "boom", "id": 1}, "ok")
        await running.server.chat.wait_idle()
        await ana.ask({"t": "say", "room": "Sala1", "text": "sigo", "id": 2}, "ok")
        assert (await bob.next("said"))["text"] == "sigo"
        assert [entry["room"] for entry in running.log.entries if entry["event"] == "fanout-failed"] == [
            "Sala1"
        ]


async def test_a_reset_connection_is_an_end_like_any_other() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        # Closing with unread data and no lingering makes the kernel send a reset.
        bob.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await bob.close()
        assert (await ana.next("presence", lambda p: "gone" in p))["gone"] == ["bob"]
        assert not [entry for entry in running.log.entries if entry["level"] == "error"]


async def test_the_last_line_counts_without_its_end_when_the_visitor_closes() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await bob.send(b'{"t":"say","room":"Sala1","text":"adi\xc3\xb3s"}')
        await bob.stream.send_eof()
        assert (await ana.next("said"))["text"] == "adiós"


async def test_the_log_tells_who_did_what_but_not_what_was_said() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        await ana.ask({"t": "say", "room": "Sala1", "text": "secreto", "id": 1}, "ok")
        await ana.ask({"t": "msg", "to": "bob", "text": "secreto", "id": 1}, "ok")
        await bob.next("msg")
        await _logged(running.log.lines, "relayed")
        events = [entry["event"] for entry in running.log.entries]
        assert {"connected", "named", "joined", "relayed"} <= set(events)
        relayed = next(entry for entry in running.log.entries if entry["event"] == "relayed")
        assert (relayed["room"], relayed["messages"], relayed["deliveries"]) == ("Sala1", 1, 1)
        assert not any("secreto" in line for line in running.log.lines)


async def test_the_log_gives_no_name_to_whoever_told_none() -> None:
    async with running_server() as running:
        visitor = await running.visitor()
        await visitor.close()
        disconnected = await _entry(running.log, "disconnected")
        assert "name" not in disconnected
        assert disconnected["reason"] == "lost"


async def test_verbose_logs_the_text_too() -> None:
    async with running_server(verbose=True) as running:
        ana = await running.native("ana", "Sala1")
        await ana.ask({"t": "say", "room": "Sala1", "text": "visible", "id": 1}, "ok")
        assert any("visible" in line for line in running.log.lines)


async def test_nothing_is_left_behind_when_everybody_is_gone() -> None:
    async with running_server() as running:
        chat = running.server.chat
        visitors: list[Visitor] = [await running.native(f"v{i}", "Sala1", "Mía") for i in range(20)]
        for visitor in visitors:
            await visitor.close()
        with trio.fail_after(20):
            while chat.connections:
                await trio.lowlevel.checkpoint()
        assert not chat.hub.sessions
        assert chat.hub.rooms.named("Mía") is None


async def _logged(lines: list[str], event: str) -> None:
    with trio.fail_after(20):
        while not any(f'"{event}"' in line for line in lines):
            await trio.lowlevel.checkpoint()


# Readers who take one `recv` for one message


@pytest.mark.parametrize("lines", [b"[]\n", b'{"t":"ping"}\n', b"{}\n"])
async def test_others_get_their_turn_while_one_visitors_requests_are_carried_out(
    monkeypatch: pytest.MonkeyPatch, lines: bytes
) -> None:
    answered, seen = 0, [0]
    answer = NativeCodec.answer

    def counting(self: NativeCodec, item, given):  # type: ignore[no-untyped-def]
        nonlocal answered
        answered += 1
        return answer(self, item, given)

    async def watch() -> None:
        while True:
            seen.append(answered)
            await trio.lowlevel.checkpoint()

    async with running_server() as running, trio.open_nursery() as nursery:
        ana = await running.native("ana")
        monkeypatch.setattr(NativeCodec, "answer", counting)
        nursery.start_soon(watch)
        await ana.send(lines * 500 + b'{"t":"ping","id":"last"}\n')
        await ana.next("pong", lambda pong: pong.get("re") == "last")
        nursery.cancel_scope.cancel()
    assert max(after - before for before, after in pairwise(seen)) <= 2 * 32


@pytest.mark.parametrize("line", [b"1\n", b"{}\n", b'{"t":"ping"}\n'])
async def test_others_get_their_turn_while_what_one_visitor_sent_is_understood(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    understood, seen = 0, [0]
    understand = NativeCodec._understood

    def counting(self: NativeCodec, line):  # type: ignore[no-untyped-def]
        nonlocal understood
        understood += 1
        return understand(self, line)

    async def watch() -> None:
        while True:
            seen.append(understood)
            await trio.lowlevel.checkpoint()

    async with running_server() as running, trio.open_nursery() as nursery:
        ana = await running.native("ana")
        monkeypatch.setattr(NativeCodec, "_understood", counting)
        nursery.start_soon(watch)
        await ana.send(line * 2_000 + b'{"t":"ping","id":"last"}\n')
        await ana.next("pong", lambda pong: pong.get("re") == "last")
        nursery.cancel_scope.cancel()
    assert understood == 2_001
    assert max(after - before for before, after in pairwise(seen)) <= 3 * 32


async def test_a_paced_reader_of_a_flooded_lobby_stays_and_reads_the_newest() -> None:
    async with running_server(message_gap_s=0.002) as running:
        reader = await running.visitor()
        await reader.send(b'{"cmd":"login","user":"ana"}')
        await reader.until('"users"')
        talker = await running.native("talker", lobby=True)
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def _() -> None:
                await reader.until('"the last"')

            for _number in range(1_200):
                await talker.send({"t": "say", "room": "General", "text": "x" * 4_000})
            await talker.ask({"t": "say", "room": "General", "text": "the last", "id": 1}, "ok")
        await reader.send(b'{"cmd":"system_quit"}')
        await reader.to_the_end()
        disconnected = await _entry(running.log, "disconnected")
        assert disconnected["reason"] == "quit"
        assert disconnected["omitted"] > 0
        assert disconnected["level"] == "info"


async def test_in_a_paced_dialect_nothing_of_the_room_follows_the_answer_to_a_leave_either() -> None:
    async with running_server(message_gap_s=0.05) as running:
        leaver = await running.visitor()
        await leaver.send(b"JOIN eva")
        await leaver.until("OK")
        await leaver.send(b"ROOM Sala1")
        await leaver.until("Sala1.")
        talker = await running.native("talker", "Sala1")
        for number in range(50):
            await talker.send({"t": "say", "room": "Sala1", "text": f"n{number}"})
        await leaver.until("n2")
        await leaver.send(b"EXIT")
        await leaver.until("You have left the room Sala1.")
        await leaver.stream.send_eof()
        assert await leaver.to_the_end() == b""


async def test_the_order_holds_when_a_client_begins_to_send_line_ends() -> None:
    async with running_server(message_gap_s=0.1, sniff_silence_s=0.05) as running:
        reader = await running.visitor()
        await reader.send(b"JOIN eva")
        await reader.until("OK")
        await reader.send(b"ROOM Sala1")
        await reader.until("Sala1.")
        talker = await running.native("talker", "Sala1")
        for number in range(5):
            await talker.send({"t": "say", "room": "Sala1", "text": f"<{number}>"})
        await reader.until("<0>")
        await reader.send(b"\nLIST_ROOMS\n")
        await reader.until("Sala2 (0)\n")
        for number in range(5, 10):
            await talker.send({"t": "say", "room": "Sala1", "text": f"<{number}>"})
        rest = await reader.until("<9>\n")
        assert re.findall(r"<\d>", rest) == [f"<{number}>" for number in range(1, 10)]


@pytest.mark.parametrize(("said", "answer"), [(b"CONNECT|ana", "CONNECT_ACK|OK"), (b"JOIN ana", "OK")])
async def test_one_who_takes_one_recv_for_an_answer_gets_nothing_in_front_of_it(
    said: bytes, answer: str
) -> None:
    async with running_server(sniff_silence_s=0.05) as running:
        slow = await running.visitor()
        await slow.until("Enter your user name: ")
        await slow.send(said)
        assert await slow.until("OK") == answer


async def test_the_last_words_are_a_message_of_their_own() -> None:
    async with running_server(message_gap_s=0.05) as running:
        reader = await running.visitor()
        await reader.send(b'{"cmd":"login","user":"ana"}')
        await reader.until('"users"')
        await reader.until("}")
        talker = await running.native("talker", lobby=True)
        for number in range(5):
            await talker.send({"t": "say", "room": "General", "text": f"n{number}"})
        await talker.ask({"t": "ping"}, "pong")
        running.server.stop()
        messages = []
        with trio.fail_after(20):
            while data := await reader.stream.receive_some():
                messages.append(json.loads(data))
        assert messages[-1] == {"cmd": "system", "msg": "The server is stopping."}
        assert [m["msg"] for m in messages if m["cmd"] == "broadcast"] == [f"n{i}" for i in range(5)]


# Faults, and how it ends


async def test_a_fault_of_a_writer_ends_that_connection_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def faulty(self: DirectStream, buffers: object) -> int:
        raise RuntimeError("boom")

    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        slow = await running.visitor(receive_buffer_bytes=4_096)
        await slow.ask({"t": "hello", "name": "slow", "lobby": False}, "welcome")
        await slow.ask({"t": "join", "room": "Sala1"}, "joined")
        monkeypatch.setattr(DirectStream, "send_some", faulty)
        gone = trio.Event()
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def _() -> None:
                await ana.next("presence", lambda p: "slow" in p.get("gone", ()))
                gone.set()

            while not gone.is_set():
                await ana.send({"t": "say", "room": "Sala1", "text": "x" * 4_000})
                await trio.lowlevel.checkpoint()
        await ana.ask({"t": "ping"}, "pong")
        assert (await _entry(running.log, "disconnected"))["reason"] == "error"
        assert await _entry(running.log, "connection-failed")


async def test_a_fault_of_a_pacer_ends_that_connection_alone_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send_next, failures = Pacer._send_next, iter([True])

    def faulty(self: Pacer) -> None:
        if self._task_runs and next(failures, False):
            raise RuntimeError("boom")
        send_next(self)

    async with running_server() as running:
        ana = await running.native("ana", lobby=True)
        reader = await running.visitor()
        await reader.send(b'{"cmd":"login","user":"eva"}')
        await reader.until('"users"')
        monkeypatch.setattr(Pacer, "_send_next", faulty)
        for number in range(5):
            await ana.send({"t": "say", "room": "General", "text": f"{number}"})
        assert b"Something went wrong" in await reader.to_the_end()
        await ana.ask({"t": "ping"}, "pong")
        assert await _entry(running.log, "connection-failed")


class FakeStream(Stream):
    """A stream that keeps what is sent and what is done with it, and receives what a test puts in."""

    def __init__(self, *, takes: bool = True) -> None:
        self.into, self._out_of = trio.open_memory_channel[bytes](1_000)
        self.takes = takes
        self.done: list[str] = []
        self.sent_at: list[float] = []
        self.received = 0

    async def receive_some(self, max_bytes: int) -> bytes:
        try:
            data = await self._out_of.receive()
        except trio.EndOfChannel:
            return b""
        self.received += len(data)
        self.done.append("receive")
        return data

    def send_nowait(self, data: bytes) -> int:
        self.done.append(data.decode())
        self.sent_at.append(trio.current_time())
        return len(data) if self.takes else 0

    async def send_some(self, buffers: object) -> int:
        await trio.sleep_forever()
        raise AssertionError

    def shutdown_writing(self) -> None:
        self.done.append("shutdown")

    def close(self) -> None:
        self.done.append("close")


class Alone:
    """One connection on a fake stream, in a chat without a server."""

    def __init__(
        self, dialect: str, *, takes: bool = True, rates: Rates | None = None, **settings: Any
    ) -> None:
        config = evolve(Config(port=0, lang="en", drain_timeout_s=5.0), **settings)
        self.log = LogLines()
        self.chat = Chat(config, open_test_log(self.log))
        self.stream = FakeStream(takes=takes)
        self.connection = Connection(self.chat, self.stream, "here", Endpoint("h", 1, dialect), rates)

    async def say(self, data: bytes) -> None:
        """The visitor sends `data`, and all is done that follows from it at once."""
        await self.stream.into.send(data)
        await trio.testing.wait_all_tasks_blocked()


async def test_one_who_asks_in_a_paced_dialect_without_waiting_is_not_read_either(
    autojump_clock: Any,
) -> None:
    alone = Alone("cmdjson")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        for _ in range(100):
            await alone.stream.into.send(b"{}" * 1_000)
        await trio.testing.wait_all_tasks_blocked()
        assert alone.stream.received == 2_000
        await trio.sleep(60)  # its answers arrive, and it is read again
        assert 4_000 <= alone.stream.received <= 10_000
        alone.connection.end(Farewell.LOST)
    assert not alone.chat.hub.sessions


async def test_the_last_words_are_not_glued_to_what_was_sent_before(autojump_clock: Any) -> None:
    alone = Alone("cmdjson", message_gap_s=0.1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await alone.say(b"[]\n" * 5)
        alone.connection.end(Farewell.SHUTDOWN)
    assert "stopping" in alone.stream.done[-3]
    assert len(alone.stream.sent_at) == 6
    assert all(after - before >= 0.099 for before, after in pairwise(alone.stream.sent_at))


async def test_an_object_that_is_slow_to_come_is_waited_for_without_a_word(autojump_clock: Any) -> None:
    alone = Alone("")
    async with trio.open_nursery() as nursery:
        await nursery.start(alone.chat.run)
        nursery.start_soon(alone.connection.run)
        for piece in (b"{", b'"user":"ana",', b'"cmd":"login"}'):
            assert not alone.stream.sent_at
            await alone.say(piece)
            await trio.sleep(10)
        welcome = next(done for done in alone.stream.done if done != "receive")
        assert json.loads(welcome) == {"status": "ok", "msg": "Welcome ana"}
        assert alone.chat.connections
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("begun", "answer"), [(b"{", "bad-json"), (b"CONN", "You have joined as CONN.")])
async def test_what_was_begun_and_never_goes_on_is_understood_at_the_end(
    autojump_clock: Any, begun: bytes, answer: str
) -> None:
    alone = Alone("")
    async with trio.open_nursery() as nursery:
        await nursery.start(alone.chat.run)
        nursery.start_soon(alone.connection.run)
        await alone.say(begun)
        await trio.sleep(10)
        assert not alone.stream.sent_at
        alone.stream.into.close()
        await trio.testing.wait_all_tasks_blocked()
        assert answer in "".join(alone.stream.done)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("takes", [True, False])
async def test_the_whole_goodbye_takes_no_longer_than_the_drain_timeout(
    autojump_clock: Any, takes: bool
) -> None:
    alone = Alone("cmdjson", takes=takes, message_gap_s=1.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await alone.say(b"[]\n" * 30)
        began = trio.current_time()
        alone.connection.end(Farewell.SHUTDOWN)
    assert trio.current_time() - began == 5.0
    assert not alone.chat.hub.sessions
    assert alone.stream.done[-1] == "close"
    assert not takes or "stopping" in alone.stream.done[-3], "even when no time is left for all that waits"


async def test_unread_input_is_read_before_closing_but_not_for_ever(autojump_clock: Any) -> None:
    alone = Alone("native")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await trio.testing.wait_all_tasks_blocked()
        alone.connection.end(Farewell.SHUTDOWN)
        for _ in range(100):
            await alone.stream.into.send(b"x" * 4_096)
        began = trio.current_time()
    assert trio.current_time() == began
    last_words, *rest = alone.stream.done
    assert '"bye"' in last_words
    assert rest == ["shutdown", *["receive"] * 16, "close"]


async def test_one_who_neither_sends_nor_closes_is_not_waited_for_long(autojump_clock: Any) -> None:
    alone = Alone("native")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        alone.connection.end(Farewell.IDLE)
    assert trio.current_time() - began == 0.5
    assert alone.stream.done[1:] == ["shutdown", "close"]


async def test_a_lost_connection_is_closed_at_once(autojump_clock: Any) -> None:
    alone = Alone("cmdjson")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await alone.say(b"[]\n" * 10)
        alone.connection.end(Farewell.LOST)
        began = trio.current_time()
    assert trio.current_time() - began <= 0.1
    assert alone.stream.done[-1] == "close"
    assert "shutdown" not in alone.stream.done


@pytest.mark.parametrize("where", ["first word", "gate", "pacer", "outbox", "closing chat"])
async def test_wherever_a_connection_waits_when_it_ends_its_session_is_detached(
    autojump_clock: Any, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = {"first word": "", "pacer": "cmdjson"}.get(where, "native")
    alone = Alone(dialect, takes=where != "outbox", max_outbox_bytes=4_096)

    async def closed(self: Chat, command: object) -> None:
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        match where:
            case "gate":
                monkeypatch.setattr(Chat, "is_ready", lambda self, command: False)
                monkeypatch.setattr(Chat, "wait_gate", closed)
                await alone.say(b'{"t":"hello","name":"ana"}\n')
            case "pacer":
                await alone.say(b"[]\n" * 200)
            case "outbox":
                await alone.say(b'{"t":"fly"}\n' * 14)
            case "closing chat":
                alone.chat.is_closing = True
                await alone.say(b'{"t":"hello","name":"ana"}\n')
            case _:
                await trio.testing.wait_all_tasks_blocked()
        assert alone.chat.hub.sessions
        alone.connection.end(Farewell.SHUTDOWN)
        await trio.testing.wait_all_tasks_blocked()
        assert not alone.chat.hub.sessions
        assert not alone.chat.connections
    assert alone.stream.done[-1] == "close"


async def test_one_who_stands_at_the_gate_is_not_taken_for_dead(
    autojump_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it answers to a ping is not read as long as what it asked before waits."""
    opened = trio.Event()
    alone = Alone("native", ping_interval_s=10.0, pong_timeout_s=10.0)

    async def closed(self: Chat, command: object) -> None:
        await opened.wait()

    monkeypatch.setattr(Chat, "is_ready", lambda self, command: False)
    monkeypatch.setattr(Chat, "wait_gate", closed)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(alone.connection.run)
        await alone.say(b'{"t":"hello","name":"ana"}\n')
        for _ in range(100):
            await trio.sleep(5)
            alone.connection.check_alive(trio.current_time())
        assert alone.chat.hub.sessions
        opened.set()
        for _ in range(6):
            await trio.sleep(5)
            alone.connection.check_alive(trio.current_time())
    assert '"reason":"idle"' in alone.stream.done[-3]


async def test_verbose_logs_what_was_accepted_as_said_or_told_and_nothing_else() -> None:
    async with running_server(verbose=True) as running:
        ana = await running.native("ana", "Sala1")
        await running.native("bob")
        await ana.ask({"t": "say", "room": "Sala1", "text": "uno", "id": 1}, "ok")
        await ana.ask({"t": "say", "room": "Sala2", "text": "dos", "id": 2}, "error")
        await ana.ask({"t": "all", "text": "tres", "id": 3}, "ok")
        await ana.ask({"t": "msg", "to": "bob", "text": "cuatro", "id": 4}, "ok")
        await ana.ask({"t": "msg", "to": "eva", "text": "cinco", "id": 5}, "error")
        entries = [e for e in running.log.entries if e["event"] in ("said", "told", "refused")]
        assert [(e["event"], e.get("text", e.get("code"))) for e in entries] == [
            ("said", "uno"),
            ("refused", "not-in-room"),
            ("said", "tres"),
            ("told", "cuatro"),
            ("refused", "no-such-user"),
        ]
        assert {e["level"] for e in entries} == {"debug"}


async def _entry(log: LogLines, event: str) -> dict[str, Any]:
    await _logged(log.lines, event)
    return next(entry for entry in log.entries if entry["event"] == event)
