"""Browsers at a real server: pages, a WebSocket among all other dialects, and those who misuse them."""

import json
import socket
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from tests.server.support import PATIENCE_S, Running, Visitor, running_server
from tests.server.tls_support import Authority
from tests.server.web_support import browser, frame, frames_in, upgrade, upgraded
from wassop.server.browsers import PATIENCE_S as PATIENCE_OF_BROWSERS_S
from wassop.server.browsers import Browsers
from wassop.server.first_words import first_bytes

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def response(visitor: Visitor) -> tuple[int, dict[str, str], bytes]:
    """The next answer: its status, headers and body."""
    head = await visitor.until("\r\n\r\n")
    first, *lines = head.splitlines()[:-1]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    size = int(headers["content-length"])
    while len(visitor._buffer) < size:
        assert await visitor.more()
    body, visitor._buffer = visitor._buffer[:size], visitor._buffer[size:]
    return int(first.split()[1]), headers, body


async def gone(running: Running, *, left: int = 0) -> None:
    """Wait until the server knows of so many connections only."""
    with trio.fail_after(PATIENCE_S):
        while len(running.server.chat.connections) > left or running.server.admission.connections > left:
            await trio.sleep(0.001)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_the_page_is_on_the_port_of_the_chat_and_several_are_read_on_one_connection() -> None:
    async with running_server() as running:
        visitor = await running.visitor()
        await visitor.send(GET)
        status, headers, body = await response(visitor)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert b"<!doctype html>" in body.lower()
        await visitor.send(GET.replace(b"/ ", b"/config.json ") + GET.replace(b"/ ", b"/nowhere "))
        assert json.loads((await response(visitor))[2])["lobby"] == "General"
        assert (await response(visitor))[0] == 404
        await visitor.send(GET.replace(b"Host", b"If-None-Match: %b\r\nHost" % headers["etag"].encode()))
        assert (await visitor.until("\r\n\r\n")).startswith("HTTP/1.1 304 ")


async def test_two_browsers_a_program_and_a_person_with_netcat_talk() -> None:
    async with running_server(listen=("127.0.0.1:0=plain",)) as running, AsyncExitStack() as opened:
        ana = await opened.enter_async_context(browser(running, "ana", "Sala1"))
        bob = await opened.enter_async_context(browser(running, "bob", "Sala1"))
        eva = await running.native("eva", "Sala1")
        person = await running.visitor(1)
        await person.until("Enter your user name: ")
        await person.send("nacho")
        await person.send("Sala1")
        await person.until("Sala1")
        for reader in (ana, bob, eva):
            while "nacho" not in (await reader.next("presence")).get("joined", []):
                pass
        texts = {"ana": "hola <b>a todos</b>", "bob": "¿qué tal? 👍", "eva": "bien"}
        programs = {"ana": ana, "bob": bob, "eva": eva}
        for author, text in texts.items():
            await programs[author].send({"t": "say", "room": "Sala1", "text": text})
            for name, reader in programs.items():
                if name != author:
                    said = await reader.next("said")
                    assert (said["from"], said["text"]) == (author, text)
        for author, text in texts.items():
            await person.until(f"{author}: {text}")
        await person.send("buenas")
        for reader in (ana, bob, eva):
            assert (await reader.next("said"))["text"] == "buenas"
        await ana.ask({"t": "msg", "to": "nacho", "text": "psst", "id": 2}, "ok")
        await person.until("ana (private): psst")
        assert sorted((await eva.ask({"t": "who", "id": 3}, "who"))["members"]) == [
            "ana",
            "bob",
            "eva",
            "nacho",
        ]


async def test_whoever_leaves_a_browser_is_gone_and_nothing_of_theirs_stays() -> None:
    async with running_server() as running:
        eva = await running.native("eva", "Sala1")
        async with browser(running, "ana", "Sala1"):
            assert (await eva.next("presence"))["joined"] == ["ana"]
        assert (await eva.next("presence"))["gone"] == ["ana"]
        lost = await upgraded(running)
        await lost.send(frame({"t": "hello", "name": "bob", "lobby": False}))
        await lost.send(frame({"t": "join", "room": "Sala1"}))
        assert (await eva.next("presence"))["joined"] == ["bob"]
        await lost.close()
        assert (await eva.next("presence"))["gone"] == ["bob"]
        await gone(running, left=1)
        reasons = [entry["reason"] for entry in running.log.entries if entry["event"] == "disconnected"]
        assert reasons == ["quit", "lost"]


async def test_who_comes_back_with_a_browser_reads_what_was_missed(tmp_path: Path) -> None:
    async with running_server(db=tmp_path / "chat.db") as running:
        eva = await running.native("eva", "Sala1")
        async with browser(running, "ana", "Sala1"):
            pass
        await eva.ask({"t": "say", "room": "Sala1", "text": "hola", "id": 1}, "ok")
        async with browser(running) as ana:
            hello = {"t": "hello", "name": "ana", "resume": {"Sala1": 0}}
            (room,) = (await ana.ask(hello, "welcome"))["resumed"]
            assert [each["text"] for each in room["history"]] == ["hola"]


async def test_a_browser_is_told_apart_in_the_log() -> None:
    async with running_server() as running:
        async with browser(running, "ana"):
            pass
        (named,) = [entry for entry in running.log.entries if entry["event"] == "named"]
        assert named["dialect"] == "web"


async def test_tls_is_on_the_same_port(authority: Authority) -> None:
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor(tls=authority.trusted())
        await visitor.send(GET)
        assert (await response(visitor))[0] == 200
        origin = [("Origin", f"https://localhost:{running.server.addresses[0].rpartition(':')[2]}")]
        async with browser(
            running, "ana", "Sala1", ssl_context=authority.trusted(), extra_headers=origin
        ) as ana:
            bob = await running.native("bob", "Sala1", tls=authority.trusted())
            await bob.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": 1}, "ok")
            assert len((await ana.next("said"))["text"]) == 4_000


async def test_where_tls_is_required_a_browser_reads_that_in_its_own_terms(authority: Authority) -> None:
    async with running_server(**authority.issue(), tls_required=True) as running:
        visitor = await running.visitor()
        await visitor.send(GET)
        status, _, body = await response(visitor)
        assert (status, body) == (403, b"This server speaks only TLS.\n")
        assert await visitor.to_the_end() == b""


@pytest.mark.parametrize("settings", [{"web": "127.0.0.1:0"}, {"listen": ("127.0.0.1:0=web",)}], ids=str)
async def test_a_door_of_its_own_says_nothing_first_and_takes_all_else_for_a_bad_request(
    settings: dict[str, Any],
) -> None:
    async with running_server(sniff_silence_s=0.01, **settings) as running:
        silent = await running.visitor(door=1)
        await trio.sleep(0.05)
        await silent.send(GET)
        assert (await response(silent))[0] == 200
        async with browser(running, "ana", door=1):
            pass
        for other in (b"hola\n\n", b'{"t":"ping"}\n\n', b"JOIN ana\r\n\r\n"):
            visitor = await running.visitor(door=1)
            await visitor.send(other)
            assert (await visitor.to_the_end()).startswith(b"HTTP/1.1 400 ")


async def test_a_name_of_this_server_is_one_that_it_was_told() -> None:
    own = socket.gethostname()
    async with running_server(web_host=("Chat.Example.org",)) as running:
        for host, status in (
            ("chat.example.org:8080", 200), ("evil.example", 421), ("127.0.0.1", 200), (own, 200)
        ):  # fmt: skip
            visitor = await running.visitor()
            await visitor.send(GET.replace(b"localhost", host.encode()))
            assert (await response(visitor))[0] == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://localhost:5555"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost"}, 101),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
        ({"sec_websocket_version": "8"}, 426),
        ({"sec_websocket_key": "x"}, 400),
    ],
)
async def test_a_websocket_is_refused_to_pages_of_others(headers: dict[str, str], status: int) -> None:
    async with running_server() as running:
        visitor = await running.visitor()
        await visitor.send(upgrade(**headers))
        assert (await visitor.until("\r\n")).startswith(f"HTTP/1.1 {status} ")


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", upgrade()], ids=len)
async def test_who_takes_too_long_to_become_somebody_is_ended(begun: bytes) -> None:
    async with running_server(
        naming_timeout_s=0.2, first_byte_timeout_s=0.2, listen=("127.0.0.1:0=web",)
    ) as running:
        visitor = await running.visitor(door=1)
        if begun:
            await visitor.send(begun)
        read = await visitor.to_the_end()
        if not begun:
            assert read == b""
        elif begun == upgrade():
            goodbye, _ = frames_in(read.partition(b"\r\n\r\n")[2])
            assert json.loads(goodbye[1])["reason"] == "unnamed"
        else:
            assert read.startswith(b"HTTP/1.1 408 ")
        await gone(running)


async def test_headers_that_trickle_in_end_in_time() -> None:
    async with running_server(naming_timeout_s=0.3) as running:
        visitor = await running.visitor()
        ended = trio.Event()

        async def trickle() -> None:
            try:
                await visitor.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
                while not ended.is_set():
                    await visitor.send(b"X: y\r\n")
                    await trio.sleep(0.01)
            except trio.BrokenResourceError:
                pass

        async with trio.open_nursery() as nursery:
            nursery.start_soon(trickle)
            head = await visitor.until("\r\n\r\n")
            ended.set()
        assert head.startswith("HTTP/1.1 408 ")
        await gone(running)


async def test_a_program_that_is_slow_to_ask_is_not_taken_for_a_person() -> None:
    async with running_server(sniff_silence_s=0.02) as running:
        visitor = await running.visitor()
        await visitor.send(b"GE")
        await trio.sleep(0.1)
        await visitor.send(GET[2:])
        assert (await response(visitor))[0] == 200


async def test_a_browser_that_does_not_read_is_ended_and_nobody_else_notices() -> None:
    async with running_server(max_outbox_bytes=20_000, write_timeout_s=0.3) as running:
        stuck = await upgraded(running, receive_buffer_bytes=4_096)
        await stuck.send(frame({"t": "hello", "name": "ana", "lobby": False}))
        await stuck.send(frame({"t": "join", "room": "Sala1"}))
        bob = await running.native("bob", "Sala1")
        async with browser(running, "eva", "Sala1") as eva:
            said = 0
            while not [e for e in running.log.entries if e["event"] == "disconnected"]:
                await bob.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": said}, "ok")
                said += 1
                assert len((await eva.next("said"))["text"]) == 4_000
        (entry, *_) = [e for e in running.log.entries if e["event"] == "disconnected"]
        assert (entry["name"], entry["reason"]) == ("ana", "slow-reader")


async def test_rates_are_those_of_all_dialects() -> None:
    rates = {"requests_per_s": 1_000.0, "requests_burst": 5, "messages_per_s": 1_000.0, "messages_burst": 5}
    async with running_server(trust_network=(), **rates) as running:
        visitor = await upgraded(running)
        await visitor.send(frame({"t": "hello", "name": "ana", "lobby": False}))
        await visitor.send(b"".join(frame("x", 9) for _ in range(200)))
        await visitor.send(frame({"t": "quit"}))
        read = frames_in(await visitor.to_the_end())
        assert [opcode for opcode, _ in read].count(10) == 200, "nothing is lost"
        assert "slow" in [json.loads(payload)["t"] for opcode, payload in read if opcode == 1]
        assert [e["name"] for e in running.log.entries if e["event"] == "slowed"] == ["ana"]


async def test_two_hundred_browsers_come_talk_and_go() -> None:
    async with running_server() as running:
        with ExitStack() as opened:
            eva = await running.native("eva", "Sala1")
            guests = [running.guest() for _ in range(200)]
            for number, guest in enumerate(guests):
                hello = frame({"t": "hello", "name": f"v{number}", "lobby": False})
                guest.send(upgrade() + hello + frame({"t": "join", "room": "Sala1"}))
            for guest in guests:
                await guest.until(b'"t":"joined"')
            await eva.ask({"t": "say", "room": "Sala1", "text": "<hola>", "id": 1}, "ok")
            for guest in guests:
                await guest.until(b'"text":"<hola>"')
                opened.callback(guest.close)
        await gone(running, left=1)


async def test_the_library_of_others_and_ours_agree_on_goodbyes() -> None:
    async with running_server() as running:
        async with browser(running, "ana") as ana:
            await ana.send({"t": "quit"})
            assert await ana.closed() == 1000
        async with browser(running, "ana") as ana:
            await ana.socket.send_message(b"bytes")
            assert await ana.closed() == 1003
        async with browser(running) as nobody:
            running.server.stop()
            assert await nobody.closed() == 1001


async def test_a_connection_that_a_browser_opened_for_later_is_not_greeted() -> None:
    async with running_server(sniff_silence_s=0.01) as running:
        browser_one = await running.visitor()
        await browser_one.send(GET)
        assert (await response(browser_one))[0] == 200
        for_later = await running.visitor()
        # Somebody from elsewhere who comes after it is silent for so long, and is taken for a person.
        person = await running.visitor(source="127.0.0.2")
        assert "wassop" in (await person.until(": ")).lower()
        await for_later.send(GET)
        assert (await response(for_later))[0] == 200


def test_where_a_browser_was_somebody_silent_is_waited_for_and_addresses_are_forgotten() -> None:
    browsers = Browsers()
    browsers.note("127.0.0.1", 100.0)
    assert browsers.patience_s("127.0.0.1", 102.0) == 3.0
    assert browsers.patience_s("127.0.0.1", 106.0) == 0.0
    assert browsers.patience_s("127.0.0.2", 102.0) == 0.0
    for number in range(2_000):
        browsers.note(f"10.0.{number // 250}.{number % 250}", 103.0)
    assert browsers.patience_s("127.0.0.1", 103.0) == 0.0


async def test_whoever_asks_for_pages_all_the_time_keeps_nobody_else_from_being_greeted(
    autojump_clock: trio.testing.MockClock,
) -> None:
    with trio.fail_after(60):
        # From its address a browser asks again whenever one looks.
        assert (
            await first_bytes(trio.sleep_forever, 0.4, lambda: PATIENCE_OF_BROWSERS_S, is_silent=False)
            is None
        )
