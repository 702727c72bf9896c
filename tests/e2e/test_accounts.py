"""`wassop account`, beside a running server and without one."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import PATIENCE_S, ServerProcess, environment, run_wassop, serving

SECRET, OTHER = "correcto caballo", "otra contraseña"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def account(db: Path, *arguments: str, password: str = "", expect: int = 0) -> str:
    """Run the command with a password on standard input; what it printed, or complained."""
    command = [sys.executable, "-m", "wassop", "account", *arguments, "--db", str(db)]
    done = subprocess.run(
        [*command, *(["--password-file", "-"] if password else [])],
        input=f"{password}\n", capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env=environment(WASSOP_LANG="en"),
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout or done.stderr


def ask(server: ServerProcess, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """The first answer to each request, of one visitor who then goes."""
    with server.connect() as sock, sock.makefile("rb") as lines:
        answers = []
        for request in requests:
            sock.sendall(json.dumps(request).encode() + b"\n")
            answers.append(json.loads(lines.readline()))
        return answers


def hello(name: str, password: str | None = None) -> dict[str, Any]:
    secret = {} if password is None else {"password": password}
    return {"t": "hello", "name": name, "lobby": False, **secret}


def listed(db: Path) -> list[list[str]]:
    return [line.split()[:2] for line in account(db, "list").splitlines()]


def test_accounts_are_looked_after_while_a_server_runs(db: Path) -> None:
    with serving("--db", str(db), "--lang", "en") as server:
        account(db, "add", "Ana", "--role", "moderator", password=SECRET)
        account(db, "add", "bob", password=SECRET)
        assert listed(db) == [["Ana", "moderator"], ["bob", "user"]]
        (welcome,) = ask(server, hello("ana", SECRET))
        assert (welcome["name"], welcome["role"]) == ("Ana", "moderator")
        account(db, "role", "ana", "admin")
        account(db, "passwd", "ana", password=OTHER)
        assert ask(server, hello("ana", SECRET))[0]["code"] == "login-failed"
        assert ask(server, hello("ana", OTHER))[0]["role"] == "admin"
        account(db, "remove", "bob")
        assert ask(server, hello("bob"))[0]["t"] == "welcome"
        assert "not registered" in account(db, "remove", "bob", expect=1)
        assert server.stop() == 0
    assert listed(db) == [["Ana", "admin"]]
    account(db, "role", "ana", "user")
    printed = run_wassop("audit", "--db", str(db)).stdout.splitlines()
    assert [line.partition("Z ")[2] for line in printed] == [
        "(control) account-add Ana: moderator",
        "(control) account-add bob",
        "(control) account-role Ana: admin",
        "(control) account-passwd Ana",
        "(control) account-remove bob",
        "(control) account-role Ana: user",
    ]
    assert not list(db.parent.glob("*-control"))


def test_accounts_are_looked_after_while_no_server_runs(db: Path) -> None:
    account(db, "add", "ana", password=SECRET)
    assert "at least 8 characters" in account(db, "add", "bob", password="corta", expect=1)
    assert "looks like one" in account(db, "add", "аnа", password=SECRET, expect=1)
    account(db, "role", "ana", "admin")
    account(db, "passwd", "ana", password=OTHER)
    assert listed(db) == [["ana", "admin"]]
    assert "never logged in" in account(db, "list")
    with serving("--db", str(db)) as server:
        assert ask(server, hello("ana", OTHER))[0]["role"] == "admin"
    account(db, "remove", "ana")
    assert listed(db) == []


def test_a_password_may_stand_in_a_file(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\r\nanother line\n", encoding="utf-8")
    account(db, "add", "ana", "--password-file", str(file))
    with serving("--db", str(db)) as server:
        assert ask(server, hello("ana", SECRET))[0]["t"] == "welcome"


def test_a_server_killed_leaves_a_socket_that_hinders_nobody(db: Path) -> None:
    with serving("--db", str(db)) as server:
        server.process.kill()
        server.process.wait(PATIENCE_S)
    account(db, "add", "ana", password=SECRET)
    with serving("--db", str(db)):
        assert listed(db) == [["ana", "user"]]


def test_without_a_database_there_are_no_accounts_to_look_after() -> None:
    done = run_wassop("account", "list", WASSOP_MEMORY="true", WASSOP_LANG="en")
    assert done.returncode == 2
    assert "--memory" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_that_cannot_be_reached_is_told_of(db: Path) -> None:
    with serving("--db", str(db)):
        Path(f"{db}-control").unlink()
        assert "stop it first" in account(db, "list", expect=2)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminal")
def test_who_types_two_different_passwords_reads_so_in_their_own_language(db: Path) -> None:
    control, terminal = pty.openpty()
    command = [sys.executable, "-m", "wassop", "account", "add", "ana", "--db", str(db)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment(WASSOP_LANG="es"),
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(terminal)
        shown = b""
        for prompt, typed in (("Contraseña: ", SECRET), ("La misma otra vez: ", OTHER), ("Contraseña: ", "")):
            while not shown.endswith(prompt.encode()):
                assert select.select([control], [], [], PATIENCE_S)[0], shown
                shown += os.read(control, 1_000)
            os.write(control, f"{typed}\n".encode())
        process.terminate()
        process.wait(PATIENCE_S)
    os.close(control)
    assert "Las dos contraseñas no son iguales." in shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminal")
def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(db: Path) -> None:
    control, terminal = pty.openpty()
    command = [sys.executable, "-m", "wassop", "account", "add", "ana", "--db", str(db)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment(WASSOP_LANG="en"),
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(terminal)
        shown = b""
        for prompt in (b"Password: ", b"The same again: "):
            while not shown.endswith(prompt):
                assert select.select([control], [], [], PATIENCE_S)[0], shown
                shown += os.read(control, 1_000)
            os.write(control, f"{SECRET}\n".encode())
        try:
            while more := os.read(control, 1_000):
                shown += more
        except OSError:  # the terminal's other end is closed
            pass
        assert process.wait(PATIENCE_S) == 0
    os.close(control)
    assert SECRET.encode() not in shown
    assert listed(db) == [["ana", "user"]]


def test_errors_come_in_the_callers_language_also_from_a_server_that_speaks_another(db: Path) -> None:
    with serving("--db", str(db), "--lang", "es"):
        assert "characters" in account(db, "add", "ana", password="corta", expect=1)
