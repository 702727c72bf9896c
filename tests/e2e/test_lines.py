"""`wassop send`, `wassop tail` and `wassop join --plain` as processes with pipes, and the bot."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, environment, run_wassop, serving

ROOT = Path(__file__).parent.parent.parent


def wassop(server: ServerProcess, *arguments: str, given: str | bytes = "", **variables: str):
    """A command at that server, with `given` as its input."""
    command, *options = arguments
    return subprocess.run(
        [sys.executable, "-m", "wassop", command, "--server", f"127.0.0.1:{server.port}", *options],
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True, timeout=PATIENCE_S, check=False, env=environment(**variables),
    )  # fmt: skip


@contextmanager
def started(*command: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A command with pipes at its ends; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(**variables), cwd=ROOT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def line_with(stream, text: str) -> str:
    """The next line that holds `text`."""
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"no {text!r}")


def texts(server: ServerProcess, room: str = "Sala1") -> list[str]:
    done = wassop(server, "tail", "--room", room, "--no-follow", "--json", "-n", "1000")
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["text"] for line in done.stdout.splitlines()]


def test_what_is_sent_is_stored_and_read_by_tail(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server:
        assert wassop(server, "send", "--room", "Sala1", given="hola\n").returncode == 0
        assert wassop(server, "send", "--room", "Sala1", given="uno\n\n dos\r\ntres").returncode == 0
        assert wassop(server, "send", "--room", "Sala1", "--as-one", given="a\nb\n").returncode == 0
        assert wassop(server, "send", "--room", "Sala1", "hola", "a", "todos").returncode == 0
        assert texts(server) == ["hola", "uno", " dos", "tres", "a\nb", "hola a todos"]


def test_each_way_to_fail_has_its_exit_code_and_one_line() -> None:
    with serving() as server:
        name = "x" * 33
        for code, done in (
            (1, wassop(server, "send", "--room", "x" * 65, "hola")),
            (1, wassop(server, "send", "--room", "Sala1", "--name", name, "hola")),
            (1, wassop(server, "send", "--room", "Sala1", "x" * 5_000)),
            (1, wassop(server, "tail", "--room", "x" * 65)),
            (2, wassop(server, "send", "hola")),
            (2, wassop(server, "send", "--room", "Sala1", given=b"\xff\n")),
            (2, wassop(server, "send", "--room", "Sala1", given=b"x" * 2_000_000)),
            (2, wassop(server, "send", "--room", "Sala1", "--password-file", "/no/such/file", "hola")),
            (2, wassop(server, "send", "--room", "Sala1", "--password-file", "/dev/null", "hola")),
            (2, wassop(server, "send", "--room", "Sala1", "--password-file", "/", "hola")),
            (2, wassop(server, "tail", "--room", "Sala1", "--since", "ayer")),
            (2, wassop(server, "tail", "--room", "Sala1", "--since", "9999999999999w")),
        ):
            assert done.returncode == code, done
            assert len(done.stderr.splitlines()) == 1, done.stderr
            assert done.stdout == b""
        port = server.port
    for command in ("send", "tail"):
        done = run_wassop(command, "--room", "Sala1", "--server", f"127.0.0.1:{port}")
        assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    done = run_wassop("join", "--plain", "--name", "ana", "--server", f"127.0.0.1:{port}")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"wassop serve --port {port}" in done.stderr


def test_without_a_name_a_taken_login_name_gets_a_number_and_a_given_one_does_not() -> None:
    with serving() as server, server.connect() as eva:
        eva.sendall(b'{"t":"hello","name":"eva"}\n')
        assert b"welcome" in eva.recv(65_536)
        assert wassop(server, "send", "--room", "Sala1", "hola", LOGNAME="eva").returncode == 0
        done = wassop(server, "tail", "--room", "Sala1", "--no-follow", "--json")
        assert json.loads(done.stdout)["from"] == "eva-2"
        for given in (["--name", "eva"], []):
            variables = {} if given else {"WASSOP_NAME": "eva"}
            done = wassop(server, "send", "--room", "Sala1", *given, "hola", **variables)
            assert done.returncode == 1


def test_tail_follows_and_ends_well_when_it_is_interrupted(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server:
        for number in range(5):
            wassop(server, "send", "--room", "Sala1", f"m{number}")
        wassop(server, "send", "--room", "Sala2", "otra")
        options = ["--room", "Sala1", "--room", "Sala2", "--since", "1h", "--lang", "en"]
        with started("-m", "wassop", "tail", "--server", f"127.0.0.1:{server.port}", *options) as tail:
            assert [tail.stdout.readline().split(" ", 2)[2].split(": ")[1] for _ in range(6)] == [
                *(f"m{number}\n" for number in range(5)),
                "otra\n",
            ]
            wassop(server, "send", "--room", "Sala2", "--name", "bob", "\x1b[31mrojo")
            assert tail.stdout.readline().endswith("[Sala2] bob: ␛[31mrojo\n")
            tail.send_signal(signal.SIGINT)
            assert tail.wait(PATIENCE_S) == 130
            assert tail.stderr.read() == ""


def test_tail_ends_quietly_when_nobody_reads_it_any_more() -> None:
    with (
        serving() as server,
        started("-m", "wassop", "tail", "--server", f"127.0.0.1:{server.port}", "--room", "Sala1") as tail,
    ):
        tail.stdout.close()
        while tail.poll() is None:
            assert wassop(server, "send", "--room", "Sala1", "hola").returncode == 0
        assert tail.returncode == 0
        assert tail.stderr.read() == ""


def test_tail_prints_each_message_once_through_a_restart_of_the_server(tmp_path: Path) -> None:
    db = ("--db", str(tmp_path / "chat.db"))
    with serving(*db) as first:
        port = str(first.port)
        with started(
            "-m", "wassop", "tail", "--server", f"127.0.0.1:{port}", "--room", "Sala1", "--json", "--lang=en"
        ) as tail:
            wassop(first, "send", "--room", "Sala1", "antes")
            assert json.loads(tail.stdout.readline())["text"] == "antes"
            first.stop(signal.SIGKILL)
            assert "retrying" in tail.stderr.readline()
            with serving(*db, "--port", port) as second:
                for number in range(3):
                    wassop(second, "send", "--room", "Sala1", f"m{number}")
                heard = [json.loads(tail.stdout.readline())["text"] for _ in range(3)]
                assert heard == ["m0", "m1", "m2"]
                assert "back" in tail.stderr.readline()


def test_send_waits_for_a_server_that_is_started_again_and_sends_once(tmp_path: Path) -> None:
    db = ("--db", str(tmp_path / "chat.db"))
    with serving(*db) as first:
        port = str(first.port)
        command = [
            "-m",
            "wassop",
            "send",
            "--server",
            f"127.0.0.1:{port}",
            "--room",
            "Sala1",
            "--name",
            "ana",
        ]
        with started(*command) as send:
            send.stdin.write("uno\n")
            send.stdin.flush()
            with first.connect() as bob:
                bob.sendall(b'{"t":"hello","name":"bob"}\n{"t":"join","room":"Sala1","history":5,"id":1}\n')
                heard = b""
                while b"uno" not in heard:
                    heard += bob.recv(65_536)
            first.stop(signal.SIGKILL)
            with serving(*db, "--port", port) as second:
                send.stdin.write("dos\ntres\n")
                send.stdin.close()
                assert send.wait(PATIENCE_S) == 0
                assert [text for text in texts(second) if text != "uno"] == ["dos", "tres"]
                assert texts(second).count("uno") == 1


def test_send_gives_up_after_its_timeout() -> None:
    with serving() as server:
        command = ["-m", "wassop", "send", "--server", f"127.0.0.1:{server.port}", "--room", "Sala1"]
        with started(*command, "--timeout", "0.1", "--name", "ana") as send:
            send.stdin.write("uno\n")
            send.stdin.flush()
            with server.connect() as bob:
                bob.sendall(b'{"t":"hello","name":"bob"}\n{"t":"join","room":"Sala1","history":5,"id":1}\n')
                heard = b""
                while b"uno" not in heard:
                    heard += bob.recv(65_536)
            server.stop(signal.SIGKILL)
            send.stdin.write("dos\n")
            send.stdin.close()
            assert send.wait(PATIENCE_S) == 3
            assert len(send.stderr.read().splitlines()) == 1


def test_plain_join_takes_the_words_of_the_terminal_client_in_a_pipe() -> None:
    script = "\n".join(
        ["Sala1", "hola", "LIKE", "//x", "/msg nadie hola", "/who", "/who Sala2", "/rooms", "/topic x",
         "/topic", "/go 3", "/nope", "/all", "/search", "/help", "/leave Sala9",
         "EXIT", "REFR", "QUIT", "tarde"]
    )  # fmt: skip
    with serving() as server:
        done = wassop(server, "join", "--name", "ana", "--lang", "en", given=script)
        assert (done.returncode, done.stderr) == (0, b"")
        assert texts(server, "Sala1") == ["hola", "👍", "/x"]
    told = done.stdout.decode()
    assert "\x1b" not in told
    places = [
        told.index(text)
        for text in (
            "You have joined as ana.",
            "Main menu",
            "You have joined the room Sala1.",
            "Not delivered: hola (nadie is not connected.)",
        )
    ]
    assert places == sorted(places)
    for text in (
        "Sala1 (1): ana",
        "Sala2 (0):",
        "needs a screen",
        "/nope",
        "Use: /all TEXT",
        "/join ROOM: go into",
    ):
        assert text in told


def test_plain_join_asks_for_a_name_and_tells_who_comes_and_what_is_said() -> None:
    with serving() as server:
        command = ["-m", "wassop", "join", "--plain", "--server", f"127.0.0.1:{server.port}"]
        with started(*command, "--room", "Sala1") as ana:
            ana.stdin.write("\nno vale\nana\n")
            ana.stdin.flush()
            assert line_with(ana.stdout, "Te has unido a la sala") == "Te has unido a la sala Sala1.\n"
            wassop(server, "send", "--room", "Sala1", "--name", "bob", "hola")
            assert [ana.stdout.readline() for _ in range(3)] == [
                "bob se ha unido a la sala.\n",
                "bob: hola\n",
                "bob ha salido del chat.\n",
            ]
            ana.send_signal(signal.SIGINT)
            assert ana.wait(PATIENCE_S) == 130
            assert "Traceback" not in ana.stderr.read()
        done = wassop(server, "join", "--plain", given="")
        assert (done.returncode, done.stderr) == (1, b"")


def test_a_name_that_is_taken_does_not_make_the_next_line_a_name() -> None:
    with serving() as server, server.connect() as ana:
        ana.sendall(b'{"t":"hello","name":"ana"}\n')
        assert b"welcome" in ana.recv(65_536)
        done = wassop(server, "join", "--name", "ana", "--room", "Sala1", given="hola\n")
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_plain_join_says_that_the_connection_is_lost_and_sends_what_was_entered_meanwhile(
    tmp_path: Path,
) -> None:
    db = ("--db", str(tmp_path / "chat.db"))
    with serving(*db) as first:
        port = str(first.port)
        command = ["-m", "wassop", "join", "--plain", "--server", f"127.0.0.1:{port}", "--lang", "en"]
        with started(*command, "--room", "Sala1", "--name", "ana") as ana:
            line_with(ana.stdout, "You have joined the room")
            first.stop(signal.SIGKILL)
            line_with(ana.stdout, "retrying")
            ana.stdin.write("entretanto\n/who\n")
            ana.stdin.flush()
            with serving(*db, "--port", port) as second:
                line_with(ana.stdout, "The connection is back.")
                line_with(ana.stdout, "Sala1 (1): ana")
                assert texts(second) == ["entretanto"]
                second.stop(signal.SIGKILL)
                line_with(ana.stdout, "retrying")
                ana.stdin.write("nunca\nQUIT\n")
                ana.stdin.flush()
                assert ana.wait(PATIENCE_S) == 3
                assert ana.stderr.read() == "wassop: 1 line was not sent.\n"


@pytest.mark.parametrize("how", ["plain", "send", "tail"])
def test_a_server_that_nobody_vouches_for_is_not_believed_in_a_pipe(how: str, tmp_path: Path) -> None:
    command = {
        "plain": ["join", "--plain", "--name", "ana"],
        "send": ["send", "--room", "Sala1", "hola"],
        "tail": ["tail", "--room", "Sala1"],
    }[how]
    with serving("--tls-self-signed", "--db", str(tmp_path / "chat.db")) as server:
        done = wassop(server, *command, "--tls", given="hola\n")
        assert done.returncode == (1 if how == "plain" else 3)
        assert b"SHA-256" in done.stderr
        authority = str(tmp_path / "wassop-tls.pem")
        done = wassop(server, "send", "--room", "Sala1", "hola", "--ca", authority)
        assert done.returncode in (0, 3), "its certificate may be made for another name"
        assert b"Traceback" not in done.stderr


def test_an_option_that_is_missing_is_told_in_ones_own_language() -> None:
    assert "Falta la opción '--room'." in run_wassop("send").stderr
    assert "Falta el argumento 'ARCHIVO'." in run_wassop("import").stderr
    assert "Missing option '--room'." in run_wassop("send", "--lang=en").stderr


def test_help_of_each_command_comes_in_both_languages_and_tells_the_exit_codes() -> None:
    for command in ("join", "send", "tail"):
        spanish, english = (
            run_wassop(command, "--help").stdout,
            run_wassop(command, "--help", "--lang=en").stdout,
        )
        assert "Termina con 0" in spanish
        assert "Ends with 0" in english
        assert "130:" in spanish
        assert "130:" in english


def test_help_and_usage_are_in_one_language() -> None:
    asked = [], ["serve"], ["send"], ["tail"], ["account"], ["account", "add"], ["import"], ["status"]
    for command in asked:
        spanish = run_wassop(*command, "--help").stdout
        for english in ("OPTIONS", "COMMAND", "FILE", "NAME", "ROOM", "PORT", "TEXT", r"\[required"):
            assert not re.search(rf"{english}\b", spanish), (command, english)
        assert "[OPCIONES]" in spanish
        assert "[OPTIONS]" in run_wassop(*command, "--help", WASSOP_LANG="en").stdout
        assert "..." not in spanish.partition("Comandos:")[2], "a summary is a whole sentence"
    for command, told in (
        (["send", "hola"], "Falta la opción '--room'."),
        (["import"], "Falta el argumento 'ARCHIVO'."),
        (["doors"], "Falta el argumento '{open|close}'. Elige entre: open, close"),
        (["send", "--timeout", "x", "--room", "Sala1"], "'x' no es un número válido."),
        (["send", "--timeout", "-1", "--room", "Sala1"], "-1.0 no está en el intervalo x>=0."),
    ):
        done = run_wassop(*command)
        assert told in done.stderr
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_the_bot_answers_in_its_rooms_and_nowhere_else() -> None:
    with serving() as server, started("scripts/bot.py", f"127.0.0.1:{server.port}", "Sala1") as bot:
        with server.connect() as ana:
            ana.sendall(b'{"t":"hello","name":"ana"}\n{"t":"join","room":"Sala1"}\n')
            heard = ana.makefile("rb")
            while True:
                told = json.loads(heard.readline())
                if "bot" in [*told.get("members", []), *told.get("joined", [])] and told["room"] == "Sala1":
                    break
            for line in ("nada", "!dado 20", "!dado 1e9", "!dado", "!hora"):
                ana.sendall(json.dumps({"t": "say", "room": "Sala1", "text": line}).encode() + b"\n")
            answers = []
            while len(answers) < 3:
                told = json.loads(heard.readline())
                if told["t"] == "said":
                    answers.append(told["text"])
            assert answers[0].startswith("ana: Ha salido un ")
            assert answers[1].startswith("ana: Ha salido un ")
            assert answers[2].startswith("ana: Son las ")
        bot.send_signal(signal.SIGINT)
        assert bot.wait(PATIENCE_S) == 0
        assert bot.stderr.read() == ""
    assert len((ROOT / "scripts" / "bot.py").read_text().splitlines()) == 30
