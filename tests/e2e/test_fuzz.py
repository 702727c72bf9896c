"""scripts/fuzz.py against a live port, in small: two clients go on hearing each other, nothing is left."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "scripts" / "fuzz.py"
TIMEOUT_S = 120  # far beyond need, for a busy machine; nothing here waits for it


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_spoilt_conversations_at_the_live_port_hurt_nobody_else() -> None:
    command = [sys.executable, str(FUZZ), "--live", "--cases", "70", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("70 cases, nothing found\n")
