"""What whoever operates a server does with it: a supervisor, `wassop status`, new settings."""

import configparser
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, environment, run_wassop, serving
from tests.e2e.test_serve import receive_until
from wassop import __version__

SCRIPTS = Path(__file__).parents[2] / "scripts"


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return f"127.0.0.1:{sock.getsockname()[1]}"


@contextmanager
def supervised(tmp_path: Path, *arguments: str, **variables: str) -> Iterator[tuple[ServerProcess, "Heard"]]:
    """A server whose supervisor we are; what it logs goes to `tmp_path / "log"`."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock,
        (tmp_path / "log").open("w") as log,
    ):
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE_S)
        command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--memory", "--log-format", "json"]
        with subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=log, text=True,
            env=environment(NOTIFY_SOCKET=sock.getsockname(), **variables), start_new_session=True,
        ) as process:  # fmt: skip
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                yield ServerProcess(process, int(line.rstrip(".\n").rpartition(":")[2]), line), Heard(sock)
            finally:
                process.kill()


class Heard:
    """What the supervisor hears."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def next(self, word: str) -> list[str]:
        """The next message that begins with `word`."""
        while True:
            words = self._sock.recv(1_000).decode().split("\n")
            if words[0] == word:
                return words


def events(tmp_path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_a_supervisor_hears_when_it_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path) -> None:
    with supervised(tmp_path, WATCHDOG_USEC="20000") as (server, heard):
        assert heard.next("READY=1")[1] == "STATUS=personas: 0, salas: 3"
        for _ in range(3):
            heard.next("WATCHDOG=1")
        assert server.stop() == 0
        heard.next("STOPPING=1")


def test_new_settings_are_put_in_force_and_those_that_cannot_be_are_named(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text("verbose = false\n")
    with supervised(tmp_path, "--config", str(file)) as (server, heard):
        heard.next("READY=1")
        for text in (
            "verbose = true\nmax_rooms = 11\n",
            "verbose = maybe",
            "verbose = true\nmax_rooms = 11\n",
        ):
            file.write_text(text)
            server.process.send_signal(signal.SIGHUP)
            heard.next("RELOADING=1")
            heard.next("READY=1")
        with server.connect() as ana:
            ana.sendall(b'{"t":"hello","name":"ana"}\n{"t":"join","room":"Sala1"}\n')
            ana.sendall(b'{"t":"say","room":"Sala1","text":"secreto"}\n{"t":"quit"}\n')
            receive_until(ana, b"bye")
        assert server.stop() == 0
    told = [event for event in events(tmp_path) if "reload" in event["event"]]
    assert [event["event"] for event in told] == ["reloaded", "cannot-reload", "reloaded"]
    assert (told[0]["changed"], told[0]["needs_restart"]) == ("verbose", "max_rooms")
    assert str(file) in told[1]["reason"]
    assert (told[2]["changed"], told[2]["needs_restart"]) == ("", "max_rooms")
    assert "said" in [event["event"] for event in events(tmp_path)], "texts are logged now"


def test_a_terminal_that_goes_away_stops_it() -> None:
    leader, follower = os.openpty()
    take_terminal = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "os.execv(sys.executable, [sys.executable, '-m', 'wassop', *sys.argv[1:]])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", take_terminal, "serve", "--port", "0", "--memory", "--log-format", "json"],
        stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    ) as process:  # fmt: skip
        os.close(follower)
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            process.send_signal(signal.SIGHUP)  # the terminal is there still
            assert process.stderr is not None
            assert any('"reloaded"' in line for line in process.stderr)
            os.close(leader)
            assert process.wait(PATIENCE_S) == 0
            assert '"stopped"' in process.stderr.read()
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("lang", "words"), [("es", ("personas", "plain 1", "salas")), ("en", ("people", "plain 1", "rooms"))]
)
def test_status_shows_the_figures(lang: str, words: tuple[str, ...], tmp_path: Path) -> None:
    address = free_address()
    with serving("--metrics", address, "--db", str(tmp_path / "db")) as server, server.connect() as person:
        person.sendall(b"juanmi\n")
        receive_until(person, b": ")
        person.sendall(b"Sala1\n")
        receive_until(person, b"Sala1")
        done = run_wassop("status", "--metrics", address, "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert __version__ in done.stdout.splitlines()[0]
    assert all(word in done.stdout for word in words)
    assert done.stderr == ""


def test_status_takes_the_place_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text(f'metrics = "{free_address()}"\n')
    with serving("--config", str(file)):
        assert run_wassop("status", "--config", str(file)).returncode == 0


def test_where_nobody_answers_status_ends_with_one_line() -> None:
    address = free_address()
    done = run_wassop("status", "--metrics", address, "--lang", "en")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"wassop: {address}: no server answers\n"
    with serving() as other:
        address = f"127.0.0.1:{other.port}"
        done = run_wassop("status", "--metrics", address, "--lang", "en")
    assert done.returncode == 1
    assert done.stderr == f"wassop: {address}: what answers is no wassop server\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["status"], "--metrics"),
        (["status", "--metrics", "here"], "HOST:PORT"),
        (["serve", "--metrics", "127.0.0.1:1=plain"], "HOST:PORT"),
        (["serve", "--memory", "--port", "0", "--metrics", "203.0.113.1:0"], "203.0.113.1:0"),
    ],
)
def test_places_that_are_none_end_with_one_line(arguments: list[str], named: str) -> None:
    done = run_wassop(*arguments, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


# The files for systemd and for containers


def test_the_unit_says_what_a_service_of_this_kind_must() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(SCRIPTS / "wassop.service")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecReload"].endswith("kill -HUP $MAINPID")
    assert int(service["WatchdogSec"]) > 0
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
    arguments = service["ExecStart"].split()[1:]
    assert arguments[0] == "serve"
    accepted = run_wassop("config", *[a for a in arguments[1:] if "/etc/" not in a and a != "--config"])
    assert f'db = "%S/{service["StateDirectory"]}/wassop.db"' in accepted.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "wassop.service"
    file.write_text((SCRIPTS / "wassop.service").read_text().replace("/opt/wassop/bin/wassop", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(file)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_runs_as_nobody_special_with_settings_that_hold() -> None:
    joined = (SCRIPTS / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in joined.splitlines() if line and not line.startswith("#")]
    steps = dict(lines)
    assert steps["USER"] == "10001"
    assert steps["VOLUME"] == "/data"
    assert json.loads(steps["CMD"]) == ["wassop", "serve"]
    variables = dict(pair.split("=", 1) for word, rest in lines if word == "ENV" for pair in rest.split())
    ours = {name: value for name, value in variables.items() if name.startswith("WASSOP_")}
    address = free_address()
    assert f"http://{ours['WASSOP_METRICS']}/healthz" in steps["HEALTHCHECK"]
    assert run_wassop("config", **ours).returncode == 0
    with serving("--metrics", address):
        check = json.loads(steps["HEALTHCHECK"].partition("CMD")[2])
        check = [part.replace(ours["WASSOP_METRICS"], address) for part in check]
        assert subprocess.run([sys.executable, *check[1:]], timeout=PATIENCE_S, check=False).returncode == 0
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=PATIENCE_S) as answer:
            assert answer.read() == b"ok\n"
    assert subprocess.run(
        [sys.executable, *check[1:]], stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=False
    ).returncode
