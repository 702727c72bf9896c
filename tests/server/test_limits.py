"""What the server allows one address and one visitor, with real sockets. Nobody is trusted here."""

import json
import sys
from typing import Any

import pytest
import trio

from tests.server.support import PATIENCE_S, LogLines, Running, Visitor, running_server

ELSEWHERE = "127.0.0.2"
CLASSROOM = {
    "salas": "Too many connections from your address.",
    "mychat": "ERROR|500|Too many connections from your address.",
    "remitente": "Too many connections from your address.",
    "cmdjson": "Too many connections from your address.",
    "nick": "Too many connections from your address.",
}


def untrusting(**settings: Any) -> Any:
    return running_server(trust_network=(), **settings)


def needs_two_addresses() -> None:
    if sys.platform == "darwin":
        pytest.skip("127.0.0.2 is no address of this machine")


async def logged(log: LogLines, event: str, count: int = 1) -> list[dict[str, Any]]:
    """The first `count` lines of that event, waited for."""
    with trio.fail_after(PATIENCE_S):
        while len(found := [entry for entry in log.entries if entry["event"] == event]) < count:
            await trio.sleep(0)
    return found


async def gone(running: Running, count: int = 0) -> None:
    """So many connections are left."""
    with trio.fail_after(PATIENCE_S):
        while running.server.admission.connections > count:
            await trio.sleep(0)


# Who comes in


async def test_an_address_with_too_many_connections_reads_why_and_another_address_comes_in() -> None:
    needs_two_addresses()
    async with untrusting(max_connections_per_address=2) as running:
        ana, _ = await running.native("ana", "Sala1"), await running.native("bob", "Sala1")
        third = await running.visitor()
        assert await third.to_the_end() == b"Too many connections from your address.\n"
        elsewhere = await running.visitor(source=ELSEWHERE)
        await elsewhere.ask({"t": "hello", "name": "eva"}, "welcome")
        (line,) = await logged(running.log, "turned-away")
        assert (line["reason"], line["count"], line["level"]) == ("address-full", 1, "warning")
        assert line["last_address"].startswith("127.0.0.1:")
        await ana.close()
        await gone(running, 2)
        await running.native("ana")


async def test_one_more_than_the_server_takes_is_turned_away_whatever_the_address() -> None:
    needs_two_addresses()
    async with untrusting(max_connections=2, lang="es") as running:
        await running.native("ana")
        await running.native("bob")
        third = await running.visitor(source=ELSEWHERE)
        assert "Demasiadas conexiones a este servidor" in (await third.to_the_end()).decode()
        (line,) = await logged(running.log, "turned-away")
        assert line["reason"] == "server-full"


async def test_whoever_comes_too_often_is_turned_away_and_the_log_counts_them() -> None:
    async with untrusting(
        connections_per_address_per_s=0.001,
        connections_per_address_burst=3,
        max_connections_per_address=9,
        sniff_silence_s=0.05,
    ) as running:
        for number in range(3):
            await (await running.native(f"v{number}")).close()
        await gone(running)
        for _ in range(40):  # more than wait for their answer at once
            more = await running.visitor()
            assert b"try again in a moment" in await more.to_the_end()
        lines = await logged(running.log, "turned-away")
        with trio.fail_after(PATIENCE_S):
            while sum(line["count"] for line in running.log.entries if "count" in line) < 40:
                await trio.sleep(0)
        lines = await logged(running.log, "turned-away")
        assert {line["reason"] for line in lines} == {"connecting-too-fast"}
        assert len(lines) < 40


async def test_a_crowd_that_is_turned_away_at_once_reads_why_each_of_them() -> None:
    async with untrusting(max_connections=1, max_connections_per_address=500) as running:
        await running.native("ana")
        crowd = [await running.visitor() for _ in range(100)]
        for visitor in crowd:
            assert await visitor.to_the_end() == b"Too many connections to this server; try again later.\n"


async def test_whoever_speaks_tls_reads_an_alert_that_is_not_that_of_a_server_without_tls() -> None:
    async with untrusting(max_connections_per_address=1) as running:
        await running.native("ana")
        visitor = await running.visitor()
        await visitor.send(b"\x16\x03\x01\x02\x00\x01")
        assert await visitor.to_the_end() == bytes([21, 3, 1, 0, 2, 2, 49]), "access_denied (RFC 8446, 6.2)"


@pytest.mark.parametrize("says_hello", [True, False])
async def test_a_program_reads_a_bye_with_a_code(says_hello: bool) -> None:
    async with untrusting(max_connections_per_address=1, listen=("127.0.0.1:0=native",)) as running:
        await running.native("ana")
        program = await running.visitor(door=0 if says_hello else 1)
        if says_hello:
            await program.send({"t": "hello", "name": "eva"})
        assert json.loads(await program.to_the_end()) == {
            "t": "bye",
            "reason": "address-full",
            "text": "Too many connections from your address.",
        }


@pytest.mark.parametrize("dialect", CLASSROOM)
async def test_behind_a_door_the_refusal_is_in_its_dialect(dialect: str) -> None:
    async with untrusting(max_connections_per_address=1, listen=(f"127.0.0.1:0={dialect}",)) as running:
        await running.native("ana")
        assert CLASSROOM[dialect] in (await (await running.visitor(door=1)).to_the_end()).decode()


async def test_a_browser_reads_a_status_that_means_later() -> None:
    async with untrusting(max_connections_per_address=1) as running:
        await running.native("ana")
        browser = await running.visitor()
        await browser.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await browser.to_the_end()).startswith(b"HTTP/1.1 503 ")


async def test_five_hundred_from_this_machine_come_in_by_default() -> None:
    async with running_server() as running:
        for _ in range(500):
            await running.visitor()
        with trio.fail_after(PATIENCE_S):
            while len(running.server.chat.connections) < 500:
                await trio.sleep(0)
        assert not [entry for entry in running.log.entries if entry["event"] == "turned-away"]


async def test_a_stop_does_not_wait_for_those_who_are_turned_away() -> None:
    async with untrusting(max_connections=1) as running:
        await running.native("ana")
        more = await running.visitor()
        while not running.server._turned_away._strangers:
            await trio.sleep(0)
        running.server.stop()
        assert b"Too many connections" in await more.to_the_end()


# Time to begin


async def test_whoever_says_nothing_at_all_is_ended_with_a_reason() -> None:
    async with running_server(
        first_byte_timeout_s=0.2, sniff_silence_s=0.05, listen=("127.0.0.1:0=native",)
    ) as running:
        person, program = await running.visitor(), await running.visitor(door=1)
        read = (await person.to_the_end()).decode()
        assert "Enter your user name: \nYou have said nothing so far; come back when you like.\n" in read
        assert json.loads(await program.to_the_end())["reason"] == "silent"
        (line, _) = await logged(running.log, "disconnected", 2)
        assert line["reason"] == "silent"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b"!!!\n", b"You have told no name so far; come back when you like.\n"),
        (b'{"t":"ping"}\n', b'"unnamed"'),
        (b'{"tipo":', b"You have told no name so far"),
        (b"CONNECT|\n", b"ERROR|500|You have told no name so far"),
    ],
)
async def test_whoever_names_nobody_is_ended_with_a_reason(said: bytes, read: bytes) -> None:
    async with running_server(
        naming_timeout_s=0.4, first_byte_timeout_s=0.4, sniff_silence_s=0.05
    ) as running:
        visitor = await running.visitor()
        await visitor.send(said)
        assert read in await visitor.to_the_end()
        (line,) = await logged(running.log, "disconnected")
        assert line["reason"] == "unnamed"


async def test_whoever_has_a_name_may_be_silent() -> None:
    async with running_server(naming_timeout_s=0.1, first_byte_timeout_s=0.1) as running:
        ana = await running.native("ana")
        silent = await running.visitor()
        await silent.to_the_end()
        assert await ana.ask({"t": "ping"}, "pong")


# Who asks too fast


async def test_whoever_talks_too_fast_is_slowed_and_loses_nothing() -> None:
    async with untrusting(messages_per_s=50.0, messages_burst=5) as running:
        reader = await running.native("reader", "Sala1")
        talker = await running.visitor()
        welcome = await talker.ask({"t": "hello", "name": "talker", "lobby": False}, "welcome")
        assert (welcome["limits"]["messages_per_s"], welcome["limits"]["messages_burst"]) == (50.0, 5)
        await talker.ask({"t": "join", "room": "Sala1"}, "joined")
        for number in range(30):
            await talker.send({"t": "say", "room": "Sala1", "text": f"{number}", "id": number})
        heard = [await reader.next("said") for _ in range(30)]
        assert [said["text"] for said in heard] == [f"{number}" for number in range(30)]
        # By the server's clock: none came before its time.
        for number, said in enumerate(heard):
            assert said["at"] - heard[0]["at"] >= (number - 5) / 50 - 0.01
        lines = [await talker.message() for _ in range(31)]
        slow = [line for line in lines if line["t"] == "slow"]
        assert len(slow) == 1, "once a minute"
        assert 1 <= slow[0]["wait_ms"] <= 20
        assert [line["re"] for line in lines if line["t"] == "ok"] == list(range(30))
        (line,) = await logged(running.log, "slowed")
        assert line["name"] == "talker"


async def test_others_do_not_wait_for_one_who_is_slowed() -> None:
    async with untrusting(messages_per_s=0.001, messages_burst=1) as running:
        talker, other = await running.native("talker", "Sala1"), await running.native("other", "Sala1")
        for number in range(10):
            await talker.send({"t": "say", "room": "Sala1", "text": f"{number}"})
        await talker.next("slow")
        await other.ask({"t": "say", "room": "Sala1", "text": "mine", "id": 1}, "ok")
        assert (await talker.next("said"))["text"] == "mine", "it reads while it is not read"
        await talker.close()
        running.server.stop()


@pytest.mark.parametrize(
    "request_",
    [
        {"t": "say", "room": "Sala1", "text": "x"},
        {"t": "msg", "to": "ana", "text": "x"},
        {"t": "all", "text": "x"},
        {"t": "topic", "room": "Sala1", "text": "x"},
        {"t": "typing", "room": "Sala1"},
    ],
)
async def test_what_others_read_counts_as_a_message(request_: dict[str, Any]) -> None:
    async with untrusting(messages_per_s=0.001, messages_burst=3) as running:
        ana = await running.native("ana", "Sala1")
        for _ in range(3):
            await ana.send(request_)
        await ana.ask({"t": "ping"}, "pong")
        assert not [entry for entry in running.log.entries if entry["event"] == "slowed"]
        await ana.send(request_)
        await ana.next("slow")
        running.server.stop()


@pytest.mark.parametrize("line", [b'{"t":"rooms"}\n', b'{"t":"dance"}\n', b"what?\n"])
async def test_other_requests_have_a_rate_of_their_own_and_so_has_what_is_not_understood(
    line: bytes,
) -> None:
    async with untrusting(requests_per_s=0.001, requests_burst=10, messages_burst=1) as running:
        ana = await running.native("ana", "Sala1")
        await ana.send(line * 9)  # hello and join have come before
        await ana.next("slow")
        running.server.stop()


async def test_so_has_what_means_nothing_at_all() -> None:
    async with untrusting(received_bytes_per_s=10_000.0, received_burst_bytes=10_000) as running:
        ana = await running.native("ana")
        await ana.send(b"\n" * 20_000)
        await ana.next("slow")
        assert await ana.ask({"t": "ping"}, "pong")


async def test_this_machine_is_not_slowed_by_default_and_told_so() -> None:
    async with running_server(messages_per_s=0.001, messages_burst=1, requests_burst=1) as running:
        ana = await running.visitor()
        welcome = await ana.ask({"t": "hello", "name": "ana"}, "welcome")
        assert (welcome["limits"]["messages_per_s"], welcome["limits"]["messages_burst"]) == (0, 0)
        await ana.ask({"t": "join", "room": "Sala1"}, "joined")
        for number in range(200):
            await ana.ask({"t": "say", "room": "Sala1", "text": "x", "id": number}, "ok")


async def test_a_person_reads_once_why_it_takes_longer() -> None:
    async with untrusting(messages_per_s=100.0, messages_burst=2, sniff_silence_s=0.05) as running:
        person = await running.visitor()
        await person.send("ana\nSala1")
        await person.until("go back to the main menu.\n")
        await person.send("\n".join(f"line {number}" for number in range(20)))
        read = await person.until("You: line 19\n")
        assert read.count("You are writing faster than the server reads") == 1
        assert [line for line in read.splitlines() if line.startswith("You:")] == [
            f"You: line {number}" for number in range(20)
        ]


@pytest.mark.parametrize(
    ("hello", "says", "ending"),
    [
        (b"CONNECT|eva\n", b"BROADCAST|n%d\n", "BROADCAST|eva|n19"),
        (b'{"cmd":"login","user":"eva"}', b'{"cmd":"broadcast","msg":"n%d"}', '"n19"'),
        (b'{"remitente":"eva","tipo":"conexion"}', b'{"contenido":"n%d","tipo":"mensaje"}', '"n19"'),
    ],
)
async def test_the_classroom_dialects_are_slowed_without_a_word(
    hello: bytes, says: bytes, ending: str
) -> None:
    async with untrusting(
        messages_per_s=100.0, messages_burst=2, message_gap_s=0.001, message_pause_s=0.01
    ) as running:
        eva = await running.visitor()
        await eva.send(hello)
        await eva.more()
        await eva.send(b"".join(says % number for number in range(20)))
        read = await eva.until(ending)
        assert [read.find(f"n{number}") >= 0 for number in range(20)] == [True] * 20
        assert "faster" not in read
        await logged(running.log, "slowed")


async def test_one_who_is_slowed_for_long_is_not_taken_for_dead() -> None:
    async with untrusting(
        messages_per_s=2.0, messages_burst=1, ping_interval_s=0.1, pong_timeout_s=0.1
    ) as running:
        talker: Visitor = await running.native("talker", "Sala1")
        await talker.send({"t": "say", "room": "Sala1", "text": "1", "id": 1})
        await talker.send({"t": "say", "room": "Sala1", "text": "2", "id": 2})
        assert (await talker.next("ok"))["re"] == 1
        assert (await talker.next("ok"))["re"] == 2


# Sizes and rooms


@pytest.mark.parametrize(
    ("settings", "request_", "code"),
    [
        ({"max_rooms_per_session": 1}, {"t": "join", "room": "b"}, "too-many-rooms"),
        ({"max_rooms": 4}, {"t": "join", "room": "b"}, "server-full-of-rooms"),
        ({"max_text_bytes": 3}, {"t": "say", "room": "a", "text": "ññ"}, "text-too-long"),
        ({"max_topic_chars": 3}, {"t": "topic", "room": "a", "text": "topic"}, "topic-too-long"),
        ({"max_line_bytes": 512}, {"t": "say", "room": "a", "text": "x" * 500}, "line-too-long"),
    ],
)
async def test_each_bound_of_sizes_and_rooms_is_a_setting_that_holds(
    settings: dict[str, int], request_: dict[str, Any], code: str
) -> None:
    async with untrusting(**settings) as running:
        ana = await running.native("ana", "a")
        assert (await ana.ask(request_, "error"))["code"] == code
        await ana.ask({"t": "say", "room": "a", "text": "x", "id": 1}, "ok")
