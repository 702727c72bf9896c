"""What a supervisor hears, through a real socket."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from tests.server.support import running_server
from wassop.server.supervision import Supervisor


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.setblocking(False)
        yield sock


def test_nobody_who_asked_nobody_who_is_told() -> None:
    Supervisor({}).tell("READY=1")
    assert Supervisor({}).watchdog_s is None


def test_a_supervisor_that_is_gone_or_busy_holds_nobody_up(tmp_path: Path, heard: socket.socket) -> None:
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nowhere")}).tell("READY=1")
    Supervisor({"NOTIFY_SOCKET": "/" + "x" * 500}).tell("READY=1")
    supervisor = Supervisor({"NOTIFY_SOCKET": heard.getsockname()})
    for _ in range(10_000):  # more than waits in any socket
        supervisor.tell("WATCHDOG=1")
    assert heard.recv(100) == b"WATCHDOG=1"


def test_an_abstract_name_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("")  # the system gives it one
        name = sock.getsockname().removeprefix(b"\0").decode()
        Supervisor({"NOTIFY_SOCKET": f"@{name}"}).tell("A=1", "B=2")
        assert sock.recv(100) == b"A=1\nB=2"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_only_for_whom_it_is_meant(variables: dict[str, str], expected: float | None) -> None:
    assert Supervisor(variables, process_id=7).watchdog_s == expected


async def test_it_hears_of_start_life_and_end(
    heard: socket.socket, autojump_clock: trio.testing.MockClock
) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "20000000"})
    async with running_server() as running, trio.open_nursery() as nursery:
        nursery.start_soon(supervisor.watch, running.server)
        await running.server.accepting.wait()
        await trio.sleep(35)
        running.server.stop()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    told = [heard.recv(200).decode().split("\n") for _ in range(6)]
    assert sorted(words[0] for words in told) == ["READY=1", "STOPPING=1", *["WATCHDOG=1"] * 4]
    assert told[-1][0] == "STOPPING=1"
    assert {words[1] for words in told} == {"STATUS=people: 0, rooms: 3"}
