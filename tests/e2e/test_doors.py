"""`wassop doors`: closing and opening the doors of a running server from its machine."""

from pathlib import Path

import pytest

from tests.e2e.process import run_wassop, serving


def test_closed_doors_refuse_and_open_ones_let_in(tmp_path: Path) -> None:
    db = str(tmp_path / "chat.db")
    with serving("--db", db) as server:
        with server.connect() as here:
            here.sendall(b'{"t":"ping"}\n')
            assert here.recv(100) == b'{"t":"pong"}\n'
            for how in ("close", "close"):
                done = run_wassop("doors", how, "--db", db)
                assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            with pytest.raises(ConnectionRefusedError):
                server.connect()
            here.sendall(b'{"t":"ping"}\n')
            assert here.recv(100) == b'{"t":"pong"}\n'
            assert run_wassop("doors", "open", "--db", db).returncode == 0
            server.connect().close()
        assert server.stop() == 0
    audit = run_wassop("audit", "--db", db)
    assert [line.split()[-1] for line in audit.stdout.splitlines() if "doors" in line].count("open") == 1


def test_without_a_server_there_are_none(tmp_path: Path) -> None:
    done = run_wassop("doors", "open", "--db", str(tmp_path / "chat.db"))
    assert done.returncode == 2
    assert "ningún servidor" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_keeps_nothing_cannot_be_reached() -> None:
    done = run_wassop("doors", "close", WASSOP_MEMORY="true")
    assert done.returncode == 2
    assert "--memory" in done.stderr
