"""Limits of a server as a process: files that run out, trust on the command line."""

import contextlib
import json
import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, run_wassop, serving
from wassop.core.limits import Limits

pytestmark = pytest.mark.skipif(
    not hasattr(resource, "prlimit") or not os.path.isdir("/proc/self/fd"), reason="only on Linux"
)


class Program:
    """A client that waits for each answer."""

    def __init__(self, server: ServerProcess, source: str = "127.0.0.1") -> None:
        self.sock = socket.create_connection(("127.0.0.1", server.port), PATIENCE_S, (source, 0))
        self._lines = self.sock.makefile("rb")

    def send(self, **request: Any) -> None:
        self.sock.sendall(json.dumps(request).encode() + b"\n")

    def next(self, t: str) -> dict[str, Any]:
        for line in self._lines:
            message: dict[str, Any] = json.loads(line)
            if message["t"] == t:
                return message
        raise AssertionError(f"ended without {t}")

    def ask(self, answer: str, **request: Any) -> dict[str, Any]:
        self.send(**request)
        return self.next(answer)

    def close(self) -> None:
        self._lines.close()
        self.sock.close()


@contextlib.contextmanager
def programs() -> Iterator[list[Program]]:
    """A list of programs that are closed at the end."""
    opened: list[Program] = []
    try:
        yield opened
    finally:
        for program in opened:
            program.close()


def wait_for_log(log: Path, event: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while event not in log.read_text():
        assert time.monotonic() < deadline, f"no {event} in the log"
        time.sleep(0.01)


def test_when_files_run_out_those_inside_go_on_and_the_others_come_in_later(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving("--log-format", "json", "--lang", "en", stderr=log) as server, programs() as opened:
        ana, bob = Program(server), Program(server)
        opened += [ana, bob]
        for program, name in ((ana, "ana"), (bob, "bob")):
            program.ask("welcome", t="hello", name=name)
            program.ask("joined", t="join", room="Sala1")
        files = len(os.listdir(f"/proc/{server.process.pid}/fd")) + 5
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (files, files))
        crowd = [Program(server) for _ in range(15)]
        opened += crowd
        for number, program in enumerate(crowd):
            program.send(t="hello", name=f"v{number}", lobby=False)
        wait_for_log(log, "cannot-accept")
        for number in range(20):
            ana.ask("ok", t="say", room="Sala1", text=f"{number}", id=number)
            assert bob.next("said")["text"] == f"{number}"
        for program in crowd:  # each that goes makes place for one who waits
            assert program.next("welcome")
            program.close()
        opened.append(Program(server))
        assert opened[-1].ask("welcome", t="hello", name="eva")
        ana.ask("pong", t="ping")
        server.stop()
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events.count("cannot-accept") == 1
    assert "connection-failed" not in events


def test_trust_on_the_command_line_replaces_trust_in_this_machine(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    config.write_text("max_connections_per_address = 1\nmessages_burst = 1\nmessages_per_s = 0.001\n")
    with (
        serving("--config", str(config), "--trust-network", "127.0.0.2/32") as server,
        programs() as opened,
    ):
        trusted = [Program(server, "127.0.0.2") for _ in range(3)]
        opened += [*trusted, Program(server)]
        for number, program in enumerate(opened):
            limits = program.ask("welcome", t="hello", name=f"v{number}")["limits"]
            assert limits["messages_burst"] == (0 if program in trusted else 1)
        refused = Program(server)
        opened.append(refused)
        assert refused.ask("bye", t="hello", name="more")["reason"] == "address-full"


def test_without_any_option_five_hundred_from_this_machine_come_in() -> None:
    with serving() as server, programs() as opened:
        for number in range(500):
            opened.append(Program(server))
            opened[-1].send(t="hello", name=f"v{number}", lobby=False)
        for program in opened:
            assert program.next("welcome")


@pytest.mark.parametrize(
    ("arguments", "variables", "named"),
    [
        (["--trust-network", "10.0.0.1/8"], {}, "--trust-network"),
        (["--trust-network", "here"], {}, "--trust-network"),
        ([], {"WASSOP_TRUST_NETWORK": "10.0.0.0/8 x"}, "WASSOP_TRUST_NETWORK"),
        ([], {"WASSOP_MESSAGES_PER_S": "fast"}, "WASSOP_MESSAGES_PER_S = 'fast'"),
        ([], {"WASSOP_MAX_CONNECTIONS": "0"}, "WASSOP_MAX_CONNECTIONS = '0'"),
    ],
)
def test_limits_that_are_none_are_refused_in_one_line(
    arguments: list[str], variables: dict[str, str], named: str
) -> None:
    done = run_wassop("serve", *arguments, **variables)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_the_effective_limits_are_printed() -> None:
    printed = run_wassop("config", "--trust-network", "10.0.0.0/8", "--trust-network", "fd00::/8").stdout
    assert 'trust_network = ["10.0.0.0/8","fd00::/8"]' in printed.splitlines()
    bounds = [field.name for field in attrs.fields(Limits)]
    for name in ("max_connections", "naming_timeout_s", "messages_per_s", *bounds):
        assert f"\n{name} = " in printed


def test_the_server_allows_itself_the_files_that_its_connections_need(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    config.write_text("max_connections = 2000\n")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] < 2_100:
        pytest.skip("the system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
    try:
        with serving("--config", str(config)) as server:
            assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)[0] == 2_064
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
