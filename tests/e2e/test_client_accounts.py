"""Accounts and order in `wassop join`, on the screen and line by line, against a real server."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S, environment, serving
from tests.e2e.test_accounts import account
from tests.e2e.test_join_in_tmux import joined
from tests.e2e.tmux import Terminal, wassop_join

SECRET = "correcto caballo"


def typed_secretly(pane: Terminal, question: str, secret: str) -> None:
    """Answer a question, and see that the answer is not seen."""
    pane.until_shown(question)
    pane.type(secret)
    pane.until_shown("*" * len(secret))
    assert secret not in pane.screen
    pane.press("Enter")


@pytest.mark.tool("tmux")
def test_a_name_is_registered_and_asks_for_its_password_from_then_on(tmp_path: Path) -> None:
    with serving("--db", str(tmp_path / "chat.db")) as server, joined(tmp_path, server.port, "ana") as ana:
        ana.type("un borrador")
        ana.press("C-u")
        ana.enter("/register")
        typed_secretly(ana, "Una contraseña para tu nombre", SECRET)
        typed_secretly(ana, "La misma otra vez", SECRET)
        ana.until_shown("Tu nombre está registrado")
        ana.press("Up")
        ana.until_shown("Tú: /register")
        ana.press("C-u")
        ana.enter("/quit")
        ana.until_clean(0)
        ana.run(wassop_join(server.port, "--name", "ana"))
        typed_secretly(ana, "Contraseña de ana", "equivocada")
        ana.until_shown("No se conoce", "Contraseña de ana")
        typed_secretly(ana, "Contraseña de ana", SECRET)
        ana.until_shown("Has entrado a la sala Sala1.")  # where one was last time
        kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*.json"))
        assert SECRET.encode() not in kept


@pytest.mark.tool("tmux")
def test_a_kick_is_seen_by_both_and_a_locked_room_asks(tmp_path: Path) -> None:
    with serving() as server, joined(tmp_path, server.port, "ana", "Aula") as ana:
        ana.until_shown("Tu papel aquí:")
        with joined(tmp_path, server.port, "bob", "Aula") as bob:
            ana.until_shown("bob se ha unido a la sala.")
            ana.enter("/mode moderated on")
            bob.until_shown("Aula · 2 personas · moderada")
            ana.enter("/kick bob spam")
            ana.until_shown("bob fue expulsado por ana (spam).")
            bob.until_shown("ana te ha expulsado de la sala Aula (spam).", "Menú Principal")
            ana.enter("/mode password")
            typed_secretly(ana, "Una contraseña para la sala Aula", "llave")
            ana.until_shown("cerrada con contraseña")
            bob.enter("Aula")
            typed_secretly(bob, "Contraseña de la sala Aula", "llave")
            bob.until_shown("Has entrado a la sala Aula.")


class Typist:
    """Somebody at a terminal, in line mode."""

    def __init__(self, port: int, *arguments: str) -> None:
        self.seen = ""
        command = [sys.executable, "-m", "wassop", "join", "--plain", "--server", f"127.0.0.1:{port}"]
        master, slave = pty.openpty()
        self._terminal = master
        self.process = subprocess.Popen(
            [*command, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment(WASSOP_LANG="en")
        )
        os.close(slave)

    def type(self, line: str) -> None:
        os.write(self._terminal, f"{line}\n".encode())

    def until(self, text: str, *, times: int = 1) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.seen.count(text) < times:
            assert time.monotonic() < deadline, self.seen
            if select.select([self._terminal], [], [], 0.1)[0]:
                self.seen += os.read(self._terminal, 65_536).decode(errors="replace")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        os.close(self._terminal)


def test_line_by_line_a_password_is_asked_for_without_an_echo(tmp_path: Path) -> None:
    db = tmp_path / "chat.db"
    with serving("--db", str(db), "--lang", "en") as server:
        account(db, "add", "ana", password=SECRET)
        ana = Typist(server.port, "--name", "ana", "--room", "Aula")
        ana.until("Password of ana: ")
        ana.type("equivocada")
        ana.until("not known")
        ana.until("Password of ana: ", times=2)  # what is typed before a question is seen, as everywhere
        ana.type(SECRET)
        ana.until("You have joined the room Aula.")
        ana.type("/password")
        for old, until_now, times in (("equivocada", 1, 1), (SECRET, 2, 2)):
            ana.until("until now", times=until_now)
            ana.type(old)
            for question in ("at least 8", "same again"):
                ana.until(question, times=times)
                ana.type("otra contraseña")
        ana.until("Your password was changed.")
        ana.type("/mode hidden on")
        ana.until("it is hidden")
        ana.type("/kick")
        ana.until("Use: /kick NAME [WHY]")
        ana.end()
        assert SECRET not in ana.seen
        assert "otra contraseña" not in ana.seen


def test_in_a_pipe_nobody_is_asked_for_a_password(tmp_path: Path) -> None:
    db = tmp_path / "chat.db"
    with serving("--db", str(db), "--lang", "en") as server:
        account(db, "add", "ana", password=SECRET)
        done = in_a_pipe(server.port, "hola\n", "--name", "ana")
        assert done.returncode == 1
        assert "--password-file" in done.stderr
        done = in_a_pipe(server.port, "/register\nAula\n/kick eva\n", "--name", "bob")
        assert "--password-file" in done.stdout
        assert "eva" in done.stdout


def in_a_pipe(port: int, given: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What line mode answers to lines that come from a pipe."""
    command = [sys.executable, "-m", "wassop", "join", "--plain", "--server", f"127.0.0.1:{port}", *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env=environment(WASSOP_LANG="en"),
    )  # fmt: skip
