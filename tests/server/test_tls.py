"""TLS and plain text on the same port, over real sockets: everybody in the same rooms, faults hurt nobody."""

import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve

from tests.server.support import PATIENCE_S, Running, Visitor, running_server
from tests.server.tls_support import Authority
from wassop.config import Config
from wassop.server.certificate import Certificate
from wassop.server.stream import DirectStream
from wassop.server.tls import TlsStream
from wassop.wire.sniff import Dialect


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def logged(running: Running, event: str) -> dict[str, Any]:
    """The first such line of the log, when it has come."""
    with trio.fail_after(PATIENCE_S):
        while True:
            for entry in running.log.entries:
                if entry["event"] == event:
                    return entry
            await trio.sleep(0.001)


FIRST_WORDS = {
    Dialect.NATIVE: ('{"t":"hello","name":"v"}\n{"t":"join","room":"Sala1"}\n', '"joined"'),
    Dialect.PLAIN: ("v\nSala1\n", "You are in the room Sala1"),
    Dialect.SALAS: ("JOIN v\nROOM Sala1\n", "Sala1"),
    Dialect.MYCHAT: ("CONNECT|v\n", "v"),
    Dialect.REMITENTE: ('{"remitente":"v","tipo":"conexion"}\n', "confirmacion"),
    Dialect.CMDJSON: ('{"cmd":"login","user":"v"}\n', "Welcome v"),
    Dialect.NICK: ("v\n", "v"),
}


@pytest.mark.parametrize("dialect", FIRST_WORDS)
async def test_every_dialect_is_spoken_over_tls_beside_plain_text(
    authority: Authority, dialect: Dialect
) -> None:
    listen = ("127.0.0.1:0=nick",)
    async with running_server(**authority.issue(), listen=listen) as running:
        bob = await running.native("bob", "Sala1", lobby=True)
        door = 1 if dialect is Dialect.NICK else 0
        visitor = await running.visitor(door, tls=authority.trusted())
        words, answer = FIRST_WORDS[dialect]
        await visitor.send(words.encode())
        await visitor.until(answer)
        await bob.ask({"t": "all", "text": "a todos: ¡hola!", "id": 1}, "ok")
        await visitor.until("¡hola!")
        entries = [entry for entry in running.log.entries if entry["event"] == "connected"]
        assert ["tls" in entry for entry in entries] == [False, True]
        assert entries[1]["tls"] == "TLSv1.3"


async def test_over_tls_and_without_people_talk_in_one_room(authority: Authority) -> None:
    async with running_server(**authority.issue()) as running:
        ana = await running.native("ana", "Sala1", tls=authority.trusted())
        bob = await running.native("bob", "Sala1")
        for author, reader in ((ana, bob), (bob, ana)):
            await author.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": 1}, "ok")
            assert (await reader.next("said"))["text"] == "x" * 4_000


async def test_somebody_silent_in_plain_text_reads_the_banner_once(authority: Authority) -> None:
    async with running_server(**authority.issue(), sniff_silence_s=0.05) as running:
        person = await running.visitor()
        await person.until("name: ")
        await person.send("ana")
        read = await person.until("a command: ")
        assert "Wassop by" not in read


async def test_somebody_silent_over_tls_reads_the_banner_too(authority: Authority) -> None:
    async with running_server(**authority.issue(), sniff_silence_s=0.05) as running:
        person = await running.visitor(tls=authority.trusted())
        await person.stream.do_handshake()
        await person.until("name: ")


async def test_who_is_not_looked_at_without_a_certificate_is_refused_as_before() -> None:
    async with running_server() as running:
        visitor = await running.visitor(tls=ssl.create_default_context())
        with pytest.raises(trio.BrokenResourceError) as caught:
            await visitor.stream.do_handshake()
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        assert "connection-failed" not in str(running.log.lines)


async def test_behind_a_quiet_pinned_door_tls_may_begin_late(authority: Authority) -> None:
    listen = ("127.0.0.1:0=native",)
    async with running_server(**authority.issue(), listen=listen, sniff_silence_s=0.01) as running:
        visitor = await running.visitor(1, tls=authority.trusted())
        await trio.sleep(0.1)
        await visitor.ask({"t": "ping"}, "pong")
        assert (await logged(running, "connected"))["tls"]


# Required


@pytest.mark.parametrize("dialect", [d for d in FIRST_WORDS if d is not Dialect.NICK])
async def test_where_tls_is_required_plain_text_is_refused_in_its_own_terms(
    authority: Authority, dialect: Dialect
) -> None:
    async with running_server(**authority.issue(), tls_required=True) as running:
        visitor = await running.visitor()
        await visitor.send(FIRST_WORDS[dialect][0].encode())
        refusal = (await visitor.to_the_end()).decode()
        assert "This server speaks only TLS." in refusal
        assert "Wassop by" not in refusal
        if dialect is Dialect.NATIVE:
            assert json.loads(refusal)["reason"] == "tls-required"
        assert (await logged(running, "disconnected"))["reason"] == "tls-required"
        assert not [entry for entry in running.log.entries if entry["event"] == "named"]


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"NICK ana\r\n", b"{", b"\x00", b"\x15\x03"])
async def test_where_tls_is_required_whatever_else_comes_is_refused(
    authority: Authority, first: bytes
) -> None:
    async with running_server(**authority.issue(), tls_required=True, lang="es") as running:
        visitor = await running.visitor()
        await visitor.send(first)
        assert "TLS" in (await visitor.to_the_end()).decode()


@pytest.mark.parametrize("door", [0, 1, 2])
async def test_where_tls_is_required_nobody_is_greeted_and_silence_ends_in_time(
    authority: Authority, door: int
) -> None:
    settings = {**authority.issue(), "listen": ("127.0.0.1:0=plain", "127.0.0.1:0=nick")}
    async with running_server(
        **settings, tls_required=True, sniff_silence_s=0.01, tls_handshake_timeout_s=0.1
    ) as running:
        visitor = await running.visitor(door)
        read = (await visitor.to_the_end()).decode()
        assert read.strip() == "This server speaks only TLS."


async def test_where_tls_is_required_it_may_begin_late(authority: Authority) -> None:
    async with running_server(**authority.issue(), tls_required=True, sniff_silence_s=0.01) as running:
        visitor = await running.visitor(tls=authority.trusted())
        await trio.sleep(0.1)
        await visitor.ask({"t": "ping"}, "pong")


# The stream by itself


@asynccontextmanager
async def both_ends(authority: Authority) -> AsyncIterator[tuple[TlsStream, trio.SSLStream[Any]]]:
    """The server's end, over a socket that takes little at a time, and the client's."""
    context = Certificate(evolve(Config(), **authority.issue())).context
    near, far = socket.socketpair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    near.setblocking(False)
    far.setblocking(False)
    server = TlsStream(DirectStream(near), context)
    client = trio.SSLStream(
        trio.SocketStream(trio.socket.from_stdlib_socket(far)),
        authority.trusted(),
        server_hostname="localhost",
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.handshake)
        await client.do_handshake()
    try:
        yield server, client
    finally:
        server.close()
        await trio.aclose_forcefully(client)


async def test_what_the_kernel_takes_is_sent_without_a_task(authority: Authority) -> None:
    async with both_ends(authority) as (server, client):
        assert server.send_nowait(b"one") == 3
        assert server.send_nowait(b"two") == 3
        assert await client.receive_some() + await client.receive_some() == b"onetwo"


async def test_what_the_kernel_did_not_take_is_offered_again_and_arrives_once(authority: Authority) -> None:
    async with both_ends(authority) as (server, client):
        texts = [b"%d:" % number + b"x" * 300 for number in range(1_000)]
        waiting: list[bytes | memoryview] = []
        for number, text in enumerate(texts):
            try:
                assert server.send_nowait(text) == len(text)
            except BlockingIOError:
                waiting.extend(texts[number:])
                break
        assert waiting
        with pytest.raises(BlockingIOError):
            server.send_nowait(waiting[0])
        with trio.move_on_after(0):  # given up, and taken up again
            await server.send_some(waiting)
        received = bytearray()

        async def read() -> None:
            while len(received) < len(b"".join(texts)):
                received.extend(await client.receive_some(1_000))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            left = b"".join(waiting)
            while left:
                left = left[await server.send_some([left[:100], left[100:]]) :]
        assert received == b"".join(texts)


async def test_other_last_words_follow_what_was_half_sent(authority: Authority) -> None:
    async with both_ends(authority) as (server, client):
        with pytest.raises(BlockingIOError):
            server.send_nowait(b"x" * 60_000)
        received = bytearray()

        async def read() -> None:
            while not received.endswith(b"bye"):
                received.extend(await client.receive_some())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            assert await server.send_some([b"bye"]) == 3
        assert received == b"x" * 60_000 + b"bye"


async def test_what_is_declined_is_kept_for_the_next_reader(authority: Authority) -> None:
    async with both_ends(authority) as (server, client):
        await client.send_all(b"a" * 10_000)
        taken: list[bytes] = []

        def take(data: bytes) -> bool:
            taken.append(data)
            return False

        assert await server.receive_while(take, 4_000)
        while len(b"".join(taken)) < 10_000:
            taken.append(await server.receive_some(4_000))
        assert b"".join(taken) == b"a" * 10_000
        assert max(map(len, taken)) <= 4_000
        await client.transport_stream.aclose()
        with pytest.raises(OSError, match="EOF"):
            await server.receive_while(take, 4_000)


async def test_one_who_makes_the_library_answer_without_end_is_ended(authority: Authority) -> None:
    async with both_ends(authority) as (server, _):
        server._to_peer.write(b"x" * 20_000)
        with pytest.raises(ConnectionAbortedError):
            await server.receive_some(10)


# Faults


async def unharmed(running: Running, authority: Authority) -> None:
    visitor = await running.visitor(tls=authority.trusted())
    await visitor.ask({"t": "ping"}, "pong")
    faults = {"connection-failed", "fanout-failed"}
    assert not [entry for entry in running.log.entries if entry["event"] in faults]


@pytest.mark.parametrize(
    "first",
    [b"\x16\x03", b"\x16\x03\x01\x00\x05hello", b"\x16" * 1_000, b"\x16\x03\x01\xff\xff" + b"x" * 70_000],
)
async def test_garbage_in_a_handshake_ends_with_an_alert_and_one_line_in_the_log(
    authority: Authority, first: bytes
) -> None:
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor()
        await visitor.send(first)
        await visitor.stream.send_eof()
        answer = await visitor.to_the_end()
        assert not answer or answer[0] == 21, "nothing but an alert"
        await logged(running, "tls-failed")
        await unharmed(running, authority)


async def test_half_a_handshake_and_then_silence_ends_in_time(authority: Authority) -> None:
    hello = client_hello(authority)
    async with running_server(**authority.issue(), tls_handshake_timeout_s=0.2) as running:
        begun, silent_after_hello = await running.visitor(), await running.visitor()
        await begun.send(hello[:20])
        await silent_after_hello.send(hello)
        assert await begun.to_the_end() == b""
        assert (await silent_after_hello.to_the_end())[0] == 22
        assert (await logged(running, "tls-failed"))["reason"] == "timeout"
        assert not running.server.chat.connections
        await unharmed(running, authority)


def client_hello(authority: Authority) -> bytes:
    outgoing = ssl.MemoryBIO()
    tls = authority.trusted().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


async def test_one_who_stands_in_the_handshake_is_let_go_when_the_server_stops(authority: Authority) -> None:
    async with running_server(**authority.issue(), tls_handshake_timeout_s=1_000) as running:
        begun, silent = await running.visitor(), await running.visitor()
        await begun.send(client_hello(authority)[:20])
        await begun.send(b"")
        await trio.sleep(0.05)
        assert not running.server.chat.connections
        running.server.stop()
        await begun.to_the_end()
        await silent.to_the_end()
        await logged(running, "stopped")


@pytest.mark.parametrize("how", ["reset", "closed", "reset in the handshake"])
async def test_an_abrupt_end_is_a_lost_connection(authority: Authority, how: str) -> None:
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor(tls=authority.trusted())
        sock = visitor.stream.transport_stream.socket
        if how == "reset in the handshake":
            await sock.send(client_hello(authority))
        else:
            await visitor.ask({"t": "hello", "name": "ana"}, "welcome")
        if how != "closed":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
        if how == "reset in the handshake":
            await logged(running, "tls-failed")
        else:
            assert (await logged(running, "disconnected"))["reason"] == "lost"
        await unharmed(running, authority)


async def test_a_goodbye_of_tls_is_answered_after_what_was_said_last(authority: Authority) -> None:
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor(tls=authority.trusted())
        await visitor.stream.send_all(b'{"t":"hello","name":"ana"}\n{"t":"ping"}')
        unwrap = visitor.stream._ssl_object.unwrap
        with pytest.raises(ssl.SSLWantReadError):
            unwrap()
        await visitor.stream.transport_stream.send_all(visitor.stream._outgoing.read())
        await visitor.next("welcome")
        await visitor.next("pong")
        assert await visitor.to_the_end() == b""
        assert (await logged(running, "disconnected"))["reason"] == "lost"


async def test_the_server_says_goodbye_as_tls_does(authority: Authority) -> None:
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor(tls=authority.trusted())
        strict = visitor.stream
        strict._https_compatible = False
        await visitor.ask({"t": "hello", "name": "ana"}, "welcome")
        running.server.stop()
        await visitor.next("bye")
        with trio.fail_after(PATIENCE_S):
            assert await strict.receive_some() == b"", "an end that was not announced would raise"


async def test_what_is_older_than_tls_1_2_is_refused(authority: Authority) -> None:
    old = authority.trusted()
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    async with running_server(**authority.issue()) as running:
        visitor = await running.visitor(tls=old)
        with pytest.raises(trio.BrokenResourceError):
            await visitor.stream.do_handshake()
        assert (await logged(running, "tls-failed"))["reason"] == "unsupported-protocol"
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        visitor = await running.visitor(tls=old)
        await visitor.ask({"t": "ping"}, "pong")
        assert (await logged(running, "connected"))["tls"] == "TLSv1.2"


async def test_a_slow_reader_over_tls_is_ended_and_nobody_else_notices(authority: Authority) -> None:
    async with running_server(**authority.issue(), max_outbox_bytes=50_000) as running:
        slow = await running.visitor(tls=authority.trusted(), receive_buffer_bytes=4_096)
        await slow.ask({"t": "hello", "name": "slow", "lobby": False}, "welcome")
        await slow.ask({"t": "join", "room": "Sala1"}, "joined")
        reader = await running.native("reader", "Sala1", tls=authority.trusted())
        talker = await running.native("talker", "Sala1")
        count = 0
        while not any(entry.get("reason") == "slow-reader" for entry in running.log.entries):
            count += 1
            assert count < 5_000
            await talker.ask({"t": "say", "room": "Sala1", "text": f"{count}" * 1_000, "id": 1}, "ok")
            said = await reader.next("said")
            assert said["seq"] == count
        lines = (await slow.to_the_end()).splitlines()
        assert json.loads(lines[-1])["reason"] == "slow-reader"
        said = [json.loads(line)["seq"] for line in lines if b'"said"' in line]
        assert said == list(range(1, len(said) + 1)), "in order and whole up to the end"
        await unharmed(running, authority)


async def test_much_at_once_arrives_whole_in_both_directions(authority: Authority) -> None:
    async with running_server(**authority.issue(), max_outbox_bytes=100_000_000) as running:
        ana = await running.native("ana", "Sala1", tls=authority.trusted())
        texts = [f"{n}:" + "ñ" * 2_000 for n in range(500)]
        lines = [json.dumps({"t": "say", "room": "Sala1", "text": text, "id": 1}) for text in texts]

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ana.stream.send_all, "".join(f"{line}\n" for line in lines).encode())
            for n in range(500):
                assert (await ana.next("ok"))["seq"] == n + 1
        page = await ana.ask({"t": "history", "room": "Sala1", "limit": 100, "id": 2}, "history")
        key = "messages" if "messages" in page else "history"
        assert [said["text"] for said in page[key]] == texts[-100:]


async def test_fifty_at_once_hear_each_other_and_leave_nothing_behind(authority: Authority) -> None:
    async with running_server(**authority.issue()) as running:
        people: list[Visitor] = []

        async def come(number: int) -> None:
            people.append(await running.native(f"p{number}", "Sala1", tls=trusted))

        trusted = authority.trusted()
        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(come, number)
        for number in range(10):
            await people[0].ask({"t": "say", "room": "Sala1", "text": f"{number}", "id": 1}, "ok")
        for person in people[1:]:
            assert [(await person.next("said"))["seq"] for _ in range(10)] == list(range(1, 11))
        for person in people:
            await person.close()
        with trio.fail_after(PATIENCE_S):
            while running.server.chat.connections:
                await trio.sleep(0.001)
        assert not running.server._entrance._waiting


async def test_a_new_certificate_is_for_new_connections_and_a_bad_one_for_nobody(
    authority: Authority,
) -> None:
    settings = authority.issue()
    async with running_server(**settings) as running:
        ana = await running.native("ana", "Sala1", tls=authority.trusted())

        async def shown() -> bytes:
            visitor = await running.visitor(tls=authority.trusted())
            await visitor.ask({"t": "ping"}, "pong")
            certificate: bytes = visitor.stream.getpeercert(binary_form=True)
            return certificate

        first = await shown()
        authority.issue()
        assert await shown() == first
        running.server.reload()
        second = await shown()
        assert second != first
        Path(settings["tls_key"]).write_text("nothing")
        running.server.reload()
        assert await shown() == second
        assert "--tls-key" in (await logged(running, "certificate-unfit"))["reason"]
        await ana.ask({"t": "say", "room": "Sala1", "text": "still here", "id": 1}, "ok")


async def test_a_cancelled_entrance_closes_the_socket(authority: Authority) -> None:
    # What is left open fails the test as a warning.
    async with trio.open_nursery() as outer, running_server(**authority.issue()) as running:
        visitor = await running.visitor()
        await visitor.send(client_hello(authority)[:20])
        await trio.sleep(0.02)
        outer.cancel_scope.cancel()
