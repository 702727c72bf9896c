"""`wassop serve` and `wassop config` as processes."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, environment, run_wassop, serving
from wassop import __version__


def receive_until(sock: socket.socket, ending: bytes) -> bytes:
    data = b""
    while ending not in data:
        more = sock.recv(65_536)
        assert more, data
        data += more
    return data


def test_it_says_where_it_listens_in_spanish_and_in_english() -> None:
    with serving() as server:
        assert server.first_line == f"Servidor escuchando en 127.0.0.1:{server.port}...\n"
    with serving("--lang", "en") as server:
        assert server.first_line == f"Server listening on 127.0.0.1:{server.port}...\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_gracefully(how: signal.Signals) -> None:
    with serving() as server, server.connect() as ana:
        ana.sendall(b'{"t":"hello","name":"ana"}\n')
        receive_until(ana, b"welcome")
        assert server.stop(how) == 0
        assert b'"shutdown"' in receive_until(ana, b"bye")


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    config.write_text("drain_timeout_s = 1000.0\nmax_outbox_bytes = 100_000_000\n")
    with serving("--config", str(config)) as server, server.connect() as deaf, server.connect() as talker:
        for sock, name in ((deaf, b"deaf"), (talker, b"talker")):
            sock.sendall(b'{"t":"hello","name":"%s"}\n{"t":"join","room":"Sala1"}\n' % name)
            receive_until(sock, b"joined")
        line = b'{"t":"say","room":"Sala1","text":"%s","id":1}\n' % (b"x" * 4_000)
        for _ in range(4_000):  # more than the kernel holds for one who does not read
            talker.sendall(line)
            receive_until(talker, b'"ok"')
        server.process.send_signal(signal.SIGTERM)
        receive_until(talker, b"shutdown")
        assert server.process.poll() is None, "it waits for the one who does not read"
        assert server.stop(signal.SIGTERM) == 128 + signal.SIGTERM


def test_the_log_tells_what_happened_in_either_form(tmp_path: Path) -> None:
    for options in (["--log-format", "console"], ["--log-format", "json"]):
        log = tmp_path / "log"
        with serving(*options, stderr=log) as server:
            with server.connect() as ana:
                ana.sendall(b'{"t":"hello","name":"ana"}\n{"t":"join","room":"Sala1"}\n{"t":"quit"}\n')
                receive_until(ana, b"bye")
            assert server.stop() == 0
        lines = log.read_text().splitlines()
        if "json" in options:
            events = [json.loads(line)["event"] for line in lines]
            assert events == [
                "listening",
                "connected",
                "named",
                "joined",
                "disconnected",
                "stopping",
                "stopped",
            ]
        else:
            assert "se unió a la sala" in lines[3]
            assert "room=Sala1" in lines[3]


def test_a_standard_error_that_nobody_reads_does_not_stop_the_chat() -> None:
    with serving("-v", stderr=subprocess.PIPE) as server, server.connect() as ana:
        ana.sendall(b'{"t":"hello","name":"ana"}\n{"t":"join","room":"Sala1"}\n')
        receive_until(ana, b"joined")
        line = b'{"t":"say","room":"Sala1","text":"%s","id":1}\n' % (b"x" * 1_000)
        for _ in range(500):  # far more than a pipe holds
            ana.sendall(line)
            receive_until(ana, b'"ok"')
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "named"),
    [
        (["serve", "--port", "70000"], {}, "--port = 70000"),
        (["serve", "--listen", "nowhere"], {}, "--listen"),
        (["serve", "--lang", "fr"], {}, "--lang"),
        (["serve", "--nope"], {}, "--nope"),
        (["serve"], {"WASSOP_PORT": "x"}, "WASSOP_PORT = 'x'"),
        (["serve"], {"WASSOP_COLOUR": "red"}, "WASSOP_COLOUR"),
        (["serve", "--config", "/no/such/file"], {}, "/no/such/file"),
        (["serve", "--host", "a..b"], {}, "a..b"),
        (["serve", "--config", "/"], {}, "/"),
        (["serve"], {"WASSOP_PING_INTERVAL_S": "inf"}, "WASSOP_PING_INTERVAL_S"),
        (["serve"], {"WASSOP_LISTEN_BACKLOG": "1000000000000"}, "WASSOP_LISTEN_BACKLOG"),
        (["join", "--server", "a..b"], {}, "a..b"),
        (["join", "--ca", "/no/such/ca.pem"], {}, "/no/such/ca.pem"),
        (["join", "--ca", "/dev/null"], {}, "/dev/null"),
        (["serve", "--memory", "--host", "203.0.113.1", "--port", "0"], {}, "203.0.113.1:0"),
        (["serve", "--db", "/proc/no/such.db"], {}, "/proc/no/such.db"),
        (["nothing"], {}, "nothing"),
    ],
)
def test_what_cannot_be_used_ends_with_one_line_that_names_it(
    arguments: list[str], variables: dict[str, str], named: str
) -> None:
    done = run_wassop(*arguments, **variables)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_a_port_in_use_ends_with_one_line_that_names_it() -> None:
    with serving() as server:
        done = run_wassop("serve", "--memory", "--port", str(server.port), "--lang", "en")
    assert done.returncode == 2
    assert (
        done.stderr
        == f"wassop: 127.0.0.1:{server.port}: the port is already in use; --port 0 takes a free one\n"
    )


def test_what_is_said_is_kept_in_the_users_data_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment(XDG_DATA_HOME=str(tmp_path)),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        server = ServerProcess(process, int(line.rstrip(".\n").rpartition(":")[2]), line)
        with server.connect() as ana:
            ana.sendall(b'{"t":"hello","name":"ana"}\n')
            receive_until(ana, b"welcome")
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert (tmp_path / "wassop" / "wassop.db").stat().st_size


@pytest.mark.parametrize(("lang", "named"), [("en", "another server"), ("es", "otro servidor")])
def test_a_file_in_use_is_refused_in_one_line_and_free_again_after_a_kill(
    tmp_path: Path, lang: str, named: str
) -> None:
    file = str(tmp_path / "chat.db")
    with serving("--db", file) as server:
        done = run_wassop("serve", "--db", file, "--port", "0", "--lang", lang)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert file in done.stderr
        assert named in done.stderr
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        with serving("--db", file):
            pass


@pytest.mark.parametrize(("lang", "named"), [("en", "damaged"), ("es", "dañad")])
def test_a_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Path, lang: str, named: str) -> None:
    file = tmp_path / "chat.db"
    file.write_bytes(b"no database at all" * 1_000)
    done = run_wassop("serve", "--db", str(file), "--port", "0", "--lang", lang)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert "--db" in done.stderr
    assert file.read_bytes() == b"no database at all" * 1_000


def test_the_effective_configuration_is_printed_and_can_be_used_again(tmp_path: Path) -> None:
    printed = run_wassop("config", "--port", "7", WASSOP_LANG="en").stdout
    assert "port = 7\n" in printed
    assert 'lang = "en"\n' in printed
    file = tmp_path / "wassop.toml"
    file.write_text(printed)
    assert run_wassop("config", "--config", str(file)).stdout == printed


def test_options_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text("port = 1\nmax_rooms = 11\nmax_text_bytes = 111\n")
    printed = run_wassop(
        "config", "--config", str(file), "--port", "3", WASSOP_PORT="2", WASSOP_MAX_ROOMS="22"
    ).stdout.splitlines()
    assert {"port = 3", "max_rooms = 22", "max_text_bytes = 111"} <= set(printed)


def test_help_and_version_come_in_both_languages() -> None:
    assert run_wassop("--version").stdout == f"wassop {__version__}\n"
    spanish, english = run_wassop("--help").stdout, run_wassop("--help", WASSOP_LANG="en").stdout
    assert "Opciones" in spanish
    assert "Options" in english


def test_mistakes_are_told_in_the_language_that_was_asked_for() -> None:
    done = run_wassop("serve", "--lang", "en", "--port", "x")
    assert done.stderr == "wassop: --port = 'x': a whole number expected\n"
    assert "No such option" in run_wassop("serve", "--lang=en", "--nope").stderr


def test_output_that_cannot_be_written_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wassop", "config"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_second_server_of_somebody_who_named_no_file_takes_another_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wassop", "serve", "--port", "0", "--log-format", "json"]
    with (tmp_path / "log").open("w") as log:
        processes = [
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(XDG_DATA_HOME=str(tmp_path)),
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Servidor")
        for process in processes:
            with process:
                process.terminate()
    assert sorted(path.name for path in (tmp_path / "wassop").glob("*.db")) == ["wassop-2.db", "wassop.db"]
    assert "database-in-use" in (tmp_path / "log").read_text()
