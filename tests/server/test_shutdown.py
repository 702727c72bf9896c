"""Stopping: everybody is told, what was said is delivered, nothing is left."""

import json

import trio

from tests.server.support import running_server


async def test_everybody_is_told_and_what_was_said_is_delivered_first() -> None:
    async with running_server() as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.native("bob", "Sala1")
        person = await running.visitor()
        await person.send("juanmi")
        await person.until("a command: ")
        for i in range(100):
            await ana.send({"t": "say", "room": "Sala1", "text": f"{i}"})
        await ana.ask({"t": "ping"}, "pong")
        running.server.stop()
        messages = [json.loads(line) for line in (await bob.to_the_end()).splitlines()]
        assert [m["seq"] for m in messages if m["t"] == "said"] == list(range(1, 101))
        assert messages[-1]["t"] == "bye"
        assert messages[-1]["reason"] == "shutdown"
        assert not any("gone" in m for m in messages)
        assert (await ana.next("bye"))["reason"] == "shutdown"
        assert "The server is stopping." in await person.until("stopping.\n")


async def test_a_visitor_who_never_reads_does_not_hold_the_shutdown_up() -> None:
    async with running_server(drain_timeout_s=0.1, max_outbox_bytes=10_000_000) as running:
        talker = await running.native("talker", "Sala1")
        deaf = await running.visitor(receive_buffer_bytes=4_096)
        await deaf.ask({"t": "hello", "name": "deaf", "lobby": False}, "welcome")
        await deaf.ask({"t": "join", "room": "Sala1"}, "joined")
        for i in range(1_000):
            await talker.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": i}, "ok")
        running.server.stop()
        assert (await talker.next("bye"))["reason"] == "shutdown"


async def test_nobody_is_let_in_while_the_server_stops() -> None:
    async with running_server() as running:
        address = running.server.addresses[0]
        ana = await running.native("ana")
        running.server.stop()
        await ana.next("bye")
        host, _, port = address.rpartition(":")
        try:
            late = await trio.open_tcp_stream(host, int(port))
        except OSError:
            return
        async with late:
            assert await late.receive_some() in (b"",)
