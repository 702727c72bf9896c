"""scripts/load.py as people run it: what it counts, what it finds, how it ends. No figure is asserted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio

LOAD = Path(__file__).parents[2] / "scripts" / "load.py"
SMALL = ["--clients", "60", "--rooms", "2", "--talkers", "3", "--warm-up", "0.3", "--allow-saturated"]
TIMEOUT_S = 120  # far beyond need, for a busy machine; nothing here waits for it


async def load(*options: str, result: Path) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, str(LOAD), *SMALL, *options, "--json", str(result)]
    with trio.fail_after(TIMEOUT_S):
        done = await trio.run_process(command, check=False, capture_stdout=True, capture_stderr=True)
    print(done.stderr.decode())  # what it complained of, if the test fails
    assert result.exists()
    return done.returncode, json.loads(result.read_text()), done.stdout.decode()


@pytest.mark.parametrize(
    "pace", [["--rate", "100"], ["--rate", "0"], ["--rate", "0", "--in-flight", "16"]], ids=" ".join
)
async def test_everything_is_delivered_once_and_in_order(pace: list[str], tmp_path: Path) -> None:
    code, result, table = await load(*pace, "--seconds", "1", result=tmp_path / "result.json")

    assert set(result["faults"].values()) == {0}, result
    assert (code, result["server"]["exit_code"], result["server"]["log_warnings"]) == (0, 0, []), table
    total = result["total"]
    assert total["answered"] == total["sent"] > 0
    assert total["deliveries"] == total["sent"] * 29  # each to all others of a room of 30
    assert "lost, duplicated           0, 0" in table


def without_the_second(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def with_the_second_twice(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[1:]]


def with_the_first_two_swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (without_the_second, {"lost": 1, "seq_gaps": 1}),
        (with_the_second_twice, {"duplicated": 1}),
        (with_the_first_two_swapped, {"out_of_order": 1}),
    ],
)
@pytest.mark.parametrize("victim", [0, 59], ids=["a talker", "a listener"])
async def test_what_one_receiver_misses_or_hears_twice_is_found(
    victim: int, spoil: Callable[[list[bytes]], list[bytes]], expected: dict[str, int], tmp_path: Path
) -> None:
    async with trio.open_nursery() as nursery:
        command = [sys.executable, "-m", "wassop", "serve", "--memory", "--port", "0"]
        server = await nursery.start(run_quietly, command)
        said = await server.stdout.receive_some()
        port = int(said.decode().rpartition(":")[2].rstrip(".\n"))
        listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]

        async def relay(client: trio.SocketStream) -> None:
            await relay_but_spoil(client, port, f"-{victim}", spoil)

        nursery.start_soon(trio.serve_listeners, relay, [listener])
        address = f"127.0.0.1:{listener.socket.getsockname()[1]}"
        code, result, table = await load(
            "--rate", "100", "--seconds", "0.5", "--server", address, "--pid", str(server.pid),
            "--rooms", "1" if victim else "2", "--talkers", "1" if victim else "2",
            result=tmp_path / "result.json",
        )  # fmt: skip
        nursery.cancel_scope.cancel()

    assert code == 1
    assert {name: count for name, count in result["faults"].items() if count} == expected
    assert "WRONG" in table


async def run_quietly(command: list[str], task_status: trio.TaskStatus[trio.Process]) -> None:
    # On a busy machine a client may be so slow to speak that it would be greeted as a person.
    await trio.run_process(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "WASSOP_SNIFF_SILENCE_S": "60"},
        task_status=task_status,
    )


async def relay_but_spoil(
    client: trio.SocketStream, port: int, victim: str, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Stand between one client and the server, and change the first three messages that the victim hears."""
    server = await trio.open_tcp_stream("127.0.0.1", port)
    async with client, server, trio.open_nursery() as nursery:
        hello = await client.receive_some()
        is_victim = json.loads(hello)["name"].endswith(victim)
        await server.send_all(hello)

        async def towards_the_server() -> None:
            with suppress(trio.BrokenResourceError):
                async for data in client:
                    await server.send_all(data)
            nursery.cancel_scope.cancel()

        nursery.start_soon(towards_the_server)
        # Clients that have counted enough are killed with what they have not read: a reset, on both sides.
        with suppress(trio.BrokenResourceError):
            await relay_to_the_client(client, server, spoil if is_victim else None)


async def relay_to_the_client(
    client: trio.SocketStream,
    server: trio.SocketStream,
    spoil: Callable[[list[bytes]], list[bytes]] | None,
) -> None:
    held: list[bytes] = []
    rest = b""
    async for data in server:
        *lines, rest = (rest + data).splitlines(keepends=True) if spoil is not None else [data, b""]
        if rest.endswith(b"\n"):
            lines, rest = [*lines, rest], b""
        for line in lines:
            if spoil is not None and b'"said"' in line and len(held) < 3:
                held.append(line)
                line = b"".join(spoil(held)) if len(held) == 3 else b""
            if line:
                await client.send_all(line)


async def test_an_interrupted_run_tells_what_it_has(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    command = [sys.executable, str(LOAD), *SMALL, "--rate", "100", "--seconds", "600", "--json", str(result)]
    said = b""
    with trio.fail_after(TIMEOUT_S):
        async with trio.open_nursery() as nursery:
            process = await nursery.start(run_with_errors_piped, command)
            while b"connected 60  joined 60" not in said:
                said += await process.stderr.receive_some()
            process.send_signal(signal.SIGINT)
            while await process.stderr.receive_some():
                pass
            code = await process.wait()

    assert code == 130
    told = json.loads(result.read_text())
    assert told["is_interrupted"]
    assert set(told["faults"].values()) == {0}
    assert told["server"]["exit_code"] == 0


async def run_with_errors_piped(command: list[str], task_status: trio.TaskStatus[trio.Process]) -> None:
    await trio.run_process(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, task_status=task_status
    )


async def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    async with (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0] as closed:
        port = closed.socket.getsockname()[1]
    command = [sys.executable, str(LOAD), "--server", f"127.0.0.1:{port}"]
    done = await trio.run_process(command, check=False, capture_stdout=True, capture_stderr=True)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(b"load.py: 127.0.0.1:")
