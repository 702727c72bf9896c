"""One visitor's connection: dialects, bad input, silence, slowness, faults, and its end."""

import json
import socket

import pytest
import trio

from tests.server.support import Visitor, running_server
from wassop.core.commands import Say
from wassop.core.hub import Hub
from wassop.wire.native import NativeEncoder


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
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 501 "),
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
    handle = Hub.handle

    def faulty(self: Hub, session, command, now):  # type: ignore[no-untyped-def]
        if isinstance(command, Say) and command.text == "boom":
            raise RuntimeError("boom")
        return handle(self, session, command, now)

    monkeypatch.setattr(Hub, "handle", faulty)
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
        assert chat.hub.room("Mía") is None


async def _logged(lines: list[str], event: str) -> None:
    with trio.fail_after(20):
        while not any(f'"{event}"' in line for line in lines):
            await trio.lowlevel.checkpoint()
