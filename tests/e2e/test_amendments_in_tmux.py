"""Correcting, answering, reacting, deleting, being away: two in real terminals, one with netcat's means."""

import socket
from pathlib import Path

import pytest

from tests.e2e.process import serving
from tests.e2e.tmux import terminal, wassop_join

pytestmark = pytest.mark.tool("tmux")


def test_two_correct_answer_react_and_delete_and_both_see_the_same(tmp_path: Path) -> None:
    (tmp_path / "bob").mkdir()
    with (
        serving() as server,
        terminal(tmp_path) as ana,
        terminal(tmp_path / "bob", 120, 40) as bob,
        socket.create_connection(("127.0.0.1", server.port)) as visitor,
    ):
        ana.run(wassop_join(server.port, "--name", "ana", "--room", "Sala1"))
        ana.until_shown("Has entrado a la sala")
        bob.run(wassop_join(server.port, "--name", "bob", "--room", "Sala1", "--lang", "en"))
        bob.until_shown("You are in the room Sala1")
        ana.enter("hola 한국 martse")
        bob.until_shown("ana: hola")
        ana.press("Up")
        ana.until_shown("Corregir: hola", "Intro: corregir")
        ana.press("BSpace", "BSpace", "BSpace")
        ana.enter("tes")
        bob.until_shown("한국 martes (edited)")
        bob.enter("/react :+1:")
        ana.until_shown("👍", "(editado)")
        bob.press("M-Up")
        bob.until_shown("r: answer")
        bob.press("r")
        bob.until_shown("Answer ana:")
        bob.enter("vale, nos vemos ❤️ allí")
        ana.until_shown("╭ ana: hola 한국 martes", "bob: vale")
        visitor.sendall(b"eva\nSala1\nhola desde nc\n")
        ana.until_shown("eva: hola desde nc")
        ana.enter("secreto")
        bob.until_shown("ana: secreto")
        ana.press("M-Up")
        ana.until_shown("r: responder")
        ana.press("d")
        ana.until_shown("¿Borrar este mensaje para todos?")
        ana.enter("s")
        bob.until_shown("ana: message deleted")
        ana.until_shown("Tú: mensaje borrado")
        assert "secreto" not in bob.settled() + ana.settled()
        bob.enter("/away lunch")
        ana.until_shown("bob se ha ausentado: lunch")
        ana.enter("/me saluda")
        bob.until_shown("* ana saluda")
        ana.press("Up")
        ana.until_shown("Corregir: saluda")
        ana.press("Escape")
        ana.until(lambda: ana.lines[-1] == "Tú:")
