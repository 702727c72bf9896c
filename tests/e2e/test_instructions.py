"""scripts/instructions.py as people run it, in small. No figure is asserted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "instructions.py"
TIMEOUT_S = 240  # far beyond need, for a busy machine; nothing here waits for it


def counted(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *options],
        capture_output=True,
        check=False,
        text=True,
        timeout=TIMEOUT_S,
    )


@pytest.mark.tool("valgrind")
def test_what_a_message_and_a_visit_take_is_counted() -> None:
    done = counted("--only", "wassop", "--times", "2", "--members", "3")
    assert done.returncode == 0, done.stderr
    heading, _, *rows = done.stdout.splitlines()
    assert heading == "| thousands of instructions | wassop |"
    titles = [re.fullmatch(r"\| (.+) \| [1-9][\d,]* \|", row)[1] for row in rows]
    assert titles == ["a message to 2 others", "connect, name, join, quit"]


def test_without_valgrind_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = counted()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "instructions.py: valgrind is not installed\n"
