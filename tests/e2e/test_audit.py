"""`wassop audit`, beside a running server."""

import json
from pathlib import Path

import pytest

from tests.e2e.process import run_wassop, serving
from tests.e2e.test_serve import receive_until


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def test_the_audit_log_is_printed_while_the_server_runs(db: Path) -> None:
    with serving("--db", str(db), "--lang", "en") as server, server.connect() as ana, server.connect() as bob:
        for sock, name in ((ana, b"ana"), (bob, b"bob")):
            sock.sendall(b"%s\nAula\n" % name)
            receive_until(sock, b"main menu.\n")
        ana.sendall(b"/mute bob 10m gritos\n/mode password llave\n/kick bob adi\xc3\xb3s\n")
        receive_until(ana, "bob was kicked out by ana (adiós).\n".encode())
        printed = run_wassop("audit", "--db", str(db))
        assert printed.returncode == 0
        lines = [line[len("2026-11-20 13:00:00Z ") :] for line in printed.stdout.splitlines()]
        assert lines == [
            "ana (127.0.0.1) mute bob, Aula: for 600s gritos",
            "ana (127.0.0.1) modes, Aula: password on",
            "ana (127.0.0.1) kick bob, Aula: adiós",
        ]
        printed = run_wassop("audit", "--db", str(db), "--format", "jsonl", "--limit", "1", "--room", "AULA")
        (entry,) = map(json.loads, printed.stdout.splitlines())
        assert (entry["from"], entry["action"], entry["target"]) == ("ana", "kick", "bob")
        assert run_wassop("audit", "--db", str(db), "--room", "nowhere").stdout == ""
        assert run_wassop("audit", "--db", str(db), "--since", "0m").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("--room", "\x1b"), "room"), (("--since", "ayer"), "--since ayer"), (("--limit", "-1"), "limit")],
)
def test_what_cannot_be_asked_for_is_told_in_one_line(
    db: Path, arguments: tuple[str, ...], named: str
) -> None:
    printed = run_wassop("audit", "--db", str(db), *arguments, WASSOP_LANG="en")
    assert printed.returncode == 2
    assert named in printed.stderr
    assert printed.stderr.count("\n") == 1
