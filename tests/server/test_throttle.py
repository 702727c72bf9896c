"""When a visitor who asks too fast is answered, to the millisecond, on a clock of the test's own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from tests.server.test_connection import Alone
from wassop.core.commands import Announce, Identify
from wassop.core.events import Farewell
from wassop.core.limits import Rate, Rates

IN_ROOM = b'{"t":"hello","name":"ana","lobby":false}\n{"t":"join","room":"Sala1"}\n'


@asynccontextmanager
async def alone(
    rates: Rates, first: bytes = IN_ROOM, dialect: str = "native", **settings: Any
) -> AsyncIterator[Alone]:
    """A visitor who is held to `rates` and has said `first`."""
    visitor = Alone(dialect, rates=rates, **settings)
    async with trio.open_nursery() as nursery:
        await nursery.start(visitor.chat.run)
        nursery.start_soon(visitor.connection.run)
        if first:
            await visitor.say(first)
        await trio.testing.wait_all_tasks_blocked()
        visitor.stream.done.clear()
        visitor.stream.sent_at.clear()
        yield visitor
        nursery.cancel_scope.cancel()


def say(count: int) -> bytes:
    return b"".join(b'{"t":"say","room":"Sala1","text":"x","id":%d}\n' % number for number in range(count))


def sent(visitor: Alone) -> list[dict[str, Any]]:
    lines = "".join(line for line in visitor.stream.done if line.startswith("{")).splitlines()
    return [json.loads(line) for line in lines]


async def test_the_burst_is_answered_at_once_and_the_rest_at_the_rate(autojump_clock: Any) -> None:
    async with alone(Rates(messages=Rate(2.0, 3))) as ana:
        began = trio.current_time()
        await ana.say(say(6))
        assert [message["t"] for message in sent(ana)] == ["ok", "ok", "ok", "slow"]
        assert sent(ana)[-1]["wait_ms"] == 500
        await trio.sleep(10)
        assert [message["re"] for message in sent(ana) if message["t"] == "ok"] == [*range(6)]
        assert [at - began for at in ana.stream.sent_at[-3:]] == pytest.approx([0.5, 1.0, 1.5])


async def test_who_comes_and_goes_all_the_time_is_read_as_slowly_as_one_who_talks(
    autojump_clock: Any,
) -> None:
    again = b'{"t":"leave","room":"Sala1","id":1}\n{"t":"join","room":"Sala1","id":2}\n'
    async with alone(Rates(messages=Rate(2.0, 3))) as ana:
        began = trio.current_time()
        await ana.say(again * 5)
        await trio.sleep(10)
        assert [message["t"] for message in sent(ana) if message["t"] != "slow"] == ["left", "joined"] * 5
        assert ana.stream.sent_at[-1] - began == pytest.approx(1.0), "what others read of it"


async def test_it_is_told_once_a_minute(autojump_clock: Any) -> None:
    async with alone(Rates(messages=Rate(2.0, 1))) as ana:
        for _ in range(2):
            await ana.say(say(10))
            await trio.sleep(20)
        assert [message["t"] for message in sent(ana)].count("slow") == 1
        await trio.sleep(30)
        await ana.say(say(10))
        assert [message["t"] for message in sent(ana)].count("slow") == 2


async def test_messages_and_other_requests_do_not_wait_for_each_others_tokens(autojump_clock: Any) -> None:
    async with alone(Rates(messages=Rate(0.001, 2), requests=Rate(1.0, 5))) as ana:
        await ana.say(say(2))  # a hello and a join came before
        await ana.say(b'{"t":"ping","id":7}\n' * 3)
        assert [message["t"] for message in sent(ana)] == ["ok", "ok", "pong", "pong", "pong"]


async def test_what_came_before_the_end_is_carried_out_at_the_rate(autojump_clock: Any) -> None:
    async with alone(Rates(messages=Rate(1.0, 1))) as ana:
        await ana.say(say(4) + b'{"t":"say","room":"Sala1","text":"the last","id":9}')
        ana.stream.into.close()
        await trio.sleep(10)
        assert [message["re"] for message in sent(ana) if message["t"] == "ok"] == [0, 1, 2, 3, 9]
        assert ana.stream.done[-1] == "close"


@pytest.mark.parametrize("data", [say(10), b"\n" * 10_000])
async def test_whoever_waits_is_not_read_and_can_be_ended(autojump_clock: Any, data: bytes) -> None:
    rates = Rates(messages=Rate(0.001, 1), received_bytes=Rate(1.0, 5_000))
    async with alone(rates) as ana:
        await ana.say(data)
        received = ana.stream.received
        await ana.say(b'{"t":"ping"}\n')
        assert ana.stream.received == received
        ana.connection.end(Farewell.SHUTDOWN)
        await trio.testing.wait_all_tasks_blocked()
        assert not ana.chat.hub.sessions
        assert sent(ana)[-1]["reason"] == "shutdown"


async def test_one_who_was_not_read_is_not_asked_whether_it_is_there(autojump_clock: Any) -> None:
    async with alone(Rates(messages=Rate(0.001, 1)), ping_interval_s=10.0, pong_timeout_s=10.0) as ana:
        await ana.say(say(2))
        await trio.sleep(900)
        assert "ping" not in [message["t"] for message in sent(ana)]
        await trio.sleep(130)
        assert [message["t"] for message in sent(ana)].count("ok") == 2
        assert sent(ana)[-1]["reason"] == "idle"


async def test_a_slowed_visitor_who_reads_one_message_a_recv_hears_the_others_meanwhile(
    autojump_clock: Any,
) -> None:
    hello = b'{"cmd":"login","user":"ana"}\n'
    async with alone(Rates(messages=Rate(0.01, 1)), hello, "cmdjson") as ana:
        await trio.sleep(1)
        await ana.say(b'{"cmd":"broadcast","msg":"x"}\n' * 3)
        other = ana.chat.hub.connect()
        for command in (Identify("bob"), Announce("hola")):
            _, deliveries = ana.chat.decide(other, command)
            ana.chat.hand_over(deliveries)
        await trio.sleep(1)
        assert '"hola"' in "".join(ana.stream.done)


async def test_silence_and_namelessness_end_when_their_time_has_come(autojump_clock: Any) -> None:
    for said, reason, at in ((b"", "said nothing", 60), (b"!\n", "no name", 120)):
        async with alone(Rates(), said, "plain") as person:
            await trio.sleep(at - 1)
            assert person.chat.connections
            await trio.sleep(at / 4 + 16)
            assert not person.chat.connections
            assert reason in "".join(person.stream.done)
