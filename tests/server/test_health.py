"""The pages for machines: what they tell, and that nothing done to them touches the chat."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families

from tests.server.disk import archive_of, slow_disk
from tests.server.support import PATIENCE_S, LogLines, Running, open_test_log, running_server
from tests.storage.entries import limit_pages
from wassop import __version__
from wassop.config import Config
from wassop.server.app import open_server
from wassop.server.figures import BOUNDS_S, Latency
from wassop.server.health import why_unready
from wassop.server.pages import Pages

METRICS = "127.0.0.1:0"


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with running_server(metrics=METRICS) as server:
        yield server


def pages(running: Running) -> Pages:
    assert running.server.health is not None
    return running.server.health


async def connect(running: Running) -> trio.SocketStream:
    host, _, port = pages(running).doors[0].address.rpartition(":")
    return await trio.open_tcp_stream(host, int(port))


async def answer_to(running: Running, request: bytes) -> str:
    async with await connect(running) as stream:
        with trio.fail_after(PATIENCE_S):
            await stream.send_all(request)
            return b"".join([data async for data in stream]).decode()


async def get(running: Running, path: str, method: str = "GET") -> tuple[int, str]:
    """Status and body."""
    request = f"{method} {path} HTTP/1.1\r\nHost: here\r\n\r\n"
    head, _, body = (await answer_to(running, request.encode())).partition("\r\n\r\n")
    assert "connection: close" in head.lower()
    return int(head.split()[1]), body


async def figures(running: Running) -> dict[str, float]:
    """Samples by name and label, as `wassop_sessions native`."""
    status, text = await get(running, "/metrics")
    assert status == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def until(running: Running, name: str, value: float) -> dict[str, float]:
    with trio.fail_after(PATIENCE_S):
        while (told := await figures(running))[name] != value:
            pass
    return told


async def test_nothing_listens_unless_it_is_wanted() -> None:
    async with running_server() as running:
        assert running.server.health is None
        assert running.server.chat.figures.latency is None


async def test_who_is_here_is_told_by_dialect(running: Running) -> None:
    ana = await running.native("ana", "Clase")
    await running.native("bob")
    person = await running.visitor()
    await person.send("juanmi")
    await person.until("a command: ")
    await running.visitor()  # says nothing
    told = await until(running, "wassop_connections", 4)
    assert told["wassop_sessions native"] == 2
    assert told["wassop_sessions plain"] == 1
    assert told["wassop_sessions mychat"] == 0
    assert told["wassop_rooms"] == 4
    assert told[f"wassop_info {__version__}"] == 1
    assert told["wassop_start_time_seconds"] > 1e9
    await ana.ask({"t": "leave", "room": "Clase"}, "left")
    assert (await figures(running))["wassop_rooms"] == 3


async def test_messages_and_deliveries_are_counted_and_timed(running: Running) -> None:
    ana = await running.native("ana", "Sala1")
    bob = await running.native("bob", "Sala1")
    await running.native("eva", "Sala1")
    for text in ("uno", "dos"):
        await ana.ask({"t": "say", "room": "Sala1", "text": text, "id": text}, "ok")
    await ana.ask({"t": "msg", "to": "bob", "text": "tres", "id": 3}, "ok")
    await bob.next("msg")
    told = await until(running, "wassop_deliveries_total room", 4)
    assert told["wassop_messages_total room"] == 2
    assert told["wassop_messages_total private"] == told["wassop_deliveries_total private"] == 1
    assert told["wassop_fanout_seconds_count"] >= 1
    assert told["wassop_fanout_seconds_bucket +Inf"] == told["wassop_fanout_seconds_count"]
    assert told["wassop_fanout_seconds_sum"] > 0


def test_a_value_is_in_the_first_bucket_that_reaches_it() -> None:
    latency = Latency()
    for seconds in (0.0, BOUNDS_S[0], BOUNDS_S[0] * 1.01, BOUNDS_S[-1], 100.0):
        latency.observe(seconds)
    assert (latency.counts[0], latency.counts[1], latency.counts[-2], latency.counts[-1]) == (2, 1, 1, 1)
    assert sum(latency.counts) == 5


async def test_refusals_are_counted_by_code_and_ends_by_reason(running: Running) -> None:
    ana = await running.native("ana")
    await ana.ask({"t": "say", "room": "Sala1", "text": "hola"}, "error")
    await ana.ask({"t": "who", "room": "nowhere"}, "error")
    await ana.send("this is not JSON")
    await ana.next("error")
    await ana.ask({"t": "quit"}, "bye")
    bob = await running.native("bob")
    await bob.close()
    told = await until(running, "wassop_disconnects_total lost", 1)
    assert told["wassop_refused_total not-in-room"] == 1
    assert told["wassop_refused_total no-such-room"] == 1
    assert told["wassop_refused_total bad-json"] == 1
    assert told["wassop_refused_total name-taken"] == 0
    assert told["wassop_disconnects_total quit"] == 1


async def test_whoever_is_turned_away_is_counted_by_reason() -> None:
    async with running_server(metrics=METRICS, max_connections_per_address=1, trust_network=()) as running:
        await running.native("ana")
        late = await running.visitor()
        assert await late.to_the_end() != b""
        assert (await figures(running))["wassop_disconnects_total address-full"] == 1


async def test_what_waits_for_readers_is_told() -> None:
    async with running_server(metrics=METRICS, max_outbox_bytes=100_000_000) as running:
        ana = await running.native("ana", "Sala1")
        deaf = await running.visitor(receive_buffer_bytes=4_096)
        await deaf.ask({"t": "hello", "name": "deaf", "lobby": False}, "welcome")
        await deaf.ask({"t": "join", "room": "Sala1"}, "joined")
        for i in range(2_000):
            await ana.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": i}, "ok")
        assert (await figures(running))["wassop_outbox_bytes"] > 100_000


async def test_the_database_lag_is_the_age_of_what_waits_longest(tmp_path: Path) -> None:
    async with running_server(metrics=METRICS, db=tmp_path / "db", commit_max_messages=2) as running:
        told = await figures(running)
        assert (told["wassop_database_waiting"], told["wassop_database_lag_seconds"]) == (0, 0)
        ana = await running.native("ana", "Sala1")
        before = trio.current_time()
        with slow_disk(running) as disk:
            for number in range(5):
                await ana.send({"t": "say", "room": "Sala1", "text": "hola", "id": number})
            told = await until(running, "wassop_database_waiting", 5)
            assert 0 < told["wassop_database_lag_seconds"] <= trio.current_time() - before
            disk.may_go_on.set()
            for _ in range(5):
                await ana.next("ok")
        told = await figures(running)
        assert (told["wassop_database_waiting"], told["wassop_database_lag_seconds"]) == (0, 0)


async def test_without_a_record_there_is_no_lag(running: Running) -> None:
    assert not any("database" in name for name in await figures(running))


# Lives, and ready


async def test_it_lives_and_is_ready(running: Running) -> None:
    assert await get(running, "/healthz") == (200, "ok\n")
    assert await get(running, "/readyz") == (200, "ok\n")
    assert await get(running, "/readyz?verbose=1") == (200, "ok\n")


async def test_it_is_not_ready_before_it_runs() -> None:
    server = await open_server(Config(port=0, memory=True), open_test_log(LogLines()))
    assert await why_unready(server) == "starting"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.run)
        await server.accepting.wait()
        assert await why_unready(server) is None
        server.stop()


async def test_while_it_stops_it_lives_and_is_not_ready() -> None:
    async with running_server(metrics=METRICS, max_outbox_bytes=100_000_000) as running:
        ana = await running.native("ana", "Sala1")
        deaf = await running.visitor(receive_buffer_bytes=4_096)
        await deaf.ask({"t": "hello", "name": "deaf", "lobby": False}, "welcome")
        await deaf.ask({"t": "join", "room": "Sala1"}, "joined")
        for i in range(2_000):
            await ana.ask({"t": "say", "room": "Sala1", "text": "x" * 4_000, "id": i}, "ok")
        running.server.stop()
        assert await get(running, "/healthz") == (200, "ok\n")
        assert await get(running, "/readyz") == (503, "stopping\n")


async def test_while_nothing_can_be_stored_it_is_not_ready_and_finds_out_by_itself_when_it_is(
    tmp_path: Path,
) -> None:
    async with running_server(metrics=METRICS, db=tmp_path / "db") as running:
        ana = await running.native("ana", "Sala1")
        limit_pages(archive_of(running), 0)
        big = {"t": "say", "room": "Sala1", "text": "x" * 4_090, "id": 1}
        assert (await ana.ask(big, "error"))["code"] == "not-stored"
        assert await get(running, "/readyz") == (503, "messages cannot be stored\n")
        told = await figures(running)
        assert told["wassop_database_failing"] == 1
        assert told["wassop_refused_total not-stored"] == 1
        limit_pages(archive_of(running), None)
        assert await get(running, "/readyz") == (200, "ok\n")
        assert (await figures(running))["wassop_database_failing"] == 0
        assert "storing-again" in [entry["event"] for entry in running.log.entries]


# What is done to the pages


async def test_head_is_answered_without_a_body(running: Running) -> None:
    for path in ("/metrics", "/healthz"):
        status, body = await get(running, path, "HEAD")
        assert (status, body) == (200, "")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/metrics", 405)])
async def test_other_pages_and_methods_are_refused(
    running: Running, method: str, path: str, status: int
) -> None:
    assert (await get(running, path, method))[0] == status


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"hola\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n" + b"x" * 9, 405),
        (b"POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n" + b"x" * 70_000, 404),
        (b"POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", 404),
        (b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 200),
    ],
)
async def test_whatever_comes_gets_one_answer(running: Running, request_: bytes, status: int) -> None:
    answer = await answer_to(running, request_)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert answer.count("HTTP/1.1") == 1
    assert await get(running, "/healthz") == (200, "ok\n")


async def test_whoever_says_nothing_is_ended_and_the_others_wait_that_long(running: Running) -> None:
    pages(running).timeout_s = 0.05
    silent = [await connect(running) for _ in range(2 * pages(running).max_connections)]
    assert await get(running, "/healthz") == (200, "ok\n")
    for stream in silent:
        async with stream:
            with trio.fail_after(PATIENCE_S):
                assert await stream.receive_some() == b""


async def test_whoever_leaves_in_the_middle_disturbs_nobody(running: Running) -> None:
    for part in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"):
        stream = await connect(running)
        await stream.send_all(part) if part else None
        stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await stream.aclose()
    assert await get(running, "/healthz") == (200, "ok\n")
    assert "metrics-failed" not in [entry["event"] for entry in running.log.entries]


async def test_a_fault_of_ours_is_told_and_logged_and_the_chat_goes_on(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("wassop.server.metrics.generate_latest", fault)
    assert (await get(running, "/metrics"))[0] == 500
    assert await get(running, "/healthz") == (200, "ok\n")
    await running.native("ana")
    assert "metrics-failed" in [entry["event"] for entry in running.log.entries]


async def test_a_place_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    async with running_server(metrics=METRICS) as running:
        taken = pages(running).doors[0].address
        config = attrs.evolve(Config(port=0, db=str(tmp_path / "db")), metrics=taken)
        with pytest.raises(OSError, match="in use") as caught:
            await open_server(config, open_test_log(LogLines()))
        assert caught.value.filename == taken
